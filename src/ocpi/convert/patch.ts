import { VERSION_211 } from '../dialect-211.ts'
import { readText, writeList, writeObject } from './json-parts.ts'
import { elementsOfText, membersOfText } from './json-text.ts'

/** What a PUT or PATCH does to an object that somebody keeps. */
export type Change = {
  readonly method: string
  /** Below the object, in small letters: `['e1', '1']` of a Connector in a Location; empty: the object itself. */
  readonly names: readonly string[]
  readonly version: string
  readonly body: Uint8Array
  /** When it came, in milliseconds since the epoch: a PATCH of 2.1.1 need not say when the object changed. */
  readonly at: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * An object as it is behind a change: of a PATCH members take the place of those that were there, and null takes one away. Numbers keep
 * their spelling. Null where there is no telling: no JSON, or a part of something that is not there.
 *
 * @param object null: nothing was there
 */
export function apply(change: Change, object: Uint8Array | null): Uint8Array | null {
  const body = decoder.decode(change.body)
  const before = object && decoder.decode(object)
  const after = within(before, change.names, LISTS, (part) => changed(part, body, change))
  return after === null ? null : encoder.encode(after)
}

/** A part of an object by its names, as JSON text; null where it has none of them. */
export function partOf(object: Uint8Array, names: readonly string[]): Uint8Array | null {
  let part: string | null = decoder.decode(object)
  for (const [depth, name] of names.entries()) {
    const list = LISTS[depth]
    const elements: readonly string[] = elementsOfText(membersOfText(part ?? '')?.get(list?.member ?? '') ?? '') ?? []
    part = elements.find((element) => isCalled(element, list?.id ?? '', name)) ?? null
  }
  return part === null ? null : encoder.encode(part)
}

/** In which list of an object its parts stand, and which member names them. */
type List = { readonly member: string; readonly id: string }

const LISTS: readonly List[] = [
  { member: 'evses', id: 'uid' },
  { member: 'connectors', id: 'id' },
]

/** Changes a part of an object. Whatever holds a part that changed has changed no earlier. */
function within(
  object: string | null,
  names: readonly string[],
  lists: readonly List[],
  change: (part: string | null) => string | null,
): string | null {
  const [name, ...below] = names
  const [list, ...listsBelow] = lists
  if (name === undefined) return change(object)
  const members = object === null ? null : membersOfText(object)
  if (members === null || list === undefined) return null
  const elements = [...(elementsOfText(members.get(list.member) ?? '[]') ?? [])]
  const at = elements.findIndex((element) => isCalled(element, list.id, name))
  const part = within(at === -1 ? null : (elements[at] as string), below, listsBelow, change)
  if (part === null) return null
  if (at === -1) elements.push(part)
  else elements[at] = part
  return writeObject(
    new Map([
      ...members,
      [list.member, writeList(elements)],
      ['last_updated', later(members.get('last_updated'), membersOfText(part)?.get('last_updated')) ?? 'null'],
    ]),
  )
}

function isCalled(element: string, id: string, name: string): boolean {
  return readText(membersOfText(element)?.get(id))?.toLowerCase() === name
}

function changed(before: string | null, body: string, { method, version, at }: Change): string | null {
  const given = membersOfText(body)
  if (given === null) return null
  if (method !== 'PATCH') return body
  const members = before === null ? null : membersOfText(before)
  if (members === null) return null
  const after = new Map(members)
  for (const [name, text] of given) {
    const isAdded = name === 'charging_periods' && version !== VERSION_211
    after.set(name, isAdded ? withPeriods(members.get(name), text) : text)
  }
  // What comes late changes the object all the same, as it does at a receiver, but does not make it older.
  const came = given.get('last_updated') ?? JSON.stringify(new Date(at).toISOString())
  after.set('last_updated', later(members.get('last_updated'), came) ?? came)
  return writeObject(after)
}

/**
 * From 2.2.1 on a PATCH adds periods to those that are there, where 2.1.1 has it say all of them. One that comes twice as it is, since its
 * sender had no answer, is there once.
 */
function withPeriods(before: string | undefined, added: string): string {
  const periods = elementsOfText(before ?? '[]') ?? []
  const more = elementsOfText(added)
  return more === null ? (before ?? added) : writeList([...new Set([...periods, ...more])])
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  const [atA, atB] = [a, b].map((text) => Date.parse(readText(text) ?? ''))
  if (atA === undefined || Number.isNaN(atA)) return b ?? a
  return atB !== undefined && atB > atA ? b : a
}
