import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../json-skip.ts'

/** By byte: what may end a number or a word, a quote, what opens and what closes; 0 for anything else. */
const MARKS = new Uint8Array(256)
const ENDING = 1
const QUOTING = 2
const OPENING = 4
const CLOSING = 8
for (const byte of [0x20, 0x09, 0x0a, 0x0d, COMMA]) MARKS[byte] = ENDING
for (const byte of [OPEN_BRACE, OPEN_BRACKET]) MARKS[byte] = OPENING
for (const byte of [CLOSE_BRACE, CLOSE_BRACKET]) MARKS[byte] = CLOSING
MARKS[QUOTE] = QUOTING

/** 1 for what neither ends a string nor escapes what follows. */
const PLAIN = new Uint8Array(256).fill(1)
PLAIN[QUOTE] = PLAIN[BACKSLASH] = 0

/**
 * Finds where a JSON value ends that comes in pieces, looking at each byte once. What it finds may be no JSON: only quotes and brackets are
 * looked at.
 */
export class ValueWalk {
  /** Of the last piece, where it goes on. */
  at = 0
  #isScalar = false
  #isInString = false
  #isEscaped = false
  #depth = 0

  /** Begins at `at`; false when no value begins so. */
  begin(first: number): boolean {
    const mark = MARKS[first] as number
    this.#depth = 0
    this.#isEscaped = this.#isInString = false
    this.#isScalar = mark === 0
    return mark !== ENDING && mark !== CLOSING
  }

  /** On to behind the value, or to the end of the bytes at hand: then false. */
  walk(bytes: Uint8Array): boolean {
    return this.#isScalar ? this.#walkScalar(bytes) : this.#walkBrackets(bytes)
  }

  #walkScalar(bytes: Uint8Array): boolean {
    let at = this.at
    while (at < bytes.length && ((MARKS[bytes[at] as number] as number) & (ENDING | CLOSING)) === 0) at++
    this.at = at
    return at < bytes.length
  }

  #walkBrackets(bytes: Uint8Array): boolean {
    const end = bytes.length
    let at = this.at
    let depth = this.#depth
    let isInString = this.#isInString
    if (this.#isEscaped && at < end) {
      this.#isEscaped = false
      at++
    }
    let isWhole = false
    while (at < end && !isWhole) {
      if (isInString) {
        while (at < end && PLAIN[bytes[at] as number] === 1) at++
        if (at === end) break
        if (bytes[at] === QUOTE) {
          at++
          isInString = false
          isWhole = depth === 0
        } else {
          this.#isEscaped = at + 1 === end
          at = Math.min(at + 2, end)
        }
        continue
      }
      while (at < end && (MARKS[bytes[at] as number] as number) < QUOTING) at++
      if (at === end) break
      const mark = MARKS[bytes[at++] as number]
      if (mark === QUOTING) isInString = true
      else if (mark === OPENING) depth++
      else isWhole = --depth === 0
    }
    this.at = at
    this.#depth = depth
    this.#isInString = isInString
    return isWhole
  }
}
