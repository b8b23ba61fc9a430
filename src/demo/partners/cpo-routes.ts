import type { Hono } from 'hono'
import { STATUS } from '../../ocpi/status.ts'
import type { Cdr, Location, Session, Tariff, Token } from './objects.ts'
import { replyPage } from './pages.ts'
import type { Platform } from './platform.ts'
import { readObject, reply, replyUnknown } from './wire.ts'

type Held = { locations: Location[]; tariffs: Tariff[]; sessions: ReadonlyMap<string, Session>; cdrs: Cdr[] }

/** Lists page by page, and single locations [mod_locations, mod_tariffs, mod_sessions, mod_cdrs: Sender]. */
export function addSenderRoutes(routes: Hono, platform: Platform, { locations, tariffs, sessions, cdrs }: Held): void {
  routes.get('/locations', (c) => replyPage(c, platform.endpointUrl('locations'), locations, 3))
  routes.get('/locations/:id/:evse?/:connector?', (c) => {
    const { id, evse, connector } = c.req.param()
    const location = locations.find((each) => each.id === id)
    const found = evse === undefined ? location : location?.evses.find(({ uid }) => uid === evse)
    const object =
      connector === undefined || !found || !('connectors' in found)
        ? found
        : found.connectors.find((each) => each.id === connector)
    return object ? reply(c, object) : replyUnknown(c, 'location')
  })
  routes.get('/tariffs', (c) => replyPage(c, platform.endpointUrl('tariffs'), tariffs, 2))
  routes.get('/sessions', (c) => replyPage(c, platform.endpointUrl('sessions'), [...sessions.values()], 50))
  routes.get('/cdrs', (c) => replyPage(c, platform.endpointUrl('cdrs'), cdrs, 50))
}

/** Tokens that eMSPs push [mod_tokens: Receiver]. */
export function addTokenRoutes(routes: Hono, tokens: Map<string, Token>): void {
  routes.on(['GET', 'PUT', 'PATCH'], '/tokens/:country/:party/:uid', async (c) => {
    const key = `${c.req.query('type') ?? 'RFID'}/${c.req.param('uid')}`
    const known = tokens.get(key)
    if (c.req.method === 'GET') return known ? reply(c, known) : replyUnknown(c, 'token')
    const body = (await readObject(c)) as Partial<Token> | null
    if (!body)
      return reply(c, undefined, { status: 400, statusCode: STATUS.invalidParameters, message: 'No JSON object' })
    if (c.req.method === 'PATCH' && !known) return replyUnknown(c, 'token')
    tokens.set(key, { ...known, ...body } as Token)
    return reply(c, undefined)
  })
}
