import { freeMemory } from '../free-memory.ts'
import type { AskSource } from './ask-source.ts'
import type { Identify } from './identify.ts'
import { type Onward, onward, type Place, withPlace } from './place.ts'
import type { Paging } from './plan.ts'
import {
  broken,
  type Cursor,
  EMPTY,
  isOthers,
  LOST,
  MOST_EMPTY_PAGES,
  OBJECTS_AT_ONCE,
  ROUND,
  type SourceFailure,
  type SourceQuery,
} from './source.ts'

export type CountSource = ReturnType<typeof createCountSource>

/** What the first look at a source showed. */
export type Looked = {
  readonly kind: 'looked'
  /** How many objects it says it has, or gave at once; null where what it says contradicts what it gives. */
  readonly said: number | null
  /** Names its first object; empty when there is none. */
  readonly beginning: string
  readonly paging: Paging
}

/** What reading a list to its end showed. */
export type Walked = {
  readonly kind: 'walked'
  /** Objects that count. */
  readonly total: number
  /** Objects of others. */
  readonly leftOut: number
  readonly beginning: string
  readonly paging: Paging
  readonly places: readonly Place[]
  /** Why there may be more; null when there is not. */
  readonly gap: string | null
}

/** Finds out how many objects a source has, and how it pages. */
export function createCountSource(ports: { readonly askSource: AskSource; readonly identify: Identify }) {
  const { askSource, identify } = ports

  /**
   * One small request, mostly: with a total that what came bears out, there is no more to ask. A list of 300 says 300 beside its
   * first object; one that says 1 beside one object may mean the page, and 20 where one was asked for may be all there is or a page.
   */
  async function look(query: SourceQuery): Promise<Looked | SourceFailure> {
    const page = await askSource(query, 0, 1)
    if (page.kind === 'no-page') return broken(page.detail)
    if (page.kind === 'failed') return page
    const { total, link, objects } = page
    const { length } = objects
    const beginning = identify(page, 0)
    const looked = (said: number | null, paging: Paging = 'offset'): Looked => ({
      kind: 'looked',
      said,
      beginning,
      paging,
    })
    if (length === 0 && (link === null || total === 0)) return looked(0)
    if (link === null && (length > 1 || total === 1)) return lookBehind(query, length, total, looked)
    if (total === null || total <= length) return looked(null)
    return looked(total, isByLinks(onward(page, 0, true)) ? 'links' : 'offset')
  }

  /** Asks for what comes behind `length` objects that may be all there is, whatever the total says. */
  async function lookBehind(
    query: SourceQuery,
    length: number,
    total: number | null,
    looked: (said: number | null, paging?: Paging) => Looked,
  ): Promise<Looked | SourceFailure> {
    const page = await askSource(query, length, 1)
    if (page.kind === 'failed') return page
    if (page.kind === 'no-page' || page.objects.length === 0) return looked(length, length === 1 ? 'offset' : 'whole')
    const isBeginning = identify(page, 0) === looked(null).beginning
    if (isBeginning && length > 1) return looked(length, 'whole')
    return looked(!isBeginning && total !== null && total > length ? total : null)
  }

  /** Reads a list to its end, and keeps nothing of it but places on the way. */
  async function walk(query: SourceQuery): Promise<Walked | SourceFailure> {
    let at = 0
    let leftOut = 0
    let beginning = ''
    let places: readonly Place[] = []
    let isByOffset = true
    let hasLinks = false
    let paging: Paging = 'offset'
    let emptyPages = 0
    let said: number | null = null
    let isLinked = false
    const seen = new Set<Cursor>()
    const ended = (gap: string | null): Walked => {
      return { kind: 'walked', total: at, leftOut, beginning, paging, places: isByOffset ? [] : places, gap }
    }
    for (let cursor: Cursor = 0; ; ) {
      const page = await askSource(query, cursor, OBJECTS_AT_ONCE)
      if (page.kind === 'failed') return page
      if (page.kind === 'no-page') {
        if (cursor === 0) return broken(page.detail)
        return ended(isLinked && said !== at + leftOut ? `${page.detail} to its next link` : null)
      }
      seen.add(cursor)
      const { length } = page.objects
      const first = identify(page, 0)
      const others = page.objects.reduce((sum, object) => sum + (isOthers(object, query.owners) ? 1 : 0), 0)
      if (cursor === 0) beginning = first
      // More than asked for, or the beginning again: it knows no limit or no offset, so that this is all.
      const isAgain = typeof cursor === 'number' && cursor > 0 && length > 0 && first === beginning
      if (isAgain || (cursor === 0 && page.link === null && length > OBJECTS_AT_ONCE)) {
        return { ...ended(null), total: length - others, leftOut: others, paging: 'whole', places: [] }
      }
      // What is read twice is not given twice, and no source is asked in a circle until the time is over.
      if (typeof cursor === 'string' && length > 0 && first === beginning) return ended(ROUND)
      const hasEnded = hasLinks && page.link === null
      const next = onward(page, cursor, false)
      freeMemory(page.bytes)
      leftOut += others
      at += length - others
      emptyPages = length === 0 ? emptyPages + 1 : 0
      if (emptyPages > MOST_EMPTY_PAGES) return ended(EMPTY)
      // Nothing but this page can be had.
      if (next.kind === 'lost' && cursor === 0) return { ...ended(LOST), paging: 'whole', places: [] }
      // Some sources have a next link on every page: one that says how many there are has an end all the same.
      const hasAll = length === 0 && page.total === at + leftOut
      if (next.kind !== 'on' || hasEnded || hasAll) return ended(next.kind === 'lost' ? LOST : null)
      if (seen.has(next.cursor)) return ended(ROUND)
      said = page.total
      isLinked = page.link !== null
      hasLinks ||= isLinked
      if (next.cursor !== at) isByOffset = false
      if (isByLinks(next)) paging = 'links'
      places = withPlace(places, { at, cursor: next.cursor })
      cursor = next.cursor
    }
  }

  return { look, walk }
}

function isByLinks(next: Onward): boolean {
  return next.kind === 'on' && typeof next.cursor === 'string'
}
