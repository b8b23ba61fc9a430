import { foreignCharset } from '../../ocpi/charset.ts'
import { beginsJson, isJson } from '../../ocpi/envelope.ts'
import { type Headers, header } from '../../ocpi/headers.ts'
import type { Refusal } from '../message/refusal.ts'
import { type ByteStream, type Message, streamOf } from '../message.ts'
import type { Inflate, Inflated, NoteBound, Now } from '../ports.ts'
import { encodingOf, inflated } from './inflated.ts'
import type { LeastSpeed } from './least-speed.ts'
import { openStream, type SlowSide } from './open-stream.ts'

export type BodyLimits = {
  /** Up to here messages are read whole and checked; beyond, they stream. */
  readonly bufferBytes: number
  /** Beyond here they are refused. */
  readonly bodyBytes: number
  readonly leastSpeed: LeastSpeed
}

/** A body as it goes on. */
export type CheckedBody =
  | {
      readonly kind: 'whole'
      readonly bytes: Uint8Array
      /** The inflated copy of a compressed body, `bytes` itself of any other. */
      readonly plain: Uint8Array
      /** Gives back the room of an inflated copy, as in `Inflated`. */
      readonly letGo?: (() => void) | undefined
    }
  | {
      readonly kind: 'stream'
      readonly stream: ByteStream
      readonly declaredBytes: number | null
      /** How many bytes of it went by so far. */
      readonly bytes: () => number
      /** Set when the hub had to break the stream off. */
      readonly problem: () => Refusal | null
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** A body that the hub reads itself, or why it cannot. */
export type WholeBody = Exclude<CheckedBody, { kind: 'stream' }>

const EMPTY = new Uint8Array(0)
const NOT_JSON: Refusal = { kind: 'not-json', detail: 'The body must be JSON' }
const JSON_IS_DUE = new Set(['POST', 'PUT', 'PATCH'])

/** @param mustBeWhole the hub has to read or store the body: more than the buffer holds is refused, inflated or not */
export type ReadCheckedBody = (
  message: Message,
  platformId: string,
  mustBeWhole: boolean,
) => CheckedBody | Promise<CheckedBody>

/**
 * Reads and checks a request's body as far as the hub does: where JSON is due a body that is read whole must be JSON, and one that
 * streams begin like it. So does one that is small and inflates to more than the buffer: it goes on as it came. An empty POST passes:
 * real-time authorisation has an optional body.
 */
export function createReadBody(ports: {
  readonly limits: BodyLimits
  readonly inflate: Inflate
  readonly now: Now
  readonly noteBound: NoteBound
}): ReadCheckedBody {
  const { limits, inflate, now, noteBound } = ports

  async function readGiven(message: Message, platformId: string, mustBeWhole: boolean): Promise<CheckedBody> {
    const limitBytes = mustBeWhole ? limits.bufferBytes : limits.bodyBytes
    const declaredBytes = declaredLength(message)
    if (declaredBytes !== null && declaredBytes > limitBytes) return refused({ kind: 'too-large', limitBytes })
    const read = message.readBody(Math.min(limits.bufferBytes, limitBytes))
    const body = read instanceof Promise ? await read : read
    switch (body.kind) {
      case 'broken':
        return refused({ kind: 'not-json', detail: 'The body broke off' })
      case 'stream':
        if (mustBeWhole) return refused({ kind: 'too-large', limitBytes })
        return streamed(message, platformId, body.stream, declaredBytes)
      case 'whole': {
        const inflating = inflated(message.headers, body.bytes, inflate, platformId, limits.bufferBytes)
        if (!(inflating instanceof Promise)) return checkWhole(message, body.bytes, inflating)
        return checkInflated(message, body.bytes, await inflating, mustBeWhole)
      }
    }
  }

  function checkInflated(message: Message, bytes: Uint8Array, found: Inflated, mustBeWhole: boolean): CheckedBody {
    if (found.kind === 'whole') return checkWhole(message, bytes, found.bytes, found.letGo)
    if (found.kind !== 'more' || mustBeWhole) return refused(whyNotRead(message.headers, found, limits.bufferBytes))
    if (JSON_IS_DUE.has(message.method) && !mayBeJson(found.beginning)) return refused(NOT_JSON)
    const { length } = bytes
    return { kind: 'stream', stream: streamOf(bytes), declaredBytes: length, bytes: () => length, problem: () => null }
  }

  async function streamed(
    { headers, method }: Message,
    platformId: string,
    stream: ByteStream,
    declaredBytes: number | null,
  ): Promise<CheckedBody> {
    let slow = null as Refusal | null
    const { stream: counted, bytes, problem } = bounded(stream, limits.bodyBytes)
    const mayPass = JSON_IS_DUE.has(method) ? mayBeJson : isReadable
    const opened = await openStream(headers, counted, inflate, platformId, mayPass, {
      least: limits.leastSpeed,
      now,
      onSlow(side) {
        noteBound('slow-body')
        slow = tooSlow(side, limits.leastSpeed.bytesPerSecond)
      },
      onEnd() {},
    })
    if (opened.kind === 'passes')
      return { kind: 'stream', stream: opened.stream, declaredBytes, bytes, problem: () => problem() ?? slow }
    const saysOtherwise = encodingOf(headers) !== null || foreignCharset(headers) !== null
    const isUnreadable = opened.beginning === null && saysOtherwise
    return refused(problem() ?? (isUnreadable ? unreadable(headers) : NOT_JSON))
  }

  return function readBody(message, platformId, mustBeWhole) {
    if (!hasBody(message)) return checkWhole(message, EMPTY, EMPTY)
    return readGiven(message, platformId, mustBeWhole)
  }
}

/** Why an inflated body cannot be used; `limitBytes` is what it was to fit into. */
export function whyNotRead(headers: Headers, found: Exclude<Inflated, { kind: 'whole' }>, limitBytes: number): Refusal {
  switch (found.kind) {
    case 'more':
      return { kind: 'too-large', limitBytes }
    case 'no-room':
      return { kind: 'too-many-requests', retryAfterSeconds: NO_ROOM_WAIT_SECONDS }
    case 'unreadable':
    case 'late':
      return unreadable(headers)
  }
}

/** Inflated copies are in hand for moments, or as long as a request takes. */
export const NO_ROOM_WAIT_SECONDS = 1

function unreadable(headers: Headers): Refusal {
  const charset = foreignCharset(headers)
  if (charset !== null) return { kind: 'not-json', detail: `The body must be JSON in UTF-8, not in ${charset}` }
  return { kind: 'not-json', detail: `The body could not be read as ${encodingOf(headers)}` }
}

function tooSlow(side: SlowSide, bytesPerSecond: number): Refusal {
  return side === 'sender'
    ? { kind: 'too-slow', detail: `The body came with less than ${bytesPerSecond} bytes per second` }
    : { kind: 'timeout', detail: `The receiver took less than ${bytesPerSecond} bytes of the body per second` }
}

function checkWhole(message: Message, bytes: Uint8Array, plain: Uint8Array, letGo?: () => void): CheckedBody {
  const isEmptyPost = bytes.length === 0 && message.method === 'POST'
  if (JSON_IS_DUE.has(message.method) && !isEmptyPost && !isJson(plain)) {
    letGo?.()
    return refused(NOT_JSON)
  }
  return { kind: 'whole', bytes, plain, letGo }
}

function mayBeJson(beginning: Uint8Array | null): boolean {
  return beginning !== null && (beginning.length === 0 || beginsJson(beginning))
}

function isReadable(beginning: Uint8Array | null): boolean {
  return beginning !== null
}

function hasBody(message: Message): boolean {
  const length = header(message.headers, 'content-length')
  return (length !== undefined && length !== '0') || header(message.headers, 'transfer-encoding') !== undefined
}

function declaredLength(message: Message): number | null {
  const length = header(message.headers, 'content-length')
  return length === undefined ? null : Number(length)
}

/** A stream that throws once more than `limitBytes` went by; `problem` then says why. */
function bounded(
  stream: ByteStream,
  limitBytes: number,
): { stream: ByteStream; bytes: () => number; problem: () => Refusal | null } {
  let problem: Refusal | null = null
  let size = 0
  async function* count(): ByteStream {
    for await (const chunk of stream) {
      size += chunk.length
      if (size > limitBytes) {
        problem = { kind: 'too-large', limitBytes }
        throw new Error('too large')
      }
      yield chunk
    }
  }
  return { stream: count(), bytes: () => size, problem: () => problem }
}

function refused(refusal: Refusal): CheckedBody {
  return { kind: 'refused', refusal }
}
