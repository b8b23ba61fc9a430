import { membersOf, readString } from './json-members.ts'
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

/**
 * Whether an object names another owner than the one its path names. Letter case of members and values tells nothing apart,
 * and of duplicate members each counts: some receiver reads each of them.
 *
 * @param json the object's bytes; what is no object names nobody
 */
export function namesOtherOwner(json: Uint8Array, owner: PartyKey): boolean {
  const [countryCode, partyId] = owner.split('*') as [string, string]
  return (membersOf(json) ?? []).some(({ name, start }) => {
    const lower = name.toLowerCase()
    const expected = lower === 'country_code' ? countryCode : lower === 'party_id' ? partyId : null
    return expected !== null && readString(json, start)?.toUpperCase() !== expected
  })
}

/** The owner an object names at its top level, where both members are there exactly once. */
export function ownerInBody(json: Uint8Array): Party | null {
  const found: { country_code?: string; party_id?: string } = {}
  for (const { name, start } of membersOf(json) ?? []) {
    const lower = name.toLowerCase()
    if (lower !== 'country_code' && lower !== 'party_id') continue
    const value = readString(json, start)
    if (value === null || found[lower] !== undefined) return null
    found[lower] = value
  }
  const { country_code: countryCode, party_id: partyId } = found
  if (countryCode === undefined || partyId === undefined || !isPartyName(countryCode, partyId)) return null
  return { countryCode, partyId }
}
