import { asEnvelope } from './envelope.ts'
import { isName, membersOf } from './json-members.ts'
import { NONE, OPEN_BRACE, skipMark, skipSpace, skipValue } from './json-skip.ts'

/** A status code is written in four digits, with quotes or as `1000.0` in a few more. */
const LONGEST_CODE = 16

/**
 * The status code of an answer's bytes, checked as `parseEnvelope` does but without building what it holds, which costs
 * several times as much and is garbage at once. Null when they are no envelope.
 */
export function readStatus(bytes: Uint8Array): { readonly statusCode: number } | null {
  const start = skipSpace(bytes, skipMark(bytes))
  if (bytes[start] !== OPEN_BRACE) return null
  let value = NONE
  const end = skipValue(bytes, start, 0, (nameStart, nameEnd, at) => {
    if (isName(bytes, nameStart, nameEnd, 'status_code')) value = at
  })
  if (value === NONE || end === NONE || skipSpace(bytes, end) !== bytes.length) return null
  const text = latin1(bytes, value, Math.min(skipValue(bytes, value, 0), value + LONGEST_CODE + 1))
  return text.length > LONGEST_CODE
    ? null
    : asEnvelope({ status_code: DIGITS.test(text) ? Number(text) : JSON.parse(text) })
}

/**
 * True for an object in JSON that has `data` and no `status_code`: what some partners answer a success with. Looked for where
 * `readStatus` found none, so that nothing is spent on it elsewhere.
 */
export function isBareData(bytes: Uint8Array): boolean {
  const members = membersOf(bytes)
  if (members === null) return false
  const hasOne = (wanted: string) => members.some(({ name }) => name === wanted)
  return hasOne('data') && !hasOne('status_code')
}

const DIGITS = /^[1-9]\d*$/

/** A character for each byte. */
function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] as number)
  return text
}
