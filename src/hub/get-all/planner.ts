import type { Cancel } from '../cancel.ts'
import { inParallelByGroup } from '../in-parallel.ts'
import type { HostedParty } from '../network/routing-table.ts'
import type { Now, Random } from '../ports.ts'
import { type Crawl, ownKey } from './crawl.ts'
import { ASKED_AT_ONCE, detailOf, named, type PageReader } from './page.ts'
import { findSources, type GetAllPlan, type GetAllPlans, type PlanSource, type Slice } from './plan.ts'
import type { Counted, SourceFailure, SourceReader } from './source.ts'

const PLAN_LIFETIME_MS = 3_600_000

/** What a source said of its list when it was counted. */
type CountedParty = { readonly party: HostedParty; readonly counted: Counted | SourceFailure }

/** Makes plans, keeps them, and finds the one that a page belongs to. */
export function createPlanner(ports: {
  readonly reader: Pick<SourceReader, 'count'>
  readonly reach: PageReader['reach']
  readonly plans: GetAllPlans
  readonly random: Random
  readonly now: Now
  readonly allowsPartialLists: boolean
  /** For the whole of a page. */
  readonly forwardTimeoutMs: number
  /** For each source. */
  readonly sourceTimeoutMs: number
}) {
  const { reader, reach, plans, random, now, allowsPartialLists, forwardTimeoutMs, sourceTimeoutMs } = ports

  /**
   * The plan of the crawl that a next link is of; without a link, or where that plan is gone, the caller's latest for the same
   * list. Made anew for the first page, and for a later one that is asked for out of the blue.
   */
  async function findPlan(
    crawl: Crawl,
    crawlId: string | null,
    { offset }: Slice,
    cancel: Cancel,
  ): Promise<GetAllPlan | SourceFailure> {
    try {
      const own = offset === 0 || crawlId === null ? null : await plans.find(ownKey(crawl, crawlId))
      const found = own ?? (offset === 0 ? null : await plans.find(crawl.key))
      if (found) return found
      const plan = await makePlan(crawl, cancel)
      if ('sources' in plan) await plans.save([crawl.key, ownKey(crawl, plan.id)], plan)
      return plan
    } catch {
      return {
        kind: 'failed',
        refusal: { kind: 'hub-failure', detail: 'The hub cannot keep the totals of a list now' },
      }
    }
  }

  async function makePlan(crawl: Crawl, cancel: Cancel): Promise<GetAllPlan | SourceFailure> {
    const { table, caller, from, module } = crawl
    const parties = findSources(table, caller.platform, from, module, now())
    const counts = await inParallelByGroup(
      parties,
      ({ platformId }) => platformId,
      ASKED_AT_ONCE,
      (party) => count(crawl, party, cancel),
      ({ counted }) => counted.kind === 'failed' && !allowsPartialLists,
    )
    const known = counts.filter((each) => each !== undefined)
    for (const { counted } of known) if (counted.kind === 'failed' && !allowsPartialLists) return counted
    return { id: random.id(), sources: joinLists(known), expiresAt: now() + PLAN_LIFETIME_MS }
  }

  async function count(crawl: Crawl, party: HostedParty, cancel: Cancel): Promise<CountedParty> {
    // Half of the page's time is left to read those that could be counted.
    const deadline = Math.min(now() + sourceTimeoutMs, crawl.deadline - forwardTimeoutMs / 2)
    const reached = reach(crawl, sourceOf(party), deadline, cancel)
    if (reached.kind === 'failed') return { party, counted: reached }
    if (reached.kind === 'gone') return { party, counted: { kind: 'counted', total: 0, beginning: '' } }
    const counted = await reader.count(reached.query)
    return { party, counted: counted.kind === 'failed' ? named(party, counted) : counted }
  }

  return { findPlan }
}

function sourceOf({ key, platformId }: HostedParty): Pick<PlanSource, 'party' | 'platformId' | 'others'> {
  return { party: key, platformId, others: [] }
}

/**
 * The sources of a plan. A platform that gives the same list for each of its parties (as many objects, the same first one) is
 * one source that answers for all of them: otherwise each object would be counted and read once per party.
 */
function joinLists(all: readonly CountedParty[]): PlanSource[] {
  const sources: PlanSource[] = []
  const places = new Map<string, number>()
  for (const { party, counted } of all) {
    if (counted.kind === 'failed') {
      sources.push({ ...sourceOf(party), total: 0, beginning: '', missing: detailOf(counted) })
      continue
    }
    const { total, beginning } = counted
    const list = `${party.platformId} ${total} ${beginning}`
    const place = places.get(list)
    const same = place === undefined || total === 0 ? undefined : sources[place]
    if (place !== undefined && same) {
      sources[place] = { ...same, others: [...same.others, party.key] }
    } else {
      places.set(list, sources.length)
      sources.push({ ...sourceOf(party), total, beginning, missing: null })
    }
  }
  return sources
}
