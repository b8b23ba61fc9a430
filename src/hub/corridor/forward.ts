import { readStatus } from '../../ocpi/envelope-status.ts'
import type { Headers } from '../../ocpi/headers.ts'
import { freeMemory } from '../free-memory.ts'
import type { Places } from '../limits.ts'
import type { Said } from '../message/exchange.ts'
import type { Refusal } from '../message/refusal.ts'
import { type ByteStream, letGo, streamOf } from '../message.ts'
import type { NewerToken } from '../network/newer-token.ts'
import type { CurrentTable } from '../network/routing-table.ts'
import type { Alarm, Inflate, Inflated, NoteBound, Now, OutboundRequest, Send, SendFailure } from '../ports.ts'
import { inflated } from './inflated.ts'
import type { LeastSpeed } from './least-speed.ts'
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

type Envelope = { readonly statusCode: number | null } | null

/** Reads an answer's body, inflated, with the status and headers it came with, at once or bit by bit. Null when it is no envelope. */
export type ReadEnvelope = (plain: Uint8Array, status: number, headers: Headers) => Envelope | Promise<Envelope>

/**
 * Sends a request to its receiver and makes sense of the answer. Envelopes pass as they are, whatever their status but 401; of
 * others `createOddAnswers` says what the caller gets. Asks for a still-alive check when the receiver cannot be reached.
 */
export function createForward(ports: {
  readonly send: Send
  readonly inflate: Inflate
  /** Room for direct requests at each receiving platform. */
  readonly places: Places
  readonly leastSpeed: LeastSpeed
  readonly newerToken: NewerToken
  readonly table: CurrentTable
  readonly now: Now
  readonly alarm: Alarm
  readonly noteBound: NoteBound
  readonly onUnreachable: (platformId: string) => void
}) {
  const { send, inflate, places, leastSpeed, now, noteBound, onUnreachable } = ports
  const mend = createOddAnswers(ports)
  const withNewestToken = createWithNewestToken(ports)

  /** What the caller gets for an answer that is there whole. @param plain null where it cannot be read */
  function judge(
    platformId: string,
    sent: OutboundRequest,
    answer: WholeAnswer,
    plain: Uint8Array | null,
    receiverMs: number,
    readEnvelope: ReadEnvelope,
  ): Forwarded | Promise<Forwarded> {
    const read = plain && readEnvelope(plain, answer.status, answer.headers)
    return read instanceof Promise
      ? read.then((envelope) => conclude(platformId, sent, answer, plain, receiverMs, envelope))
      : conclude(platformId, sent, answer, plain, receiverMs, read)
  }

  function conclude(
    platformId: string,
    sent: OutboundRequest,
    { status, headers, body }: WholeAnswer,
    plain: Uint8Array | null,
    receiverMs: number,
    envelope: Envelope,
  ): Forwarded {
    if (!envelope || status === 401) return { ...mend(platformId, sent, { status, headers, body, plain }), receiverMs }
    return { kind: 'answered', status, headers, body, ocpiStatus: envelope.statusCode, receiverMs }
  }

  /** The same for one that came compressed. One that inflates to more than the buffer is judged by how it begins, as one that streams. */
  async function judgeInflated(
    platformId: string,
    sent: OutboundRequest,
    answer: WholeAnswer,
    inflating: Promise<Inflated>,
    receiverMs: number,
    readEnvelope: ReadEnvelope,
  ): Promise<Forwarded> {
    const { status, headers, body } = answer
    const found = await inflating
    switch (found.kind) {
      case 'whole':
        return judgeCopy(found)
      case 'more': {
        const plain = found.beginning
        if (status === 401 || !beginsEnvelope(plain))
          return { ...mend(platformId, sent, { status, headers, body: plain, plain }), receiverMs }
        return { kind: 'answered', status, headers, body: streamOf(body), ocpiStatus: null, receiverMs }
      }
      case 'unreadable':
        return judge(platformId, sent, answer, null, receiverMs, readEnvelope)
      case 'late':
        return refused(failure('timeout', ''), receiverMs)
      case 'no-room':
        return refused(NO_ROOM, receiverMs)
    }

    async function judgeCopy({ bytes, letGo }: Extract<Inflated, { kind: 'whole' }>): Promise<Forwarded> {
      try {
        const forwarded = await judge(platformId, sent, answer, bytes, receiverMs, readEnvelope)
        // Where the answer goes on as it came, and nobody else keeps what was read of the copy.
        if (readEnvelope === readStatus && forwarded.kind === 'answered' && forwarded.body === body) freeMemory(bytes)
        return forwarded
      } finally {
        letGo()
      }
    }
  }

  /**
   * @param callerId the platform on whose behalf it is sent
   * @param readEnvelope what tells an envelope from anything else; gets the body, inflated where it came compressed
   */
  return async function forward(
    platformId: string,
    callerId: string,
    request: OutboundRequest,
    readEnvelope: ReadEnvelope = readStatus,
  ): Promise<Forwarded> {
    if (!places.enter(platformId, callerId)) {
      noteBound('receiver-places')
      if (request.body) await letGo(request.body)
      return refused(NO_PLACE, null)
    }
    let isHeld = true
    let isStreaming = false
    const leave = () => {
      if (isHeld) places.leave(platformId, callerId)
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
        if (result.why !== 'aborted' && result.why !== 'no-place') onUnreachable(platformId)
        const refusal = failure(result.why, result.detail)
        return { kind: 'refused', refusal, receiverMs, why: result.why }
      }
      const { status, headers, body } = result
      if (body instanceof Uint8Array) {
        const answer = result as WholeAnswer
        const until = startedAt + (request.withinMs ?? request.timeoutMs)
        const plain = inflated(headers, body, inflate, platformId, request.bufferBytes, until)
        const judged =
          plain instanceof Promise
            ? judgeInflated(platformId, sent, answer, plain, receiverMs, readEnvelope)
            : judge(platformId, sent, answer, plain, receiverMs, readEnvelope)
        return judged instanceof Promise ? await judged : judged
      }
      const mayPass = status === 401 ? stops : beginsEnvelope
      const opened = await openStream(headers, body, inflate, platformId, mayPass, {
        least: leastSpeed,
        now,
        onSlow: () => noteBound('slow-body'),
        onEnd: leave,
      })
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

type WholeAnswer = { readonly status: number; readonly headers: Headers; readonly body: Uint8Array }

const NOTHING = new Uint8Array(0)

const NO_PLACE: Refusal = {
  kind: 'hub-failure',
  detail: 'The receiver has its full number of requests in hand, or this platform its part of them',
  retryAfterSeconds: 1,
}

const NO_ROOM: Refusal = {
  kind: 'hub-failure',
  detail: 'The hub has no room to inflate the answer of the receiver now',
  retryAfterSeconds: 1,
}

function stops(): boolean {
  return false
}

function failure(why: SendFailure, detail: string): Refusal {
  switch (why) {
    case 'timeout':
      return { kind: 'timeout', detail: 'The receiver did not answer in time' }
    case 'no-place':
      return { kind: 'timeout', detail: 'The hub could not ask the receiver in time, behind others' }
    case 'unreachable':
    case 'forbidden-address':
      return { kind: 'not-connected', detail: `The receiver cannot be reached: ${detail}` }
    case 'broken-answer':
      return { kind: 'hub-failure', detail: `The receiver's answer broke off, or is no HTTP: ${detail}` }
    case 'aborted':
      return { kind: 'hub-failure', detail: 'The caller went away' }
  }
}

function refused(refusal: Refusal, receiverMs: number | null): Forwarded {
  return { kind: 'refused', refusal, receiverMs }
}
