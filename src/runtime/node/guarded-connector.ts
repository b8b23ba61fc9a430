import { isIP, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import type { NoteCertificate } from '../../hub/network/certificates.ts'
import { NOWHERE_TO_CALL } from '../shared/address-guard.ts'
import { createSharedLookup, type Lookup } from './shared-lookup.ts'
import { tolerateHeads } from './tolerant-socket.ts'

/**
 * Connector and agent each allow HTTP/2 unless told, and most servers with TLS would choose it. Its headers come as an object,
 * in which their order and spelling are lost, and a platform's requests would share one connection.
 */
export const ALLOW_H2 = false

/**
 * How long one of a name's several addresses has, before the next is tried and this one given up. With Node's 250 ms a server
 * on the other side of the world, or one lost packet, and IPv6 that leads nowhere make a partner that cannot be reached;
 * a lost packet comes again after a second.
 */
const ADDRESS_TIMEOUT_MS = 2_500

/**
 * Refuses addresses the hub may not call. Names are resolved once and only permitted addresses handed on, so a DNS answer
 * that changes between check and use changes nothing.
 */
export function guardedConnector({
  isAddressAllowed,
  isOwnListener,
  isTlsRequired,
  onCertificate,
  timeout,
  lookup: systemLookup,
}: {
  readonly isAddressAllowed: (address: string) => boolean
  /** Whether the hub itself listens there. */
  readonly isOwnListener: (address: string, port: number) => boolean
  readonly isTlsRequired: boolean
  /** Told once per connection of the certificate that is shown. */
  readonly onCertificate: NoteCertificate | undefined
  readonly timeout: number
  readonly lookup: Lookup | undefined
}): buildConnector.connector {
  const lookup = createSharedLookup(systemLookup)
  const connect = buildConnector({
    allowH2: ALLOW_H2,
    timeout,
    autoSelectFamilyAttemptTimeout: Math.min(ADDRESS_TIMEOUT_MS, timeout),
    lookup(hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(HAS_NO_ADDRESS.has(error.code) ? unresolved() : error, [])
        const allowed = addresses.filter(({ address }) => isAddressAllowed(address))
        if (allowed.length === 0) return callback(forbidden(NOWHERE_TO_CALL), [])
        if (options.all) return callback(null, allowed)
        const first = allowed[0] as { address: string; family: number }
        callback(null, first.address, first.family)
      })
    },
  })
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    if (isTlsRequired && options.protocol !== 'https:')
      return callback(forbidden(`${host} is not called by https`), null)
    if (isIP(host) && !isAddressAllowed(host)) return callback(forbidden(NOWHERE_TO_CALL), null)
    connect(options, (...made) => {
      const [, socket] = made
      if (socket && isOwnListener(socket.remoteAddress ?? '', socket.remotePort ?? 0)) {
        socket.destroy()
        return callback(forbidden('it leads back to the hub'), null)
      }
      if (socket && onCertificate) readCertificate(socket, `${options.protocol}//${options.host}`, onCertificate)
      if (socket) tolerateHeads(socket)
      callback(...made)
    })
  }
}

/** The codes of errors: the address is not one the hub may call; the name has no address. */
export const FORBIDDEN = 'EFORBIDDENADDRESS'
export const UNRESOLVED = 'EUNRESOLVED'

const HAS_NO_ADDRESS: ReadonlySet<string | undefined> = new Set(['ENOTFOUND', 'ENODATA'])

function forbidden(why: string): Error {
  return Object.assign(new Error(why), { code: FORBIDDEN })
}

function unresolved(): Error {
  return Object.assign(new Error(NOWHERE_TO_CALL), { code: UNRESOLVED })
}

/** A session that is resumed has the certificate of its first connection, which may be replaced since: that tells nothing new. */
function readCertificate(socket: Socket, origin: string, onCertificate: NoteCertificate): void {
  if (!(socket instanceof TLSSocket) || socket.isSessionReused()) return
  const shown = socket.getPeerX509Certificate()
  if (!shown) return
  const [beganAt, endsAt] = [Date.parse(shown.validFrom), Date.parse(shown.validTo)]
  if (Number.isFinite(beganAt) && Number.isFinite(endsAt)) onCertificate(origin, { beganAt, endsAt })
}
