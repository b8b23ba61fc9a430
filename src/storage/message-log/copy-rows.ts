import { detailOf, type Exchange } from '../../hub/message/exchange.ts'
import type { SecondLeg } from '../../hub/message/second-leg.ts'
import type { Headers } from '../../ocpi/headers.ts'
import { LONGEST_KEY, objectKeyOf, sessionRefOf } from './object-keys.ts'
import { keptValue, REDACTED, withoutSecrets } from './redaction.ts'

// Rows of the message log in the binary format of COPY. Bodies pass as they are: in JSON or an INSERT they would be decoded,
// escaped and parsed again, which costs the hub three times as much as this, and the database twice.

/** The columns of a row, in its order. */
export const COPIED_COLUMNS = `at, kind, correlation_id, request_id, forwarded_request_id, from_platform_id, to_platform_id,
  from_party, to_party, module, interface_role, method, path, forwarded_url, http_status, receiver_status, ocpi_status,
  duration_ms, receiver_ms, request_bytes, response_bytes, failure, detail, changes, conversion, led_id, object_key, session_ref, client,
  request_headers, response_headers, request_body, response_body, second_leg, forwarded_body, receiver_body`
const COLUMN_COUNT = 36

const NULL_LENGTH = -1
/** Up to here a loop over the characters is faster than a call into the engine. */
const SHORT_TEXT = 64
/** Of one character in UTF-8. */
const MOST_BYTES = 3
/** What a row's columns take up beside texts and bodies: their lengths, and the numbers. */
const FIXED_BYTES = 2 + COLUMN_COUNT * 4 + 52
/** What the columns take up that are made of others: `object_key` and `session_ref`. */
const KEY_BYTES = 2 * LONGEST_KEY * MOST_BYTES

/** The rows of one COPY stand between these: its signature, no flags, no extension; and the mark of its end. */
export const COPY_BEGIN = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
export const COPY_END = Buffer.from([0xff, 0xff])

/**
 * The bytes a row takes up at the most, so that nothing has to be asked while it is written.
 *
 * @param changes as `writeChanges` gives them
 * @param secondLeg as `writeSecondLeg` gives it
 */
export function mostRowBytes(exchange: Exchange, changes: string | null, secondLeg: string | null): number {
  const { requestHeaders, responseHeaders, requestBody, responseBody } = exchange
  const characters =
    exchange.kind.length +
    exchange.correlationId.length +
    exchange.requestId.length +
    lengthOf(exchange.forwardedRequestId) +
    lengthOf(exchange.fromPlatformId) +
    lengthOf(exchange.toPlatformId) +
    lengthOf(exchange.fromParty) +
    lengthOf(exchange.toParty) +
    exchange.module.length +
    lengthOf(exchange.interfaceRole) +
    exchange.method.length +
    exchange.path.length +
    lengthOf(exchange.forwardedUrl) +
    lengthOf(exchange.failure) +
    lengthOf(exchange.detail) +
    lengthOf(changes) +
    lengthOf(exchange.conversion) +
    lengthOf(secondLeg) +
    lengthOf(exchange.ledId) +
    lengthOf(exchange.client) +
    lengthOfLines(requestHeaders) +
    lengthOfLines(responseHeaders)
  return (
    FIXED_BYTES +
    KEY_BYTES +
    MOST_BYTES * characters +
    lengthOfBody(requestBody) +
    lengthOfBody(responseBody) +
    (exchange.secondLeg === null ? 0 : lengthOfBodies(exchange.secondLeg))
  )
}

function lengthOfBody(body: Uint8Array | null): number {
  return body === null ? 0 : body.byteLength
}

function lengthOfBodies({ request, response }: SecondLeg): number {
  return lengthOfBody(request && request.body) + lengthOfBody(response && response.body)
}

function lengthOf(value: string | null): number {
  return value === null ? 0 : value.length
}

function lengthOfLines(headers: Headers): number {
  let length = 0
  for (let i = 0; i < headers.length; i++) length += (headers[i] as string).length + 1 + REDACTED.length
  return length
}

