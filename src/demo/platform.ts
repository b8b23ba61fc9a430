import { serve } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { endpointKey, type InterfaceRole } from '../ocpi/modules.ts'
import { showParty } from '../ocpi/party.ts'
import { STATUS } from '../ocpi/status.ts'
import { type Connection, createConnection, VERSION } from './connection.ts'
import type { ClientInfo, PartyName } from './objects.ts'
import { nextOf } from './pages.ts'
import {
  createWire,
  isSuccess,
  type ObserveTraffic,
  readObject,
  reply,
  replyUnknown,
  showAnswer,
  type WireAnswer,
  type WireRequest,
} from './wire.ts'

export type PlatformOptions = {
  readonly name: string
  readonly party: PartyName
  readonly role: 'CPO' | 'EMSP'
  readonly modules: readonly { readonly identifier: string; readonly role: InterfaceRole }[]
  readonly observe: ObserveTraffic
}

export type Call = {
  readonly module: string
  /** The interface role of the endpoint that is called. */
  readonly role: InterfaceRole
  readonly method: WireRequest['method']
  readonly to: PartyName
  /** Behind the endpoint's URL. */
  readonly path?: string
  readonly body?: unknown
  /** Few words for those who watch. */
  readonly what: string | ((answer: WireAnswer) => string)
}

export type Platform = Pick<Connection, 'peer' | 'issueToken' | 'register' | 'rotate' | 'unregister'> & {
  readonly name: string
  readonly party: PartyName
  /** `NL-CPA`. */
  readonly label: string
  readonly role: 'CPO' | 'EMSP'
  /** What it announces beside credentials and hubclientinfo. */
  readonly modules: PlatformOptions['modules']
  /** Where the modules' routes go, before `listen`. Paths begin with the module: `/locations/:id`. */
  readonly routes: Hono
  readonly versionsUrl: () => string
  readonly endpointUrl: (module: string) => string
  /** Who is connected to the hub, as the hub tells. */
  readonly clientInfo: ReadonlyMap<string, ClientInfo>
  /** Calls another party through the peer. Rejects when no answer comes. */
  readonly call: (call: Call) => Promise<WireAnswer>
  /** Calls a URL that the peer gave: a response_url, a Location, a next page. */
  readonly callUrl: (url: string, call: Omit<Call, 'role' | 'path'>) => Promise<WireAnswer>
  /** Pulls a list page by page to its end. Rejects when a page is no success or the total does not fit. */
  readonly pull: (module: string, from: PartyName, limit: number) => Promise<{ items: unknown[]; pages: number }>
  readonly listen: () => Promise<void>
  readonly close: () => Promise<void>
}

type Env = { Variables: { token: string } }

