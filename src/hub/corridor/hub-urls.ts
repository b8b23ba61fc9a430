import { findLink } from '../../ocpi/link.ts'
import { pagingOf } from '../../ocpi/pagination.ts'
import { keyOf } from '../../ocpi/party.ts'
import { isWebScheme, splitUrl } from '../../ocpi/url.ts'
import type { StoredUrl, StoredUrls } from '../network/registry.ts'
import type { EndpointAddress } from '../network/routing-table.ts'
import type { Alarm, Now, Random, Secrets } from '../ports.ts'
import { type Led, LIFETIME_MS, type StoredLead } from './lead.ts'
import { createNextUrls } from './next-urls.ts'
import { NEXT, VIA } from './relayed.ts'

/**
 * Says whether the hub may ever call a URL that a partner named: scheme, length and literal addresses.
 *
 * @param platformId the platform that named it: sandbox partners may name their own, and nobody else may
 */
export type MayCall = (
  url: string,
  platformId?: string,
) => { readonly ok: true } | { readonly ok: false; readonly why: string }

export type LedUrls = ReturnType<typeof createLedUrls>

/**
 * URLs of one partner that reach another: each is replaced by a URL of the hub that leads back to it.
 *
 * - `{publicUrl}/ocpi/next/…`: a next page on the owner's announced endpoint, see `createNextUrls`
 * - `{publicUrl}/ocpi/via/{id}`: anything else, looked up in the store. The id is a 128-bit secret.
 */
export function createLedUrls(ports: {
  readonly publicUrl: string
  readonly mac: Secrets['mac']
  readonly previousMac: Secrets['previousMac']
  readonly random: Random
  readonly now: Now
  readonly store: StoredUrls
  readonly mayCall: MayCall
  readonly alarm: Alarm
}) {
  const { publicUrl, random, now, store, mayCall, alarm } = ports
  const { nextUrl, nextOfCrawlUrl, readNext } = createNextUrls(ports)

  /** Stores where a URL leads and returns the hub's URL for it. Rejects when the store is away. */
  async function lead(kind: StoredUrl['kind'], url: string, of: StoredLead): Promise<string> {
    const id = random.token().slice(0, 22)
    await store.save(storedUrl(id, kind, url, of, now()))
    return publicUrl + VIA + id
  }

  /**
   * The Link header to a list's next page [transport_and_format: Paginated Response; RFC 8288], written anew: the one relation `next`, and
   * of the partner's bytes no more than a query that no reader could take for another link. Null when there is no next page, or when
   * it leads nowhere the hub may go: that raises an alarm, since to the list's readers it ends there. For the same reason this rejects
   * when a URL that must be stored cannot be.
   *
   * @param values the partner's Link headers
   */
  async function leadNextLink(
    values: readonly string[],
    announced: EndpointAddress | null,
    calledUrl: string,
    of: StoredLead,
  ): Promise<string | null> {
    const target = findLink(values, 'next')
    const lose = (why: string): null => {
      const detail = `A next link of ${of.module} ${why}: to its readers the list ends there`
      alarm({ kind: 'next-link-dropped', platformId: of.toPlatformId, detail })
      return null
    }
    if (target === undefined) return values.some((value) => UNREAD_NEXT.test(value)) ? lose('cannot be read') : null
    const located = locate(target, calledUrl)
    if (!located) return lose('is of another scheme than the web')
    const { path, query } = located
    const isShown = SHOWABLE.test(query)
    const isAnnounced = announced !== null && (path === announced.path || path === `${announced.path}/`)
    if (isAnnounced && isShown && of.interfaceRole === 'SENDER') {
      return nextLink(nextUrl(of, path === announced.path ? '' : '/', query))
    }
    const origin = isAnnounced ? announced.origin : located.origin
    const verdict = mayCallAt(origin, of.toPlatformId)
    if (!verdict.ok) return lose(verdict.why)
    const hubUrl = await lead('next', origin + path + (isShown ? '' : query), of)
    return nextLink(hubUrl + (isShown ? query : shownPaging(query)))
  }

  /**
   * The hub's URL for the Location of a posted object [mod_cdrs: POST Method]. Null, so no Location, rather than an error,
   * when it leads nowhere the hub may go or the store is away: the CDR was taken.
   */
  async function leadLocation(location: string, calledUrl: string, of: StoredLead): Promise<string | null> {
    const located = locate(location, calledUrl)
    if (!located || !mayCallAt(located.origin, of.toPlatformId).ok) return null
    return lead('location', located.origin + located.path + located.query, of).catch(() => null)
  }

  /** Whether the hub may call a URL there: only its length and its spelling could still be against it, and those are not held against links. */
  function mayCallAt(origin: string, platformId: string): ReturnType<MayCall> {
    return mayCall(`${origin}/`, platformId)
  }

  /** Takes a path under `/ocpi/next/` or `/ocpi/via/` back; null when it is no URL of this hub or has run out. */
  async function follow(path: string): Promise<Led | null> {
    if (path.startsWith(VIA)) {
      const id = path.slice(VIA.length).replace(TRAILING_SLASHES, '')
      const stored = STORED_ID.test(id) ? await store.find(id) : null
      if (!stored || (stored.expiresAt !== null && stored.expiresAt <= now())) return null
      return { ...stored, crawlId: null, goes: { url: stored.url, ofPlatformId: stored.toPlatformId } }
    }
    return path.startsWith(NEXT) ? readNext(path.replace(TRAILING_SLASHES, '')) : null
  }

  return { lead, leadNextLink, leadLocation, nextOfCrawlUrl, follow, mayCall }
}

