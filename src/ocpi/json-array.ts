import { type PartyKey, partyKey } from './party.ts'

/** An element of the list in an envelope: where its bytes stand, and whose it says it is. */
export type ListedObject = {
  readonly start: number
  /** Behind the last byte. */
  readonly end: number
  /** From its own `country_code` and `party_id`; null when it does not name both. */
  readonly owner: PartyKey | null
}

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Finds the elements of `data` in an envelope without building or changing any of them [transport_and_format: Response
 * format]. Of duplicate members the last counts, as for `JSON.parse`. Null when the text is no object or `data` no list.
 *
 * @param bytes valid JSON in UTF-8, with or without a byte order mark
 */
export function listedObjects(bytes: Uint8Array): ListedObject[] | null {
  let objects: ListedObject[] | null = null
  const start = skipSpace(bytes, bytes[0] === 0xef ? 3 : 0)
  if (bytes[start] !== OPEN_BRACE) return null
  for (let at = skipSpace(bytes, start + 1); bytes[at] === QUOTE; ) {
    const nameEnd = skipString(bytes, at)
    const value = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1)
    let end: number
    if (!isName(bytes, at, nameEnd, 'data')) {
      end = skipValue(bytes, value)
    } else if (bytes[value] === OPEN_BRACKET) {
      objects = []
      end = splitList(bytes, value, objects)
    } else {
      objects = null
      end = skipValue(bytes, value)
    }
    at = skipSpace(bytes, end)
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1)
  }
  return objects
}

/** Adds the elements of the list that begins at `from` and returns where it ends. */
function splitList(bytes: Uint8Array, from: number, objects: ListedObject[]): number {
  let at = skipSpace(bytes, from + 1)
  while (at < bytes.length && bytes[at] !== CLOSE_BRACKET) {
    const object =
      bytes[at] === OPEN_BRACE ? readObject(bytes, at) : { start: at, end: skipValue(bytes, at), owner: null }
    objects.push(object)
    at = skipSpace(bytes, object.end)
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1)
  }
  return at + 1
}

function readObject(bytes: Uint8Array, start: number): ListedObject {
  let countryCode: string | null = null
  let partyId: string | null = null
  let at = skipSpace(bytes, start + 1)
  while (bytes[at] === QUOTE) {
    const nameEnd = skipString(bytes, at)
    const value = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1)
    const end = skipValue(bytes, value)
    if (isName(bytes, at, nameEnd, 'country_code')) countryCode = readString(bytes, value, end)
    else if (isName(bytes, at, nameEnd, 'party_id')) partyId = readString(bytes, value, end)
    at = skipSpace(bytes, end)
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1)
  }
  const owner = countryCode !== null && partyId !== null ? partyKey(countryCode, partyId) : null
  return { start, end: at + 1, owner }
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
  return JSON.parse(new TextDecoder().decode(bytes.subarray(start, end))) as string
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at]) at++
  return at
}

/** From an opening quote to behind the closing one. */
function skipString(bytes: Uint8Array, from: number): number {
  let at = from + 1
  for (; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH) at++
  }
  return at
}

function skipValue(bytes: Uint8Array, from: number): number {
  const first = bytes[from]
  if (first === QUOTE) return skipString(bytes, from)
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipPlain(bytes, from)
  let depth = 0
  let at = from
  while (at < bytes.length) {
    const byte = bytes[at] as number
    if (byte === QUOTE) {
      at = skipString(bytes, at)
      continue
    }
    at++
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at
  }
  return at
}

/** Behind a number or a word. At least one byte is taken, so that whoever loops gets on. */
function skipPlain(bytes: Uint8Array, from: number): number {
  let at = from + 1
  while (at < bytes.length) {
    const byte = bytes[at] as number
    if (byte <= 0x20 || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return at
    at++
  }
  return at
}
