import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Proxies that are believed about the client's address: single addresses and CIDR ranges. */
export type TrustedProxies = readonly (readonly [Address, number])[]

/** Reads `10.0.0.0/8, 192.0.2.7`; null when an entry is neither an address nor a CIDR range. */
export function parseTrustedProxies(text: string): TrustedProxies | null {
  const ranges: [Address, number][] = []
  for (const entry of text.split(',')) {
    const range = parseRange(entry.trim())
    if (range === null) return null
    ranges.push(range)
  }
  return ranges
}

function parseRange(text: string): [Address, number] | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  const address = parseAddress(text)
  return address === null ? null : [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** An address as sockets and proxies write it: with or without a port, IPv4 possibly inside IPv6. */
function parseAddress(text: string): Address | null {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text
  // Only four-part decimal: `1` and `0x7f.1` are legal IPv4 to some, and never what a proxy writes.
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare)
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare) : null
}

/**
 * The client's address: the socket's, unless that belongs to a trusted proxy. Then the last address of X-Forwarded-For that
 * is not a trusted proxy's; what stands left of it is the client's own word and counts for nothing.
 */
export function clientAddress(socketAddress: string, forwardedFor: readonly string[], trusted: TrustedProxies): string {
  let address = parseAddress(socketAddress)
  if (address === null) return socketAddress
  if (trusted.length === 0) return address.toString()
  const hops = forwardedFor.join(',').split(',')
  while (isTrusted(address, trusted)) {
    const hop = hops.pop()
    const next = hop === undefined ? null : parseAddress(hop.trim())
    if (next === null) break
    address = next
  }
  return address.toString()
}

function isTrusted(address: Address, trusted: TrustedProxies): boolean {
  return trusted.some(([range, bits]) => address.kind() === range.kind() && address.match(range, bits))
}
