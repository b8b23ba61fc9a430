/**
 * A party is named by `country_code` and `party_id`, both CiStrings: letter case never tells two parties apart, but the
 * spelling a party first gave is the one shown to others [types: CiString; credentials: CredentialsRole].
 */
export type Party = { readonly countryCode: string; readonly partyId: string }

/** `NL*ABC`, upper case: what a party is found by. */
export type PartyKey = string & { readonly brand: 'PartyKey' }

/** Market roles [types: Role enum]. Open on purpose: newer versions add roles and a relay must not refuse them. */
export type Role = 'CPO' | 'EMSP' | 'NSP' | 'NAP' | 'SCSP' | 'PTP' | 'OTHER' | 'HUB'

export const ROLES: readonly Role[] = ['CPO', 'EMSP', 'NSP', 'NAP', 'SCSP', 'PTP', 'OTHER', 'HUB']

/** Roles that a platform may announce for its parties: all but the hub's own. */
export const PARTY_ROLES: readonly Role[] = ROLES.filter((role) => role !== 'HUB')

export function partyKey(countryCode: string, partyId: string): PartyKey {
  return `${countryCode}*${partyId}`.toUpperCase() as PartyKey
}

export function keyOf(party: Party): PartyKey {
  return partyKey(party.countryCode, party.partyId)
}

export function sameParty(a: Party, b: Party): boolean {
  return keyOf(a) === keyOf(b)
}

/** `NL-ABC`, as people write it in messages and log lines. */
export function showParty(party: Party): string {
  return `${party.countryCode}-${party.partyId}`
}

/** The same of a party that is known by its key: in capitals. */
export function showKey(key: PartyKey): string {
  return key.replace('*', '-')
}

/** `NL-ABC` as a key; the party id may hold a hyphen itself. */
export function keyOfShown(shown: string): PartyKey {
  return partyKey(shown.slice(0, 2), shown.slice(3))
}

/** True for two letters and one to three letters or digits [credentials: CredentialsRole, CiString(2), CiString(3)]. */
export function isPartyName(countryCode: unknown, partyId: unknown): boolean {
  return (
    typeof countryCode === 'string' &&
    typeof partyId === 'string' &&
    /^[A-Za-z]{2}$/.test(countryCode) &&
    /^[\x21-\x29\x2B-\x2E\x30-\x7E]{1,3}$/.test(partyId)
  )
}

export function asRole(value: unknown): Role | null {
  if (typeof value !== 'string') return null
  const upper = value.toUpperCase()
  return ROLES.find((role) => role === upper) ?? null
}
