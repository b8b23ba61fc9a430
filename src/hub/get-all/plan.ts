import type { PageRequest } from '../../ocpi/pagination.ts'
import { keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import { mayTalk } from '../network/policy.ts'
import { endpointOf, type HostedParty, type Platform, type RoutingTable } from '../network/routing-table.ts'
import { sideHolding, sideOf } from '../network/sides.ts'

/** What one source adds to a GET All: a list of one platform. */
export type PlanSource = {
  /** The party that is asked. */
  readonly party: PartyKey
  /** The platform that hosted it when the plan was made. */
  readonly platformId: string
  /** Parties of the same platform whose objects stand in the same list: any of them may be asked in place of `party`. */
  readonly others: readonly PartyKey[]
  /**
   * Objects in the list when the plan was made. Those of parties that the caller may not see are counted, since whose an object
   * is shows only when it is read, and left out later: fewer may come than X-Total-Count says.
   */
  readonly total: number
  /** A digest of the list's first object when the plan was made; empty when there was none. */
  readonly beginning: string
  /** Why nothing of this source is in the joined list; null when all is well. Only where partial lists are allowed. */
  readonly missing: string | null
}

/**
 * The totals of the sources when the first page was asked for. They say for good which offsets of the joined list are whose, so
 * that what changes at one source moves nothing of another: with A of 120 objects before C of 300, offset 130 is C's tenth even
 * when A has 125 by then.
 */
export type GetAllPlan = {
  readonly id: string
  readonly sources: readonly PlanSource[]
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Plans by key, shared by all processes. Both functions reject when the store is away. */
export type GetAllPlans = {
  /** Stores a plan under each of the keys, in place of what stood there. */
  readonly save: (keys: readonly string[], plan: GetAllPlan) => Promise<void>
  /** The plan under this key; null when there is none or its time is over. */
  readonly find: (key: string) => Promise<GetAllPlan | null>
}

/** Which part of the joined list a page is. */
export type Slice = Pick<PageRequest, 'offset' | 'limit'>

/** The part of one source in a page. */
export type Segment = {
  readonly source: PlanSource
  /** An offset in the source's own list. */
  readonly start: number
  readonly count: number
  /** The first offset of the joined list that is behind this source's part of it. */
  readonly behind: number
}

export function totalOf(plan: GetAllPlan): number {
  return plan.sources.reduce((sum, source) => sum + source.total, 0)
}

/**
 * Which objects of which sources make up a page, in order. With A of 120 objects before C of 300, 100 from offset 100 on are
 * A's from 100 on, 20 of them, and C's from 0 on, 80 of them.
 */
export function segmentsOf(plan: GetAllPlan, { offset, limit }: Slice): Segment[] {
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
 * The parties whose objects a GET All holds [transport_and_format: GET All via Hubs], in the order of their keys: those of the
 * side that holds the SENDER interface, not on the caller's own platform, with that endpoint, permitted to talk to the caller.
 * OFFLINE ones are among them, and fail the page: left out, their objects would look deleted.
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
