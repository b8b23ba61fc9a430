import { BACKSLASH } from './json-skip.ts'

/*
 * Texts and their bytes. What is read of a message and written into one mostly is short and plain, such as names, ids and times: of that a
 * loop makes one from the other many times faster than encoder and decoder, which do the rest.
 */

/** Longer texts are encoded and decoded faster than put together. */
const SHORT = 24

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** What bytes in UTF-8 say. */
export function textIn(bytes: Uint8Array, start: number, end: number): string {
  return plainText(bytes, start, end) ?? decoder.decode(bytes.subarray(start, end))
}

/** Short text in ASCII without backslashes; null for anything else. */
export function plainText(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start > SHORT) return null
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === BACKSLASH || byte >= 0x80) return null
    text += String.fromCharCode(byte)
  }
  return text
}

/** A text in UTF-8. */
export function bytesOf(text: string): Uint8Array {
  const { length } = text
  if (length > SHORT) return encoder.encode(text)
  const bytes = new Uint8Array(length)
  return writePlain(text, bytes, 0) ? bytes : encoder.encode(text)
}

/** What a character takes at most. */
export const MOST_BYTES_OF_ONE = 3

/** Writes a text in UTF-8 from `at` on, where there has to be room for it. Returns how many bytes it took. */
export function writeText(text: string, into: Uint8Array, at: number): number {
  if (text.length <= SHORT && writePlain(text, into, at)) return text.length
  return encoder.encodeInto(text, into.subarray(at)).written
}

/** False when it is not all ASCII. */
function writePlain(text: string, into: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) return false
    into[at + i] = code
  }
  return true
}
