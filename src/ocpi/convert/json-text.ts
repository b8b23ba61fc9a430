import { MEMBER_DEPTH, membersOf, readElements } from '../json-members.ts'
import { NONE, skipSpace, skipValue } from '../json-skip.ts'
import { bytesOf, textIn } from '../utf8.ts'

/** Takes small JSON texts apart, values as they are written. */

/** The members of an object, the last of several of one name; null for what is no object. */
export function membersOfText(text: string): ReadonlyMap<string, string> | null {
  const bytes = bytesOf(text)
  const members = membersOf(bytes)
  return members && new Map(members.map(({ name, start, end }) => [name, textIn(bytes, start, end)]))
}

/** The elements of a list; null for what is none. */
export function elementsOfText(text: string): readonly string[] | null {
  const bytes = bytesOf(text)
  const elements: string[] = []
  const end = readElements(bytes, skipSpace(bytes, 0), (start) => {
    const elementEnd = skipValue(bytes, start, MEMBER_DEPTH)
    if (elementEnd !== NONE) elements.push(textIn(bytes, start, elementEnd))
    return elementEnd
  })
  return end === NONE ? null : elements
}
