import { joined } from './bytes.ts'
import { type Member, membersOf } from './json-members.ts'
import { NONE, skipMark, skipSpace } from './json-skip.ts'
import { findSpelling, foldName } from './names.ts'
import { bytesOf } from './utf8.ts'

/** JSON text in bytes, in one piece or several; null where there is to be none. */
export type GivenValue = Uint8Array | readonly Uint8Array[] | null

/**
 * An object with some of its members given anew, each where it stood, or behind all others where it did not stand; every other byte stays.
 * Whatever else some reader takes for a member of such a name goes, so that all readers see the new one. Null when the text is no object.
 * The very same bytes where all that is given stands there already, in their own memory.
 *
 * @param members of the object. @default read from it
 */
export function withMembers(
  bytes: Uint8Array,
  given: Readonly<Record<string, GivenValue>>,
  members: readonly Member[] | null = membersOf(bytes),
): Uint8Array | null {
  if (members === null) return null
  const names = Object.keys(given)
  const folded = names.map(foldName)
  const values = Object.values(given)
  const pieces: Uint8Array[] = []
  let copied = 0
  let isEmpty = true

  function copyTo(to: number): void {
    if (to <= copied) return
    pieces.push(bytes.subarray(copied, to))
    copied = to
  }

  function write(value: Exclude<GivenValue, null>): void {
    if (value instanceof Uint8Array) pieces.push(value)
    else for (const piece of value) pieces.push(piece)
  }

  for (let i = 0; i < members.length; i++) {
    const { name, nameStart, start, end } = members[i] as Member
    const which = findSpelling(name, folded)
    const value = which === NONE ? null : (values[which] as GivenValue)
    if (value !== null && name === names[which] && isPart(bytes, start, end, value)) values[which] = null
    else if (value !== null) {
      copyTo(name === names[which] ? start : nameStart)
      if (name !== names[which]) pieces.push(nameOf(names[which] as string))
      write(value)
      values[which] = null
      copied = end
    } else if (which !== NONE) {
      // One of the two commas beside it goes along.
      copyTo(isEmpty ? nameStart : (members[i - 1] as Member).end)
      copied = isEmpty ? (members[i + 1]?.nameStart ?? end) : end
      continue
    }
    isEmpty = false
  }
  if (copied === 0 && values.every((value) => value === null)) return bytes
  copyTo(members.at(-1)?.end ?? skipSpace(bytes, skipMark(bytes)) + 1)
  for (const [which, value] of values.entries()) {
    if (value === null) continue
    pieces.push(nameOf(names[which] as string, isEmpty ? '' : ','))
    write(value)
    isEmpty = false
  }
  copyTo(bytes.length)
  return joined(pieces)
}

/** Whether a value is what stands there, and no copy of it. */
function isPart(bytes: Uint8Array, start: number, end: number, value: Exclude<GivenValue, null>): boolean {
  return (
    value instanceof Uint8Array &&
    value.buffer === bytes.buffer &&
    value.byteOffset === bytes.byteOffset + start &&
    value.length === end - start
  )
}

/** A string as JSON text in bytes. */
export function jsonString(text: string): Uint8Array {
  return bytesOf(JSON.stringify(text))
}

function nameOf(name: string, before = ''): Uint8Array {
  return bytesOf(`${before}${JSON.stringify(name)}:`)
}
