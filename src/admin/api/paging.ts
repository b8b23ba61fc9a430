import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'

/** What a page answers beside its rows. */
export const nextHeader = z.object({
  Link: z.string().optional().openapi({ description: 'rel="next" while there is more' }),
})

/** Behind which row the next page begins, of rows with numbers. */
export const NumberCursorSchema = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

/**
 * The page of the rows that were found, one more than it has room for where there are more: then a Link header leads on.
 *
 * @param cursorOf names the last row of the page
 */
export function pageOf<Row>(
  c: Context,
  found: readonly Row[],
  limit: number,
  cursorOf: (last: Row) => string,
): readonly Row[] {
  const page = found.slice(0, limit)
  const last = page.at(-1)
  if (last !== undefined && found.length > limit) c.header('Link', linkToNext(c.req.url, cursorOf(last)))
  return page
}

/**
 * Link header to the next page of a list: the same query with another cursor [RFC 8288]. Relative to the address asked, so
 * that a client behind another name for the hub never carries its token elsewhere.
 */
export function linkToNext(requestUrl: string, cursor: string): string {
  const url = new URL(requestUrl)
  url.searchParams.set('cursor', cursor)
  return `<${url.pathname}${url.search}>; rel="next"`
}
