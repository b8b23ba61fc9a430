import { joined } from './bytes.ts'
import { membersOf } from './json-members.ts'
import { findSpelling, foldName } from './names.ts'

const encoder = new TextEncoder()
const OPEN = encoder.encode('{')
const COMMA = encoder.encode(',')
const CLOSE = encoder.encode('}')

/**
 * An object with some of its members given anew, as JSON text in bytes, and null where there is to be none; all others keep their bytes.
 * Whatever some reader takes for a member of such a name goes, so that all readers see the new one. Null when the text is no object.
 */
export function withMembers(bytes: Uint8Array, given: Readonly<Record<string, Uint8Array | null>>): Uint8Array | null {
  const members = membersOf(bytes)
  if (members === null) return null
  const folded = Object.keys(given).map(foldName)
  const kept = members
    .filter(({ name }) => findSpelling(name, folded) === -1)
    .map(({ nameStart, end }) => [bytes.subarray(nameStart, end)])
  const anew = Object.entries(given).flatMap(([name, value]) =>
    value === null ? [] : [[encoder.encode(`${JSON.stringify(name)}:`), value]],
  )
  const pieces = [...kept, ...anew].flatMap((member, index) => (index === 0 ? member : [COMMA, ...member]))
  return joined([OPEN, ...pieces, CLOSE])
}

/** A string as JSON text in bytes. */
export function jsonString(text: string): Uint8Array {
  return encoder.encode(JSON.stringify(text))
}
