import type { PageRequest } from '../../ocpi/pagination.ts'
import { keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import { sideHolding, sideOf } from '../../ocpi/sides.ts'
import { isOpenTo } from '../network/dedicated.ts'
import { mayTalk } from '../network/policy.ts'
import { endpointOf, type HostedParty, type Platform, type RoutingTable } from '../network/routing-table.ts'
import { isBridged } from '../translate/like.ts'
import { type Place, withPlace } from './place.ts'

/** What one source adds to a GET All: a list of one platform. */
export type PlanSource = {
  /** The party that is asked. */
  readonly party: PartyKey
  /** The platform that hosted it when the plan was made. */
  readonly platformId: string
  /** The version that this spoke then, of which its places are. @default not known */
  readonly version?: string | null
  /** Parties of the same platform whose objects stand in the same list: any of them may be asked in place of `party`. */
  readonly others: readonly PartyKey[]
  /**
   * Objects in the list when the plan was made. Where that is what the source said, it counts those of parties that the caller
   * may not see: whose an object is shows only when it is read.
   */
  readonly total: number
  /** What the source said, or gave at once; null where that contradicts what it gives. */
  readonly said: number | null
  /** Its objects were counted by reading them: of `total` are those that count. */
  readonly isExact: boolean
  /** Objects that do not count, of a source that was counted by reading. */
  readonly leftOut: number
  /** Names the list's first object when the plan was made, see `Identify`; empty when there was none. */
  readonly beginning: string
  readonly paging: Paging
  /** Where its list goes on at some offsets. None where offsets are all that is needed. */
  readonly places: readonly Place[]
  /** Why its list may have more than was counted; null when it has not. */
  readonly gap: string | null
  /** Why nothing of this source is in the joined list; null when all is well. */
  readonly missing: string | null
}

/**
 * How a source is read: `offset` and `links` page by page; `whole` from the beginning each time, because it gives its list from
 * there whatever it is asked for.
 */
export type Paging = 'offset' | 'links' | 'whole'

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

/** Plans by key, shared by all processes. Every function rejects when the store is away. */
export type GetAllPlans = {
  /** Stores a plan under each of the keys, in place of what stood there. */
  readonly save: (keys: readonly string[], plan: GetAllPlan) => Promise<void>
  /** Adds to a plan, under those of its keys that are still its own, what was learned of its sources meanwhile. */
  readonly learn: (keys: readonly string[], plan: GetAllPlan) => Promise<void>
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

/** The plan with places that reading its sources, by this very plan, showed. */
export function withPlaces(plan: GetAllPlan, learned: ReadonlyMap<PlanSource, Place>): GetAllPlan {
  const sources = plan.sources.map((source) => {
    const place = learned.get(source)
    return place ? { ...source, places: withPlace(source.places, place) } : source
  })
  return { ...plan, sources }
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
 * side that holds the SENDER interface, not on the caller's own platform, with that endpoint, permitted to talk to the caller,
 * whose objects can be said in its version.
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
    if (!endpointOf(platform, module, 'SENDER') || !isBridged(platform, caller)) continue
    if (!isOpenTo(platform, keyOf(from))) continue
    for (const party of platform.parties) {
      const isHolder = party.roles.some(
        (role) => role.status === 'ACTIVE' && (side === null || sideOf(role.role) === side),
      )
      if (isHolder && mayTalk(table, keyOf(from), party.key, module, now)) sources.push(party)
    }
  }
  return sources.sort((a, b) => (a.key < b.key ? -1 : 1))
}
