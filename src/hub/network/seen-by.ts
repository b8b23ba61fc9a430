import { keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import { overlaid } from './overlaid.ts'
import { type Agreement, type Agreements, type PairKey, pairKey } from './policy.ts'
import type { HostedParty, Platform, RoutingTable } from './routing-table.ts'

/** A platform by its id, sandbox partner or not: for who knows the id already. */
export function platformIn(table: RoutingTable, platformId: string): Platform | undefined {
  return table.platforms.get(platformId) ?? table.sandbox?.get(platformId)
}

const views = new WeakMap<RoutingTable, Map<string, RoutingTable>>()

/**
 * The routing table as one platform may see it. To most platforms it is the table itself. To one that tries the hub with sandbox
 * partners these stand among the others, under either policy; to a sandbox partner there is nobody but those who try the hub with it.
 */
export function asSeenBy(table: RoutingTable, viewer: Platform): RoutingTable {
  const { sandbox } = table
  if (!sandbox || sandbox.size === 0) return table
  if (!viewer.sandbox && !viewer.tries?.some((id) => sandbox.has(id))) return table
  let ofTable = views.get(table)
  if (!ofTable) views.set(table, (ofTable = new Map()))
  let view = ofTable.get(viewer.id)
  if (!view) ofTable.set(viewer.id, (view = viewer.sandbox ? partnersView(table, viewer) : triersView(table, viewer)))
  return view
}

/** All, and the sandbox partners that it tries. Nothing of a large hub's table is copied, which is another with each change. */
function triersView(table: RoutingTable, viewer: Platform): RoutingTable {
  const partners = (viewer.tries ?? []).flatMap((id) => table.sandbox?.get(id) ?? [])
  const parties = new Map<PartyKey, readonly HostedParty[]>()
  for (const { parties: own } of partners) {
    for (const party of own)
      parties.set(party.key, [...(parties.get(party.key) ?? table.parties.get(party.key) ?? []), party])
  }
  return {
    ...table,
    platforms: overlaid(table.platforms, new Map(partners.map((each) => [each.id, each]))),
    parties: overlaid(table.parties, parties),
    agreements: overlaid(table.agreements, agreed([viewer], partners)),
  }
}

/** A platform that is not live yet takes part in this alone: to its sandbox partners it is connected. */
function partnersView(table: RoutingTable, own: Platform): RoutingTable {
  const triers = [...table.platforms.values()]
    .filter(({ tries }) => tries?.includes(own.id))
    .map((trier) => (trier.status === 'PLANNED' ? { ...trier, status: 'CONNECTED' as const } : trier))
  const parties = new Map<PartyKey, readonly HostedParty[]>()
  for (const each of [own, ...triers]) addParties(parties, each)
  return {
    ...table,
    platforms: new Map([own, ...triers].map((each) => [each.id, each])),
    parties,
    agreements: agreed(triers, [own]),
    departed: new Map(),
  }
}

function addParties(parties: Map<PartyKey, readonly HostedParty[]>, { parties: own }: Platform): void {
  for (const party of own) parties.set(party.key, [...(parties.get(party.key) ?? []), party])
}

/** One rule for each pair of them that lets it talk of everything. */
function agreed(triers: readonly Platform[], partners: readonly Platform[]): Agreements {
  const agreements = new Map<PairKey, readonly Agreement[]>()
  const partnersParties = partners.flatMap(({ parties }) => parties)
  for (const { parties } of triers) {
    for (const a of parties) for (const b of partnersParties) agreements.set(pairKey(a.key, b.key), [ruleOf(a, b)])
  }
  return agreements
}

function ruleOf(a: Party, b: Party): Agreement {
  return {
    id: `sandbox ${keyOf(a)} ${keyOf(b)}`,
    number: 0,
    a,
    b,
    effect: 'allow',
    modules: null,
    validFrom: null,
    validUntil: null,
    createdAt: 0,
    createdRevision: 0,
    endedAt: null,
    revision: 0,
  }
}
