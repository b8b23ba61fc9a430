import { keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import { mayTalk } from '../network/policy.ts'
import { endpointOf, type HostedParty, type Platform, type RoutingTable } from '../network/routing-table.ts'
import { sideHolding, sideOf } from '../network/sides.ts'

/** What one source adds to a GET All. */
export type PlanSource = {
  /** Whom to ask. */
  readonly party: PartyKey
  /** Parties of the same platform whose objects come in the same list: it answers for all of them, whoever is asked. */
  readonly others: readonly PartyKey[]
  /**
   * Objects it had when the plan was made, also those of other parties that are left out of the list: whose an object is shows
   * only when it is read, so that fewer may come than X-Total-Count says.
   */
  readonly total: number
  /** A digest of its first object then; empty when there was none. */
  readonly beginning: string
  /** Why nothing of it is in the list; null when all is well. Only where partial lists are allowed. */
  readonly missing: string | null
}

/**
 * The totals of the sources as they were when the first page was asked for. Later offsets are mapped through them, so that
 * what changes at one source moves nothing of another.
 */
export type GetAllPlan = {
  readonly id: string
  readonly sources: readonly PlanSource[]
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Plans by keys of the caller's choice, shared by all processes. Both reject when the store is away. */
export type GetAllPlans = {
  /** Under each of the keys, in place of the plan before. */
  readonly save: (keys: readonly string[], plan: GetAllPlan) => Promise<void>
  /** Null when there is none or its time is over. */
  readonly find: (key: string) => Promise<GetAllPlan | null>
}

/** A run of one source's objects: `count` from `start` on. */
export type Segment = {
  readonly source: PlanSource
  readonly start: number
  readonly count: number
  /** The first offset of the whole list that is behind this source's part of it. */
  readonly behind: number
}

export function totalOf(plan: GetAllPlan): number {
  return plan.sources.reduce((sum, source) => sum + source.total, 0)
}

/** Which objects of which sources make up a page, in order. */
export function segmentsOf(plan: GetAllPlan, offset: number, limit: number): Segment[] {
  const segments: Segment[] = []
  const end = offset + limit
  let first = 0
  for (const source of plan.sources) {
    const start = Math.max(offset - first, 0)
    const count = Math.min(end - first, source.total) - start
    first += source.total
    if (count > 0) segments.push({ source, start, count, behind: first })
    if (first >= end) break
  }
  return segments
}

/**
 * The parties whose objects a GET All holds [transport_and_format: GET All via Hubs]: of the side that holds the SENDER
 * interface, not on the caller's own platform, with that endpoint, permitted to talk to the caller. OFFLINE ones are among
 * them: their absence would read as deletion. In an order that stays.
 */
export function findSources(
  table: RoutingTable,
  caller: Platform,
  from: Party,
  module: string,
  now: number,
): HostedParty[] {
  const side = sideHolding(module, 'SENDER')
  const sources: HostedParty[] = []
  for (const platform of table.platforms.values()) {
    if (platform.id === caller.id || (platform.status !== 'CONNECTED' && platform.status !== 'OFFLINE')) continue
    if (!endpointOf(platform, module, 'SENDER')) continue
    for (const party of platform.parties) {
      const isHolder = party.roles.some(
        (role) => role.status === 'ACTIVE' && (side === null || sideOf(role.role) === side),
      )
      if (isHolder && mayTalk(table, keyOf(from), party.key, module, now)) sources.push(party)
    }
  }
  return sources.sort((a, b) => (a.key < b.key ? -1 : 1))
}