/** A system that speaks OCPI 2.2.1 for one party: its server, its connection, its calls. */
export function createPlatform(options: PlatformOptions): Platform {
  const { party, observe } = options
  const label = labelOf(party)
  const wire = createWire()
  const routes = new Hono()
  const clientInfo = new Map<string, ClientInfo>()
  let server: ReturnType<typeof serve> | null = null
  let origin = ''

  const versionsUrl = () => `${origin}/ocpi/versions`
  const base = `/ocpi/${options.role.toLowerCase()}/${VERSION}`
  const endpointUrl = (module: string) => `${origin}${base}/${module}`

  const send = async (to: string, module: string, what: Call['what'], request: WireRequest): Promise<WireAnswer> => {
    const began = performance.now()
    const tell = (answer: WireAnswer | null) => {
      const text = typeof what === 'string' ? what : answer ? what(answer) : request.method
      observe({
        from: label,
        to,
        module,
        what: text,
        httpStatus: answer?.status ?? null,
        ocpiStatus: answer?.ocpiStatus ?? null,
        durationMs: performance.now() - began,
      })
    }
    try {
      const answer = await wire.send(request)
      tell(answer)
      return answer
    } catch (error) {
      tell(null)
      throw error
    }
  }

  const connection = createConnection({
    versionsUrl,
    roles: [{ ...party, role: options.role, business_details: { name: options.name } }],
    send: (module, what, request) => send('hub', module, what, request),
  })

  const callUrl: Platform['callUrl'] = (url, { module, method, to, body, what }) => {
    const peer = connection.peer()
    if (!peer) throw new Error(`${label} is not connected`)
    return send(labelOf(to), module, what, { method, url, token: peer.token, from: party, to, body })
  }

  const call: Platform['call'] = async ({ role, path = '', ...rest }) => {
    const url = connection.peer()?.endpoints.get(endpointKey(rest.module, role))
    if (!url) throw new Error(`${label} was told no endpoint for ${rest.module} ${role}`)
    return callUrl(`${url}${path}`, rest)
  }

  const pull: Platform['pull'] = async (module, from, limit) => {
    const items: unknown[] = []
    let total = 0
    const what = (answer: WireAnswer) => {
      const count = Array.isArray(answer.data) ? answer.data.length : 0
      return `GET page: ${items.length + count} of ${answer.header('x-total-count') ?? '?'}`
    }
    let answer = await call({ module, role: 'SENDER', method: 'GET', path: `?limit=${limit}`, to: from, what })
    for (let pages = 1; ; pages += 1) {
      if (!isSuccess(answer) || !Array.isArray(answer.data))
        throw new Error(`${module} of ${labelOf(from)}, page ${pages}: ${showAnswer(answer)}`)
      items.push(...(answer.data as unknown[]))
      total = Number(answer.header('x-total-count'))
      const next = nextOf(answer.header('link'))
      if (next === null) {
        if (items.length !== total)
          throw new Error(`${module} of ${labelOf(from)}: X-Total-Count says ${total}, ${items.length} came`)
        return { items, pages }
      }
      answer = await callUrl(next, { module, method: 'GET', to: from, what })
    }
  }

  const app = new Hono<Env>()
  app.use('/ocpi/*', checkToken(connection))
  app.use('/ocpi/*', watchPeer(label, observe))
  app.get('/ocpi/versions', (c) => reply(c, [{ version: VERSION, url: `${origin}/ocpi/${VERSION}` }]))
  app.get(`/ocpi/${VERSION}`, (c) => reply(c, versionDetails(options, origin, endpointUrl)))
  app.all(`/ocpi/${VERSION}/credentials`, (c) => connection.answer(c, c.get('token')))
  app.put(`${base}/hubclientinfo/:country/:party`, async (c) => {
    const info = await readObject(c)
    if (!info)
      return reply(c, undefined, { status: 400, statusCode: STATUS.invalidParameters, message: 'No JSON object' })
    clientInfo.set(`${c.req.param('country')}-${c.req.param('party')}-${String(info['role'])}`, info as ClientInfo)
    return reply(c, undefined)
  })
  app.notFound((c) => replyUnknown(c, 'path'))

  return {
    name: options.name,
    party,
    label,
    role: options.role,
    modules: options.modules,
    routes,
    versionsUrl,
    endpointUrl,
    clientInfo,
    peer: connection.peer,
    issueToken: connection.issueToken,
    register: connection.register,
    rotate: connection.rotate,
    unregister: connection.unregister,
    call,
    callUrl,
    pull,
    listen: () => {
      app.route(base, routes)
      return new Promise((resolve, reject) => {
        const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
          origin = `http://127.0.0.1:${port}`
          resolve()
        })
        started.once('error', reject)
        server = started
      })
    },
    close: async () => {
      await wire.close()
      const closing = server
      if (!closing) return
      server = null
      await new Promise<void>((resolve) => {
        closing.close(() => resolve())
        if ('closeAllConnections' in closing) closing.closeAllConnections()
      })
    },
  }
}

export function labelOf(party: PartyName): string {
  return showParty({ countryCode: party.country_code, partyId: party.party_id })
}

/** A registration token opens versions and credentials only [credentials]. */
function checkToken(connection: Connection): MiddlewareHandler<Env> {
  return async (c, next) => {
    const checked = connection.check(c.req.header('Authorization'))
    const opens = checked && (checked.opens === 'all' || isHandshakePath(c.req.path))
    if (!opens) return reply(c, undefined, { status: 401, statusCode: STATUS.clientError, message: 'Unknown token' })
    c.set('token', checked.token)
    return next()
  }
}

/** Tells of what the peer itself asks; messages of other parties are told by their senders. */
function watchPeer(label: string, observe: ObserveTraffic): MiddlewareHandler<Env> {
  return async (c, next) => {
    const isClientInfo = c.req.path.includes('/hubclientinfo')
    if (!isClientInfo && !isHandshakePath(c.req.path)) return next()
    const began = performance.now()
    await next()
    const { status_code: ocpiStatus = null } = (await c.res.clone().json()) as { status_code?: number }
    observe({
      from: 'hub',
      to: label,
      ...nameOf(c, isClientInfo),
      httpStatus: c.res.status,
      ocpiStatus,
      durationMs: performance.now() - began,
    })
    return undefined
  }
}

function nameOf(c: Context, isClientInfo: boolean): { module: string; what: string } {
  const { method, path } = c.req
  if (isClientInfo) return { module: 'hubclientinfo', what: `${method} ${path.split('/').slice(-2).join('-')}` }
  if (path.endsWith('/credentials')) return { module: 'credentials', what: `${method} credentials` }
  return { module: 'versions', what: path.endsWith('/versions') ? 'GET versions' : `GET details of ${VERSION}` }
}

function isHandshakePath(path: string): boolean {
  return path === '/ocpi/versions' || path === `/ocpi/${VERSION}` || path === `/ocpi/${VERSION}/credentials`
}

function versionDetails({ modules }: PlatformOptions, origin: string, endpointUrl: (module: string) => string) {
  return {
    version: VERSION,
    endpoints: [
      { identifier: 'credentials', role: 'RECEIVER', url: `${origin}/ocpi/${VERSION}/credentials` },
      { identifier: 'hubclientinfo', role: 'RECEIVER', url: endpointUrl('hubclientinfo') },
      ...modules.map(({ identifier, role }) => ({ identifier, role, url: endpointUrl(identifier) })),
    ],
  }
}
