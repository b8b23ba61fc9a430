import { writeList, writeObject } from './json-parts.ts'
import { elementsOfText, membersOfText } from './json-text.ts'

/** A Location that is not shown any more, as one without a working EVSE: all that a version can say that knows no `publish`. Null: no JSON. */
export function withdrawn(location: Uint8Array): Uint8Array | null {
  const members = membersOfText(new TextDecoder().decode(location))
  if (members === null) return null
  const evses = elementsOfText(members.get('evses') ?? '[]') ?? []
  const removed = evses.flatMap((evse) => {
    const of = membersOfText(evse)
    return of === null ? [] : [writeObject(new Map([...of, ['status', '"REMOVED"']]))]
  })
  const after = new Map([...members, ['publish', 'true'], ['evses', writeList(removed)]])
  return new TextEncoder().encode(writeObject(after))
}
