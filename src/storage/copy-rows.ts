import type { Exchange } from '../hub/exchange.ts'
import type { Headers } from '../ocpi/headers.ts'
import { keptValue, withoutTokens } from './message-redaction.ts'

// Rows of the message log in the binary format of COPY. Bodies pass as they are: in JSON or an INSERT they would be decoded,
// escaped and parsed again, which costs the hub three times as much as this, and the database twice.

/** The columns that `writeRow` writes, in its order. */
export const COPIED_COLUMNS = `at, kind, correlation_id, request_id, forwarded_request_id, from_platform_id, to_platform_id,
  from_party, to_party, module, interface_role, method, path, forwarded_url, http_status, ocpi_status, duration_ms,
  receiver_ms, request_bytes, response_bytes, failure, request_headers, response_headers, request_body, response_body`
const COLUMN_COUNT = 25

const NULL_LENGTH = -1
/** Up to here a loop over the characters is faster than a call into the engine. */
const SHORT_TEXT = 64

export type CopyRows = {
  /** Begins a COPY: its signature, no flags, no extension. */
  readonly begin: () => void
  readonly add: (exchange: Exchange) => void
  readonly end: () => void
  /** What was written since it was last taken. Good until the next call of any of these. */
  readonly take: () => Uint8Array
  readonly size: () => number
}

/** Writes into memory of its own, which grows to the largest piece and is used again and again. */
export function createCopyRows(): CopyRows {
  let buffer = Buffer.allocUnsafe(256 * 1024)
  let at = 0

  function reserve(bytes: number): void {
    if (at + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, at + bytes))
    buffer.copy(larger, 0, 0, at)
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

  /** Characters without a length. NUL, which Postgres refuses in text, is left out. */
  function characters(value: string): void {
    reserve(3 * value.length)
    if (value.length <= SHORT_TEXT) {
      const start = at
      let i = 0
      for (; i < value.length; i++) {
        const code = value.charCodeAt(i)
        if (code === 0 || code > 0x7f) break
        buffer[at++] = code
      }
      if (i === value.length) return
      at = start
    }
    at += buffer.write(value.includes('\0') ? value.replaceAll('\0', '') : value, at, 'utf8')
  }

  function text(value: string | null): void {
    reserve(4)
    if (value === null) {
      at = buffer.writeInt32BE(NULL_LENGTH, at)
      return
    }
    const start = at
    at += 4
    characters(value)
    buffer.writeInt32BE(at - start - 4, start)
  }

  /** Names and values in turn, one a line: neither can hold a line break [RFC 9112]. */
  function headerLines(headers: Headers): void {
    reserve(4)
    const start = at
    at += 4
    for (let i = 0; i + 1 < headers.length; i += 2) {
      if (i > 0) line()
      characters(headers[i] as string)
      line()
      characters(keptValue(headers, i))
    }
    buffer.writeInt32BE(at - start - 4, start)
  }

  function line(): void {
    reserve(1)
    buffer[at++] = 0x0a
  }

  function add(exchange: Exchange): void {
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
  }

  return {
    begin: () => {
      reserve(19)
      at += buffer.write('PGCOPY\n\xff\r\n\0', at, 'latin1')
      at = buffer.writeInt32BE(0, at)
      at = buffer.writeInt32BE(0, at)
    },
    add,
    end: () => {
      reserve(2)
      at = buffer.writeInt16BE(-1, at)
    },
    take: () => {
      const taken = buffer.subarray(0, at)
      at = 0
      return taken
    },
    size: () => at,
  }
}

function keptBody(exchange: Exchange, body: Uint8Array | null): Uint8Array | null {
  return body !== null && exchange.module === 'credentials' ? withoutTokens(body) : body
}
