import { type Headers, headerAll } from '../../ocpi/headers.ts'
import { findLink } from '../../ocpi/link.ts'
import { locate, type MayCall, UNREAD_NEXT } from '../corridor/hub-urls.ts'
import { type EndpointAddress, pathAt } from '../network/routing-table.ts'
import type { NextLink } from './source.ts'

/** Places in lists are stored, many to a list: a link whose query or URL is longer is not followed. */
const LONGEST_CURSOR = 4_096

/** An offset of a list; no list holds a billion objects, and sums of such offsets would be none any more. */
export const LIST_NUMBER = /^\d{1,9}$/

/**
 * The next link of a source's answer [transport_and_format: Paginated Response]. One that says nothing but an offset is followed
 * by that on the announced endpoint, whatever host and path it names: many sources do not know where the world sees them.
 *
 * @param filters what the source was asked for: a link may repeat them, spelt anew
 */
export function readNextLink(
  headers: Headers,
  endpoint: EndpointAddress,
  filters: readonly string[],
  mayCall: MayCall,
): NextLink | null {
  const values = headerAll(headers, 'link')
  if (values.length === 0) return null
  const target = findLink(values, 'next')
  if (target === undefined) return values.some((value) => UNREAD_NEXT.test(value)) ? NOWHERE : null
  const located = locate(target, endpoint.origin + pathAt(endpoint, ''))
  if (!located) return NOWHERE
  const { origin, path, query } = located
  const isOnEndpoint = path === endpoint.path || path === `${endpoint.path}/`
  const cursor = isOnEndpoint ? query || '?' : mayCall(`${origin}/`).ok ? origin + path + query : null
  return { offset: offsetIn(query, filters), cursor: cursor && cursor.length <= LONGEST_CURSOR ? cursor : null }
}

const NOWHERE: NextLink = { offset: null, cursor: null }

/** The offset that a link's query names; null where it names none, or something else beside it that was not asked for. */
function offsetIn(query: string, filters: readonly string[]): number | null {
  const parameters = new URLSearchParams(query)
  const known = new Set(['offset', 'limit', ...new URLSearchParams(filters.join('&')).keys()])
  for (const name of parameters.keys()) if (!known.has(name)) return null
  const offset = parameters.get('offset') ?? ''
  return LIST_NUMBER.test(offset) ? Number(offset) : null
}
