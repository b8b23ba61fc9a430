import { isFunctionalModule } from '../../ocpi/modules.ts'
import { filtersOf, type PageRequest, pageHeaders, pagingOf, parsePageRequest } from '../../ocpi/pagination.ts'
import { keyOf } from '../../ocpi/party.ts'
import { STATUS } from '../../ocpi/status.ts'
import { type Cancel, createCancel } from '../cancel.ts'
import type { AskParty } from '../corridor/ask-party.ts'
import type { Duties, DutyRequest, DutyResult } from '../corridor/duties.ts'
import type { LedUrls, MayCall } from '../corridor/hub-urls.ts'
import type { FanOuts } from '../limits.ts'
import { replyHeaders } from '../message/message-ids.ts'
import type { After, Alarm, NoteBound, Now, Random, Secrets } from '../ports.ts'
import type { Translate } from '../translate/translate.ts'
import { createAskSource } from './ask-source.ts'
import { createConvertPieces } from './convert-pieces.ts'
import { createCountSource } from './count-source.ts'
import { type Crawl, ownKey } from './crawl.ts'
import { createDoubts } from './doubts.ts'
import { createIdentify } from './identify.ts'
import { createPageReader, type Page } from './page.ts'
import { createPagesAhead, type PlannedPage } from './pages-ahead.ts'
import { findSources, type GetAllPlan, type GetAllPlans, totalOf, withPlaces } from './plan.ts'
import { createPlanner } from './planner.ts'
import { createReach } from './reach.ts'
import { createReadRange } from './read-range.ts'
import type { SourceFailure } from './source.ts'

/*
 * GET All [transport_and_format: GET All via Hubs]: the objects of every party the caller may see, as one list. An eMSP asks for
 * locations, 100 at a time, of CPOs that have 120 (A), none (B) and 300 (C):
 *
 * 1. The first page makes a plan: each source is asked how many objects it has, and read to its end where what it says contradicts
 *    what it gives. Of the 420 of the joined list offsets 0 to 119 are A's, 120 to 419 are C's, for as long as the crawl goes on.
 *    Plans are stored, and live an hour.
 * 2. By the plan a page is cut into segments: the one at offset 100 is A's from 100 to 119 and C's from 0 to 79.
 * 3. Each segment is read from its source, all at the same time, in as many requests as the source's own limit makes it: by offset,
 *    or by its next links where only they say where its list goes on. The objects' bytes are joined as they came, or converted
 *    where the source speaks another version; those of parties that the caller may not see are left out.
 * 4. The answer says `X-Total-Count: 420`, and its Link leads to offset 200 in this crawl (its URL holds the plan's id).
 * 5. While the caller takes the page, the two behind it are read ahead.
 *
 * A source that fails, fails the page, unless partial lists are allowed: a list without its objects would read as their
 * deletion. One that has become shorter ends early, and the next page begins behind its part. Where a source may have had more than
 * it gave, `status_message` says so.
 */

export type GetAllPorts = {
  readonly ask: AskParty
  readonly mayCall: MayCall
  /** For sources of another version than the caller's. */
  readonly translate: Pick<Translate, 'list'>
  readonly plans: GetAllPlans
  readonly fanOuts: FanOuts
  readonly noteBound: NoteBound
  readonly nextUrl: LedUrls['nextOfCrawlUrl']
  readonly digest: Secrets['digest']
  readonly random: Random
  readonly now: Now
  readonly after: After
  readonly alarm: Alarm
  /** Answers with what there is when a source fails, and says in `status_message` what is missing; else the page fails. */
  readonly allowsPartialLists: boolean
  /** For the whole of a page. */
  readonly forwardTimeoutMs: number
  /** For one try at a source, of which it has two before the first page fails. */
  readonly sourceTimeoutMs: number
  /** Largest answer of one source, and largest page. */
  readonly pageBytes: number
}

/** Modules of the specification without a list to ask for: their SENDER interfaces take results. */
const WITHOUT_LIST = new Set(['commands', 'chargingprofiles'])
const LIMITS = { defaultLimit: 100, maxLimit: 1000 } as const

