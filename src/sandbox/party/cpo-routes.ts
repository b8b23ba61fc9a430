import type { Context, Hono } from 'hono'
import type { Line } from './line.ts'
import type { Cdr, Location, Session, Tariff, Token } from './objects.ts'
import { replyPage } from './pages.ts'
import { SHAPES_221, type Shapes } from './shapes/shapes.ts'
import type { Shelf } from './shelf.ts'
import { readObject, reply, replyInvalid, replyUnknown } from './wire.ts'

type Held = {
  readonly locations: readonly Location[]
  readonly tariffs: readonly Tariff[]
  readonly sessions: Shelf<Session>
  readonly cdrs: Shelf<Cdr>
}

/** Most objects of a page: few, so that reading a list takes several of them. */
export type PageSizes = { readonly locations: number; readonly tariffs: number; readonly others: number }
export const PAGE_SIZES: PageSizes = { locations: 3, tariffs: 2, others: 50 }

/** Lists page by page, and single locations [mod_locations, mod_tariffs, mod_sessions, mod_cdrs: Sender]. */
export function addSenderRoutes(
  routes: Hono,
  line: Line,
  held: Held,
  sizes: PageSizes = PAGE_SIZES,
  /** Which sessions and CDRs it lists for whoever asks. @default all */
  isFor: (c: Context) => (object: Session | Cdr) => boolean = () => () => true,
  shapes: Shapes = SHAPES_221,
): void {
  const { locations, tariffs, sessions, cdrs } = held
  const { location: writeLocation, tariff: writeTariff, session: writeSession, cdr: writeCdr } = shapes
  routes.get('/locations', (c) =>
    replyPage(c, line.endpointUrl('locations'), locations.map(writeLocation), sizes.locations),
  )
  routes.get('/locations/:id/:evse?/:connector?', (c) => {
    const { id, evse, connector } = c.req.param()
    const known = locations.find((each) => each.id === id)
    const location = known && (writeLocation(known) as Location)
    const found = evse === undefined ? location : location?.evses.find(({ uid }) => uid === evse)
    const object =
      connector === undefined || !found || !('connectors' in found)
        ? found
        : found.connectors.find((each) => each.id === connector)
    return object ? reply(c, object) : replyUnknown(c, 'location')
  })
  routes.get('/tariffs', (c) => replyPage(c, line.endpointUrl('tariffs'), tariffs.map(writeTariff), sizes.tariffs))
  routes.get('/sessions', async (c) => {
    const listed = (await sessions.list()).filter(isFor(c)).map((each) => writeSession(each, locations))
    return replyPage(c, line.endpointUrl('sessions'), listed, sizes.others)
  })
  routes.get('/cdrs', async (c) => {
    const listed = (await cdrs.list()).filter(isFor(c)).map((each) => writeCdr(each, locations))
    return replyPage(c, line.endpointUrl('cdrs'), listed, sizes.others)
  })
}

/** Tokens that eMSPs push [mod_tokens: Receiver]. */
export function addTokenRoutes(routes: Hono, tokens: Shelf<Token>): void {
  routes.on(['GET', 'PUT', 'PATCH'], '/tokens/:country/:party/:uid', async (c) => {
    const key = `${c.req.query('type') ?? 'RFID'}/${c.req.param('uid')}`
    const known = await tokens.get(key)
    if (c.req.method === 'GET') return known ? reply(c, known) : replyUnknown(c, 'token')
    const body = (await readObject(c)) as Partial<Token> | null
    if (!body) return replyInvalid(c, 'No JSON object')
    if (c.req.method === 'PATCH' && !known) return replyUnknown(c, 'token')
    await tokens.put(key, { ...known, ...body } as Token)
    return reply(c, undefined)
  })
}
