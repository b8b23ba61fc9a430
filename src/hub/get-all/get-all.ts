import { isFunctionalModule } from '../../ocpi/modules.ts'
import { filtersOf, type PageRequest, pageHeaders, pagingOf, parsePageRequest } from '../../ocpi/pagination.ts'
import { keyOf } from '../../ocpi/party.ts'
import { STATUS } from '../../ocpi/status.ts'
import { createCancel } from '../cancel.ts'
import type { AskParty } from '../corridor/ask-party.ts'
import type { Duties, DutyRequest, DutyResult } from '../corridor/duties.ts'
import type { LedUrls } from '../corridor/hub-urls.ts'
import { replyHeaders } from '../message/message-ids.ts'
import type { Refusal } from '../message/refusal.ts'
import type { Platform } from '../network/routing-table.ts'
import type { After, Now, Random, Secrets } from '../ports.ts'
import type { Crawl } from './crawl.ts'
import { createPageReader, type Page } from './page.ts'
import { createPagesAhead } from './pages-ahead.ts'
import { type GetAllPlan, type GetAllPlans, totalOf } from './plan.ts'
import { createPlanner } from './planner.ts'
import { createSourceReader } from './source.ts'

/*
 * GET All [transport_and_format: GET All via Hubs]: the objects of every party the caller may see, as one list. An eMSP asks for
 * locations, 100 at a time, of CPOs that have 120 (A), none (B) and 300 (C):
 *
 * 1. The first page makes a plan: each source is asked how many objects it has. Of the 420 of the joined list offsets 0 to 119
 *    are A's, 120 to 419 are C's, for as long as the crawl goes on. Plans are stored, and live an hour.
 * 2. By the plan a page is cut into segments: the one at offset 100 is A's from 100 to 119 and C's from 0 to 79.
 * 3. Each segment is read from its source, all at the same time, in as many requests as the source's own limit makes it. The
 *    objects' bytes are joined as they came; those of parties that the caller may not see are left out.
 * 4. The answer says `X-Total-Count: 420`, and its Link leads to offset 200 in this crawl (its URL holds the plan's id).
 * 5. While the caller takes the page, the two behind it are read ahead.
 *
 * A source that fails, fails the page, unless partial lists are allowed: a list without its objects would read as their
 * deletion. One that has become shorter ends early, and the next page begins behind its part.
 */

export type GetAllPorts = {
  readonly ask: AskParty
  readonly plans: GetAllPlans
  readonly nextUrl: LedUrls['nextOfCrawlUrl']
  readonly digest: Secrets['digest']
  readonly random: Random
  readonly now: Now
  readonly after: After
  /** Answers with what there is when a source fails, and says in `status_message` what is missing; else the page fails. */
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

export function createGetAll(ports: GetAllPorts): Duties {
  const { ask, plans, nextUrl, digest, random, now, after, allowsPartialLists } = ports
  const { forwardTimeoutMs, sourceTimeoutMs = 5_000, pageBytes = 32 * 1024 * 1024 } = ports
  const reader = createSourceReader({ ask, digest, now, answerBytes: pageBytes })
  const { reach, readPage } = createPageReader({ reader, now, allowsPartialLists, pageBytes })
  const timeouts = { forwardTimeoutMs, sourceTimeoutMs }
  const { findPlan } = createPlanner({ reader, reach, plans, random, now, allowsPartialLists, ...timeouts })
  const ahead = createPagesAhead({ readPage, now, after, forwardTimeoutMs })

  return async function getAll(request) {
    const { message, target, caller } = request
    const refusal = whyNoList(caller.platform, target.module)
    if (refusal) return { kind: 'refused', refusal }
    // Only offset and limit are the hub's to judge; sources judge the rest.
    const page = parsePageRequest(pagingOf(message.query), LIMITS)
    if (page.kind === 'problem') return { kind: 'refused', refusal: { kind: 'invalid', detail: page.detail } }

    const crawl = crawlOf(request)
    const cancel = createCancel()
    const stopListening = message.onGone(cancel.cancel)
    try {
      // The link carries the crawl's ID, so a page read ahead is found without reading the plan from the database.
      const crawlId = request.kind === 'get-all' ? request.crawlId : null
      const followed = crawlId === null ? null : await ahead.take(crawl, crawlId, page)
      const plan = followed?.plan ?? (await findPlan(crawl, crawlId, page, cancel))
      if ('refusal' in plan) return { kind: 'refused', refusal: plan.refusal }
      const read =
        followed?.read ??
        (await ahead.take(crawl, plan.id, page))?.read ??
        (await readPage(crawl, plan, page, deadlineOf(crawl, page), cancel))
      if (read.kind === 'failed') return { kind: 'refused', refusal: read.refusal }
      ahead.begin(crawl, plan, { offset: read.nextOffset, limit: page.limit })
      return answer(request, plan, page, read)
    } finally {
      stopListening()
      cancel.cancel()
    }
  }

  function crawlOf({ table, caller, ids, from, target, message }: DutyRequest): Crawl {
    const { module } = target
    const filters = filtersOf(message.query)
    const key = digest([caller.platform.id, keyOf(from), module, ...filters].join('\n'))
    return { table, caller, ids, from, module, filters, key, deadline: message.receivedAt + forwardTimeoutMs }
  }

  /** First page: at most `sourceTimeoutMs` per source. Later pages: what is left of `forwardTimeoutMs`. */
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

function whyNoList(caller: Platform, module: string): Refusal | null {
  if (WITHOUT_LIST.has(module)) return { kind: 'invalid', detail: `There is no list of ${module} to ask for` }
  const announces = caller.endpoints.has(`${module}/SENDER`) || caller.endpoints.has(`${module}/RECEIVER`)
  if (isFunctionalModule(module) || announces) return null
  return { kind: 'unknown-receiver', detail: `Your platform does not announce the module ${module}` }
}
