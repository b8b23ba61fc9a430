import { keyOf, type Party, showParty } from '../../ocpi/party.ts'
import type { Cancel } from '../cancel.ts'
import { destinationAt } from '../corridor/destination.ts'
import { freeMemory } from '../free-memory.ts'
import { inParallelByGroup } from '../in-parallel.ts'
import { findParty, partyOn } from '../network/find-party.ts'
import { mayTalk } from '../network/policy.ts'
import { endpointOf } from '../network/routing-table.ts'
import type { Now } from '../ports.ts'
import { listBody, type Part } from './body.ts'
import type { Crawl } from './crawl.ts'
import { type GetAllPlan, type PlanSource, type Segment, type Slice, segmentsOf } from './plan.ts'
import type { SourceFailure, SourceQuery, SourceReader } from './source.ts'

/** A page of the joined list. */
export type Page = {
  readonly kind: 'page'
  /** An envelope with the list. */
  readonly body: Uint8Array
  /** Whether each source gave its part. Never false unless partial lists are allowed. */
  readonly isWhole: boolean
  /**
   * The offset of the next page: mostly `offset + limit`. Of a source that was planned to end at 120 and ended at 90 the offsets
   * between hold nothing, so that a page from 50 to 99 is followed by one from 120.
   */
  readonly nextOffset: number
}

/** How to ask a source; `gone` where none of its parties may be asked any more. */
export type Reached =
  | { readonly kind: 'query'; readonly query: SourceQuery }
  | { readonly kind: 'gone' }
  | SourceFailure

/** Whom to ask: the party, or others of its platform. */
type Asked = Pick<PlanSource, 'party' | 'platformId' | 'others'>

/** The objects of one segment. `readTo`: where its source has ended, the first offset behind its part of the list; else 0. */
type SegmentRead = { readonly kind: 'parts'; readonly parts: readonly Part[]; readonly readTo: number }

/**
 * Requests at once: to one platform far fewer than the hub may send it, to platforms so many that those that hang keep nobody
 * from asking the others.
 */
export const ASKED_AT_ONCE = { groups: 200, inEach: 16 } as const

export type PageReader = ReturnType<typeof createPageReader>

/** Reads the segments that make up a page, each from its source, and joins them. */
export function createPageReader(ports: {
  readonly reader: SourceReader
  readonly now: Now
  readonly allowsPartialLists: boolean
  /** Largest page. */
  readonly pageBytes: number
}) {
  const { reader, now, allowsPartialLists, pageBytes } = ports

  /** How to ask one of a source's parties: the first of them that may be asked now. */
  function reach(crawl: Crawl, source: Asked, deadline: number, cancel: Cancel): Reached {
    const { table, from, module, ids, filters } = crawl
    for (const key of [source.party, ...source.others]) {
      // A party that was moved meanwhile is asked where it is now.
      const party = partyOn(table, key, source.platformId) ?? findParty(table, key, module, 'SENDER')
      if (!party || party === 'several') continue
      const platform = table.platforms.get(party.platformId)
      if (!platform) continue
      const found = destinationAt(table, from, party, party, module, now())
      if (found.kind === 'refused') {
        if (platform.status !== 'OFFLINE' || found.refusal.kind !== 'not-connected') continue
        return named(party, { kind: 'failed', refusal: { kind: 'not-connected', detail: 'is OFFLINE' } })
      }
      const endpoint = endpointOf(platform, module, 'SENDER')
      if (!endpoint) continue
      const { destination } = found
      return { kind: 'query', query: { destination, endpoint, module, from, ids, filters, deadline, cancel } }
    }
    return { kind: 'gone' }
  }

  async function readSegment(
    crawl: Crawl,
    { source, start, count, behind }: Segment,
    deadline: number,
    cancel: Cancel,
  ): Promise<SegmentRead | SourceFailure> {
    const reached = reach(crawl, source, deadline, cancel)
    if (reached.kind === 'failed') return reached
    if (reached.kind === 'gone') return { kind: 'parts', parts: [], readTo: behind }
    const read = await reader.readRange(reached.query, start, count, source)
    if (read.kind === 'failed') return named(reached.query.destination.party, read)
    const { table, from, module } = crawl
    const parties = [source.party, ...source.others]
    const owners = new Set(parties.filter((key) => mayTalk(table, keyOf(from), key, module, now())))
    const parts = read.pieces.map((piece) => ({ ...piece, owners }))
    return { kind: 'parts', parts, readTo: read.isAtEnd ? behind : 0 }
  }

  /**
   * Reads `limit` objects from `offset` on, or fewer where sources have become shorter.
   *
   * @param deadline milliseconds since the epoch
   */
  async function readPage(
    crawl: Crawl,
    plan: GetAllPlan,
    page: Slice,
    deadline: number,
    cancel: Cancel,
  ): Promise<Page | SourceFailure> {
    const results = await inParallelByGroup(
      segmentsOf(plan, page),
      ({ source }) => source.platformId,
      ASKED_AT_ONCE,
      (segment) => readSegment(crawl, segment, deadline, cancel),
      (result) => result.kind === 'failed' && !allowsPartialLists,
    )
    const parts: Part[] = []
    const missing: string[] = []
    let nextOffset = page.offset + page.limit
    for (const result of results) {
      if (result?.kind === 'parts') {
        parts.push(...result.parts)
        nextOffset = Math.max(nextOffset, result.readTo)
      } else if (result && !allowsPartialLists) return result
      else if (result) missing.push(detailOf(result))
    }
    if (parts.reduce((sum, { bytes }) => sum + bytes.length, 0) > pageBytes) {
      const detail = `The page exceeds ${pageBytes} bytes; ask with a smaller limit`
      return { kind: 'failed', refusal: { kind: 'hub-failure', detail } }
    }
    const absent = [...plan.sources.flatMap((source) => source.missing ?? []), ...missing]
    const statusMessage = absent.length > 0 ? `Incomplete, without ${absent.join('; ')}` : undefined
    const body = listBody(parts, statusMessage, new Date(now()).toISOString())
    for (const { bytes } of parts) freeMemory(bytes)
    return { kind: 'page', body, isWhole: missing.length === 0, nextOffset }
  }

  return { reach, readPage }
}

/** The failure with the name of the party that caused it. */
export function named(party: Party, failure: SourceFailure): SourceFailure {
  const { refusal } = failure
  return 'detail' in refusal
    ? { kind: 'failed', refusal: { ...refusal, detail: `${showParty(party)}: ${refusal.detail}` } }
    : failure
}

/** What failed, in words for a `status_message`. */
export function detailOf({ refusal }: SourceFailure): string {
  return 'detail' in refusal ? refusal.detail : refusal.kind
}
