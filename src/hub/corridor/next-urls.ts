import { type Party, type PartyKey, partyKey } from '../../ocpi/party.ts'
import type { Now, Secrets } from '../ports.ts'
import { type Lead, type Led, LIFETIME_MS } from './lead.ts'
import { NEXT } from './relayed.ts'

/** Module, caller, owner, when it runs out (with a hyphen where the owner's link has a slash at its path's end), crawl, MAC. */
const NEXT_PARTS = /^([^/]+)\/([^/]+)\/([^/]+)\/([0-9a-z]+-?)(?:\/([0-9a-f-]{36}))?\/([A-Za-z0-9_-]{22})$/

/**
 * URLs of next pages that hold all they need, so that nothing is stored:
 * `{publicUrl}/ocpi/next/{module}/{caller}/{owner}/{expires}/{mac}?{query}`. The MAC binds all before it; the query stays the
 * owner's. With the hub as owner `{crawlId}` stands before the MAC and is bound as well.
 */
export function createNextUrls(ports: {
  readonly publicUrl: string
  readonly mac: Secrets['mac']
  /** Opens URLs that were made under the key before. */
  readonly previousMac: Secrets['previousMac']
  readonly now: Now
}) {
  const { publicUrl, mac, previousMac, now } = ports

  /** The hub's URL of a next page on the owner's announced endpoint. */
  function nextUrl(of: Lead, trailing: '' | '/', query: string): string {
    return sealedUrl(partsOf(of, trailing)) + query
  }

  /** The hub's URL, without query, of next pages of a list of the hub's own. `crawlId`, a UUID, comes back with who follows it. */
  function nextOfCrawlUrl(of: Lead, crawlId: string): string {
    return sealedUrl([...partsOf(of), crawlId])
  }

  function partsOf(of: Lead, trailing: '' | '/' = ''): string[] {
    const expires = Math.ceil((now() + LIFETIME_MS.next) / 1000).toString(36)
    return [of.module, segment(of.forParty), segment(of.toParty), trailing ? `${expires}-` : expires]
  }

  function sealedUrl(parts: readonly string[]): string {
    return `${publicUrl}${NEXT}${parts.join('/')}/${seal(parts, mac)}`
  }

  function seal(parts: readonly string[], under: Secrets['mac']): string {
    return under(`next ${parts.join('/').toUpperCase()}`).slice(0, 22)
  }

  function isSealOf(parts: readonly string[], given: string): boolean {
    if (sameText(seal(parts, mac), given)) return true
    return previousMac !== null && sameText(seal(parts, previousMac), given)
  }

  /** What a path under `/ocpi/next/` stands for; null when the hub did not make it or it has run out. */
  function readNext(path: string): Led | null {
    const next = NEXT_PARTS.exec(path.slice(NEXT.length))
    if (!next) return null
    const [, module, forParty, toParty, expires, crawlId, given] = next as unknown as [string, ...string[]]
    const parts = [module, forParty, toParty, expires, ...(crawlId ? [crawlId] : [])] as string[]
    if (!isSealOf(parts, given as string)) return null
    if (Number.parseInt(expires as string, 36) * 1000 <= now()) return null
    return {
      kind: 'next',
      module: module as string,
      interfaceRole: 'SENDER',
      forParty: keyOfSegment(forParty as string),
      toParty: keyOfSegment(toParty as string),
      crawlId: crawlId ?? null,
      goes: { trailing: expires?.endsWith('-') ? '/' : '' },
    }
  }

  return { nextUrl, nextOfCrawlUrl, readNext }
}

/** `NL-ABC`, percent-encoded where a party id holds what a path segment may not. */
function segment(party: Party): string {
  return `${party.countryCode}-${encodeURIComponent(party.partyId)}`
}

function keyOfSegment(text: string): PartyKey {
  return partyKey(text.slice(0, 2), decodeURIComponent(text.slice(3)))
}

/** Compares in time that depends on the length only. */
function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
