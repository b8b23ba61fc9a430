import { type Problem, problem, quote } from './parsed.ts'
import { parseDateTime } from './timestamp.ts'

/** Which part of a list is asked for [transport_and_format: Paginated Request]. Dates in milliseconds since the epoch. */
export type PageRequest = {
  readonly kind: 'page'
  readonly offset: number
  /** Between 1 and the server's maximum. */
  readonly limit: number
  /** Inclusive. */
  readonly dateFrom: number | null
  /** Exclusive. */
  readonly dateTo: number | null
}

/** How many objects a server gives at once, asked or not asked for a number. */
export type PageLimits = { readonly defaultLimit: number; readonly maxLimit: number }

/**
 * Reads the pagination parameters of a raw query, with or without its `?`. Empty parameters count as absent, a `limit` over
 * the maximum as the maximum, and of repeated ones the first counts. A problem says which parameter is wrong and how.
 */
export function parsePageRequest(query: string, { defaultLimit, maxLimit }: PageLimits): PageRequest | Problem {
  const parameters = new URLSearchParams(query)
  const offset = parameters.get('offset') || '0'
  const limit = parameters.get('limit') || String(Math.min(defaultLimit, maxLimit))
  const from = parameters.get('date_from') || null
  const to = parameters.get('date_to') || null
  const dateFrom = from === null ? null : parseDateTime(from)
  const dateTo = to === null ? null : parseDateTime(to)
  if (!/^\d{1,15}$/.test(offset)) return problem('offset', 'an integer of 0 or more', quote(offset))
  // A page of none would have a next page of none, for ever.
  if (!/^\d{1,15}$/.test(limit) || Number(limit) === 0) return problem('limit', 'an integer of 1 or more', quote(limit))
  if (from !== null && dateFrom === null) return problem('date_from', 'a DateTime', quote(from))
  if (to !== null && dateTo === null) return problem('date_to', 'a DateTime', quote(to))
  return { kind: 'page', offset: Number(offset), limit: Math.min(Number(limit), maxLimit), dateFrom, dateTo }
}

/** Cuts the page asked for out of a list in stable order. `total` counts what matches the dates, whatever the page. */
export function takePage<T>(
  items: readonly T[],
  { offset, limit, dateFrom, dateTo }: PageRequest,
  lastUpdatedMs: (item: T) => number,
): { readonly items: readonly T[]; readonly total: number } {
  const matching =
    dateFrom === null && dateTo === null
      ? items
      : items.filter((item) => {
          const at = lastUpdatedMs(item)
          return (dateFrom === null || at >= dateFrom) && (dateTo === null || at < dateTo)
        })
  return { items: matching.slice(offset, offset + limit), total: matching.length }
}

/**
 * The headers of a page of a list the hub serves itself [transport_and_format: Paginated Response]: X-Total-Count, X-Limit,
 * and a Link to the next page unless this is the last. The link keeps the other parameters of the query, byte for byte.
 */
export function pageHeaders(of: {
  /** The list's URL, without query. */
  readonly url: string
  readonly query: string
  readonly page: PageRequest
  /** Where the next page begins. @default where this one ends */
  readonly nextOffset?: number
  readonly total: number
  readonly limits: PageLimits
}): string[] {
  const { offset, limit } = of.page
  const { nextOffset = offset + limit } = of
  const headers = ['X-Total-Count', String(of.total), 'X-Limit', String(of.limits.maxLimit)]
  if (nextOffset < of.total) {
    headers.push('Link', `<${of.url}?${nextQuery(of.query, nextOffset, limit)}>; rel="next"`)
  }
  return headers
}

/** The parameters of a raw query that say what is asked for, not which page of it, byte for byte. */
export function filtersOf(query: string): string[] {
  return parametersOf(query).filter((parameter) => !saysWhichPage(parameter))
}

/** The parameters of a raw query that say which page is asked for, as a raw query. */
export function pagingOf(query: string): string {
  return parametersOf(query).filter(saysWhichPage).join('&')
}

function parametersOf(query: string): string[] {
  return query
    .replace(/^\?/, '')
    .split('&')
    .filter((parameter) => parameter !== '')
}

/** In any spelling: `%6Fffset` is read as `offset` by whoever gets it. */
function saysWhichPage(parameter: string): boolean {
  const [name] = new URLSearchParams(parameter).keys()
  return name === 'offset' || name === 'limit'
}

function nextQuery(query: string, offset: number, limit: number): string {
  const kept = filtersOf(query).map((parameter) => parameter.replace(/[<>"\s]/g, encodeURIComponent))
  return [...kept, `offset=${offset}`, `limit=${limit}`].join('&')
}
