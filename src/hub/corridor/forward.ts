import { readStatus } from '../../ocpi/envelope-status.ts'
import { type Headers, header } from '../../ocpi/headers.ts'
import type { Refusal } from '../message/refusal.ts'
import { type ByteStream, letGo } from '../message.ts'
import type { Alarm, Inflate, Now, OutboundRequest, Send, SendFailure } from '../ports.ts'
import { inflated } from './inflated.ts'
import { openJsonStream } from './json-stream.ts'

/** What a receiver made of a request. */
export type Forwarded =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Headers
      readonly body: Uint8Array | ByteStream
      /** Null when the answer streams by. */
      readonly ocpiStatus: number | null
      readonly receiverMs: number
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly receiverMs: number | null }

export type Forward = ReturnType<typeof createForward>

export type ReadEnvelope = (plain: Uint8Array) => { readonly statusCode: number } | null

/** Room for direct requests, by receiving platform. `enter` is false when it is full; who came in leaves once. */
export type Gate = {
  readonly enter: (platformId: string) => boolean
  readonly leave: (platformId: string) => void
}

/**
 * Sends a request to its receiver and makes sense of the answer. Envelopes pass as they are, whatever their status; an answer
 * that is no envelope becomes a refusal. Asks for a still-alive check when the receiver cannot be reached.
 */
export function createForward(ports: {
  readonly send: Send
  readonly inflate: Inflate
  readonly gate: Gate
  readonly now: Now
  readonly alarm: Alarm
  readonly onUnreachable: (platformId: string) => void
}) {
  const { send, inflate, gate, now, alarm, onUnreachable } = ports

  /** @param readEnvelope what tells an envelope from anything else; gets the body, inflated where it came compressed */
  return async function forward(
    platformId: string,
    request: OutboundRequest,
    readEnvelope: ReadEnvelope = readStatus,
  ): Promise<Forwarded> {
    if (!gate.enter(platformId)) {
      if (request.body) await letGo(request.body)
      return refused({ kind: 'hub-failure', detail: 'The receiver has its full number of requests in hand' }, null)
    }
    let isHeld = true
    let isStreaming = false
    const leave = () => {
      if (isHeld) gate.leave(platformId)
      isHeld = false
    }
    try {
      const startedAt = now()
      const result = await send(request)
      const receiverMs = now() - startedAt
      if (result.kind === 'failed') {
        if (result.why !== 'aborted') onUnreachable(platformId)
        return refused(failure(result.why, result.detail), receiverMs)
      }
      const { status, headers, body } = result
      if (status === 401 || status === 403) {
        alarm({ kind: 'receiver-rejects-our-token', platformId, detail: `HTTP ${status} to ${request.method}` })
        await letGo(body)
        return refused({ kind: 'not-connected', detail: "The receiver does not accept the hub's token" }, receiverMs)
      }
      if (body instanceof Uint8Array) {
        const inflating = inflated(headers, body, inflate, Math.max(request.bufferBytes, INFLATED_BYTES))
        const plain = inflating instanceof Promise ? await inflating : inflating
        const envelope = plain && readEnvelope(plain)
        if (!envelope) return refused(noEnvelope(status, headers), receiverMs)
        return { kind: 'answered', status, headers, body, ocpiStatus: envelope.statusCode, receiverMs }
      }
      const stream = await openJsonStream(headers, body, leave)
      if (!stream) return refused(noEnvelope(status, headers), receiverMs)
      isStreaming = true
      return { kind: 'answered', status, headers, body: stream, ocpiStatus: null, receiverMs }
    } finally {
      if (!isStreaming) leave()
    }
  }
}

/** Largest inflated copy of an answer, unless the buffer itself is larger. */
const INFLATED_BYTES = 32 * 1024 * 1024

function failure(why: SendFailure, detail: string): Refusal {
  switch (why) {
    case 'timeout':
      return { kind: 'timeout', detail: 'The receiver did not answer in time' }
    case 'unreachable':
      return { kind: 'not-connected', detail: `The receiver cannot be reached: ${detail}` }
    case 'forbidden-address':
      return { kind: 'not-connected', detail: 'The receiver is at an address that the hub may not call' }
    case 'broken-answer':
      return { kind: 'hub-failure', detail: "The receiver's answer broke off" }
    case 'aborted':
      return { kind: 'hub-failure', detail: 'The caller went away' }
  }
}

function noEnvelope(status: number, headers: Headers): Refusal {
  switch (status) {
    case 429: {
      const retryAfter = header(headers, 'retry-after')
      return { kind: 'receiver-said', status, headers: retryAfter ? ['Retry-After', retryAfter] : [] }
    }
    case 404:
    case 405:
    case 413:
      return { kind: 'receiver-said', status, headers: [] }
    default:
      return { kind: 'hub-failure', detail: `The receiver answered HTTP ${status} without an OCPI envelope` }
  }
}

function refused(refusal: Refusal, receiverMs: number | null): Forwarded {
  return { kind: 'refused', refusal, receiverMs }
}
