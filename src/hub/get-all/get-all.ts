import { isFunctionalModule } from '../../ocpi/modules.ts'
import { filtersOf, type PageRequest, pageHeaders, pagingOf, parsePageRequest } from '../../ocpi/pagination.ts'
import { keyOf } from '../../ocpi/party.ts'
import { STATUS } from '../../ocpi/status.ts'
import { type Cancel, createCancel } from '../cancel.ts'
import type { AskParty } from '../corridor/ask-party.ts'
import type { Duties, DutyRequest, DutyResult } from '../corridor/duties.ts'
import type { LedUrls } from '../corridor/hub-urls.ts'
import { inParallelByGroup } from '../in-parallel.ts'
import { replyHeaders } from '../message/message-ids.ts'
import type { Refusal } from '../message/refusal.ts'
import { mayTalk } from '../network/policy.ts'
import type { HostedParty, Platform, RoutingTable } from '../network/routing-table.ts'
import type { After, Now, Random, Secrets } from '../ports.ts'
import { ASKED_AT_ONCE, type Crawl, createPageReader, detailOf, named, type PageRead } from './page.ts'
import { findSources, type GetAllPlan, type GetAllPlans, type PlanSource, segmentsOf, totalOf } from './plan.ts'
import { createAhead } from './read-ahead.ts'
import { type Counted, createSourceReader, type SourceFailure } from './source.ts'

export type GetAllPorts = {
  readonly ask: AskParty
  readonly plans: GetAllPlans
  readonly nextUrl: LedUrls['nextOfCrawlUrl']
  readonly digest: Secrets['digest']
  readonly random: Random
  readonly now: Now
  readonly after: After
  /** Answers with what there is when a source fails, and says in `status_message` what is missing. */
  readonly allowsPartialLists: boolean
  /** For the whole of a page. */
  readonly forwardTimeoutMs: number
  /** For each source before the first page fails. @default 5_000 */
  readonly sourceTimeoutMs?: number
  /** Largest answer of one source, and largest page. @default 33_554_432 */
  readonly pageBytes?: number
}

/** Modules of the specification without a list to ask for: their SENDER interfaces take results. */
const WITHOUT_LIST = new Set(['commands', 'chargingprofiles'])
const LIMITS = { defaultLimit: 100, maxLimit: 1000 } as const
const PLAN_LIFETIME_MS = 3_600_000
/** Two, so that the sources are at work also while the hub is. */
const AHEAD = 2
const AHEAD_LIMITS = { most: 8, mostOfReader: AHEAD, keepMs: 30_000, freshMs: 1_000 } as const

/**
 * GET All [transport_and_format: GET All via Hubs]: the objects of every party the caller may see, as one list. The sources
 * are counted when the first page is asked for; while the caller takes a page, the next is read ahead.
 */
