import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isAllowedHost, isPublicAddress } from './address-guard.ts'

/** The `code` of the error when a host leads nowhere the hub may go. */
export const FORBIDDEN_ADDRESS = 'EFORBIDDENADDRESS'

function forbidden(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} does not lead to a public address`), { code: FORBIDDEN_ADDRESS })
}

/**
 * Throws with code `EFORBIDDENADDRESS` when the host is a non-public address itself. To be called before each connection,
 * beside `guardedLookup`: sockets do not look up what is an address already.
 */
export function assertHostAllowed(hostname: string): void {
  if (!isAllowedHost(hostname)) throw forbidden(hostname)
}

/**
 * A `lookup` for sockets that leaves only public addresses; fails with code `EFORBIDDENADDRESS` when none is left. The
 * socket connects to what this returns, so that no change of DNS comes between check and call.
 */
export function createGuardedLookup(lookup: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [])
      const addresses = found.filter(({ address }) => isPublicAddress(address))
      const first = addresses[0]
      if (first === undefined) return callback(forbidden(hostname), [])
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

export const guardedLookup: LookupFunction = createGuardedLookup()
