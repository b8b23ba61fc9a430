import type { Context, MiddlewareHandler } from 'hono'
import { readObject } from '../../sandbox/party/wire.ts'
import type { Connection, Peer } from './connection.ts'
import type { OcpiVersion } from './dialect.ts'
import type { ObserveTraffic } from './wire.ts'

/** Tells of what the peer itself asks or sends; messages of other parties are told by their senders. */
export function watchPeer(
  version: OcpiVersion,
  label: string,
  observe: ObserveTraffic,
  base: string,
  peer: Connection['peer'],
): MiddlewareHandler {
  return async (c, next) => {
    const isHandshake = isHandshakePath(version, c.req.path)
    if (!isHandshake && !isClientInfo(c) && !isFromHub(c, peer())) return next()
    const began = performance.now()
    await next()
    const { status_code: ocpiStatus = null } = (await c.res.clone().json()) as { status_code?: number }
    observe({
      from: 'hub',
      to: label,
      ...(isHandshake ? nameHandshake(c, version) : await nameObject(c, base)),
      httpStatus: c.res.status,
      ocpiStatus,
      durationMs: performance.now() - began,
    })
    return undefined
  }
}

function isClientInfo(c: Context): boolean {
  return c.req.path.includes('/hubclientinfo')
}

/** What is broadcast comes from the hub itself [transport_and_format: Broadcast Push]. */
function isFromHub(c: Context, peer: Peer | null): boolean {
  if (!peer?.isHub) return false
  const { country_code, party_id } = peer.party
  return c.req.header('OCPI-from-country-code') === country_code && c.req.header('OCPI-from-party-id') === party_id
}

async function nameObject(c: Context, base: string): Promise<{ module: string; what: string }> {
  const [module = '', ...names] = c.req.path.slice(base.length + 1).split('/')
  const status = (await readObject(c))?.['status']
  return { module, what: `${c.req.method} ${names.join('/')}${typeof status === 'string' ? `: ${status}` : ''}` }
}

function nameHandshake(c: Context, version: OcpiVersion): { module: string; what: string } {
  const { method, path } = c.req
  if (path.endsWith('/credentials')) return { module: 'credentials', what: `${method} credentials` }
  return { module: 'versions', what: path.endsWith('/versions') ? 'GET versions' : `GET details of ${version}` }
}

/** What a registration token opens: versions, their details, credentials. */
export function isHandshakePath(version: OcpiVersion, path: string): boolean {
  return path === '/ocpi/versions' || path === `/ocpi/${version}` || path === `/ocpi/${version}/credentials`
}
