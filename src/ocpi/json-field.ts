import { joined } from './bytes.ts'
import { type Member, membersOf, readString } from './json-members.ts'
import { QUOTE } from './json-skip.ts'

/** What the top level of a JSON object holds under one name. */
export type TopLevelString =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'absent' }
  /** The text is no object, or the member is no string. */
  | { readonly kind: 'no-string' }

/** Reads one member of a JSON object without building the object. Of duplicates the last counts, as for `JSON.parse`. */
export function findTopLevelString(bytes: Uint8Array, field: string): TopLevelString {
  const named = membersNamed(bytes, field)
  if (named === null) return { kind: 'no-string' }
  const last = named.at(-1)
  if (last === undefined) return { kind: 'absent' }
  const value = readString(bytes, last.start)
  return value === null ? { kind: 'no-string' } : { kind: 'string', value }
}

/**
 * Replaces one string member of a JSON object and leaves every other byte as it was sent: spelling of numbers, white space,
 * unknown members, order. Duplicates are all replaced, so that no reader finds an old value. Null when the text is no object or
 * its last member of that name is no string.
 */
export function replaceTopLevelString(bytes: Uint8Array, field: string, value: string): Uint8Array | null {
  const named = membersNamed(bytes, field)
  const last = named?.at(-1)
  if (!named || !last || bytes[last.start] !== QUOTE) return null
  const literal = new TextEncoder().encode(JSON.stringify(value))
  const pieces: Uint8Array[] = []
  let copied = 0
  for (const { start, end } of named) {
    pieces.push(bytes.subarray(copied, start), literal)
    copied = end
  }
  return joined([...pieces, bytes.subarray(copied)])
}

function membersNamed(bytes: Uint8Array, field: string): readonly Member[] | null {
  return membersOf(bytes)?.filter(({ name }) => name === field) ?? null
}
