import type { AskSource } from './ask-source.ts'
import type { Identify } from './identify.ts'
import { BEGINNING, onward, type Place, placeFor } from './place.ts'
import type { PlanSource } from './plan.ts'
import { createShift } from './shift.ts'
import {
  broken,
  type Cursor,
  EMPTY,
  isOthers,
  LOST,
  MOST_EMPTY_PAGES,
  type NoPage,
  OBJECTS_AT_ONCE,
  type Piece,
  type SourceFailure,
  type SourcePage,
  type SourceQuery,
  tooLarge,
} from './source.ts'

/** Objects as they were read. */
export type SourceRange = {
  readonly kind: 'read'
  readonly pieces: readonly Piece[]
  /** Fewer came than were wanted: the source has ended. */
  readonly isAtEnd: boolean
  /** Why objects may be missing; null when none are. */
  readonly gap: string | null
  /** Objects of others among those that were planned. */
  readonly leftOut: number
  /** Where a list that is read by links goes on behind what was read; null where its offset says it. */
  readonly place: Place | null
}

/** What is planned of a source's list. */
type Planned = Pick<PlanSource, 'total' | 'said' | 'isExact' | 'leftOut' | 'beginning' | 'paging' | 'places'>

/** A range in the making. */
type Reading = { -readonly [Field in keyof SourceRange]: SourceRange[Field] } & { pieces: Piece[] }

/** What stands where the planned end is. `hasMore`: on the same page. */
type EndSeen = {
  readonly page: SourcePage
  readonly next: Cursor | null
  readonly hasMore: boolean
  readonly isShiftKnown: boolean
}

export type ReadRange = ReturnType<typeof createReadRange>

/**
 * Reads parts of a source's list as it was planned: by the source's own limit in as many requests as that makes, never beyond
 * the planned end, and with no less than following its links would give, unless `gap` says so.
 */
