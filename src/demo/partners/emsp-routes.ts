import type { Context, Hono } from 'hono'
import { STATUS } from '../../ocpi/status.ts'
import type { Inbox } from './inbox.ts'
import type { AuthorizationInfo, Cdr, Location, Token } from './objects.ts'
import { replyPage } from './pages.ts'
import type { Platform } from './platform.ts'
import { readObject, reply, replyUnknown } from './wire.ts'

/** GET, PUT, PATCH and DELETE of whole objects that a CPO owns [mod_locations, mod_tariffs, mod_sessions: Receiver]. */
export function addObjectRoutes<T extends object>(
  routes: Hono,
  module: string,
  held: Map<string, T>,
  inbox: Inbox,
): void {
  routes.on(['GET', 'PUT', 'PATCH', 'DELETE'], `/${module}/:country/:party/:id`, async (c) => {
    const key = keyOf(c)
    const known = held.get(key)
    switch (c.req.method) {
      case 'PUT': {
        const body = await readObject(c)
        if (!body) return replyInvalid(c, 'No JSON object')
        held.set(key, body as T)
        break
      }
      case 'PATCH': {
        const body = await readObject(c)
        if (!known) return replyUnknown(c, module)
        if (typeof body?.['last_updated'] !== 'string') return replyInvalid(c, 'Expected last_updated')
        held.set(key, { ...known, ...body })
        break
      }
      case 'DELETE':
        if (!held.delete(key)) return replyUnknown(c, module)
        break
      default:
        return known ? reply(c, known) : replyUnknown(c, module)
    }
    inbox.arrived()
    return reply(c, undefined)
  })
}

/** An EVSE or connector inside a location [mod_locations: Receiver]. */
export function addEvseRoutes(routes: Hono, locations: ReadonlyMap<string, Location>, inbox: Inbox): void {
  routes.on(['PUT', 'PATCH'], '/locations/:country/:party/:id/:evse/:connector?', async (c) => {
    const location = locations.get(keyOf(c))
    const body = await readObject(c)
    if (!location) return replyUnknown(c, 'location')
    if (!body) return replyInvalid(c, 'No JSON object')
    const evse = location.evses.find(({ uid }) => uid === c.req.param('evse'))
    const connector = c.req.param('connector')
    const found = connector === undefined ? evse : evse?.connectors.find(({ id }) => id === connector)
    if (!found) return replyUnknown(c, 'EVSE')
    Object.assign(found, body)
    inbox.arrived()
    return reply(c, undefined)
  })
}

/** A CDR gets an address of this eMSP's own making [mod_cdrs: Receiver POST, GET]. */
export function addCdrRoutes(routes: Hono, platform: Platform, cdrs: Map<string, Cdr>, inbox: Inbox): void {
  routes.post('/cdrs', async (c) => {
    const cdr = (await readObject(c)) as Cdr | null
    if (typeof cdr?.id !== 'string') return replyInvalid(c, 'Expected a CDR')
    const key = `${cdr.country_code}/${cdr.party_id}/${cdr.id}`
    cdrs.set(key, cdr)
    inbox.arrived()
    return reply(c, undefined, {
      status: 201,
      headers: { Location: `${platform.endpointUrl('cdrs')}/received/${key}` },
    })
  })
  routes.get('/cdrs/received/:country/:party/:id', (c) => {
    const cdr = cdrs.get(keyOf(c))
    return cdr ? reply(c, cdr) : replyUnknown(c, 'CDR')
  })
}

export function addTokenRoutes(routes: Hono, platform: Platform, tokens: readonly Token[]): void {
  routes.get('/tokens', (c) => replyPage(c, platform.endpointUrl('tokens'), tokens, 2))
  let references = 0
  routes.post('/tokens/:uid/authorize', async (c) => {
    const type = c.req.query('type') ?? 'RFID'
    const token = tokens.find((each) => each.uid === c.req.param('uid') && each.type === type)
    if (!token) return reply(c, undefined, { status: 404, statusCode: 2004, message: 'Unknown token' })
    const location = (await readObject(c)) as unknown as AuthorizationInfo['location'] | null
    references += 1
    const info: AuthorizationInfo = {
      allowed: token.valid ? 'ALLOWED' : 'BLOCKED',
      token,
      ...(location && { location }),
      ...(token.valid && { authorization_reference: `${token.party_id}-AUTH-${references}` }),
    }
    return reply(c, info)
  })
}

function keyOf(c: Context): string {
  return `${c.req.param('country')}/${c.req.param('party')}/${c.req.param('id')}`
}

export function replyInvalid(c: Context, message: string): Response {
  return reply(c, undefined, { status: 400, statusCode: STATUS.invalidParameters, message })
}
