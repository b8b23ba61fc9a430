import { rewriteLinks } from '../../ocpi/link.ts'
import { keyOf } from '../../ocpi/party.ts'
import { isWebScheme, splitUrl } from '../../ocpi/url.ts'
import type { StoredUrl, StoredUrls } from '../network/registry.ts'
import type { EndpointAddress } from '../network/routing-table.ts'
import type { Alarm, Now, Random, Secrets } from '../ports.ts'
import { type Led, LIFETIME_MS, type StoredLead } from './lead.ts'
import { createNextUrls } from './next-urls.ts'
import { NEXT, VIA } from './relayed.ts'

/** Says whether the hub may ever call a URL that a partner named: scheme, length and literal addresses. */
export type MayCall = (url: string) => { readonly ok: true } | { readonly ok: false; readonly why: string }

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
    await save(id, kind, url, of)
    return publicUrl + VIA + id
  }

  function save(id: string, kind: StoredUrl['kind'], url: string, of: StoredLead): Promise<void> {
    return store.save(storedUrl(id, kind, url, of, now()))
  }

  /**
   * Replaces the pagination targets of Link headers [transport_and_format: Paginated Response; RFC 8288]. A target that
   * leads nowhere the hub may go is dropped, and so is one that must be stored while the store is away. Not so a next link:
   * a list without it would read as a list that ends. So this rejects when a next link cannot be stored, and one that is
   * dropped raises an alarm.
   */
  async function leadLinks(
    values: readonly string[],
    announced: EndpointAddress | null,
    calledUrl: string,
    of: StoredLead,
  ): Promise<string[]> {
    const saves: Promise<unknown>[] = []
    const unsaved = new Set<string>()
    const lose = (why: string): null => {
      const detail = `A next link of ${of.module} ${why}: to its readers the list ends there`
      alarm({ kind: 'next-link-dropped', platformId: of.toPlatformId, detail })
      return null
    }
    const rewriteTarget = (target: string, rels: readonly string[]): string | null => {
      if (!rels.some((rel) => PAGE_RELS.has(rel))) return target
      const drop = (why: string) => (rels.includes('next') ? lose(why) : null)
      const located = locate(target, calledUrl)
      if (!located) return drop('is of another scheme than the web')
      const { origin, path, query } = located
      if (announced && (path === announced.path || path === `${announced.path}/`)) {
        return nextUrl(of, path === announced.path ? '' : '/', query)
      }
      const verdict = mayCall(origin + path)
      if (!verdict.ok) return drop(verdict.why)
      if (saves.length === MOST_STORED) return drop('is one of too many')
      const id = random.token().slice(0, 22)
      const hubUrl = publicUrl + VIA + id + query
      const saving = save(id, 'next', origin + path, of)
      saves.push(rels.includes('next') ? saving : saving.catch(() => unsaved.add(hubUrl)))
      return hubUrl
    }
    const rewritten = rewriteLinks(values, rewriteTarget, (value) => {
      if (/next/i.test(value)) lose('cannot be read')
    })
    await Promise.all(saves)
    return unsaved.size === 0 ? rewritten : rewriteLinks(rewritten, (target) => (unsaved.has(target) ? null : target))
  }

  /**
   * The hub's URL for the Location of a posted object [mod_cdrs: POST Method]. Null, so no Location, rather than an error,
   * when it leads nowhere the hub may go or the store is away: the CDR was taken.
   */
  async function leadLocation(location: string, calledUrl: string, of: StoredLead): Promise<string | null> {
    const located = locate(location, calledUrl)
    const url = located && located.origin + located.path + located.query
    if (url === null || !mayCall(url).ok) return null
    return lead('location', url, of).catch(() => null)
  }

  /** Takes a path under `/ocpi/next/` or `/ocpi/via/` back; null when it is no URL of this hub or has run out. */
  async function follow(path: string): Promise<Led | null> {
    if (path.startsWith(VIA)) {
      const id = path.slice(VIA.length)
      const stored = STORED_ID.test(id) ? await store.find(id) : null
      if (!stored || (stored.expiresAt !== null && stored.expiresAt <= now())) return null
      return { ...stored, crawlId: null, goes: { url: stored.url, ofPlatformId: stored.toPlatformId } }
    }
    return path.startsWith(NEXT) ? readNext(path) : null
  }

  return { lead, leadLinks, leadLocation, nextOfCrawlUrl, follow, mayCall }
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

/** Relations between the pages of a list. All of them would lead round the hub. */
const PAGE_RELS = new Set(['next', 'prev', 'previous', 'first', 'last'])

/** Links of one answer that are stored, a write each. A list has one to each relation. */
const MOST_STORED = 2 * PAGE_RELS.size

/**
 * Where a partner's target leads, path and query byte for byte. Without a host (relative, or an empty one, as some partners
 * write) it stays where the partner was called. Null for other schemes than the web's.
 */
function locate(target: string, calledUrl: string): { origin: string; path: string; query: string } | null {
  const called = new URL(calledUrl)
  const { scheme, host, path, query } = splitUrl(target)
  if (scheme !== null && !isWebScheme(scheme)) return null
  if (host) return { origin: `${scheme ? `${scheme}:` : called.protocol}//${host}`, path: path || '/', query }
  if (path.startsWith('/')) return { origin: called.origin, path, query }
  if (path === '') return { origin: called.origin, path: splitUrl(calledUrl).path || '/', query }
  return { origin: called.origin, path: new URL(`./${path}`, called).pathname, query }
}
