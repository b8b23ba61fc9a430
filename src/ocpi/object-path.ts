import { membersOf, readString } from './json-members.ts'
import { findSpelling } from './names.ts'
import { isPartyName, type Party, type PartyKey } from './party.ts'

/** Where a pushed object lies: `/NL/ABC/LOC1/EVSE1` [mod_locations, mod_tariffs, mod_tokens: RECEIVER interface]. */
export type ObjectPath = {
  readonly owner: Party
  /** Decoded and case-folded, so that two spellings of an object are one: root object first. */
  readonly names: readonly string[]
}

/** Takes a path apart, one trailing slash tolerated; null when it is no path to an object of a party. */
export function readObjectPath(path: string): ObjectPath | null {
  const segments = (path.endsWith('/') ? path.slice(0, -1) : path).split('/')
  if (segments.shift() !== '') return null
  const decoded: string[] = []
  for (const segment of segments) {
    const text = decode(segment)
    if (text === null || text === '') return null
    decoded.push(text)
  }
  const [countryCode, partyId, ...names] = decoded
  if (countryCode === undefined || partyId === undefined || names.length === 0) return null
  if (!isPartyName(countryCode, partyId)) return null
  return { owner: { countryCode, partyId }, names: names.map((name) => name.toLowerCase()) }
}

function decode(segment: string): string | null {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment
  } catch {
    return null
  }
}

/** As `findSpelling` takes them. */
const OWNER = ['countrycode', 'partyid']

/**
 * Whether an object names another owner than the one its path names. Letter case of values tells nothing apart, and of members that some
 * reader takes for its owner each counts.
 *
 * @param json the object's bytes; what is no object names nobody
 */
export function namesOtherOwner(json: Uint8Array, owner: PartyKey): boolean {
  const expected = owner.split('*')
  return (membersOf(json) ?? []).some(({ name, start }) => {
    const which = findSpelling(name, OWNER)
    return which !== -1 && readString(json, start)?.toUpperCase() !== expected[which]
  })
}

/** The owner an object names at its top level, where both members are there exactly once, in whatever spelling. */
export function ownerInBody(json: Uint8Array): Party | null {
  const found: [countryCode: string | null, partyId: string | null] = [null, null]
  for (const { name, start } of membersOf(json) ?? []) {
    const which = findSpelling(name, OWNER)
    if (which === -1) continue
    const value = readString(json, start)
    if (value === null || found[which] !== null) return null
    found[which] = value
  }
  const [countryCode, partyId] = found
  return countryCode !== null && partyId !== null && isPartyName(countryCode, partyId) ? { countryCode, partyId } : null
}
