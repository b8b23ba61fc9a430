import { beginsJson, isJson } from '../../ocpi/envelope.ts'
import { type Headers, header } from '../../ocpi/headers.ts'
import type { Refusal } from '../message/refusal.ts'
import type { ByteStream, Message } from '../message.ts'
import type { Inflate } from '../ports.ts'
import { encodingOf, inflated } from './inflated.ts'
import { openStream } from './open-stream.ts'

export type BodyLimits = {
  /** Up to here messages are read whole and checked; beyond, they stream. */
  readonly bufferBytes: number
  /** Beyond here they are refused. */
  readonly bodyBytes: number
}

/** A body as it goes on. `plain` is the inflated copy of a compressed body, `bytes` itself of any other. */
export type CheckedBody =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array; readonly plain: Uint8Array }
  | {
      readonly kind: 'stream'
      readonly stream: ByteStream
      readonly declaredBytes: number | null
      /** How many bytes of it went by so far. */
      readonly bytes: () => number
      /** Set when the stream had to be broken off because of the caller. */
      readonly problem: () => Refusal | null
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** A body that the hub reads itself, or why it cannot. */
export type WholeBody = Exclude<CheckedBody, { kind: 'stream' }>

const EMPTY = new Uint8Array(0)
const NOT_JSON: Refusal = { kind: 'not-json', detail: 'The body must be JSON' }
const JSON_IS_DUE = new Set(['POST', 'PUT', 'PATCH'])

/**
 * Reads and checks a request's body as far as the hub does: where JSON is due a body that is read whole must be JSON, and one that
 * streams begin like it. An empty POST passes: real-time authorisation has an optional body.
 *
 * @param mustBeWhole the hub has to read or store the body: more than the buffer holds is refused, inflated or not
 */
export function readBody(
  message: Message,
  limits: BodyLimits,
  inflate: Inflate,
  mustBeWhole: boolean,
): CheckedBody | Promise<CheckedBody> {
  if (!hasBody(message)) return checkWhole(message, EMPTY, EMPTY)
  return readGiven(message, limits, inflate, mustBeWhole)
}

async function readGiven(
  message: Message,
  limits: BodyLimits,
  inflate: Inflate,
  mustBeWhole: boolean,
): Promise<CheckedBody> {
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
      return streamed(message, body.stream, inflate, declaredBytes, limitBytes)
    case 'whole': {
      if (encodingOf(message.headers) === null) return checkWhole(message, body.bytes, body.bytes)
      const plain = await readPlain(message, body.bytes, inflate, limits.bodyBytes)
      if (!(plain instanceof Uint8Array)) return refused(plain)
      return plain.length > limitBytes
        ? refused({ kind: 'too-large', limitBytes })
        : checkWhole(message, body.bytes, plain)
    }
  }
}

/** The body of a request as it was before its sender compressed it, up to `limitBytes`. */
export async function readPlain(
  { headers }: Message,
  bytes: Uint8Array,
  inflate: Inflate,
  limitBytes: number,
): Promise<Uint8Array | Refusal> {
  return (await inflated(headers, bytes, inflate, limitBytes)) ?? unreadable(headers, limitBytes)
}

function unreadable(headers: Headers, limitBytes: number): Refusal {
  return {
    kind: 'not-json',
    detail: `The body could not be read as ${encodingOf(headers)} of at most ${limitBytes} bytes`,
  }
}

function checkWhole(message: Message, bytes: Uint8Array, plain: Uint8Array): CheckedBody {
  const isEmptyPost = bytes.length === 0 && message.method === 'POST'
  if (JSON_IS_DUE.has(message.method) && !isEmptyPost && !isJson(plain)) {
    return refused(NOT_JSON)
  }
  return { kind: 'whole', bytes, plain }
}

async function streamed(
  { headers, method }: Message,
  stream: ByteStream,
  inflate: Inflate,
  declaredBytes: number | null,
  limitBytes: number,
): Promise<CheckedBody> {
  const { stream: counted, bytes, problem } = bounded(stream, limitBytes)
  const mayPass = JSON_IS_DUE.has(method) ? mayBeJson : isReadable
  const opened = await openStream(headers, counted, inflate, mayPass)
  if (opened.kind === 'passes') return { kind: 'stream', stream: opened.stream, declaredBytes, bytes, problem }
  const isCompressed = opened.beginning === null && encodingOf(headers) !== null
  return refused(problem() ?? (isCompressed ? unreadable(headers, limitBytes) : NOT_JSON))
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
