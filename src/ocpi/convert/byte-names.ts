import { readString } from '../json-members.ts'
import { BACKSLASH } from '../json-skip.ts'

/** Finds what a JSON string stands for by its bytes, without making text of it. */
export type ByteNames<T> = {
  /**
   * Of the string from its opening quote at `start` to before `end`, quotes included, escapes resolved; undefined when it is none of the
   * names.
   */
  readonly find: (bytes: Uint8Array, start: number, end: number) => T | undefined
}

type Place<T> = { readonly name: Uint8Array; readonly value: T; readonly next: Place<T> | undefined }

/** Places in the table: more than names in any shape, so that few share one. */
const PLACES = 256

const encoder = new TextEncoder()

export function byteNames<T>(values: Iterable<readonly [name: string, value: T]>): ByteNames<T> {
  const byName = new Map(values)
  const places: (Place<T> | undefined)[] = Array.from({ length: PLACES })
  for (const [text, value] of byName) {
    const name = encoder.encode(text)
    const place = placeOf(name, 0, name.length)
    places[place] = { name, value, next: places[place] }
  }

  function find(bytes: Uint8Array, start: number, end: number): T | undefined {
    const from = start + 1
    const length = end - 1 - from
    for (let place = places[placeOf(bytes, from, length)]; place !== undefined; place = place.next) {
      if (place.name.length === length && isSame(bytes, from, place.name)) return place.value
    }
    return hasEscape(bytes, from, end) ? byName.get(readString(bytes, start) ?? '') : undefined
  }

  return { find }
}

function placeOf(bytes: Uint8Array, from: number, length: number): number {
  const first = bytes[from] as number
  const middle = bytes[from + (length >> 1)] as number
  const last = bytes[from + length - 1] as number
  return (length + 7 * first + 31 * middle + 13 * last) & (PLACES - 1)
}

function isSame(bytes: Uint8Array, from: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[from + i] !== name[i]) return false
  return true
}

function hasEscape(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === BACKSLASH) return true
  return false
}
