import { joined } from './bytes.ts'
import { isName, MEMBER_DEPTH, type Member, membersOf, readElements, readMembers, readString } from './json-members.ts'
import { NONE, OPEN_BRACE, OPEN_BRACKET, skipMark, skipSpace, skipValue } from './json-skip.ts'
import { findSpelling, foldName, type Sought } from './names.ts'

/**
 * The members of an object that some reader takes for the one of this name, see `findSpelling`, in their order. Null when the text is no
 * object.
 */
export function membersCalled(bytes: Uint8Array, name: string): readonly Member[] | null {
  const folded = [foldName(name)]
  return membersOf(bytes)?.filter((member) => findSpelling(member.name, folded) === 0) ?? null
}

/** The text of the first top-level member of this name, in an object that may be cut behind it; null where there is none. */
export function stringMember(bytes: Uint8Array, name: string): string | null {
  let text: string | null = null
  readMembers(bytes, skipSpace(bytes, skipMark(bytes)), (nameStart, nameEnd, value) => {
    if (!isName(bytes, nameStart, nameEnd, name)) return skipValue(bytes, value, MEMBER_DEPTH)
    text = readString(bytes, value)
    return NONE
  })
  return text
}

/** Puts a string in place of a member's value; every other byte stays: spelling of numbers, white space, unknown members, order. */
export function replaceWithString(bytes: Uint8Array, { start, end }: Member, value: string): Uint8Array {
  const literal = new TextEncoder().encode(JSON.stringify(value))
  return joined([bytes.subarray(0, start), literal, bytes.subarray(end)])
}

/**
 * The first of the names that some object of a JSON text holds more than once, in whatever spellings; null where none does. Readers
 * differ in which of the two they take, `JSON.parse` not always the last, so that nothing can be decided by such a member.
 *
 * @param deepest how deep objects may stand that are looked into: 0 is the text itself, 2 the objects of a list in it
 */
export function repeatedName(bytes: Uint8Array, { names, folded }: Sought, deepest: number): string | null {
  let repeated: string | null = null

  const walk = (at: number, depth: number): number => {
    if (depth <= deepest && bytes[at] === OPEN_BRACE) {
      const seen = new Set<number>()
      return readMembers(bytes, at, (nameStart, _, value) => {
        const name = readString(bytes, nameStart)
        const which = name === null ? NONE : findSpelling(name, folded)
        if (which !== NONE && seen.has(which)) repeated ??= names[which] as string
        seen.add(which)
        return walk(value, depth + 1)
      })
    }
    if (depth <= deepest && bytes[at] === OPEN_BRACKET) return readElements(bytes, at, (from) => walk(from, depth + 1))
    return skipValue(bytes, at, depth)
  }

  walk(skipSpace(bytes, skipMark(bytes)), 0)
  return repeated
}
