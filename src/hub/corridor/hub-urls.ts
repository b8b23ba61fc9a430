import { rewriteLinks } from '../../ocpi/link.ts'
import type { InterfaceRole } from '../../ocpi/modules.ts'
import { keyOf, type Party, type PartyKey, partyKey } from '../../ocpi/party.ts'
import { isWebScheme, splitUrl } from '../../ocpi/url.ts'
import type { StoredUrl, StoredUrls } from '../network/registry.ts'
import type { EndpointAddress } from '../network/routing-table.ts'
import type { Alarm, Now, Random, Secrets } from '../ports.ts'
import { NEXT, VIA } from './relayed.ts'

const DAY_MS = 86_400_000

/** How long a hub-made URL leads anywhere. A posted CDR's Location lasts as long as the parties. */
const LIFETIME_MS = { next: DAY_MS, response: 30 * DAY_MS, location: null } as const

/** Says whether the hub may ever call a URL that a partner named: scheme, length and literal addresses. */
export type MayCall = (url: string) => { readonly ok: true } | { readonly ok: false; readonly why: string }

/** Who a led URL is for and whom it leads to. */
export type Lead = {
  readonly module: string
  readonly interfaceRole: InterfaceRole
  readonly forParty: Party
  readonly toParty: Party
}

/** As `Lead`, with the platform that gave the URL to be stored. */
export type StoredLead = Lead & { readonly toPlatformId: string }

/** A hub URL taken back to what it stands for. */
export type Led = {
  readonly kind: StoredUrl['kind']
  readonly module: string
  readonly interfaceRole: InterfaceRole
  readonly forParty: PartyKey
  readonly toParty: PartyKey
  /** Of a next page of a list of the hub's own: which reading of it the page belongs to. */
  readonly crawlId: string | null
  /** The partner's own address, or what follows the announced endpoint's path: `''` or `'/'`. */
  readonly goes: { readonly url: string; readonly ofPlatformId: string } | { readonly trailing: '' | '/' }
}

export type LedUrls = ReturnType<typeof createLedUrls>

/**
 * URLs of one partner that reach another: each is replaced by a URL of the hub that leads back to it.
 *
 * - `{publicUrl}/ocpi/next/{module}/{caller}/{owner}/{expires}/{mac}?{query}`: a next page on the owner's announced
 *   endpoint. Holds all it needs, so nothing is stored; the MAC binds caller and owner, the query stays the owner's. With the
 *   hub as owner `{crawlId}` stands before the MAC and is bound as well.
 * - `{publicUrl}/ocpi/via/{id}`: anything else, looked up in the store. The id is a 128-bit secret.
 */
export function createLedUrls(ports: {
  readonly publicUrl: string
  readonly mac: Secrets['mac']
  readonly random: Random
  readonly now: Now
  readonly store: StoredUrls
  readonly mayCall: MayCall
  readonly alarm: Alarm
}) {
  const { publicUrl, mac, random, now, store, mayCall, alarm } = ports

  /** Stores where a URL leads and returns the hub's URL for it. Rejects when the store is away. */
  async function lead(kind: StoredUrl['kind'], url: string, of: StoredLead): Promise<string> {
    const id = random.token().slice(0, 22)
    await save(id, kind, url, of)
    return publicUrl + VIA + id
  }

  function save(id: string, kind: StoredUrl['kind'], url: string, of: StoredLead): Promise<void> {
    const lifetimeMs = LIFETIME_MS[kind]
    return store.save({
      id,
      kind,
      url,
      module: of.module,
      interfaceRole: of.interfaceRole,
      forParty: keyOf(of.forParty),
      toParty: keyOf(of.toParty),
      toPlatformId: of.toPlatformId,
      expiresAt: lifetimeMs === null ? null : now() + lifetimeMs,
    })
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

  /** The hub's URL of a next page on the owner's announced endpoint. */
  function nextUrl(of: Lead, trailing: '' | '/', query: string): string {
    return sealedUrl(partsOf(of)) + trailing + query
  }

  /** The hub's URL, without query, of next pages of a list of the hub's own. `crawlId`, a UUID, comes back with who follows it. */
  function nextOfCrawlUrl(of: Lead, crawlId: string): string {
    return sealedUrl([...partsOf(of), crawlId])
  }

  function partsOf(of: Lead): string[] {
    const expires = Math.ceil((now() + LIFETIME_MS.next) / 1000).toString(36)
    return [of.module, segment(of.forParty), segment(of.toParty), expires]
  }

  function sealedUrl(parts: readonly string[]): string {
    return `${publicUrl}${NEXT}${parts.join('/')}/${seal(parts)}`
  }

  function seal(parts: readonly string[]): string {
    return mac(`next ${parts.join('/').toUpperCase()}`).slice(0, 22)
  }

  /** Takes a path under `/ocpi/next/` or `/ocpi/via/` back; null when it is no URL of this hub or has run out. */
  async function follow(path: string): Promise<Led | null> {
    if (path.startsWith(VIA)) {
      const id = path.slice(VIA.length)
      const stored = STORED_ID.test(id) ? await store.find(id) : null
      if (!stored || (stored.expiresAt !== null && stored.expiresAt <= now())) return null
      return { ...stored, crawlId: null, goes: { url: stored.url, ofPlatformId: stored.toPlatformId } }
    }
    const next = path.startsWith(NEXT) ? NEXT_PARTS.exec(path.slice(NEXT.length)) : null
    if (!next) return null
    const [, module, forParty, toParty, expires, crawlId, given, trailing] = next as unknown as [string, ...string[]]
    const parts = [module, forParty, toParty, expires, ...(crawlId ? [crawlId] : [])] as string[]
    if (!sameText(seal(parts), given as string)) return null
    if (Number.parseInt(expires as string, 36) * 1000 <= now()) return null
    return {
      kind: 'next',
      module: module as string,
      interfaceRole: 'SENDER',
      forParty: keyOfSegment(forParty as string),
      toParty: keyOfSegment(toParty as string),
      crawlId: crawlId ?? null,
      goes: { trailing: trailing as '' | '/' },
    }
  }

  return { lead, leadLinks, leadLocation, nextOfCrawlUrl, follow, mayCall }
}

const STORED_ID = /^[A-Za-z0-9_-]{22}$/

/** Module, caller, owner, when it runs out, crawl, MAC, and the slash of an endpoint that has one. */
const NEXT_PARTS = /^([^/]+)\/([^/]+)\/([^/]+)\/([0-9a-z]+)(?:\/([0-9a-f-]{36}))?\/([A-Za-z0-9_-]{22})(\/?)$/

/** Relations between the pages of a list. All of them would lead round the hub. */
const PAGE_RELS = new Set(['next', 'prev', 'previous', 'first', 'last'])

/** Links of one answer that are stored, a write each. A list has one to each relation. */
const MOST_STORED = 2 * PAGE_RELS.size

/** `NL-ABC`, percent-encoded where a party id holds what a path segment may not. */
function segment(party: Party): string {
  return `${party.countryCode}-${encodeURIComponent(party.partyId)}`
}

function keyOfSegment(text: string): PartyKey {
  return partyKey(text.slice(0, 2), decodeURIComponent(text.slice(3)))
}

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

/** Compares in time that depends on the length only. */
function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
