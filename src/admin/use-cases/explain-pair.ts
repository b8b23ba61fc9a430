import { findParty } from '../../hub/network/find-party.ts'
import { type Agreement, type Decision, decide, isInForce, rulesOfPair } from '../../hub/network/policy.ts'
import { type ConnectionStatus, endpointOf, type RoutingTable } from '../../hub/network/routing-table.ts'
import { type InterfaceRole, isConfigurationModule, isFunctionalModule } from '../../ocpi/modules.ts'
import { keyOf, type Party, showParty } from '../../ocpi/party.ts'
import { sideHolding, sideOf } from '../../ocpi/sides.ts'
import { modulesOfPair } from './modules-of-pair.ts'

/** Whether requests of a module can come to one of the two parties, by its connection as it is now; agreements apart. */
export type RouteTo = {
  readonly party: Party
  readonly interfaceRole: InterfaceRole
  /** Null where nobody hosts the party, or several platforms do and nothing tells which is meant. */
  readonly platform: { readonly id: string; readonly name: string; readonly status: ConnectionStatus } | null
  /** Its platform announces this interface. */
  readonly isAnnounced: boolean
  /** What is missing; null when requests can come there. */
  readonly missing: string | null
}

export type ModuleDecision = Decision & { readonly module: string; readonly routes: readonly RouteTo[] }

export type PairExplained = {
  readonly modules: readonly ModuleDecision[]
  /** Of the pair and in force at the moment, the latest first. */
  readonly rules: readonly Agreement[]
}

const INTERFACE_ROLES: readonly InterfaceRole[] = ['SENDER', 'RECEIVER']
/** Custom modules shown of a pair beside those of the specification: a partner may announce as many as it likes. */
const MOST_CUSTOM_MODULES = 50

/**
 * Why two parties may talk or not, for one module or for all that could be meant, and whether requests would find their way.
 *
 * @param at a moment of the past or to come, for the rules; connections are as they are now
 */
export function explainPair(
  table: RoutingTable,
  a: Party,
  b: Party,
  module: string | null,
  at: number,
  now: number,
): PairExplained {
  const rules = rulesOfPair(table, keyOf(a), keyOf(b), at, now)
  const modules = module === null ? [...modulesOfPair(rules), ...announcedBy(table, [a, b])] : [module]
  return {
    modules: [...new Set(modules)].map((each) => ({
      module: each,
      ...decide(table, a, b, each, at, now),
      routes: [a, b].flatMap((party) => routesTo(table, party, each)),
    })),
    rules: rules.filter((rule) => isInForce(rule, at)).reverse(),
  }
}

/** Custom modules that the platforms of these parties announce. */
function announcedBy(table: RoutingTable, parties: readonly Party[]): string[] {
  const keys = parties.flatMap((party) =>
    (table.parties.get(keyOf(party)) ?? []).flatMap(({ platformId }) => [
      ...(table.platforms.get(platformId)?.endpoints.keys() ?? []),
    ]),
  )
  const modules = new Set(keys.map((key) => key.slice(0, key.indexOf('/'))))
  return [...modules]
    .filter((module) => !isFunctionalModule(module) && !isConfigurationModule(module))
    .slice(0, MOST_CUSTOM_MODULES)
}

/** One for each interface that the party may hold by its roles; of custom modules, whose sides the hub does not know, those announced. */
function routesTo(table: RoutingTable, party: Party, module: string): RouteTo[] {
  const hosts = table.parties.get(keyOf(party)) ?? []
  return INTERFACE_ROLES.flatMap((interfaceRole) => {
    const side = sideHolding(module, interfaceRole)
    const isItsOwn = hosts.some(({ roles }) => roles.some(({ role }) => sideOf(role) === side))
    if (hosts.length > 0 && side !== null && !isItsOwn) return []
    const route = routeTo(table, party, module, interfaceRole)
    return side === null && !route.isAnnounced ? [] : [route]
  })
}

function routeTo(table: RoutingTable, party: Party, module: string, interfaceRole: InterfaceRole): RouteTo {
  const found = findParty(table, keyOf(party), module, interfaceRole)
  const host = found === 'several' ? undefined : found
  const platform = host && table.platforms.get(host.platformId)
  if (!host || !platform) {
    const missing = found === 'several' ? 'Several platforms host such a role' : `No platform hosts ${showParty(party)}`
    return { party, interfaceRole, platform: null, isAnnounced: false, missing }
  }
  const { id, name, status } = platform
  const isAnnounced = endpointOf(platform, module, interfaceRole) !== undefined
  let missing: string | null = null
  if (status !== 'CONNECTED') missing = `${name} is ${status}`
  else if (!host.roles.some((role) => role.status === 'ACTIVE')) missing = `${showParty(party)} has no active role`
  else if (!isAnnounced) missing = `${name} announces no ${interfaceRole} interface of ${module}`
  return { party, interfaceRole, platform: { id, name, status }, isAnnounced, missing }
}
