import { foreignCharset } from '../../ocpi/charset.ts'
import { type Headers, header } from '../../ocpi/headers.ts'
import type { Inflate, Inflated } from '../ports.ts'

/**
 * A body as it was before its sender compressed it [RFC 9110, 8.4], at once where it was not. One that says it is in a character set that
 * is not like UTF-8 is unreadable.
 *
 * @param platformId the sender
 * @param until when inflating has to be done, in milliseconds since the epoch
 */
export function inflated(
  headers: Headers,
  body: Uint8Array,
  inflate: Inflate,
  platformId: string,
  limitBytes: number,
  until = Number.POSITIVE_INFINITY,
): Uint8Array | Promise<Inflated> {
  if (body.length === 0) return body
  if (foreignCharset(headers) !== null) return UNREADABLE
  const encoding = encodingOf(headers)
  if (encoding === null) return body
  return inflate({ encoding, bytes: body, limitBytes, platformId, until })
}

const UNREADABLE: Promise<Inflated> = Promise.resolve({ kind: 'unreadable' })
const NOTHING: Promise<null> = Promise.resolve(null)

/** The same for a body that is looked at right away: null when it cannot be read, or holds more than `limitBytes`. */
export function inflatedInPassing(
  headers: Headers,
  body: Uint8Array,
  inflate: Inflate,
  platformId: string,
  limitBytes: number,
): Uint8Array | Promise<Uint8Array | null> {
  const found = inflated(headers, body, inflate, platformId, limitBytes)
  return found instanceof Promise ? found.then(bytesOf) : found
}

function bytesOf(found: Inflated): Uint8Array | null {
  if (found.kind !== 'whole') return null
  found.letGo()
  return found.bytes
}

/** Of a body that streams at most these bytes are inflated, to at most those, to see how it begins. */
const COMPRESSED_BYTES = 4_096
const BEGINNING_BYTES = 65_536

/** Of a body of which only the beginning is there what inflates of it, which may be nothing yet; null when it cannot be read. */
export function inflatedBeginning(
  headers: Headers,
  beginning: Uint8Array,
  inflate: Inflate,
  platformId: string,
): Uint8Array | Promise<Uint8Array | null> {
  if (foreignCharset(headers) !== null) return NOTHING
  const encoding = encodingOf(headers)
  if (encoding === null) return beginning
  const bytes = beginning.subarray(0, COMPRESSED_BYTES)
  const inflating = inflate({ encoding, bytes, limitBytes: BEGINNING_BYTES, platformId, isBeginning: true })
  return inflating.then((found) => (found.kind === 'more' ? found.beginning : bytesOf(found)))
}

/** What partners write where nothing was done to a body: some name its character set here. Clients pass over it. */
const NO_CODING = /^\s*(?:identity|none|utf-?8|(?:application|text)\/json)?\s*$/i

/** The content coding of a message; null when its body is as it was made. */
export function encodingOf(headers: Headers): string | null {
  const encoding = header(headers, 'content-encoding')
  return encoding === undefined || NO_CODING.test(encoding) ? null : encoding
}
