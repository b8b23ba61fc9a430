import { asEnvelope } from './envelope.ts'
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  NONE,
  OPEN_BRACE,
  OPEN_BRACKET,
  skipColon,
  skipMark,
  skipSpace,
  skipString,
  skipValue,
} from './json-skip.ts'
import { type PartyKey, partyKey } from './party.ts'

/** An object of the list in an envelope: where its bytes stand, and whose it says it is. */
export type ListedObject = {
  readonly start: number
  /** Behind the last byte. */
  readonly end: number
  /** From its own `country_code` and `party_id`, in any letter case, as some reader takes them; null without both. */
  readonly owner: PartyKey | null
}

/** An envelope as far as it is needed to join lists. */
export type ListEnvelope = {
  readonly statusCode: number
  /** Null when `data` is no list. */
  readonly objects: readonly ListedObject[] | null
}

/**
 * Finds the objects of `data` in an envelope without building or changing any of them [transport_and_format: Response
 * format]. The text is checked on the way, as strictly as `JSON.parse` does and in well-formed UTF-8: objects of several
 * texts may be joined to one. Of duplicate members the last counts. Null when it is no JSON, no envelope or a list of
 * anything but objects.
 *
 * @param most with more objects it is not read to its end: what is noted of each takes more room than a small object itself
 */
export function readListEnvelope(bytes: Uint8Array, most: number): ListEnvelope | 'too-many' | null {
  let objects = null as ListedObject[] | null
  let statusCode: unknown
  const start = skipSpace(bytes, skipMark(bytes))
  const end = readMembers(bytes, start, (nameStart, nameEnd, value) => {
    if (isName(bytes, nameStart, nameEnd, 'data')) {
      objects = bytes[value] === OPEN_BRACKET ? [] : null
      return objects ? readList(bytes, value, objects, most) : skipValue(bytes, value, ENVELOPE_DEPTH)
    }
    const valueEnd = skipValue(bytes, value, ENVELOPE_DEPTH)
    if (valueEnd !== NONE && isName(bytes, nameStart, nameEnd, 'status_code')) {
      statusCode = JSON.parse(decoder.decode(bytes.subarray(value, valueEnd)))
    }
    return valueEnd
  })
  if (end === NONE) return objects !== null && objects.length > most ? 'too-many' : null
  if (skipSpace(bytes, end) !== bytes.length) return null
  const envelope = asEnvelope({ status_code: statusCode })
  return envelope && { statusCode: envelope.statusCode, objects }
}

/** How deep members of an envelope and objects of its list stand. */
const ENVELOPE_DEPTH = 1
const LIST_DEPTH = 2

/** Reads one member's value: gets where name and value are, gives where the value ends, or `NONE`. */
type ReadMember = (nameStart: number, nameEnd: number, value: number) => number

/** Through the object that begins at `from`. */
function readMembers(bytes: Uint8Array, from: number, read: ReadMember): number {
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

/** Adds the objects of the list that begins at `from`, and ends behind one too many. */
function readList(bytes: Uint8Array, from: number, objects: ListedObject[], most: number): number {
  const { noteMember, takeOwner } = createOwnerReader(bytes)
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACKET) return at + 1
  for (;;) {
    const end = bytes[at] === OPEN_BRACE ? skipValue(bytes, at, LIST_DEPTH, noteMember) : NONE
    if (end === NONE) return NONE
    objects.push({ start: at, end, owner: takeOwner() })
    if (objects.length > most) return NONE
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACKET) return at + 1
    if (bytes[at] !== COMMA) return NONE
    at = skipSpace(bytes, at + 1)
  }
}

/** Whose each object is, one after the other. Most lists are of one owner: its key is made once. */
function createOwnerReader(bytes: Uint8Array) {
  let countryCode: string | null = null
  let partyId: string | null = null
  let known = { countryCode: '', partyId: '', key: partyKey('', '') }

  function noteMember(nameStart: number, nameEnd: number, value: number): void {
    if (isName(bytes, nameStart, nameEnd, 'country_code', CASE)) countryCode = readString(bytes, value)
    else if (isName(bytes, nameStart, nameEnd, 'party_id', CASE)) partyId = readString(bytes, value)
  }

  /** Of the members noted since it was asked last; null when they do not name both. */
  function takeOwner(): PartyKey | null {
    const named = countryCode !== null && partyId !== null ? { countryCode, partyId } : null
    countryCode = partyId = null
    if (!named) return null
    if (named.countryCode !== known.countryCode || named.partyId !== known.partyId) {
      known = { ...named, key: partyKey(named.countryCode, named.partyId) }
    }
    return known.key
  }

  return { noteMember, takeOwner }
}

/** The bit in which capital and small letters differ. */
const CASE = 0x20

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

/** Null for what is no string. */
function readString(bytes: Uint8Array, start: number): string | null {
  const end = skipString(bytes, start)
  if (end === NONE) return null
  return readShortName(bytes, start + 1, end - 1) ?? (JSON.parse(decoder.decode(bytes.subarray(start, end))) as string)
}

const decoder = new TextDecoder()

/** What country codes and party ids are, a hundred times faster than by decoding; null for anything else. */
function readShortName(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start > 3) return null
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === BACKSLASH || byte >= 0x80) return null
    text += String.fromCharCode(byte)
  }
  return text
}
