import { readText, writeList, writeObject } from './json-parts.ts'
import { elementsOfText, membersOfText } from './json-text.ts'
import type { Hand } from './rules.ts'

/** Members of an object as JSON text. */
export type Members = ReadonlyMap<string, string>

/** Where a session took place, of a Location that has only this EVSE and connector; null where it has none. */
export type Plug = { readonly evse: Members | null; readonly connector: Members | null }

/** @param location JSON text, of a Session or CDR of 2.1.1 */
export function firstPlugOf(location: string): Plug {
  const evse = firstOf(membersOfText(location)?.get('evses'))
  return { evse, connector: firstOf(evse?.get('connectors')) }
}

function firstOf(list: string | undefined): Members | null {
  return membersOfText(elementsOfText(list ?? '')?.[0] ?? '')
}

/** Finds an EVSE with one of its connectors in a Location, ids in any letter case. Without an id, the only connector. */
export function findPlug(location: Members, evseUid: string | null, connectorId: string | null): Plug {
  const evse = findBy(location.get('evses'), 'uid', evseUid)
  const connectors = evse?.get('connectors')
  const only = elementsOfText(connectors ?? '')?.length === 1 ? firstOf(connectors) : null
  return { evse, connector: isNone(connectorId) ? only : findBy(connectors, 'id', connectorId) }
}

function findBy(list: string | undefined, name: string, id: string | null): Members | null {
  if (isNone(id)) return null
  const objects = elementsOfText(list ?? '')?.map(membersOfText) ?? []
  return objects.find((object) => readText(object?.get(name))?.toLowerCase() === id.toLowerCase()) ?? null
}

/** In place of an id that nobody knows. */
function isNone(id: string | null): id is null | '#NA' {
  return id === null || id === '#NA'
}

/** A Location that was seen, with nothing but an EVSE and connector in it, in 2.1.1; null when it, or what is asked of it, was not. */
export function seenLocation(
  hand: Hand,
  id: string,
  evseUid: string | null,
  connectorId: string | null,
): string | null {
  const seen = readSeen(hand, id)
  if (seen === null) return null
  const { evse, connector } = findPlug(seen, evseUid, connectorId)
  if (evse === null || connector === null) return null
  const plug = writeObject(new Map([...evse, ['connectors', writeList([writeObject(connector)])]]))
  // Where a driver has charged he may know, and a Location that is not to be shown is no secret to him.
  const whole = writeObject(new Map([...seen, ['publish', 'true'], ['evses', writeList([plug])]]))
  return hand.convert('location', whole, null)
}

/** A Location of 2.2.1 that was seen. */
export function readSeen(hand: Hand, id: string): Members | null {
  const bytes = hand.context.locationOf?.(id) ?? null
  return bytes && membersOfText(new TextDecoder().decode(bytes))
}
