import { showKey, showParty } from '../../ocpi/party.ts'
import type { Cancel } from '../cancel.ts'
import { freeMemory } from '../free-memory.ts'
import { inParallelByGroup } from '../in-parallel.ts'
import type { Now } from '../ports.ts'
import { isUntouched, versionOf } from '../translate/like.ts'
import { listBody, type Part } from './body.ts'
import type { ConvertPieces } from './convert-pieces.ts'
import type { Crawl } from './crawl.ts'
import type { Doubts } from './doubts.ts'
import { BEGINNING, type Place } from './place.ts'
import { type GetAllPlan, type PlanSource, type Segment, type Slice, segmentsOf } from './plan.ts'
import { ASKED_AT_ONCE, detailOf, leftOut, named, type Reach } from './reach.ts'
import type { ReadRange } from './read-range.ts'
import { failed, type SourceFailure, tooLarge } from './source.ts'

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
  /** Where lists that are read by links go on behind this page. */
  readonly places: ReadonlyMap<PlanSource, Place>
  /** Some list was found not to hold what it announces, and that was not known: a new plan will know better. */
  readonly hasNewDoubt: boolean
}

/** The objects of one segment. */
type SegmentRead = {
  readonly kind: 'parts'
  readonly parts: readonly Part[]
  /** Where its source has ended, the first offset behind its part of the list; else 0. */
  readonly readTo: number
  /** Which objects may be missing, and why. */
  readonly gap: string | null
  /** Which objects do not count. */
  readonly others: string | null
  /** Which objects cannot be said in the caller's version. */
  readonly unsaid: string | null
  readonly place: Place | null
  readonly isNewDoubt: boolean
}

export type PageReader = ReturnType<typeof createPageReader>

/** Reads the segments that make up a page, each from its source, and joins them. */
export function createPageReader(ports: {
  readonly readRange: ReadRange
  readonly reach: Reach
  readonly doubts: Pick<Doubts, 'note'>
  readonly convertPieces: ConvertPieces
  readonly now: Now
  readonly allowsPartialLists: boolean
  /** Largest page. */
  readonly pageBytes: number
}) {
  const { readRange, reach, doubts, convertPieces, now, allowsPartialLists, pageBytes } = ports

  async function readSegment(
    crawl: Crawl,
    { source, start, count, behind }: Segment,
    deadline: number,
    cancel: Cancel,
  ): Promise<SegmentRead | SourceFailure> {
    const reached = reach(crawl, source, deadline, cancel)
    if (reached.kind === 'failed') return reached
    if (reached.kind === 'gone') return { ...NOTHING, readTo: behind }
    if (reached.kind === 'left-out') return { ...NOTHING, readTo: behind, gap: leftOut(reached.party) }
    const { query } = reached
    const { party, platform } = query.destination
    // A party that has moved: no platform's token goes to a URL that another platform gave. Nor is a URL of another version followed, whose
    // objects would be read as those of this one.
    const isSame = source.platformId === platform.id && source.version === platform.version
    const hasMoved = !isSame && source.places.length > 0
    const read = await readRange(query, hasMoved ? { ...source, places: [BEGINNING] } : source, start, count)
    if (read.kind === 'failed') return named(party, read)
    const said = isUntouched(platform, crawl.caller.platform)
      ? { pieces: read.pieces, unsaid: 0, isTooLarge: false }
      : await convertPieces(crawl, query, read.pieces, pageBytes).catch(() => null)
    // Whose its objects are is not known: nothing of them is given, and the source counts as one that fails.
    if (said === null) return named(party, NOT_LOOKED_UP)
    if (said.isTooLarge) return tooLarge(pageBytes)
    const parts = said.pieces.map((piece) => ({ ...piece, owners: query.owners }))
    const unsaid = said.unsaid > 0 ? unsaidOf(showParty(party), said.unsaid, versionOf(crawl.caller.platform)) : null
    const gap = read.gap && `${showParty(party)}: ${read.gap}`
    const others = read.leftOut > 0 ? othersOf(showParty(party), read.leftOut) : null
    const found = gap ?? others
    const isNewDoubt = found !== null && doubts.note(platform.id, crawl.module, found)
    const readTo = read.isAtEnd ? behind : 0
    return { kind: 'parts', parts, readTo, gap, others, unsaid, place: read.place, isNewDoubt }
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
    const segments = segmentsOf(plan, page)
    let bytes = 0
    const results = await inParallelByGroup(
      segments,
      ({ source }) => source.platformId,
      ASKED_AT_ONCE,
      async (segment) => {
        const result = await readSegment(crawl, segment, deadline, cancel)
        if (result.kind === 'parts') for (const part of result.parts) bytes += part.bytes.length
        return result
      },
      (result) => bytes > pageBytes || (result.kind === 'failed' && !allowsPartialLists),
    )
    if (bytes > pageBytes) return tooLarge(pageBytes)
    const parts: Part[] = []
    const missing: string[] = []
    const gaps: string[] = []
    const others = plan.sources
      .filter((source) => source.leftOut > 0)
      .map((source) => othersOf(showKey(source.party), source.leftOut))
    const places = new Map<PlanSource, Place>()
    let nextOffset = page.offset + page.limit
    let hasNewDoubt = false
    for (const [index, result] of results.entries()) {
      if (result?.kind === 'failed' && !allowsPartialLists) return result
      if (result?.kind === 'failed') missing.push(detailOf(result))
      if (result?.kind !== 'parts') continue
      parts.push(...result.parts)
      nextOffset = Math.max(nextOffset, result.readTo)
      if (result.gap !== null) gaps.push(result.gap)
      if (result.others !== null) others.push(result.others)
      if (result.unsaid !== null) others.push(result.unsaid)
      const source = segments[index]?.source
      if (result.place !== null && source) places.set(source, result.place)
      hasNewDoubt ||= result.isNewDoubt
    }
    const planned = plan.sources.flatMap(
      ({ missing, gap, party }) => missing ?? (gap && `${showKey(party)}: ${gap}`) ?? [],
    )
    const absent = new Set([...planned, ...missing, ...gaps])
    const body = listBody(parts, wordsOf([...absent], others), new Date(now()).toISOString())
    for (const { bytes } of parts) freeMemory(bytes)
    return { kind: 'page', body, isWhole: missing.length === 0, nextOffset, places, hasNewDoubt }
  }

  return { readPage }
}

const NOT_LOOKED_UP = failed({
  kind: 'hub-failure',
  detail: 'The hub cannot look up now what it needs to convert its objects',
})

/** Of a source that is not asked. */
const NOTHING: SegmentRead = {
  kind: 'parts',
  parts: [],
  readTo: 0,
  gap: null,
  others: null,
  unsaid: null,
  place: null,
  isNewDoubt: false,
}

/** `NL-AAA: 2 objects of other parties`. */
function othersOf(party: string, count: number): string {
  return `${party}: ${count} ${count === 1 ? 'object' : 'objects'} of other parties`
}

/** `NL-AAA: 2 objects that OCPI 2.2.1 cannot say`. */
function unsaidOf(party: string, count: number, version: string): string {
  return `${party}: ${count} ${count === 1 ? 'object' : 'objects'} that OCPI ${version} cannot say`
}

/** For `status_message`: what may be missing, and what is left out because it is nobody's that was asked, or cannot be said. */
function wordsOf(absent: readonly string[], others: readonly string[]): string | undefined {
  const words: string[] = []
  if (absent.length > 0) words.push(`Incomplete, without ${absent.join('; ')}`)
  if (others.length > 0) words.push(`Left out: ${others.join('; ')}`)
  return words.length > 0 ? words.join('. ') : undefined
}
