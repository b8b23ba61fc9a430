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
 * @param text valid JSON
 */
export function namesOtherOwner(text: string, owner: PartyKey): boolean {
  const [countryCode, partyId] = owner.split('*') as [string, string]
  for (const [name, value] of topLevelMembers(text)) {
    const expected = name === 'country_code' ? countryCode : name === 'party_id' ? partyId : null
    if (expected === null) continue
    if (typeof value !== 'string' || value.toUpperCase() !== expected) return true
  }
  return false
}

/** The owner an object names at its top level, where both members are there exactly once. */
export function ownerInBody(text: string): Party | null {
  const found: { country_code?: string; party_id?: string } = {}
  for (const [name, value] of topLevelMembers(text)) {
    if (name !== 'country_code' && name !== 'party_id') continue
    if (typeof value !== 'string' || found[name] !== undefined) return null
    found[name] = value
  }
  const { country_code: countryCode, party_id: partyId } = found
  if (countryCode === undefined || partyId === undefined || !isPartyName(countryCode, partyId)) return null
  return { countryCode, partyId }
}

/** One JSON token: a string, a bracket, a comma or colon, or a run of anything else. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g

/** Lower-case names of the members at the top level of an object, with their values where these are strings. */
function* topLevelMembers(text: string): Generator<[name: string, value: string | null]> {
  let depth = 0
  let name: string | null = null
  let isValueNext = false
  for (const [token] of text.matchAll(TOKEN)) {
    if (depth === 1 && isValueNext) {
      yield [name as string, token.startsWith('"') ? (JSON.parse(token) as string) : null]
      isValueNext = false
      name = null
    } else if (depth === 1 && name === null && token.startsWith('"')) {
      name = (JSON.parse(token) as string).toLowerCase()
    } else if (depth === 1 && token === ':') {
      isValueNext = true
    }
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
  }
}