/** Writes a row from `start` on, where there must be room for it, and gives where it ends. */
export function writeRow(
  bytes: Buffer,
  start: number,
  exchange: Exchange,
  changes: string | null,
  secondLeg: string | null,
): number {
  bytes[start] = 0
  bytes[start + 1] = COLUMN_COUNT
  let at = int64(bytes, start + 2, exchange.at)
  at = text(bytes, at, exchange.kind)
  at = text(bytes, at, exchange.correlationId)
  at = text(bytes, at, exchange.requestId)
  at = text(bytes, at, exchange.forwardedRequestId)
  at = text(bytes, at, exchange.fromPlatformId)
  at = text(bytes, at, exchange.toPlatformId)
  at = text(bytes, at, exchange.fromParty)
  at = text(bytes, at, exchange.toParty)
  at = text(bytes, at, exchange.module)
  at = text(bytes, at, exchange.interfaceRole)
  at = text(bytes, at, exchange.method)
  at = text(bytes, at, withoutSecrets(exchange.path))
  at = text(bytes, at, exchange.forwardedUrl && withoutSecrets(exchange.forwardedUrl))
  at = int32(bytes, at, exchange.httpStatus)
  at = int32(bytes, at, exchange.receiverStatus)
  at = int32(bytes, at, exchange.ocpiStatus)
  at = float32(bytes, at, exchange.durationMs)
  at = float32(bytes, at, exchange.receiverMs)
  at = int64(bytes, at, exchange.requestBytes)
  at = int64(bytes, at, exchange.responseBytes)
  at = text(bytes, at, exchange.failure)
  at = text(bytes, at, exchange.detail && withoutSecrets(exchange.detail))
  at = text(bytes, at, changes)
  at = text(bytes, at, exchange.conversion && detailOf(exchange.conversion))
  at = text(bytes, at, exchange.ledId)
  at = text(bytes, at, objectKeyOf(exchange))
  at = text(bytes, at, sessionRefOf(exchange))
  at = text(bytes, at, exchange.client)
  at = headerLines(bytes, at, exchange.requestHeaders)
  at = headerLines(bytes, at, exchange.responseHeaders)
  at = binary(bytes, at, exchange.requestBody)
  at = binary(bytes, at, exchange.responseBody)
  at = text(bytes, at, secondLeg)
  at = binary(bytes, at, exchange.secondLeg?.request?.body ?? null)
  return binary(bytes, at, exchange.secondLeg?.response?.body ?? null)
}

function length(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
  return at + 4
}

function int32(bytes: Buffer, at: number, value: number | null): number {
  return value === null ? length(bytes, at, NULL_LENGTH) : length(bytes, length(bytes, at, 4), value)
}

/** Whole numbers up to 2^53. */
function int64(bytes: Buffer, at: number, value: number): number {
  return length(bytes, length(bytes, length(bytes, at, 8), Math.floor(value / 2 ** 32)), value % 2 ** 32)
}

function float32(bytes: Buffer, at: number, value: number | null): number {
  if (value === null) return length(bytes, at, NULL_LENGTH)
  return bytes.writeFloatBE(value, length(bytes, at, 4))
}

function binary(bytes: Buffer, at: number, value: Uint8Array | null): number {
  if (value === null) return length(bytes, at, NULL_LENGTH)
  bytes.set(value, length(bytes, at, value.byteLength))
  return at + 4 + value.byteLength
}

function text(bytes: Buffer, at: number, value: string | null): number {
  if (value === null) return length(bytes, at, NULL_LENGTH)
  const end = characters(bytes, at + 4, value)
  length(bytes, at, end - at - 4)
  return end
}

/** Names and values in turn, one a line: neither can hold a line break [RFC 9112]. */
function headerLines(bytes: Buffer, at: number, headers: Headers): number {
  let end = at + 4
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (i > 0) bytes[end++] = 0x0a
    end = characters(bytes, end, headers[i] as string)
    bytes[end++] = 0x0a
    end = characters(bytes, end, keptValue(headers, i))
  }
  length(bytes, at, end - at - 4)
  return end
}

/** Characters in UTF-8. NUL, which Postgres refuses in text, is left out. */
function characters(bytes: Buffer, start: number, value: string): number {
  if (value.length <= SHORT_TEXT) {
    let at = start
    let i = 0
    for (; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code === 0 || code > 0x7f) break
      bytes[at++] = code
    }
    if (i === value.length) return at
  }
  return start + bytes.write(value.includes('\0') ? value.replaceAll('\0', '') : value, start, 'utf8')
}
