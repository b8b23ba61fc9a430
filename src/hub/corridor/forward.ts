import { readStatus } from '../../ocpi/envelope-status.ts'
import type { Headers } from '../../ocpi/headers.ts'
import type { Said } from '../message/exchange.ts'
import type { Refusal } from '../message/refusal.ts'
import { type ByteStream, letGo } from '../message.ts'
import type { NewerToken } from '../network/newer-token.ts'
import type { CurrentTable } from '../network/routing-table.ts'
import type { Alarm, Inflate, Now, OutboundRequest, Send, SendFailure } from '../ports.ts'
import { inflated } from './inflated.ts'
import { createOddAnswers } from './odd-answers.ts'
import { beginsEnvelope, openStream } from './open-stream.ts'
import { createWithNewestToken } from './with-newest-token.ts'

/** What a receiver made of a request. */
export type Forwarded =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Headers
      readonly body: Uint8Array | ByteStream
      /** Null when the answer streams by, or has no status code. */
      readonly ocpiStatus: number | null
      readonly receiverMs: number
      /** Where the answer is the hub's, in the receiver's place. */
      readonly said?: Said
    }
  | {
      readonly kind: 'refused'
      readonly refusal: Refusal
      readonly receiverMs: number | null
      /** Where the receiver answered. */
      readonly said?: Said
      /** Where no answer came. */
      readonly why?: SendFailure
    }

export type Forward = ReturnType<typeof createForward>

/** Reads an answer's body, inflated, with the status and headers it came with. Null when it is no envelope. */
export type ReadEnvelope = (
  plain: Uint8Array,
  status: number,
  headers: Headers,
) => { readonly statusCode: number | null } | null

/** Room for direct requests, by receiving platform. `enter` is false when it is full; who came in leaves once. */
export type Gate = {
  readonly enter: (platformId: string) => boolean
  readonly leave: (platformId: string) => void
}

/**
 * Sends a request to its receiver and makes sense of the answer. Envelopes pass as they are, whatever their status but 401; of
 * others `createOddAnswers` says what the caller gets. Asks for a still-alive check when the receiver cannot be reached.
 */
export function createForward(ports: {
  readonly send: Send
  readonly inflate: Inflate
  readonly gate: Gate
  readonly newerToken: NewerToken
  readonly table: CurrentTable
  readonly now: Now
  readonly alarm: Alarm
  readonly onUnreachable: (platformId: string) => void
}) {
  const { send, inflate, gate, now, onUnreachable } = ports
  const mend = createOddAnswers(ports)
  const withNewestToken = createWithNewestToken(ports)

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
      let sent = request
      let result = await send(request)
      if (result.kind === 'answer' && (result.status === 401 || result.status === 403)) {
        const last = await withNewestToken(platformId, request, result, startedAt)
        sent = last.request
        result = last.result
      }
      const receiverMs = now() - startedAt
      if (result.kind === 'failed') {
        if (result.why !== 'aborted') onUnreachable(platformId)
        const refusal = failure(result.why, result.detail)
        return { kind: 'refused', refusal, receiverMs, why: result.why }
      }
      const { status, headers, body } = result
      if (body instanceof Uint8Array) {
        const inflating = inflated(headers, body, inflate, Math.max(request.bufferBytes, INFLATED_BYTES))
        const plain = inflating instanceof Promise ? await inflating : inflating
        const envelope = plain && readEnvelope(plain, status, headers)
        if (!envelope || status === 401)
          return { ...mend(platformId, sent, { status, headers, body, plain }), receiverMs }
        return { kind: 'answered', status, headers, body, ocpiStatus: envelope.statusCode, receiverMs }
      }
      const opened = await openStream(headers, body, inflate, status === 401 ? stops : beginsEnvelope, leave)
      if (opened.kind === 'stopped') {
        const plain = opened.beginning
        return { ...mend(platformId, sent, { status, headers, body: plain ?? NOTHING, plain }), receiverMs }
      }
      isStreaming = true
      return { kind: 'answered', status, headers, body: opened.stream, ocpiStatus: null, receiverMs }
    } finally {
      if (!isStreaming) leave()
    }
  }
}

const NOTHING = new Uint8Array(0)

function stops(): boolean {
  return false
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
      return { kind: 'hub-failure', detail: `The receiver's answer broke off, or is no HTTP: ${detail}` }
    case 'aborted':
      return { kind: 'hub-failure', detail: 'The caller went away' }
  }
}

function refused(refusal: Refusal, receiverMs: number | null): Forwarded {
  return { kind: 'refused', refusal, receiverMs }
}
