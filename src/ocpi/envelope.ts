import { NONE, OPEN_BRACE, skipMark, skipSpace, skipValue } from './json-skip.ts'

/** What stands around every OCPI answer [transport_and_format: Response format]. */
export type Envelope = {
  /** Four digits. */
  readonly statusCode: number
  readonly statusMessage: string | null
  /** `undefined` when the envelope has no data. */
  readonly data: unknown
}

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true })

/** Makes an envelope. An `undefined` message or data is left out; `timestamp` is an OCPI DateTime. */
export function envelopeBytes(
  statusCode: number,
  statusMessage: string | undefined,
  data: unknown,
  timestamp: string,
): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify({ data, status_code: statusCode, status_message: statusMessage, timestamp }))
}

/** Reads an answer's bytes; null when they are no envelope (see `asEnvelope`). */
export function parseEnvelope(bytes: Uint8Array): Envelope | null {
  return beginsObject(bytes) ? asEnvelope(parseJson(bytes)) : null
}

/**
 * Reads a parsed answer. An envelope is an object with a `status_code` of four digits, as a number or, as some partners
 * write it, as a string. Other numbers (`404`) are no OCPI status codes but those of someone else's error format, and
 * null is returned. A missing timestamp is nobody's harm.
 */
export function asEnvelope(value: unknown): Envelope | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { status_code, status_message, data } = value as Record<string, unknown>
  const statusCode = typeof status_code === 'string' && /^\d{4}$/.test(status_code) ? Number(status_code) : status_code
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode)) return null
  if (statusCode < 1000 || statusCode > 9999) return null
  return { statusCode, statusMessage: typeof status_message === 'string' ? status_message : null, data }
}

/** True for one JSON value in well-formed UTF-8, with or without a byte order mark [RFC 8259, section 8.1]. */
export function isJson(bytes: Uint8Array): boolean {
  const end = skipValue(bytes, skipSpace(bytes, skipMark(bytes)), 0)
  return end !== NONE && skipSpace(bytes, end) === bytes.length
}

/** The value of JSON bytes; `undefined`, which no JSON stands for, when they are not JSON in well-formed UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strictDecoder.decode(bytes)) as unknown
  } catch {
    return undefined
  }
}

/** True when the first byte that is no white space opens an object, as that of every envelope does. */
export function beginsObject(bytes: Uint8Array): boolean {
  return bytes[firstOf(bytes)] === OPEN_BRACE
}

/** True when the first byte that is no white space may begin a JSON value: `{`, `[`, `"`, a digit, a minus, or t, f and n. */
export function beginsJson(bytes: Uint8Array): boolean {
  return BEGINNINGS.has(bytes[firstOf(bytes)] ?? 0)
}

/** True when the first byte that is no white space is a `<`: a page of HTML, or XML. */
export function beginsMarkup(bytes: Uint8Array): boolean {
  return bytes[firstOf(bytes)] === LESS_THAN
}

/** True when there is nothing in it but white space, and a byte order mark perhaps. */
export function isBlank(bytes: Uint8Array): boolean {
  return firstOf(bytes) >= bytes.length
}

const LESS_THAN = 0x3c
const BEGINNINGS: ReadonlySet<number> = new Set(encoder.encode('{["-0123456789tfn'))

function firstOf(bytes: Uint8Array): number {
  return skipSpace(bytes, skipMark(bytes))
}
