import { type Headers, header } from '../../ocpi/headers.ts'
import type { Inflate } from '../ports.ts'

/**
 * A body as it was before its sender compressed it [RFC 9110, 8.4], at once where it was not. Null when it cannot be read as
 * what its headers say, or holds more than `limitBytes`.
 */
export function inflated(
  headers: Headers,
  body: Uint8Array,
  inflate: Inflate,
  limitBytes: number,
): Uint8Array | Promise<Uint8Array | null> {
  const encoding = encodingOf(headers)
  return encoding === null || body.length === 0 ? body : inflate(encoding, body, limitBytes)
}

/** Of a body that streams so much is inflated to see how it begins. */
const BEGINNING_BYTES = 4_096
const MOST_INFLATED_BYTES = 8 * 1024 * 1024

/** The same of a body of which only the beginning is there: what inflates of it, which may be nothing yet. */
export function inflatedBeginning(
  headers: Headers,
  beginning: Uint8Array,
  inflate: Inflate,
): Uint8Array | Promise<Uint8Array | null> {
  const encoding = encodingOf(headers)
  if (encoding === null) return beginning
  return inflate(encoding, beginning.subarray(0, BEGINNING_BYTES), MOST_INFLATED_BYTES, 'beginning')
}

/** What partners write where nothing was done to a body: some name its character set here. Clients pass over it. */
const NO_CODING = /^\s*(?:identity|none|utf-?8|(?:application|text)\/json)?\s*$/i

/** The content coding of a message; null when its body is as it was made. */
export function encodingOf(headers: Headers): string | null {
  const encoding = header(headers, 'content-encoding')
  return encoding === undefined || NO_CODING.test(encoding) ? null : encoding
}