export function createReadRange(ports: {
  readonly askSource: AskSource
  readonly identify: Identify
  /** Of answers that are in hand for one range. */
  readonly mostBytes: number
}) {
  const { askSource, identify, mostBytes } = ports
  const shiftOf = createShift(ports)

  /** Reads `wanted` objects from `start` on. Fewer come when the source has become shorter, never more. */
  async function readRange(
    query: SourceQuery,
    planned: Planned,
    start: number,
    wanted: number,
  ): Promise<SourceRange | SourceFailure> {
    const { said, isExact, paging, places } = planned
    if (paging === 'whole') return readWhole(query, planned, start, wanted)
    const reading = newReading()
    const end = start + wanted
    let { at, cursor }: Place = placeFor(places, start, paging === 'offset')
    let last: SourcePage | null = null
    let isShiftKnown = false
    let emptyPages = 0
    while (at < end) {
      const page = await askSource(query, cursor, Math.min(end - at, OBJECTS_AT_ONCE))
      if (page.kind === 'failed') return page
      if (page.kind === 'no-page') {
        // Links run out: from the beginning the way is longer and sure.
        if (last === null && typeof cursor === 'string') {
          return readRange(query, { ...planned, places: [BEGINNING] }, start, wanted)
        }
        return endWithout(query, reading, page, cursor, at, last)
      }
      const isAgain = typeof cursor === 'number' && cursor > 0 && identify(page, 0) === planned.beginning
      if (paging === 'offset' && typeof cursor === 'number' && (last === null || isAgain)) {
        const shift = await shiftOf(query, planned, page, cursor)
        if (typeof shift === 'object') return shift
        if (shift === 'no-offset') return { ...reading, isAtEnd: true, gap: 'gives its beginning for every offset' }
        const isFirst = last === null
        last = page
        isShiftKnown ||= isFirst && said !== null
        if (shift === 'unknown') reading.gap = CHANGED
        else if (isFirst && shift > 0) {
          cursor += shift
          continue
        }
      }
      last = page
      const behind = take(reading, query, planned, page, at, start, end)
      if (bytesOf(reading) > mostBytes) return tooLarge(mostBytes)
      const next = onward(page, cursor, said !== null)
      if (next.kind === 'lost') return { ...reading, isAtEnd: behind < end, gap: LOST }
      emptyPages = page.objects.length === 0 ? emptyPages + 1 : 0
      if (emptyPages > MOST_EMPTY_PAGES) return { ...reading, isAtEnd: true, gap: EMPTY }
      const nextCursor: Cursor | null = next.kind === 'on' ? next.cursor : null
      // An offset that is passed over holds nothing.
      const nextAt: number =
        !isExact && typeof cursor === 'number' && typeof nextCursor === 'number' ? at + nextCursor - cursor : behind
      if (nextAt > end && typeof cursor === 'string') reading.place = { at, cursor }
      if (nextAt <= end && typeof nextCursor === 'string') reading.place = { at: nextAt, cursor: nextCursor }
      if (nextAt >= end && end === planned.total) {
        const seen = { page, next: nextCursor, hasMore: behind > end, isShiftKnown }
        return checkEnd(query, reading, planned, seen)
      }
      if (nextCursor === null) return { ...reading, isAtEnd: behind < end }
      at = nextAt
      cursor = nextCursor
    }
    return reading
  }

  /** Adds what a page holds of a range, and says how many objects of the list count up to its end. */
  function take(
    reading: Reading,
    { owners }: SourceQuery,
    { isExact }: Planned,
    { bytes, objects }: Piece,
    at: number,
    start: number,
    end: number,
  ): number {
    const counted = isExact ? objects.filter((object) => !isOthers(object, owners)) : objects
    const taken = counted.slice(Math.max(0, start - at), Math.max(0, end - at))
    if (taken.length > 0) reading.pieces.push({ bytes, objects: taken })
    for (const object of taken) if (isOthers(object, owners)) reading.leftOut += 1
    return at + counted.length
  }

  /** The end of a range at a source that answered `no-page` where objects were planned. */
  async function endWithout(
    query: SourceQuery,
    reading: Reading,
    { detail }: NoPage,
    cursor: Cursor,
    at: number,
    last: SourcePage | null,
  ): Promise<SourceRange | SourceFailure> {
    // It may have trouble with everything that it is asked.
    const first = last ?? (cursor === 0 ? null : await askSource(query, 0, 1))
    if (first === null || first.kind === 'no-page') return broken(detail)
    if (first.kind === 'failed') return first
    const position = typeof cursor === 'number' ? cursor : at
    const hasAll = first.total !== null && first.total <= position
    return { ...reading, isAtEnd: true, gap: hasAll ? reading.gap : `${detail} behind ${position} objects` }
  }

  /**
   * The end of what was planned, which need not be the source's. A source that has not grown and shows more announced too few;
   * what one has got since waits for the next crawl, unless it put it before what was planned.
   */
  async function checkEnd(
    query: SourceQuery,
    reading: Reading,
    { said, beginning }: Planned,
    { page, next, hasMore, isShiftKnown }: EndSeen,
  ): Promise<SourceRange | SourceFailure> {
    const hasGrown = said === null || (page.total !== null && page.total > said)
    if (hasGrown && isShiftKnown) return reading
    if (!hasMore) {
      const more = page.link === null || next === null ? null : await askSource(query, next, 1)
      if (more?.kind === 'failed') return more
      if (more?.kind !== 'page' || more.objects.length === 0) return reading
    }
    if (!hasGrown) return { ...reading, gap: `shows more than the ${said} objects it announced` }
    const first = await askSource(query, 0, 1)
    if (first.kind === 'failed') return first
    const isAsPlanned = first.kind === 'page' && identify(first, 0) === beginning
    return isAsPlanned ? reading : { ...reading, gap: CHANGED }
  }

  /**
   * Of a list that is given whole each time: what is new before its planned beginning waits for the next crawl. All of it is
   * asked for, since that is the only way to see how far it has moved.
   */
  async function readWhole(
    query: SourceQuery,
    planned: Planned,
    start: number,
    wanted: number,
  ): Promise<SourceRange | SourceFailure> {
    const { total, leftOut, beginning } = planned
    const page = await askSource(query, 0, Math.max(OBJECTS_AT_ONCE, total + leftOut))
    if (page.kind === 'failed') return page
    if (page.kind === 'no-page') return broken(page.detail)
    const end = start + wanted
    const reading = newReading()
    const grownBy = Math.max(0, page.objects.length - total - leftOut)
    const isMoved = page.objects.length > 0 && identify(page, 0) !== beginning
    const moved = isMoved && identify(page, grownBy) === beginning ? grownBy : 0
    if (isMoved && moved === 0 && (start > 0 || end < total)) reading.gap = CHANGED
    const objects = page.objects.slice(moved)
    const behind = take(reading, query, planned, { bytes: page.bytes, objects }, 0, start, end)
    const next = page.link === null || end < total ? null : onward(page, 0, false)
    const more = next?.kind === 'on' ? await askSource(query, next.cursor, 1) : null
    if (more?.kind === 'failed') return more
    const hasMore = more?.kind === 'page' && more.objects.length > 0 && identify(more, 0) !== beginning
    if (hasMore) reading.gap = `shows more than the ${total} objects it gave at once`
    return { ...reading, isAtEnd: behind < end }
  }

  return readRange
}

const CHANGED = 'changed while it was read'

/** Of one answer for each piece. */
export function bytesOf({ pieces }: Pick<SourceRange, 'pieces'>): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

function newReading(): Reading {
  return { kind: 'read', pieces: [], isAtEnd: false, gap: null, leftOut: 0, place: null }
}