export function createGetAll(ports: GetAllPorts): Duties {
  const { ask, plans, nextUrl, digest, random, now, after, allowsPartialLists } = ports
  const { forwardTimeoutMs, sourceTimeoutMs = 5_000, pageBytes = 32 * 1024 * 1024 } = ports
  const reader = createSourceReader({ ask, digest, now, answerBytes: pageBytes })
  const { reach, readPage } = createPageReader({ reader, now, allowsPartialLists, pageBytes })
  const ahead = createAhead<AheadRead>(after, AHEAD_LIMITS)

  return async function getAll(request) {
    const { message, target, ids, caller, from, table } = request
    const { module } = target
    const refusal = whyNoList(caller.platform, module)
    if (refusal) return { kind: 'refused', refusal }
    // Only offset and limit are the hub's to judge; sources judge the rest.
    const page = parsePageRequest(pagingOf(message.query), LIMITS)
    if (page.kind === 'problem') return { kind: 'refused', refusal: { kind: 'invalid', detail: page.detail } }

    const filters = filtersOf(message.query)
    const key = digest([keyOf(from), module, ...filters].join('\n'))
    const deadline = message.receivedAt + forwardTimeoutMs
    const crawl = { key, table, caller, ids, from, module, filters, deadline }
    const cancel = createCancel()
    const stopListening = message.onGone(cancel.cancel)
    try {
      // A link says whose page it is of: one read ahead for it needs no look at the store, a wait at each page.
      const crawlId = request.kind === 'get-all' ? request.crawlId : null
      const followed = crawlId === null ? null : await takeAhead(crawl, crawlId, page)
      const plan = followed?.plan ?? (await findPlan(crawl, crawlId, page, cancel))
      if ('refusal' in plan) return { kind: 'refused', refusal: plan.refusal }
      const read =
        followed?.read ??
        (await takeAhead(crawl, plan.id, page))?.read ??
        (await readPage(crawl, plan, page, firstOr(deadline, page), cancel))
      if (read.kind === 'failed') return { kind: 'refused', refusal: read.refusal }
      for (let i = 0; i < AHEAD; i++) readAhead(crawl, plan, { ...page, offset: read.nextOffset + i * page.limit })
      return answer(request, plan, page, read)
    } finally {
      stopListening()
      cancel.cancel()
    }
  }

  function firstOr(deadline: number, page: PageRequest): number {
    return page.offset === 0 ? Math.min(deadline, now() + sourceTimeoutMs) : deadline
  }

  /**
   * The plan of the crawl that a link is of; else the caller's latest. Made anew for the first page, and when a later one is
   * asked for out of the blue.
   */
  async function findPlan(
    crawl: KeyedCrawl,
    crawlId: string | null,
    page: PageRequest,
    cancel: Cancel,
  ): Promise<GetAllPlan | SourceFailure> {
    try {
      const own = page.offset === 0 || crawlId === null ? null : await plans.find(ownKey(crawl, crawlId))
      const found = own ?? (page.offset === 0 ? null : await plans.find(crawl.key))
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

  async function makePlan(crawl: KeyedCrawl, cancel: Cancel): Promise<GetAllPlan | SourceFailure> {
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

  async function count(crawl: KeyedCrawl, party: HostedParty, cancel: Cancel): Promise<CountedParty> {
    // Half of the page's time is left to read those that could be counted.
    const deadline = Math.min(now() + sourceTimeoutMs, crawl.deadline - forwardTimeoutMs / 2)
    const reached = reach(crawl, [party.key], deadline, cancel)
    if (reached.kind === 'failed') return { party, counted: reached }
    if (reached.kind === 'gone') return { party, counted: { kind: 'counted', total: 0, beginning: '' } }
    const counted = await reader.count(reached.query)
    return { party, counted: counted.kind === 'failed' ? named(party, counted) : counted }
  }

  function readAhead(crawl: KeyedCrawl, plan: GetAllPlan, page: PageRequest): void {
    if (page.offset >= totalOf(plan)) return
    ahead.begin(crawl.key, aheadKey(crawl, plan.id, page), () => {
      const cancel = createCancel()
      const heard = heardIn(crawl, plan, page)
      const reading = readPage(crawl, plan, page, now() + forwardTimeoutMs, cancel)
      return { result: reading.then((read) => ({ table: crawl.table, heard, plan, read })), cancel: cancel.cancel }
    })
  }

  /** Whose objects the page may hold now: rules begin and end by the clock, while the table stays. */
  function heardIn({ table, from, module }: Crawl, plan: GetAllPlan, { offset, limit }: PageRequest): string {
    const parties = segmentsOf(plan, offset, limit).flatMap(({ source }) => [source.party, ...source.others])
    return parties.filter((party) => mayTalk(table, keyOf(from), party, module, now())).join(' ')
  }

  /** A page read ahead, unless it failed or who may talk to whom has changed since. */
  async function takeAhead(crawl: KeyedCrawl, planId: string, page: PageRequest): Promise<AheadRead | null> {
    const taken = await ahead.take(aheadKey(crawl, planId, page))
    if (!taken || taken.table !== crawl.table || taken.plan.expiresAt <= now()) return null
    if (taken.heard !== heardIn(crawl, taken.plan, page)) return null
    return taken.read.kind === 'page' && taken.read.isWhole ? taken : null
  }

  function answer(
    request: DutyRequest,
    plan: GetAllPlan,
    page: PageRequest,
    read: Extract<PageRead, { kind: 'page' }>,
  ): DutyResult {
    const { message, ids, table, target, from } = request
    const lead = { module: target.module, interfaceRole: 'SENDER', forParty: from, toParty: table.hub } as const
    const url = nextUrl(lead, plan.id)
    const list = { url, query: message.query, page, nextOffset: read.nextOffset, total: totalOf(plan), limits: LIMITS }
    return {
      kind: 'answer',
      status: 200,
      headers: ['Content-Type', 'application/json', ...replyHeaders(ids, from, table.hub), ...pageHeaders(list)],
      body: read.body,
      ownsBody: true,
      ocpiStatus: STATUS.success,
    }
  }
}

/** `key` stands for caller, module and filters. `deadline`, milliseconds since the epoch, is that of the page in hand. */
type KeyedCrawl = Crawl & { readonly key: string; readonly deadline: number }

/** A page read ahead, and under which plan and rules. `heard`: the parties that the rules then in force let be read. */
type AheadRead = {
  readonly table: RoutingTable
  readonly heard: string
  readonly plan: GetAllPlan
  readonly read: PageRead
}

type CountedParty = { readonly party: HostedParty; readonly counted: Counted | SourceFailure }

/**
 * The sources of a plan. A platform that gives each of its parties the same list answers for all of them: it is one source,
 * or each object would be counted and read once per party.
 */
function joinLists(all: readonly CountedParty[]): PlanSource[] {
  const sources: PlanSource[] = []
  const places = new Map<string, number>()
  for (const { party, counted } of all) {
    if (counted.kind === 'failed') {
      sources.push({ party: party.key, others: [], total: 0, beginning: '', missing: detailOf(counted) })
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
      sources.push({ party: party.key, others: [], total, beginning, missing: null })
    }
  }
  return sources
}

function whyNoList(caller: Platform, module: string): Refusal | null {
  if (WITHOUT_LIST.has(module)) return { kind: 'invalid', detail: `There is no list of ${module} to ask for` }
  const announces = caller.endpoints.has(`${module}/SENDER`) || caller.endpoints.has(`${module}/RECEIVER`)
  if (isFunctionalModule(module) || announces) return null
  return { kind: 'unknown-receiver', detail: `Your platform does not announce the module ${module}` }
}

/** Of a plan that stays when the caller begins another crawl of the same. */
function ownKey(crawl: KeyedCrawl, planId: string): string {
  return `${crawl.key} ${planId}`
}

function aheadKey(crawl: KeyedCrawl, planId: string, page: PageRequest): string {
  return `${ownKey(crawl, planId)} ${page.offset} ${page.limit}`
}
