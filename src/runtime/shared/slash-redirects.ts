import type { OutboundRequest } from '../../hub/ports.ts'
import { type Headers, header } from '../../ocpi/headers.ts'
import { splitTarget } from './request-target.ts'

type Redirect = { readonly status: number; readonly headers: Headers }

/** What is remembered at the most; of more the oldest goes. */
const MOST_ORIGINS = 1_000
const MOST_PATHS = 200

/**
 * The one redirect that is followed: to the same URL with, or without, a slash at the end of its path. Many frameworks answer so
 * whatever was announced. Only the slash is taken from it: host, query and every other byte stay the request's. Where a path
 * led is remembered, until that answers 404 or leads back.
 */
export class SlashRedirects {
  /** By origin: `/locations` to `/locations/`. */
  readonly #known = new Map<string, Map<string, string>>()

  /** Path and query to send a request to: its own, or what is known to answer in its place. */
  pathFor({ origin, path }: OutboundRequest): string {
    if (this.#known.size === 0) return path
    const known = this.#known.get(origin)
    if (!known) return path
    const { path: plain, query } = splitTarget(path)
    return (known.get(plain) ?? plain) + query
  }

  /**
   * Learns from an answer that is no success. Gives the path and query to send the request to instead; null where the answer holds.
   *
   * @param sentTo the path and query that answered
   */
  learn(request: OutboundRequest, sentTo: string, answer: Redirect): string | null {
    const { path: plain } = splitTarget(request.path)
    const other = isFollowed(request.method, answer.status) ? otherThan(request.origin, sentTo, answer) : null
    if (other !== null && other !== request.path) this.#remember(request.origin, plain, splitTarget(other).path)
    else if (other !== null || answer.status === 404) this.#known.get(request.origin)?.delete(plain)
    return other
  }

  #remember(origin: string, from: string, to: string): void {
    const paths = this.#known.get(origin) ?? new Map<string, string>()
    paths.set(from, to)
    dropOldest(paths, MOST_PATHS)
    this.#known.set(origin, paths)
    dropOldest(this.#known, MOST_ORIGINS)
  }
}

/** 307 and 308 keep the method; clients make a GET of what 301 and 302 answer [RFC 9110, section 15.4]. */
function isFollowed(method: string, status: number): boolean {
  return status === 307 || status === 308 || (method === 'GET' && (status === 301 || status === 302))
}

/** The path with its slash put on or taken off, and its query, where a redirect leads just there; null where it leads elsewhere. */
function otherThan(origin: string, path: string, { headers }: Redirect): string | null {
  const { path: plain, query } = splitTarget(path)
  const other = plain.endsWith('/') ? plain.slice(0, -1) : `${plain}/`
  const location = header(headers, 'location')
  if (other === '' || location === undefined) return null
  const leadsTo = URL.parse(location, origin + path)
  const wanted = new URL(origin + other)
  const isSame = leadsTo?.origin === wanted.origin && leadsTo.pathname === wanted.pathname
  return isSame && (leadsTo.search === '' || leadsTo.search === new URL(origin + path).search) ? other + query : null
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
