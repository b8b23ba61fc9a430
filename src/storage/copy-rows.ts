import type { Exchange } from '../hub/exchange.ts'
import type { Headers } from '../ocpi/headers.ts'
import { keptValue, withoutTokens } from './message-redaction.ts'

// Rows of the message log in the binary format of COPY. Bodies pass as they are: in JSON or an INSERT they would be decoded,
// escaped and parsed again, which costs the hub three times as much as this, and the database twice.

/** The columns of a row, in its order. */
export const COPIED_COLUMNS = `at, kind, correlation_id, request_id, forwarded_request_id, from_platform_id, to_platform_id,
  from_party, to_party, module, interface_role, method, path, forwarded_url, http_status, ocpi_status, duration_ms,
  receiver_ms, request_bytes, response_bytes, failure, request_headers, response_headers, request_body, response_body`
const COLUMN_COUNT = 25

const NULL_LENGTH = -1
/** Up to here a loop over the characters is faster than a call into the engine. */
const SHORT_TEXT = 64

/** The rows of one COPY stand between these: its signature, no flags, no extension; and the mark of its end. */
export const COPY_BEGIN = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
export const COPY_END = Buffer.from([0xff, 0xff])

/** A piece of memory that rows are written into one after the other. */
const PAGE_BYTES = 512 * 1024
/** A row that begins with less room than this begins on another page. */
const USUAL_ROW_BYTES = 8 * 1024

/** Packs exchanges into rows. Rows packed one after the other mostly lie side by side in memory. */
export function createRowPacker(): (exchange: Exchange) => Buffer {
  let buffer = Buffer.allocUnsafeSlow(PAGE_BYTES)
  let start = 0
  let at = 0

  function reserve(bytes: number): void {
    if (at + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(PAGE_BYTES, 2 * (at - start + bytes)))
    buffer.copy(larger, 0, start, at)
    at -= start
    start = 0
    buffer = larger
  }

  function int32(value: number | null): void {
    reserve(8)
    if (value === null) {
      at = buffer.writeInt32BE(NULL_LENGTH, at)
    } else {
      at = buffer.writeInt32BE(4, at)
      at = buffer.writeInt32BE(value, at)
    }
  }

  /** Whole numbers up to 2^53. */
  function int64(value: number): void {
    reserve(12)
    at = buffer.writeInt32BE(8, at)
    at = buffer.writeInt32BE(Math.floor(value / 2 ** 32), at)
    at = buffer.writeUInt32BE(value % 2 ** 32, at)
  }

  function float32(value: number | null): void {
    reserve(8)
    if (value === null) {
      at = buffer.writeInt32BE(NULL_LENGTH, at)
    } else {
      at = buffer.writeInt32BE(4, at)
      at = buffer.writeFloatBE(value, at)
    }
  }

  function bytes(value: Uint8Array | null): void {
    reserve(4 + (value?.byteLength ?? 0))
    at = buffer.writeInt32BE(value === null ? NULL_LENGTH : value.byteLength, at)
    if (value === null) return
    buffer.set(value, at)
    at += value.byteLength
  }

  /** Writes characters and says how many bytes they took. NUL, which Postgres refuses in text, is left out. */
  function characters(value: string): number {
    reserve(3 * value.length)
    if (value.length <= SHORT_TEXT) {
      const first = at
      let i = 0
      for (; i < value.length; i++) {
        const code = value.charCodeAt(i)
        if (code === 0 || code > 0x7f) break
        buffer[at++] = code
      }
      if (i === value.length) return i
      at = first
    }
    const written = buffer.write(value.includes('\0') ? value.replaceAll('\0', '') : value, at, 'utf8')
    at += written
    return written
  }

  function text(value: string | null): void {
    reserve(4)
    if (value === null) {
      at = buffer.writeInt32BE(NULL_LENGTH, at)
      return
    }
    at += 4
    const length = characters(value)
    buffer.writeInt32BE(length, at - length - 4)
  }

  /** Names and values in turn, one a line: neither can hold a line break [RFC 9112]. */
  function headerLines(headers: Headers): void {
    reserve(4)
    at += 4
    let length = 0
    for (let i = 0; i + 1 < headers.length; i += 2) {
      if (i > 0) length += line()
      length += characters(headers[i] as string) + line()
      length += characters(keptValue(headers, i))
    }
    buffer.writeInt32BE(length, at - length - 4)
  }

  function line(): number {
    reserve(1)
    buffer[at++] = 0x0a
    return 1
  }

  return function pack(exchange) {
    if (buffer.length - at < USUAL_ROW_BYTES) {
      buffer = Buffer.allocUnsafeSlow(PAGE_BYTES)
      at = 0
    }
    start = at
    reserve(2)
    at = buffer.writeInt16BE(COLUMN_COUNT, at)
    int64(exchange.at)
    text(exchange.kind)
    text(exchange.correlationId)
    text(exchange.requestId)
    text(exchange.forwardedRequestId)
    text(exchange.fromPlatformId)
    text(exchange.toPlatformId)
    text(exchange.fromParty)
    text(exchange.toParty)
    text(exchange.module)
    text(exchange.interfaceRole)
    text(exchange.method)
    text(exchange.path)
    text(exchange.forwardedUrl)
    int32(exchange.httpStatus)
    int32(exchange.ocpiStatus)
    float32(exchange.durationMs)
    float32(exchange.receiverMs)
    int64(exchange.requestBytes)
    int64(exchange.responseBytes)
    text(exchange.failure)
    headerLines(exchange.requestHeaders)
    headerLines(exchange.responseHeaders)
    bytes(keptBody(exchange, exchange.requestBody))
    bytes(keptBody(exchange, exchange.responseBody))
    return buffer.subarray(start, at)
  }
}

function keptBody(exchange: Exchange, body: Uint8Array | null): Uint8Array | null {
  return body !== null && exchange.module === 'credentials' ? withoutTokens(body) : body
}
