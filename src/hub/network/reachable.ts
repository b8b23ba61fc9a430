import { keyOf, type Party, type PartyKey, type Role } from '../../ocpi/party.ts'
import { dedicatedTo, isOpenTo } from './dedicated.ts'
import { keysOfParties, pairsWith } from './pairs.ts'
import { mayTalkAtAll } from './policy.ts'
import type { HostedParty, HostedRole, Platform, RoutingTable } from './routing-table.ts'

/** A role of a party that a platform reaches through the hub. */
export type ReachableRole = Party & { readonly key: PartyKey; readonly role: Role }

/**
 * The roles of other platforms' parties that one of a platform's parties may talk to about anything, by name. Whoever is OFFLINE is
 * among them, who comes back by itself; who is PLANNED or SUSPENDED is not. A platform whose parties are not known, or wait to be
 * confirmed, reaches nobody.
 *
 * @param table as the platform may see it
 */
export function reachableRoles(table: RoutingTable, viewer: Platform, now: number): readonly ReachableRole[] {
  const own = keysOfParties(viewer.parties)
  const found: ReachableRole[] = []
  for (const party of [...table.parties.values()].flat()) {
    const roles = party.platformId === viewer.id ? [] : party.roles.filter(isThere)
    if (roles.length === 0 || !isMet(table, viewer, own, party) || !mayTalk(table, own, party, now)) continue
    const { countryCode, partyId, key } = party
    for (const { role } of roles) found.push({ countryCode, partyId, key, role })
  }
  return found.sort((x, y) => (reachableKey(x) < reachableKey(y) ? -1 : 1))
}

/** Names a role of a party, for example `NL*CPO/CPO`. */
export function reachableKey({ key, role }: Pick<ReachableRole, 'key' | 'role'>): string {
  return `${key}/${role}`
}

function isThere({ status, told }: HostedRole): boolean {
  return status === 'ACTIVE' && (told.status === 'CONNECTED' || told.status === 'OFFLINE')
}

/** Whether nothing between the two platforms is for one pair of parties alone: a dedicated connection is with its counterparty. */
function isMet(table: RoutingTable, viewer: Platform, own: ReadonlySet<PartyKey>, party: HostedParty): boolean {
  const host = table.platforms.get(party.platformId)
  const only = host ? dedicatedTo(host) : null
  return isOpenTo(viewer, party.key) && (only === null || own.has(keyOf(only)))
}

function mayTalk(table: RoutingTable, own: ReadonlySet<PartyKey>, { key }: HostedParty, now: number): boolean {
  if (own.has(key)) return true
  return pairsWith(table.agreements, own, key).some((rules) => mayTalkAtAll(rules, table.policy.kind, now))
}
