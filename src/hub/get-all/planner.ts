import type { PartyKey } from '../../ocpi/party.ts'
import type { Cancel } from '../cancel.ts'
import { inParallelByGroup } from '../in-parallel.ts'
import type { FanOuts } from '../limits.ts'
import { tooMany } from '../message/refusal.ts'
import type { HostedParty } from '../network/routing-table.ts'
import type { NoteBound, Now, Random } from '../ports.ts'
import type { CountSource, Looked } from './count-source.ts'
import { type Crawl, ownKey } from './crawl.ts'
import type { Doubts } from './doubts.ts'
import { findSources, type GetAllPlan, type GetAllPlans, type PlanSource, type Slice } from './plan.ts'
import { ASKED_AT_ONCE, detailOf, leftOut, named, type Reach } from './reach.ts'
import { MOST_LISTED, type SourceFailure } from './source.ts'

const PLAN_LIFETIME_MS = 3_600_000

/** A list that is larger is not read only to be counted exactly. */
const MOST_COUNTED = 20_000

/** What the first look at a party's list showed. */
type LookedAt = {
  readonly platformId: string
  readonly party: HostedParty
  readonly looked: Looked | SourceFailure
}

/** A list that answers for other parties of its platform as well. */
type JoinedList = LookedAt & { readonly others: readonly PartyKey[] }

type CountedList = { readonly kind: 'source'; readonly source: PlanSource }

/** Makes plans, keeps them, and finds the one that a page belongs to. */
export function createPlanner(ports: {
  readonly countSource: CountSource
  readonly reach: Reach
  readonly doubts: Pick<Doubts, 'has'>
  readonly fanOuts: FanOuts
  readonly noteBound: NoteBound
  readonly plans: GetAllPlans
  readonly random: Random
  readonly now: Now
  readonly allowsPartialLists: boolean
  /** For the whole of a page. */
  readonly forwardTimeoutMs: number
  /** For each source, with all tries. */
  readonly sourceTimeoutMs: number
}) {
  const { countSource, reach, doubts, fanOuts, noteBound, plans, random, now, allowsPartialLists } = ports
  const { forwardTimeoutMs, sourceTimeoutMs } = ports

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
    const taken = fanOuts.take(caller.platform.id)
    if (taken.kind === 'empty') return { kind: 'failed', refusal: tooMany(taken) }
    const parties = findSources(table, caller.platform, from, module, now())
    const isLeftOut = ({ platformId }: HostedParty) => table.platforms.get(platformId)?.isLeftOutOfGetAll === true
    const looks = await inEachPlatform(
      parties.filter((party) => !isLeftOut(party)),
      (party) => look(crawl, party, cancel),
      ({ looked }) => looked,
    )
    for (const { looked } of looks) if (looked.kind === 'failed' && !allowsPartialLists) return looked
    const sources = await inEachPlatform(
      joinLists(looks),
      (list) => count(crawl, list, cancel),
      (source) => source,
    )
    for (const source of sources) if (source.kind === 'failed') return source
    const absent = parties.filter(isLeftOut).map((party) => without(party, leftOut(party)))
    const counted = sources.filter((source) => source.kind === 'source').map(({ source }) => source)
    return { id: random.id(), sources: [...counted, ...absent], expiresAt: now() + PLAN_LIFETIME_MS }
  }

  /** Runs `work` at all platforms, a few of each at a time; where partial lists are not allowed, to the first failure. */
  async function inEachPlatform<T extends { readonly platformId: string }, R>(
    items: readonly T[],
    work: (item: T) => Promise<R>,
    outcomeOf: (result: R) => { readonly kind: string },
  ): Promise<R[]> {
    const isEnough = (result: R) => outcomeOf(result).kind === 'failed' && !allowsPartialLists
    const results = await inParallelByGroup(items, ({ platformId }) => platformId, ASKED_AT_ONCE, work, isEnough)
    return results.filter((result) => result !== undefined)
  }

  async function look(crawl: Crawl, party: HostedParty, cancel: Cancel): Promise<LookedAt> {
    const { platformId } = party
    const reached = reach(crawl, { platformId, party: party.key, others: [] }, deadlineOf(crawl), cancel)
    if (reached.kind === 'failed') return { platformId, party, looked: reached }
    if (reached.kind !== 'query') return { platformId, party, looked: NOTHING }
    const looked = await countSource.look(reached.query)
    return { platformId, party, looked: looked.kind === 'failed' ? named(party, looked) : looked }
  }

  /** By reading it, where what the list announces cannot be believed. */
  async function count(crawl: Crawl, list: JoinedList, cancel: Cancel): Promise<CountedList | SourceFailure> {
    const { platformId, party, others, looked } = list
    const asked = { platformId, party: party.key, others }
    if (looked.kind === 'failed') return { kind: 'source', source: without(party, detailOf(looked)) }
    const { said, beginning, paging } = looked
    const isCut = said === MOST_LISTED
    if (isCut) noteBound('listed-objects')
    const version = crawl.table.platforms.get(platformId)?.version ?? null
    const announced = {
      ...EMPTY,
      ...asked,
      version,
      total: said ?? 0,
      said,
      beginning,
      paging,
      gap: isCut ? CUT : null,
    }
    const isDoubted = said !== null && said > 0 && said <= MOST_COUNTED && doubts.has(platformId, crawl.module)
    const reached = said === null || isDoubted ? reach(crawl, asked, deadlineOf(crawl), cancel) : null
    if (reached?.kind !== 'query') return { kind: 'source', source: announced }
    const walked = await countSource.walk(reached.query)
    if (walked.kind === 'walked') {
      const { kind: _, ...seen } = walked
      const isTrue = seen.total + seen.leftOut === said
      return { kind: 'source', source: { ...announced, ...seen, said: isTrue ? said : null, isExact: true } }
    }
    if (said !== null) return { kind: 'source', source: announced }
    const failure = named(party, walked)
    return allowsPartialLists ? { kind: 'source', source: without(party, detailOf(failure)) } : failure
  }

  /** Half of the page's time is left to read the sources that could be counted. */
  function deadlineOf(crawl: Crawl): number {
    return Math.min(now() + sourceTimeoutMs, crawl.deadline - forwardTimeoutMs / 2)
  }

  return { findPlan }
}

