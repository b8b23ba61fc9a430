import { asEnvelope } from './envelope.ts'
import { type PartyKey, partyKey } from './party.ts'

/** An element of the list in an envelope: where its bytes stand, and whose it says it is. */
export type ListedObject = {
  readonly start: number
  /** Behind the last byte. */
  readonly end: number
  /** From its own `country_code` and `party_id`; null when it does not name both. */
  readonly owner: PartyKey | null
}

/** An envelope as far as it is needed to join lists. */
export type ListEnvelope = {
  readonly statusCode: number
  /** Null when `data` is no list. */
  readonly objects: readonly ListedObject[] | null
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** What is nested deeper is taken for no JSON. */
const DEEPEST = 500
const NONE = -1

/**
 * Finds the elements of `data` in an envelope without building or changing any of them [transport_and_format: Response
 * format]. The text is checked on the way, as strictly as `JSON.parse` does and in well-formed UTF-8: elements of several
 * texts may be joined to one. Of duplicate members the last counts. Null when it is no JSON or no envelope.
 */
export function readListEnvelope(bytes: Uint8Array): ListEnvelope | null {
  let objects: ListedObject[] | null = null
  let statusCode: unknown
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const start = skipSpace(bytes, hasMark ? 3 : 0)
  const end = readMembers(bytes, start, 1, (nameStart, nameEnd, value, depth) => {
    if (isName(bytes, nameStart, nameEnd, 'data')) {
      objects = bytes[value] === OPEN_BRACKET ? [] : null
      return objects ? readList(bytes, value, depth, objects) : skipValue(bytes, value, depth)
    }
    const valueEnd = skipValue(bytes, value, depth)
    if (valueEnd !== NONE && isName(bytes, nameStart, nameEnd, 'status_code')) {
      statusCode = JSON.parse(decoder.decode(bytes.subarray(value, valueEnd)))
    }
    return valueEnd
  })
  if (end === NONE || skipSpace(bytes, end) !== bytes.length) return null
  const envelope = asEnvelope({ status_code: statusCode })
  return envelope && { statusCode: envelope.statusCode, objects }
}

/** Reads one member's value: gets where name and value are, gives where the value ends. `NONE` is no JSON, everywhere here. */
type ReadMember = (nameStart: number, nameEnd: number, value: number, depth: number) => number

/** Through the object that begins at `from`. */
function readMembers(bytes: Uint8Array, from: number, depth: number, read: ReadMember): number {
  if (bytes[from] !== OPEN_BRACE || depth > DEEPEST) return NONE
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACE) return at + 1
  for (;;) {
    const nameEnd = skipString(bytes, at)
    if (nameEnd === NONE) return NONE
    const colon = skipSpace(bytes, nameEnd)
    if (bytes[colon] !== COLON) return NONE
    const end = read(at, nameEnd, skipSpace(bytes, colon + 1), depth)
    if (end === NONE) return NONE
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACE) return at + 1
    if (bytes[at] !== COMMA) return NONE
    at = skipSpace(bytes, at + 1)
  }
}

/** Adds the elements of the list that begins at `from`. */
function readList(bytes: Uint8Array, from: number, depth: number, objects: ListedObject[]): number {
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACKET) return at + 1
  for (;;) {
    const end = bytes[at] === OPEN_BRACE ? readObject(bytes, at, depth + 1, objects) : skipValue(bytes, at, depth + 1)
    if (end === NONE) return NONE
    if (bytes[at] !== OPEN_BRACE) objects.push({ start: at, end, owner: null })
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACKET) return at + 1
    if (bytes[at] !== COMMA) return NONE
    at = skipSpace(bytes, at + 1)
  }
}

function readObject(bytes: Uint8Array, start: number, depth: number, objects: ListedObject[]): number {
  let countryCode: string | null = null
  let partyId: string | null = null
  const end = readMembers(bytes, start, depth, (nameStart, nameEnd, value, inside) => {
    const valueEnd = skipValue(bytes, value, inside)
    if (valueEnd === NONE) return NONE
    if (isName(bytes, nameStart, nameEnd, 'country_code')) countryCode = readString(bytes, value, valueEnd)
    else if (isName(bytes, nameStart, nameEnd, 'party_id')) partyId = readString(bytes, value, valueEnd)
    return valueEnd
  })
  const owner = countryCode !== null && partyId !== null ? partyKey(countryCode, partyId) : null
  objects.push({ start, end, owner })
  return end
}

