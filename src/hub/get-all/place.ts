import type { Cursor, SourcePage } from './source.ts'

/**
 * A place in a source's list: how many of its objects count and come before it, and where the source is asked for those behind.
 */
export type Place = { readonly at: number; readonly cursor: Cursor }

export const BEGINNING: Place = { at: 0, cursor: 0 }

/** Places that are kept of a list. With more, every second one goes: the way between two becomes longer. */
const MOST_PLACES = 64

/** Where a list goes on behind a page: there; nowhere, since it has ended; or nobody knows where. */
export type Onward =
  | { readonly kind: 'on'; readonly cursor: Cursor }
  | { readonly kind: 'ended' }
  | { readonly kind: 'lost' }

const ENDED: Onward = { kind: 'ended' }

/**
 * Where a source's list goes on behind a page. A next link says it, whatever the total. Behind 50 objects from offset 100 one
 * with offset 150 means that offset; one with offset 2, which would be the third page, or with `?cursor=abc` is followed as it
 * is. Without a link a list that is read by offset goes on until nothing comes or its total is reached.
 *
 * @param isTotalGood X-Total-Count has not contradicted what came
 */
export function onward(page: SourcePage, cursor: Cursor, isTotalGood: boolean): Onward {
  const { objects, link } = page
  const total = isTotalGood ? page.total : null
  const behind = typeof cursor === 'number' ? cursor + objects.length : null
  const isAll = total !== null && behind !== null && behind >= total
  if (link === null) return behind === null || isAll || objects.length === 0 ? ENDED : { kind: 'on', cursor: behind }
  const leadsBack = link.cursor === cursor || link.offset === cursor
  if (!leadsBack && behind !== null && link.offset !== null && link.offset >= behind) {
    return { kind: 'on', cursor: link.offset }
  }
  if (!leadsBack && link.cursor !== null) return { kind: 'on', cursor: link.cursor }
  if (isAll || (leadsBack && objects.length === 0)) return ENDED
  const mayGoOn = total !== null && behind !== null && objects.length > 0
  return mayGoOn ? { kind: 'on', cursor: behind } : { kind: 'lost' }
}

/** The places with another, which comes behind all of them or in place of one; those no longer needed are left out. */
export function withPlace(places: readonly Place[], place: Place): readonly Place[] {
  const others = places.filter(({ at }) => at !== place.at)
  const kept = others.length < MOST_PLACES ? others : others.filter((_, index) => index % 2 === 1)
  return [...kept, place].sort((a, b) => a.at - b.at)
}

/**
 * Where reading begins for what comes behind `at` objects: at the last place before, or the beginning, of which the way on is
 * walked; at that very offset in a list that has no places because nothing but its offset is needed.
 */
export function placeFor(places: readonly Place[], at: number, isByOffset: boolean): Place {
  if (isByOffset && places.length === 0) return { at, cursor: at }
  return places.findLast((each) => each.at <= at) ?? BEGINNING
}