const CUT = `lists more than ${MOST_LISTED} objects; ask for less, by date_from or date_to`

const NOTHING: Looked = { kind: 'looked', said: 0, beginning: '', paging: 'offset' }

/** All of a source but whose it is, of an empty list. */
const EMPTY: Omit<PlanSource, 'party' | 'platformId'> = {
  others: [],
  total: 0,
  said: 0,
  isExact: false,
  leftOut: 0,
  beginning: '',
  paging: 'offset',
  places: [],
  gap: null,
  missing: null,
}

/** A source that nothing is read of, and why. */
function without({ key, platformId }: HostedParty, missing: string): PlanSource {
  return { ...EMPTY, platformId, party: key, missing }
}

/**
 * The lists of a plan. A platform that gives the same list for each of its parties (as many objects, the same first one) is one
 * source that answers for all of them: otherwise each object would be counted and read once per party.
 */
function joinLists(all: readonly LookedAt[]): JoinedList[] {
  const lists: JoinedList[] = []
  const places = new Map<string, number>()
  for (const { platformId, party, looked } of all) {
    const list =
      looked.kind === 'looked' && looked.beginning !== '' ? `${platformId} ${looked.said} ${looked.beginning}` : null
    const place = list === null ? undefined : places.get(list)
    const same = place === undefined ? undefined : lists[place]
    if (place !== undefined && same) {
      lists[place] = { ...same, others: [...same.others, party.key] }
    } else {
      if (list !== null) places.set(list, lists.length)
      lists.push({ platformId, party, others: [], looked })
    }
  }
  return lists
}
