import type { Changes, Exchange } from '../../../hub/message/exchange.ts'
import type { SecondLeg } from '../../../hub/message/second-leg.ts'
import type { Headers } from '../../../ocpi/headers.ts'
import { readSecondLeg, writeSecondLeg } from '../../../storage/message-log/second-leg-text.ts'
import type { RingWriter } from './ring.ts'

// An exchange as bytes, for another thread of this process: numbers; lengths of all that follows; all texts in a row; and bodies. The texts
// are joined, written and read in one call each: that costs the thread on which messages go by less than to write them one by one.

const NUMBERS = 8
const NUMBER_BYTES = 8
const TEXTS = 22
const BODIES = 4
/** Of texts in characters; of all of them together and of bodies in bytes. */
const LENGTHS = TEXTS + 1 + BODIES
const LENGTH_BYTES = 4
const FIXED_BYTES = NUMBERS * NUMBER_BYTES + LENGTHS * LENGTH_BYTES

/** In the place of a length: there is none. Of a number the sign is NaN, which none is. */
const NULL_LENGTH = -1

/** Of one character in UTF-8. */
const MOST_BYTES = 3
/** Characters from which on it is measured what they take: three bytes for each would be room for which a ring is too small. */
const MEASURED_FROM = 64 * 1024

/**
 * Puts an exchange into the ring, of its bodies the first `bodyBytes`, and says whether there was room. What the log does not keep stays
 * behind: `isTrial`, and remarks of conversions beyond those in a row.
 */
export function putExchange(ring: RingWriter, exchange: Exchange, bodyBytes: number): boolean {
  const texts = textsOf(exchange)
  const joined = texts.join('')
  const bodies = bodiesOf(exchange, bodyBytes)
  let mostBytes = FIXED_BYTES + (joined.length < MEASURED_FROM ? MOST_BYTES * joined.length : Buffer.byteLength(joined))
  for (let i = 0; i < BODIES; i++) mostBytes += bodies[i]?.length ?? 0
  const start = ring.begin(mostBytes)
  if (start === -1) return false

  const { bytes } = ring
  let place = writeNumbers(bytes, start, exchange)
  for (let i = 0; i < TEXTS; i++) place = length(bytes, place, texts[i])
  const textsAt = start + FIXED_BYTES
  let at = textsAt + bytes.write(joined, textsAt, 'utf8')
  place = bytes.writeInt32LE(at - textsAt, place)
  for (let i = 0; i < BODIES; i++) {
    place = length(bytes, place, bodies[i])
    at = body(bytes, at, bodies[i])
  }
  ring.end(at)
  return true
}

/** In the order in which they are read. */
function bodiesOf({ requestBody, responseBody, secondLeg }: Exchange, bodyBytes: number) {
  return [
    cut(requestBody, bodyBytes),
    cut(responseBody, bodyBytes),
    cut(secondLeg?.request?.body, bodyBytes),
    cut(secondLeg?.response?.body, bodyBytes),
  ]
}

function cut(body: Uint8Array | null | undefined, bodyBytes: number): Uint8Array | null | undefined {
  return body && body.length > bodyBytes ? body.subarray(0, bodyBytes) : body
}

/** In the order in which they are read. */
function textsOf(exchange: Exchange): readonly (string | null)[] {
  return [
    exchange.kind,
    exchange.correlationId,
    exchange.requestId,
    exchange.forwardedRequestId,
    exchange.fromPlatformId,
    exchange.toPlatformId,
    exchange.fromParty,
    exchange.toParty,
    exchange.module,
    exchange.interfaceRole,
    exchange.method,
    exchange.path,
    exchange.forwardedUrl,
    exchange.failure,
    exchange.detail,
    // Most exchanges have none.
    exchange.changes && JSON.stringify(exchange.changes),
    exchange.conversion,
    exchange.ledId,
    exchange.client,
    // Names and values in turn, one a line: neither can hold a line break [RFC 9112].
    exchange.requestHeaders.join('\n'),
    exchange.responseHeaders.join('\n'),
    exchange.secondLeg && writeSecondLeg(exchange.secondLeg),
  ]
}

