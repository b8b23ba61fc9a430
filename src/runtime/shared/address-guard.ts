import ipaddr from 'ipaddr.js'

/** The specification's URL type holds 255 characters [types: URL]. */
export const MAX_URL_LENGTH = 255

/** Addresses that look public and yet answer with a cloud's secrets: Azure's platform endpoint. */
const METADATA_ADDRESSES = ['168.63.129.16']

/** What is handed out to the public Internet today; outside of it lie all IPv6 addresses with a special meaning but a few. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * True when an IP address literal is one of the public Internet. Loopback, private, link-local (cloud metadata), shared
 * (100.64/10), multicast, documentation and reserved addresses are not, nor is IPv6 that carries an IPv4 address (mapped,
 * NAT64, 6to4, Teredo), since that may be any of those again. Text that is no address is not public.
 */
export function isPublicAddress(text: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return ipaddr.IPv4.parse(text).range() === 'unicast' && !METADATA_ADDRESSES.includes(text)
  }
  if (!ipaddr.IPv6.isValid(text)) return false
  const address = ipaddr.IPv6.parse(text)
  return address.range() === 'unicast' && address.match(GLOBAL_UNICAST)
}

/**
 * What is said of a name that leads to no address the hub may call, and of one that leads to none at all: told apart, they would tell
 * partners which names there are inside.
 */
export const NOWHERE_TO_CALL = 'it leads to no address that the hub may call'

export type PartnerUrlCheck =
  | { readonly ok: true; readonly url: URL }
  /** `why` completes a sentence that begins with the URL: `must be https`. */
  | { readonly ok: false; readonly why: string }

/**
 * Checks a URL that a partner gave before the hub keeps or calls it. `allowPrivate` (demos, tests) lets http and every
 * address pass. A host name's addresses are checked when it is called: they may have changed by then.
 */
export function checkPartnerUrl(text: string, allowPrivate: boolean, mostLength = MAX_URL_LENGTH): PartnerUrlCheck {
  if (text.length > mostLength) return refused(`must have at most ${mostLength} characters`)
  // The URL parser drops or turns these silently, and the address called would not be the one that was read.
  if (/[^\x21-\x5b\x5d-\x7e]/.test(text)) return refused('must be ASCII without spaces and backslashes')
  const url = URL.parse(text)
  if (url === null) return refused('must be an absolute URL')
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) return refused('must be https')
  if (url.username !== '' || url.password !== '') return refused('must not hold a user name or password')
  if (url.hash !== '' || text.includes('#')) return refused('must not hold a fragment')
  if (!allowPrivate && !isAllowedHost(url.hostname)) return refused('must lead to a public address')
  return { ok: true, url }
}

function refused(why: string): PartnerUrlCheck {
  return { ok: false, why }
}

/**
 * False for a host that is a non-public address itself, as a URL parser writes it (IPv6 in brackets; integers, octal and
 * hexadecimal spellings are dotted decimal by then), or that means this machine by definition. Names must be looked up.
 */
export function isAllowedHost(hostname: string): boolean {
  const bare = hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
  if (bare === 'localhost' || bare.endsWith('.localhost')) return false
  return ipaddr.isValid(bare) ? isPublicAddress(bare) : true
}
