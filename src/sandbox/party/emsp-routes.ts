import type { Context, Hono } from 'hono'
import type { Line } from './line.ts'
import type {
  ActiveChargingProfile,
  AsyncResult,
  AuthorizationInfo,
  Cdr,
  Location,
  PartyName,
  Session,
  Tariff,
  Token,
} from './objects.ts'
import { replyPage } from './pages.ts'
import { SHAPES_221, type Shapes } from './shapes/shapes.ts'
import type { Shelf } from './shelf.ts'
import { readObject, reply, replyInvalid, replyUnknown } from './wire.ts'

/** What an eMSP has of others: objects of CPOs by `NL/CPA/id`, profiles by session, results by the end of their response_url. */
export type EmspShelves = {
  readonly locations: Shelf<Location>
  readonly tariffs: Shelf<Tariff>
  readonly sessions: Shelf<Session>
  readonly cdrs: Shelf<Cdr>
  readonly activeProfiles: Shelf<ActiveChargingProfile>
  readonly results: Shelf<AsyncResult>
}

export type EmspRoutes = {
  readonly shelves: EmspShelves
  readonly tokens: readonly Token[]
  readonly tokensOnAPage?: number
  readonly newReference: () => string
  /** Told of whatever was taken. */
  readonly arrived: () => void
  /** @default 2.2.1 */
  readonly shapes?: Shapes
}

/** All that an eMSP answers. */
export function addEmspRoutes(routes: Hono, line: Line, of: EmspRoutes): void {
  const { shelves, arrived, shapes = SHAPES_221 } = of
  const { isPatchDated } = shapes
  addObjectRoutes(routes, 'tariffs', shelves.tariffs, arrived, isPatchDated)
  addObjectRoutes(routes, 'sessions', shelves.sessions, arrived, isPatchDated)
  addObjectRoutes(routes, 'locations', shelves.locations, arrived, isPatchDated)
  addEvseRoutes(routes, shelves.locations, arrived)
  addCdrRoutes(routes, line, shelves.cdrs, arrived)
  addTokenRoutes(routes, line, of)
  addResultRoutes(routes, of)
}

/** GET, PUT, PATCH and DELETE of whole objects that a CPO owns [mod_locations, mod_tariffs, mod_sessions: Receiver]. */
function addObjectRoutes<T extends object>(
  routes: Hono,
  module: string,
  held: Shelf<T>,
  arrived: () => void,
  isPatchDated: boolean,
): void {
  routes.on(['GET', 'PUT', 'PATCH', 'DELETE'], `/${module}/:country/:party/:id`, async (c) => {
    const key = keyOf(c)
    switch (c.req.method) {
      case 'PUT': {
        const body = await readObject(c)
        if (!body) return replyInvalid(c, 'No JSON object')
        await held.put(key, body as T)
        break
      }
      case 'PATCH': {
        const body = await readObject(c)
        const known = await held.get(key)
        if (!known) return replyUnknown(c, module)
        if (isPatchDated && typeof body?.['last_updated'] !== 'string') return replyInvalid(c, 'Expected last_updated')
        await held.put(key, { ...known, ...body })
        break
      }
      case 'DELETE':
        if (!(await held.drop(key))) return replyUnknown(c, module)
        break
      default: {
        const known = await held.get(key)
        return known ? reply(c, known) : replyUnknown(c, module)
      }
    }
    arrived()
    return reply(c, undefined)
  })
}

/** An EVSE or connector inside a location [mod_locations: Receiver]. */
function addEvseRoutes(routes: Hono, locations: Shelf<Location>, arrived: () => void): void {
  routes.on(['PUT', 'PATCH'], '/locations/:country/:party/:id/:evse/:connector?', async (c) => {
    const key = keyOf(c)
    const body = await readObject(c)
    const location = await locations.get(key)
    if (!location) return replyUnknown(c, 'location')
    if (!body) return replyInvalid(c, 'No JSON object')
    const evse = location.evses?.find(({ uid }) => uid === c.req.param('evse'))
    const connector = c.req.param('connector')
    const found = connector === undefined ? evse : evse?.connectors.find(({ id }) => id === connector)
    if (!found) return replyUnknown(c, 'EVSE')
    Object.assign(found, body)
    await locations.put(key, location)
    arrived()
    return reply(c, undefined)
  })
}

/** A CDR gets an address of this eMSP's own making [mod_cdrs: Receiver POST, GET]. */
function addCdrRoutes(routes: Hono, line: Line, cdrs: Shelf<Cdr>, arrived: () => void): void {
  routes.post('/cdrs', async (c) => {
    const cdr = (await readObject(c)) as Cdr | null
    if (typeof cdr?.id !== 'string') return replyInvalid(c, 'Expected a CDR')
    const { country_code = '-', party_id = '-', id } = cdr as Partial<PartyName> & Pick<Cdr, 'id'>
    const key = `${country_code}/${party_id}/${id}`
    await cdrs.put(key, cdr)
    arrived()
    return reply(c, undefined, {
      status: 201,
      headers: { Location: `${line.endpointUrl('cdrs')}/received/${key.split('/').map(encodeURIComponent).join('/')}` },
    })
  })
  routes.get('/cdrs/received/:country/:party/:id', async (c) => {
    const cdr = await cdrs.get(keyOf(c))
    return cdr ? reply(c, cdr) : replyUnknown(c, 'CDR')
  })
}

function addTokenRoutes(routes: Hono, line: Line, of: EmspRoutes): void {
  const { tokens, tokensOnAPage = 2, newReference, shapes = SHAPES_221 } = of
  const { unknownToken, tokenType } = shapes
  routes.get('/tokens', (c) => replyPage(c, line.endpointUrl('tokens'), tokens.map(shapes.token), tokensOnAPage))
  routes.post('/tokens/:uid/authorize', async (c) => {
    const type = c.req.query('type') ?? 'RFID'
    const token = tokens.find((each) => each.uid === c.req.param('uid') && tokenType(each.type) === type)
    if (!token) return reply(c, undefined, { status: 404, statusCode: unknownToken, message: 'Unknown token' })
    const location = (await readObject(c)) as unknown as AuthorizationInfo['location'] | null
    const info: AuthorizationInfo = {
      allowed: token.valid ? 'ALLOWED' : 'BLOCKED',
      token,
      ...(location && { location }),
      ...(token.valid && { authorization_reference: newReference() }),
    }
    return reply(c, shapes.authorization(info))
  })
}

/** Results of commands and charging profiles, and profiles that CPOs tell of by themselves. */
function addResultRoutes(routes: Hono, { shelves, arrived }: EmspRoutes): void {
  for (const module of ['commands', 'chargingprofiles']) {
    routes.post(`/${module}/results/:what/:id`, async (c) => {
      const body = await readObject(c)
      if (typeof body?.['result'] !== 'string') return replyInvalid(c, 'Expected a result')
      await shelves.results.put(c.req.param('id'), body as AsyncResult)
      arrived()
      return reply(c, undefined)
    })
  }
  routes.put('/chargingprofiles/:session', async (c) => {
    const body = await readObject(c)
    if (!body) return replyInvalid(c, 'No JSON object')
    await shelves.activeProfiles.put(c.req.param('session'), body as ActiveChargingProfile)
    arrived()
    return reply(c, undefined)
  })
}

function keyOf(c: Context): string {
  return `${c.req.param('country')}/${c.req.param('party')}/${c.req.param('id')}`
}