/** Whether the string from `start` to before `end`, quotes included, stands for this name, however it is spelt. */
function isName(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start === name.length + 2) {
    for (let i = 0; i < name.length; i++) if (bytes[start + 1 + i] !== name.charCodeAt(i)) return false
    return true
  }
  // Escapes only make a name longer.
  if (end - start < name.length + 2 || !bytes.subarray(start, end).includes(BACKSLASH)) return false
  return readString(bytes, start, end) === name
}

function readString(bytes: Uint8Array, start: number, end: number): string | null {
  if (bytes[start] !== QUOTE) return null
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

function skipValue(bytes: Uint8Array, from: number, depth: number): number {
  switch (bytes[from]) {
    case QUOTE:
      return skipString(bytes, from)
    case OPEN_BRACE:
      return skipObject(bytes, from, depth + 1)
    case OPEN_BRACKET:
      return skipList(bytes, from, depth + 1)
    case 0x74:
      return skipWord(bytes, from, 'true')
    case 0x66:
      return skipWord(bytes, from, 'false')
    case 0x6e:
      return skipWord(bytes, from, 'null')
    default:
      return skipNumber(bytes, from)
  }
}

function skipObject(bytes: Uint8Array, from: number, depth: number): number {
  if (depth > DEEPEST) return NONE
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACE) return at + 1
  for (;;) {
    const nameEnd = skipString(bytes, at)
    if (nameEnd === NONE) return NONE
    const colon = skipSpace(bytes, nameEnd)
    if (bytes[colon] !== COLON) return NONE
    const end = skipValue(bytes, skipSpace(bytes, colon + 1), depth)
    if (end === NONE) return NONE
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACE) return at + 1
    if (bytes[at] !== COMMA) return NONE
    at = skipSpace(bytes, at + 1)
  }
}

function skipList(bytes: Uint8Array, from: number, depth: number): number {
  if (depth > DEEPEST) return NONE
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACKET) return at + 1
  for (;;) {
    const end = skipValue(bytes, at, depth)
    if (end === NONE) return NONE
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACKET) return at + 1
    if (bytes[at] !== COMMA) return NONE
    at = skipSpace(bytes, at + 1)
  }
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at]) at++
  return at
}

/** From an opening quote to behind the closing one. */
function skipString(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return NONE
  const { length } = bytes
  for (let at = from + 1; at < length; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) return at + 1
    if (byte < 0x20) return NONE
    if (byte >= 0x80) {
      at = skipMultibyte(bytes, at)
      if (at === NONE) return NONE
      continue
    }
    if (byte !== BACKSLASH) continue
    at++
    if (bytes[at] === 0x75) {
      for (let i = 0; i < 4; i++) if (!isHexDigit(bytes[++at])) return NONE
    } else if (!ESCAPABLE.has(bytes[at])) return NONE
  }
  return NONE
}

/** From the first to the last byte of a character beyond ASCII in well-formed UTF-8 [RFC 3629, section 4]. */
function skipMultibyte(bytes: Uint8Array, from: number): number {
  const first = bytes[from] as number
  const second = bytes[from + 1] ?? 0
  if (first < 0xc2 || first > 0xf4) return NONE
  // Neither longer than needed, nor a surrogate, nor beyond the last code point.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return NONE
  const last = from + (first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3)
  for (let at = from + 2; at <= last; at++) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return NONE
  return last
}

/** `"`, `\`, `/` and the letters of `\b`, `\f`, `\n`, `\r`, `\t`. */
const ESCAPABLE: ReadonlySet<number | undefined> = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74])

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function skipWord(bytes: Uint8Array, from: number, word: string): number {
  for (let i = 1; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return NONE
  return from + word.length
}

function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from
  const isZero = bytes[at] === 0x30
  let end = skipDigits(bytes, at)
  if (end === at || (isZero && end > at + 1)) return NONE
  at = end
  if (bytes[at] === 0x2e) {
    end = skipDigits(bytes, at + 1)
    if (end === at + 1) return NONE
    at = end
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const digits = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? at + 2 : at + 1
    end = skipDigits(bytes, digits)
    if (end === digits) return NONE
    at = end
  }
  return at
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from
  while (isDigit(bytes[at])) at++
  return at
}
