import type { Context } from 'hono'
import { reply, replyInvalid } from './wire.ts'

/**
 * Answers a GET of a list [transport_and_format: Pagination]: `date_from` inclusive, `date_to` exclusive, `offset` and
 * `limit`, at most `maxLimit` objects a page, with Link to the next page while there is one.
 */
export function replyPage(
  c: Context,
  url: string,
  items: readonly { last_updated: string }[],
  maxLimit: number,
): Response {
  const query = new URLSearchParams(new URL(c.req.url).search)
  const offset = wholeNumber(query.get('offset'), 0)
  const asked = wholeNumber(query.get('limit'), maxLimit)
  const from = time(query.get('date_from'), Number.NEGATIVE_INFINITY)
  const until = time(query.get('date_to'), Number.POSITIVE_INFINITY)
  if (offset === null || asked === null || asked === 0 || from === null || until === null) {
    return replyInvalid(c, 'offset, limit, date_from or date_to')
  }
  const limit = Math.min(asked, maxLimit)
  const matching = items.filter(
    ({ last_updated }) => Date.parse(last_updated) >= from && Date.parse(last_updated) < until,
  )
  const headers: Record<string, string> = { 'X-Total-Count': String(matching.length), 'X-Limit': String(limit) }
  if (offset + limit < matching.length) {
    query.set('offset', String(offset + limit))
    query.set('limit', String(limit))
    headers['Link'] = `<${url}?${query.toString()}>; rel="next"`
  }
  return reply(c, matching.slice(offset, offset + limit), { headers })
}

function wholeNumber(text: string | null, otherwise: number): number | null {
  if (text === null) return otherwise
  return /^\d{1,9}$/.test(text) ? Number(text) : null
}

function time(text: string | null, otherwise: number): number | null {
  if (text === null) return otherwise
  const value = Date.parse(/(Z|[+-]\d\d:\d\d)$/i.test(text) ? text : `${text}Z`)
  return Number.isNaN(value) ? null : value
}
