import { TLSSocket } from 'node:tls'
import type { ReadTls } from '../../hub/check/ports.ts'
import { describeError } from '../shared/cannot-start.ts'
import { guardedConnector } from './guarded-connector.ts'
import type { Lookup } from './shared-lookup.ts'

/** Looks at the certificate of an origin, by a connection as the hub makes them to send: to the same addresses, and checked alike. */
export function createReadTls(
  guard: Pick<Parameters<typeof guardedConnector>[0], 'isAddressAllowed' | 'isOwnListener' | 'isTlsRequired'>,
  /** @default the system's */
  lookup?: Lookup,
): ReadTls {
  return (origin, timeoutMs) => {
    const connect = guardedConnector({ ...guard, timeout: timeoutMs, lookup, onCertificate: undefined })
    const { hostname, host, port, protocol } = new URL(origin)
    return new Promise((resolve) => {
      connect({ hostname, host, protocol, port: port || '443' }, (error, socket) => {
        if (error || !(socket instanceof TLSSocket)) {
          socket?.destroy()
          resolve({ kind: 'failed', detail: error ? describeError(error) : 'the connection has no TLS' })
          return
        }
        const facts = {
          protocol: socket.getProtocol() ?? 'unknown',
          validTo: Date.parse(socket.getPeerCertificate().valid_to),
        }
        socket.destroy()
        resolve({ kind: 'seen', facts })
      })
    })
  }
}