export function createGetAll(ports: GetAllPorts): Duties {
  const { ask, mayCall, plans, fanOuts, noteBound, nextUrl, digest, random, now, after, alarm, allowsPartialLists } =
    ports
  const { forwardTimeoutMs, pageBytes } = ports
  const sourceTimeoutMs = 2 * ports.sourceTimeoutMs
  const tries = { tryTimeoutMs: ports.sourceTimeoutMs, answerBytes: pageBytes }
  const source = {
    askSource: createAskSource({ ask, mayCall, now, after, ...tries }),
    identify: createIdentify(digest),
  }
  const reach = createReach({ now })
  const doubts = createDoubts({ alarm, now })
  const readRange = createReadRange({ ...source, mostBytes: pageBytes })
  const convertPieces = createConvertPieces({ translate: ports.translate, after })
  const { readPage } = createPageReader({ readRange, convertPieces, reach, doubts, now, allowsPartialLists, pageBytes })
  const countSource = createCountSource(source)
  const planning = { random, now, allowsPartialLists, forwardTimeoutMs, sourceTimeoutMs }
  const { findPlan } = createPlanner({ countSource, reach, doubts, fanOuts, noteBound, plans, ...planning })
  const ahead = createPagesAhead({ readPage, now, after, forwardTimeoutMs })

  return async function getAll(request) {
    const { message, target, caller, table, from } = request
    const { module } = target
    if (WITHOUT_LIST.has(module)) return invalid(`There is no list of ${module} to ask for`)
    if (!isFunctionalModule(module) && findSources(table, caller.platform, from, module, now()).length === 0) {
      const detail = `Nobody you may talk to has a list of ${module}`
      return { kind: 'refused', refusal: { kind: 'unknown-receiver', detail } }
    }
    // Only offset and limit are the hub's to judge; sources judge the rest.
    const page = parsePageRequest(pagingOf(message.query), LIMITS)
    if (page.kind === 'problem') return invalid(page.detail)

    const crawl = crawlOf(request)
    const cancel = createCancel()
    const stopListening = message.onGone(cancel.cancel)
    try {
      // The link carries the crawl's ID, so a page read ahead is found without reading the plan from the database.
      const crawlId = request.kind === 'get-all' ? request.crawlId : null
      const followed = crawlId === null ? null : await ahead.take(crawl, crawlId, page)
      const taken = followed ?? (await readPlanned(crawl, crawlId, page, cancel))
      if (taken.kind === 'failed') return { kind: 'refused', refusal: taken.refusal }
      const { read } = taken
      const plan = await learn(crawl, taken)
      ahead.begin(crawl, plan, { offset: read.nextOffset, limit: page.limit })
      return answer(request, plan, page, read)
    } finally {
      stopListening()
      cancel.cancel()
    }
  }

  /** Reads a page by its plan. What the first page shows of a list may be news to its plan: then by another, where that works. */
  async function readPlanned(
    crawl: Crawl,
    crawlId: string | null,
    page: PageRequest,
    cancel: Cancel,
  ): Promise<PlannedPage | SourceFailure> {
    const first = await readOnce(crawl, crawlId, page, cancel)
    if (first.kind === 'failed' || page.offset > 0 || !first.read.hasNewDoubt) return first
    const second = await readOnce(crawl, crawlId, page, cancel)
    return second.kind === 'failed' ? first : second
  }

  async function readOnce(
    crawl: Crawl,
    crawlId: string | null,
    page: PageRequest,
    cancel: Cancel,
  ): Promise<PlannedPage | SourceFailure> {
    const plan = await findPlan(crawl, crawlId, page, cancel)
    if ('refusal' in plan) return plan
    const taken = await ahead.take(crawl, plan.id, page)
    if (taken) return taken
    const read = await readPage(crawl, plan, page, deadlineOf(crawl, page), cancel)
    return read.kind === 'failed' ? read : { kind: 'planned', plan, read }
  }

  /** The plan with what the page showed of it, stored for the pages to come. */
  async function learn(crawl: Crawl, { plan, read }: PlannedPage): Promise<GetAllPlan> {
    if (read.places.size === 0) return plan
    const learned = withPlaces(plan, read.places)
    // Without it the next page is only further to go.
    await plans.learn([crawl.key, ownKey(crawl, plan.id)], learned).catch(() => undefined)
    return learned
  }

  function crawlOf({ table, caller, ids, from, target, message }: DutyRequest): Crawl {
    const { module } = target
    const filters = filtersOf(message.query)
    // The platform stays to be seen: of each only so many plans are kept.
    const key = `${caller.platform.id} ${digest([keyOf(from), module, ...filters].join('\n'))}`
    return { table, caller, ids, from, module, filters, key, deadline: message.receivedAt + forwardTimeoutMs }
  }

  /** First page: as long as a source has to be counted. Later pages: what is left of `forwardTimeoutMs`. */
  function deadlineOf({ deadline }: Crawl, { offset }: PageRequest): number {
    return offset === 0 ? Math.min(deadline, now() + sourceTimeoutMs) : deadline
  }

  function answer(request: DutyRequest, plan: GetAllPlan, page: PageRequest, read: Page): DutyResult {
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

function invalid(detail: string): DutyResult {
  return { kind: 'refused', refusal: { kind: 'invalid', detail } }
}