function writeNumbers(bytes: Buffer, start: number, exchange: Exchange): number {
  let at = number(bytes, start, exchange.at)
  at = number(bytes, at, exchange.httpStatus)
  at = number(bytes, at, exchange.receiverStatus)
  at = number(bytes, at, exchange.ocpiStatus)
  at = number(bytes, at, exchange.durationMs)
  at = number(bytes, at, exchange.receiverMs)
  at = number(bytes, at, exchange.requestBytes)
  return number(bytes, at, exchange.responseBytes)
}

function number(bytes: Buffer, at: number, value: number | null): number {
  return bytes.writeDoubleLE(value ?? Number.NaN, at)
}

function length(bytes: Buffer, at: number, of: { readonly length: number } | null | undefined): number {
  return bytes.writeInt32LE(of?.length ?? NULL_LENGTH, at)
}

function body(bytes: Buffer, at: number, value: Uint8Array | null | undefined): number {
  if (!value) return at
  bytes.set(value, at)
  return at + value.length
}

/** The exchange of the frame that begins at `start`. Its bodies are views of the ring, good until more is put into it. */
export function readExchange(bytes: Buffer, start: number): Exchange {
  const lengthsAt = start + NUMBERS * NUMBER_BYTES
  const textsAt = start + FIXED_BYTES
  let bodyAt = textsAt + lengthAt(TEXTS)
  const texts = bytes.toString('utf8', textsAt, bodyAt)
  let [numbersRead, textsRead, charactersRead, bodiesRead] = [0, 0, 0, 0]

  function lengthAt(index: number): number {
    return bytes.readInt32LE(lengthsAt + index * LENGTH_BYTES)
  }

  function number(): number | null {
    const value = bytes.readDoubleLE(start + numbersRead++ * NUMBER_BYTES)
    return Number.isNaN(value) ? null : value
  }

  function text(): string | null {
    const characters = lengthAt(textsRead++)
    if (characters === NULL_LENGTH) return null
    charactersRead += characters
    return texts.slice(charactersRead - characters, charactersRead)
  }

  function list(): Headers {
    const lines = text() as string
    return lines === '' ? [] : lines.split('\n')
  }

  function body(): Uint8Array | null {
    const size = lengthAt(TEXTS + 1 + bodiesRead++)
    if (size === NULL_LENGTH) return null
    bodyAt += size
    return bytes.subarray(bodyAt - size, bodyAt)
  }

  return {
    at: number() as number,
    httpStatus: number() as number,
    receiverStatus: number(),
    ocpiStatus: number(),
    durationMs: number() as number,
    receiverMs: number(),
    requestBytes: number() as number,
    responseBytes: number() as number,
    kind: text() as Exchange['kind'],
    correlationId: text() as string,
    requestId: text() as string,
    forwardedRequestId: text(),
    fromPlatformId: text(),
    toPlatformId: text(),
    fromParty: text(),
    toParty: text(),
    module: text() as string,
    interfaceRole: text() as Exchange['interfaceRole'],
    method: text() as string,
    path: text() as string,
    forwardedUrl: text(),
    failure: text(),
    detail: text(),
    changes: changesIn(text()),
    conversion: text(),
    ledId: text(),
    client: text(),
    requestHeaders: list(),
    responseHeaders: list(),
    requestBody: body(),
    responseBody: body(),
    secondLeg: legIn(text(), body(), body()),
  }
}

function changesIn(text: string | null): Changes | null {
  return text === null ? null : (JSON.parse(text) as Changes)
}

function legIn(text: string | null, request: Uint8Array | null, response: Uint8Array | null): SecondLeg | null {
  return text === null ? null : readSecondLeg(text, request, response)
}
