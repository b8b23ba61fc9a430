/**
 * Walks over JSON text in bytes without building anything, as strictly as `JSON.parse` does and in well-formed UTF-8. Every
 * function takes where something begins and gives where it ends, behind its last byte; `NONE` when it is no JSON.
 */
export const NONE = -1

/** In place of an end: the walk stopped on its way, and the same call goes on with it. */
export const PAUSED = -2

export const QUOTE = 0x22
export const COMMA = 0x2c
/** Between objects of a list that is put together of pieces. */
export const COMMA_PIECE = Uint8Array.of(COMMA)
const COLON = 0x3a
export const OPEN_BRACKET = 0x5b
export const BACKSLASH = 0x5c
export const CLOSE_BRACKET = 0x5d
/** `null` begins with it, and no other value does. */
export const SMALL_N = 0x6e
export const OPEN_BRACE = 0x7b
export const CLOSE_BRACE = 0x7d
const SPACE = 0x20

/** What is nested deeper is taken for no JSON. */
export const DEEPEST_JSON = 500

/** 1 for what stands for itself in a string: ASCII but for quotes, backslashes and control characters. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)

/** 1 for the ten digits. */
const DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => (isDigit(byte) ? 1 : 0))

/** By depth, which bracket closes what is open there. A walk that stops takes its own along, so all share one. */
const closing = new Uint8Array(DEEPEST_JSON + 1)

/** A walk that stops now and then, at the first comma behind `pauseAt`, so that somebody else may have the thread. */
export type Walk = {
  pauseAt: number
  /** Where and in what it stopped; null while it has not. */
  stopped: {
    readonly at: number
    readonly inside: number
    readonly isNamed: boolean
    readonly closing: Uint8Array
  } | null
}

/** Gets where a member's name and its value begin; the name's quotes are part of it. */
export type OnMember = (nameStart: number, nameEnd: number, value: number) => void

/**
 * Over a value with everything in it. Written out in one piece, since whole lists pass through here byte by byte.
 *
 * @param depth of what the value stands in
 * @param onMember called with each member of the value itself, when it is an object, before the member's value is looked at
 * @param walk may stop: then this gives `PAUSED`, and called again with the same it goes on
 */
export function skipValue(
  bytes: Uint8Array,
  from: number,
  depth: number,
  onMember: OnMember | null = null,
  walk: Walk | null = null,
): number {
  let at = from
  let inside = depth
  let isNamed = false
  if (walk !== null && walk.stopped !== null) {
    closing.set(walk.stopped.closing)
    ;({ at, inside, isNamed } = walk.stopped)
    walk.stopped = null
  }
  for (;;) {
    if (isNamed) {
      if (bytes[at] !== QUOTE) return NONE
      const name = at++
      while (PLAIN[bytes[at] as number] === 1) at++
      at = bytes[at] === QUOTE ? at + 1 : skipRest(bytes, at)
      if (at === NONE) return NONE
      const nameEnd = at
      if ((bytes[at] as number) <= SPACE) at = skipSpace(bytes, at)
      if (bytes[at++] !== COLON) return NONE
      if ((bytes[at] as number) <= SPACE) at = skipSpace(bytes, at)
      if (onMember !== null && inside === depth + 1) onMember(name, nameEnd, at)
    }
    const first = bytes[at] as number
    if (first === QUOTE) {
      at++
      while (PLAIN[bytes[at] as number] === 1) at++
      at = bytes[at] === QUOTE ? at + 1 : skipRest(bytes, at)
    } else if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      if (inside === DEEPEST_JSON) return NONE
      const close = first === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET
      at = skipSpace(bytes, at + 1)
      if (bytes[at] === close) at++
      else {
        closing[++inside] = close
        isNamed = close === CLOSE_BRACE
        continue
      }
    } else at = skipScalar(bytes, at)
    if (at === NONE) return NONE

    // Behind a value: past all that closes, to the next one.
    for (;;) {
      if (inside === depth) return at
      if ((bytes[at] as number) <= SPACE) at = skipSpace(bytes, at)
      const next = bytes[at++]
      if (next === COMMA) break
      if (next !== closing[inside]) return NONE
      inside--
    }
    if ((bytes[at] as number) <= SPACE) at = skipSpace(bytes, at)
    isNamed = closing[inside] === CLOSE_BRACE
    if (walk !== null && at > walk.pauseAt) {
      walk.stopped = { at, inside, isNamed, closing: closing.slice(0, inside + 1) }
      return PAUSED
    }
  }
}

/** Over a byte order mark, which may come before the text [RFC 8259, section 8.1]. */
export function skipMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
}

/** From behind a member's name to its value. */
export function skipColon(bytes: Uint8Array, from: number): number {
  const at = skipSpace(bytes, from)
  return bytes[at] === COLON ? skipSpace(bytes, at + 1) : NONE
}

export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  for (let byte = bytes[at] as number; byte <= SPACE; byte = bytes[++at] as number) {
    if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
  }
  return at
}

/** From an opening quote to behind the closing one. */
export function skipString(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return NONE
  let at = from + 1
  while (PLAIN[bytes[at] as number] === 1) at++
  return bytes[at] === QUOTE ? at + 1 : skipRest(bytes, at)
}

/** From what does not stand for itself in a string to behind the closing quote. */
function skipRest(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    at = bytes[at] === BACKSLASH ? skipEscape(bytes, at) : skipMultibyte(bytes, at)
    if (at === NONE) return NONE
    while (PLAIN[bytes[at] as number] === 1) at++
    if (bytes[at] === QUOTE) return at + 1
  }
}

function skipEscape(bytes: Uint8Array, from: number): number {
  const kind = bytes[from + 1]
  if (kind !== 0x75) return ESCAPABLE.has(kind) ? from + 2 : NONE
  for (let i = 2; i < 6; i++) if (!isHexDigit(bytes[from + i])) return NONE
  return from + 6
}

/** A character beyond ASCII in well-formed UTF-8 [RFC 3629, section 4]. */
function skipMultibyte(bytes: Uint8Array, from: number): number {
  const first = bytes[from] ?? 0
  const second = bytes[from + 1] ?? 0
  if (first < 0xc2 || first > 0xf4) return NONE
  // Neither longer than needed, nor a surrogate, nor beyond the last code point.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return NONE
  const end = from + (first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4)
  for (let at = from + 2; at < end; at++) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return NONE
  return end
}

/** `"`, `\`, `/` and the letters of `\b`, `\f`, `\n`, `\r`, `\t`. */
const ESCAPABLE: ReadonlySet<number | undefined> = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74])

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function skipScalar(bytes: Uint8Array, from: number): number {
  switch (bytes[from]) {
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
  while (DIGIT[bytes[at] as number] === 1) at++
  return at
}
