import { isBlank } from '../../ocpi/envelope.ts'
import { type ListEnvelope, readListEnvelope } from '../../ocpi/json-array.ts'
import type { Turn } from '../turn.ts'

/** Objects in one answer of a source that gives all it has at once. Real objects fill the largest answer before they are as many. */
export const MOST_OBJECTS = 200_000

/** The list in a source's answer, with the bytes that it stands in: in UTF-8, whatever they came as. */
export type AnswerList = { readonly bytes: Uint8Array; readonly list: ListEnvelope | 'too-many' | null }

/** A success without a body is a list of none. */
const NOTHING: ListEnvelope = { statusCode: null, objects: [] }

/**
 * Reads an answer's body, with turns for everybody else: a large one would hold up all that the hub does beside it. Text in ISO-8859-1, which some sources send under any Content-Type, becomes UTF-8, since texts of two
 * kinds cannot be joined to one. Where a broken text has characters in UTF-8 as well, nobody knows what it is.
 */
export async function readAnswerList(plain: Uint8Array, status: number, turn: Turn): Promise<AnswerList> {
  if (isBlank(plain)) return { bytes: plain, list: isSuccess(status) ? NOTHING : null }
  const list = await readList(plain, turn)
  if (list !== null || !isLatin1(plain)) return { bytes: plain, list }
  const bytes = latin1ToUtf8(plain)
  return { bytes, list: await readList(bytes, turn) }
}

async function readList(bytes: Uint8Array, turn: Turn): Promise<AnswerList['list']> {
  const reading = readListEnvelope(bytes, MOST_OBJECTS)
  let step = reading.next()
  while (!step.done) {
    await turn()
    step = reading.next()
  }
  return step.value
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299
}

/** Bytes beyond ASCII, none of which begins a character in UTF-8. */
function isLatin1(bytes: Uint8Array): boolean {
  let isBeyondAscii = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte < 0x80) continue
    isBeyondAscii = true
    if (byte >= 0xc2 && byte <= 0xf4 && ((bytes[at + 1] ?? 0) & 0xc0) === 0x80) return false
  }
  return isBeyondAscii
}

/** Characters of ISO-8859-1 are the first 256 of Unicode: those beyond ASCII take two bytes in UTF-8. */
function latin1ToUtf8(latin1: Uint8Array): Uint8Array {
  const utf8 = new Uint8Array(latin1.length + latin1.reduce((sum, byte) => sum + (byte >> 7), 0))
  let at = 0
  for (const byte of latin1) {
    if (byte < 0x80) utf8[at++] = byte
    else {
      utf8[at++] = 0xc0 | (byte >> 6)
      utf8[at++] = 0x80 | (byte & 0x3f)
    }
  }
  return utf8
}