function storedUrl(id: string, kind: StoredUrl['kind'], url: string, of: StoredLead, now: number): StoredUrl {
  const lifetimeMs = LIFETIME_MS[kind]
  return {
    id,
    kind,
    url,
    module: of.module,
    interfaceRole: of.interfaceRole,
    forParty: keyOf(of.forParty),
    toParty: keyOf(of.toParty),
    toPlatformId: of.toPlatformId,
    expiresAt: lifetimeMs === null ? null : now + lifetimeMs,
  }
}

const STORED_ID = /^[A-Za-z0-9_-]{22}$/

/** Some clients end every URL with a slash. */
const TRAILING_SLASHES = /\/+$/

/** In a Link header of which no link could be made out. */
export const UNREAD_NEXT = /\brel\W{0,3}next\b/i

/**
 * A query that may stand in a Link header as it is. Not with `,` or `;`, where some readers part links and their parameters, quotes and
 * brackets, which they cut off, or what no URL may hold.
 */
const SHOWABLE = /^[A-Za-z0-9\-._~!$&()*+=:@/?%]*$/

function nextLink(hubUrl: string): string {
  return `<${hubUrl}>; rel="next"`
}

/** What stays visible of a query that may not be shown: which page it asks for. */
function shownPaging(query: string): string {
  const shown = pagingOf(query)
    .split('&')
    .filter((parameter) => /^\w+=\d+$/.test(parameter))
  return shown.length > 0 ? `?${shown.join('&')}` : ''
}

/**
 * Where a partner's target leads, path and query byte for byte, but for bytes that no request line may hold. Without a host (relative, or
 * an empty one, as some partners write) it stays where the partner was called. Null for other schemes than the web's.
 */
export function locate(target: string, calledUrl: string): { origin: string; path: string; query: string } | null {
  const called = new URL(calledUrl)
  const { scheme, host, ...rest } = splitUrl(target)
  if (scheme !== null && !isWebScheme(scheme)) return null
  const path = encoded(rest.path).replaceAll('\\', '%5C')
  const query = encoded(rest.query)
  if (host) return { origin: `${scheme ? `${scheme}:` : called.protocol}//${inAscii(host)}`, path: path || '/', query }
  if (path.startsWith('/')) return { origin: called.origin, path, query }
  if (path === '') return { origin: called.origin, path: splitUrl(calledUrl).path || '/', query }
  return { origin: called.origin, path: new URL(`./${path}`, called).pathname, query }
}

/** Blanks, control characters and what is beyond ASCII, percent-encoded: a character up to FF is a byte, as headers carry it. */
function encoded(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, (char) =>
    char > '\xff' ? encodeURIComponent(char.toWellFormed()) : `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

/** A host's name as it is looked up, `xn--mnchen-3ya.example` for one with an umlaut; one that is none stays, and may not be called. */
function inAscii(host: string): string {
  if (!/[^\x21-\x7e]/.test(host) || host.includes('@')) return host
  const url = `https://${encoded(host)}`
  return URL.canParse(url) ? new URL(url).host : host
}
