import { keyOf } from '../../ocpi/party.ts'
import { createCancel } from '../cancel.ts'
import { mayTalk } from '../network/policy.ts'
import type { RoutingTable } from '../network/routing-table.ts'
import type { After, Now } from '../ports.ts'
import { type Crawl, ownKey } from './crawl.ts'
import type { Page, PageReader } from './page.ts'
import { type GetAllPlan, type Slice, segmentsOf, totalOf } from './plan.ts'
import { createAhead } from './read-ahead.ts'
import type { SourceFailure } from './source.ts'

/** Two, so that the sources are at work also while the hub is. */
const PAGES = 2
const LIMITS = { most: 8, mostOfReader: PAGES, keepMs: 30_000, freshMs: 1_000 } as const

/** A page and the plan it was read by. */
export type PlannedPage = { readonly kind: 'planned'; readonly plan: GetAllPlan; readonly read: Page }

/** A page that was read before anybody asked for it, and under which plan and rules. */
type AheadRead = {
  readonly table: RoutingTable
  /** The parties that could be heard then, see `heardIn`. */
  readonly heard: string
  readonly plan: GetAllPlan
  readonly read: Page | SourceFailure
}

/** Reads the pages behind the one that a caller takes. */
export function createPagesAhead(ports: {
  readonly readPage: PageReader['readPage']
  readonly now: Now
  readonly after: After
  /** For the whole of a page. */
  readonly forwardTimeoutMs: number
}) {
  const { readPage, now, after, forwardTimeoutMs } = ports
  const ahead = createAhead<AheadRead>(after, LIMITS)

  function beginOne(crawl: Crawl, plan: GetAllPlan, page: Slice): void {
    if (page.offset >= totalOf(plan)) return
    ahead.begin(crawl.key, pageKey(crawl, plan.id, page), () => {
      const cancel = createCancel()
      const heard = heardIn(crawl, plan, page)
      const reading = readPage(crawl, plan, page, now() + forwardTimeoutMs, cancel)
      return { result: reading.then((read) => ({ table: crawl.table, heard, plan, read })), cancel: cancel.cancel }
    })
  }

  /**
   * The parties whose objects a page may hold now, of all that it is planned of. While the table stays this may still change:
   * agreements begin and end by the clock.
   */
  function heardIn({ table, from, module }: Crawl, plan: GetAllPlan, slice: Slice): string {
    const parties = segmentsOf(plan, slice).flatMap(({ source }) => [source.party, ...source.others])
    return parties.filter((party) => mayTalk(table, keyOf(from), party, module, now())).join(' ')
  }

  return {
    /** Begins to read this page and those behind it. */
    begin(crawl: Crawl, plan: GetAllPlan, { offset, limit }: Slice): void {
      for (let i = 0; i < PAGES; i++) beginOne(crawl, plan, { offset: offset + i * limit, limit })
    },

    /** A page of this plan that was read ahead; null where there is none, it failed, or who may talk to whom has changed since. */
    async take(crawl: Crawl, planId: string, page: Slice): Promise<PlannedPage | null> {
      const taken = await ahead.take(pageKey(crawl, planId, page))
      if (!taken || taken.table !== crawl.table || taken.plan.expiresAt <= now()) return null
      if (taken.heard !== heardIn(crawl, taken.plan, page)) return null
      const { plan, read } = taken
      return read.kind === 'page' && read.isWhole ? { kind: 'planned', plan, read } : null
    },
  }
}

function pageKey(crawl: Crawl, planId: string, page: Slice): string {
  return `${ownKey(crawl, planId)} ${page.offset} ${page.limit}`
}
