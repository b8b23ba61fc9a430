import type { InterfaceRole } from '../../ocpi/modules.ts'
import { keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import { type Side, sideHolding, sideOf } from '../../ocpi/sides.ts'
import { endpointOf, type HostedParty, type Platform, type RoutingTable } from './routing-table.ts'

/** A party where it has the role that is meant. `several`: it has such a role on several platforms, and nothing tells which. */
export type FoundParty = HostedParty | 'several' | undefined

/**
 * The party that holds an interface of a module. NL-ABC may be CPO of one platform and EMSP of another: `locations/SENDER` is the
 * CPO's, `locations/RECEIVER` the EMSP's [credentials]. Where the roles do not tell, as for custom modules, the platform that
 * announces the endpoint is meant.
 */
export function findParty(
  table: RoutingTable,
  party: PartyKey,
  module: string,
  interfaceRole: InterfaceRole,
): FoundParty {
  const hosts = table.parties.get(party)
  return hosts === undefined || hosts.length === 1 ? hosts?.[0] : oneOf(table, hosts, module, interfaceRole)
}

/** Without any that fits, the first stands for all: it has no such interface either, which is what the caller is told. */
function oneOf(
  table: RoutingTable,
  hosts: readonly HostedParty[],
  module: string,
  interfaceRole: InterfaceRole,
): FoundParty {
  const side = sideHolding(module, interfaceRole)
  const ofSide = side === null ? [] : hosts.filter((party) => isOnSide(party, side))
  if (ofSide.length === 1) return ofSide[0]
  const fitting = ofSide.length > 0 ? ofSide : hosts
  const announcing = fitting.filter(({ platformId }) => {
    const platform = table.platforms.get(platformId)
    return platform !== undefined && endpointOf(platform, module, interfaceRole) !== undefined
  })
  if (announcing.length > 1) return 'several'
  return announcing[0] ?? fitting[0]
}

/** Whether a party has a role of this side, connected or announced. */
function isOnSide({ roles }: HostedParty, side: Side): boolean {
  return roles.some(({ role, status }) => status !== 'GIVEN_UP' && sideOf(role) === side)
}

/** The party on one platform; undefined when that platform does not host it. */
export function partyOn(table: RoutingTable, party: PartyKey, platformId: string): HostedParty | undefined {
  return table.parties.get(party)?.find((host) => host.platformId === platformId)
}

export function isPartyOf({ parties }: Pick<Platform, 'parties'>, party: Party): boolean {
  const key = keyOf(party)
  return parties.some((hosted) => hosted.key === key)
}
