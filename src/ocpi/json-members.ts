import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  NONE,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipColon,
  skipMark,
  skipSpace,
  skipString,
  skipValue,
} from './json-skip.ts'
import { plainText, textIn } from './utf8.ts'

/** A member of a JSON object and where its bytes stand: in `{"a": 10}` the name `a` from 1 to 4, its value from 6 to 8. */
export type Member = {
  /** Without quotes, escapes resolved. */
  readonly name: string
  /** Where the name's opening quote stands. */
  readonly nameStart: number
  /** Behind the name's closing quote. */
  readonly nameEnd: number
  readonly start: number
  /** Behind the value's last byte. */
  readonly end: number
}

/** How deep the values of a text's own members stand. */
export const MEMBER_DEPTH = 1

/**
 * The members at the top level of the object that a JSON text is, in their order, each of several with one name among them.
 * Null when the text is no object, or no JSON in well-formed UTF-8.
 *
 * @param read who has more to do with a value than to pass over it. @default null
 */
export function membersOf(bytes: Uint8Array, read: ReadMember | null = null): readonly Member[] | null {
  const members: Member[] = []
  const end = readMembers(bytes, skipSpace(bytes, skipMark(bytes)), (nameStart, nameEnd, start) => {
    const valueEnd = read === null ? skipValue(bytes, start, MEMBER_DEPTH) : read(nameStart, nameEnd, start)
    const name = valueEnd === NONE ? null : readString(bytes, nameStart)
    if (name !== null) members.push({ name, nameStart, nameEnd, start, end: valueEnd })
    return valueEnd
  })
  return end !== NONE && skipSpace(bytes, end) === bytes.length ? members : null
}

/** Reads one member's value: gets where name and value are, gives where the value ends, or `NONE`. */
export type ReadMember = (nameStart: number, nameEnd: number, value: number) => number

/** Through the object that begins at `from`, to behind its closing brace. */
export function readMembers(bytes: Uint8Array, from: number, read: ReadMember): number {
  if (bytes[from] !== OPEN_BRACE) return NONE
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACE) return at + 1
  for (;;) {
    const nameEnd = skipString(bytes, at)
    const value = nameEnd === NONE ? NONE : skipColon(bytes, nameEnd)
    const end = value === NONE ? NONE : read(at, nameEnd, value)
    if (end === NONE) return NONE
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACE) return at + 1
    if (bytes[at] !== COMMA) return NONE
    at = skipSpace(bytes, at + 1)
  }
}

/**
 * Through the list that begins at `from`, to behind its closing bracket.
 *
 * @param read gets where an element begins, gives where it ends, or `NONE`
 */
export function readElements(bytes: Uint8Array, from: number, read: (element: number) => number): number {
  if (bytes[from] !== OPEN_BRACKET) return NONE
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACKET) return at + 1
  for (;;) {
    const end = read(at)
    if (end === NONE) return NONE
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACKET) return at + 1
    if (bytes[at] !== COMMA) return NONE
    at = skipSpace(bytes, at + 1)
  }
}

/** The bit in which capital and small letters differ. */
export const CASE = 0x20

/**
 * Whether the string from `start` to before `end`, quotes included, stands for this name, however it is spelt.
 *
 * @param ignored `CASE` for a name in any letter case
 */
export function isName(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
  ignored: 0 | typeof CASE = 0,
): boolean {
  const length = end - start - 2
  if (length === name.length) {
    for (let i = 0; i < length; i++) {
      if (((bytes[start + 1 + i] as number) | ignored) !== (name.charCodeAt(i) | ignored)) return false
    }
    return true
  }
  // Escapes only make a name longer.
  if (length < name.length || !hasEscape(bytes, start, end)) return false
  const text = readString(bytes, start)
  return text === name || (ignored === CASE && text?.toLowerCase() === name)
}

function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return true
  return false
}

/** What the string that begins at `start` says; null for what is no string. */
export function readString(bytes: Uint8Array, start: number): string | null {
  if (bytes[start] !== QUOTE) return null
  const end = skipString(bytes, start)
  if (end === NONE) return null
  return plainText(bytes, start + 1, end - 1) ?? (JSON.parse(textIn(bytes, start, end)) as string)
}
