import { serve } from '@hono/node-server'
import { Hono, type MiddlewareHandler } from 'hono'
import { findLink } from '../../ocpi/link.ts'
import { endpointKey, type InterfaceRole } from '../../ocpi/modules.ts'
import { STATUS } from '../../ocpi/status.ts'
import { type Call, type Line, labelOf } from '../../sandbox/party/line.ts'
import type { ClientInfo, PartyName } from '../../sandbox/party/objects.ts'
import {
  isSuccess,
  readObject,
  reply,
  replyUnknown,
  showAnswer,
  type WireAnswer,
  type WireRequest,
} from '../../sandbox/party/wire.ts'
import { type Connection, createConnection } from './connection.ts'
import { type Dialect, dialectOf, type OcpiVersion } from './dialect.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { isHandshakePath, watchPeer } from './watch-peer.ts'
import { createWire, type ObserveTraffic } from './wire.ts'

export type PlatformOptions = {
  readonly name: string
  readonly party: PartyName
  readonly role: 'CPO' | 'EMSP'
  /** @default '2.2.1' */
  readonly version?: OcpiVersion
  readonly modules: readonly { readonly identifier: string; readonly role: InterfaceRole }[]
  readonly observe: ObserveTraffic
}

export type Platform = Line &
  Pick<Connection, 'peer' | 'issueToken' | 'register' | 'rotate' | 'unregister'> & {
    readonly name: string
    readonly dialect: Dialect
    readonly role: 'CPO' | 'EMSP'
    /** What it announces beside credentials and, where its version has it, hubclientinfo. */
    readonly modules: PlatformOptions['modules']
    /** Where the modules' routes go, before `listen`. Paths begin with the module: `/locations/:id`. */
    readonly routes: Hono
    readonly versionsUrl: () => string
    /** Who is connected to the hub, as the hub tells, by `NL-CPA`. */
    readonly clientInfo: ReadonlyMap<string, ClientInfo>
    /** Waits for what others send here. */
    readonly inbox: Inbox
    /** The party at the other end of the connection. Throws before there is one. */
    readonly hub: () => PartyName
    /** Pulls a list page by page to its end. Rejects when a page is no success or the total does not fit. */
    readonly pull: (
      module: string,
      from: PartyName | null,
      limit: number,
    ) => Promise<{ items: unknown[]; pages: number }>
    readonly listen: () => Promise<void>
    /** Stops listening and cuts all connections, as if its network were gone. */
    readonly goAway: () => Promise<void>
    /** Listens again at the same address. */
    readonly comeBack: () => Promise<void>
    readonly close: () => Promise<void>
  }

type Env = { Variables: { token: string } }

/** A system that speaks one version of OCPI for one party: its server, its connection, its calls. */
export function createPlatform(options: PlatformOptions): Platform {
  const { party, observe } = options
  const dialect = dialectOf(options.version ?? '2.2.1')
  const { version } = dialect
  const modules = dialect.knowsHubs
    ? options.modules
    : options.modules.filter(({ identifier }) => identifier !== 'chargingprofiles')
  const label = labelOf(party)
  const wire = createWire(dialect.headers)
  const routes = new Hono()
  const clientInfo = new Map<string, ClientInfo>()
  const inbox = createInbox()
  let server: ReturnType<typeof serve> | null = null
  let origin = ''

  const versionsUrl = () => `${origin}/ocpi/versions`
  const base = `/ocpi/${options.role.toLowerCase()}/${version}`
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
    dialect,
    versionsUrl,
    self: { ...party, role: options.role, business_details: { name: options.name } },
    roleAtPeer: (module) =>
      modules.find(({ identifier }) => identifier === module)?.role === 'SENDER' ? 'RECEIVER' : 'SENDER',
    send: (module, what, request) => send('hub', module, what, request),
  })

  const hub = (): PartyName => {
    const peer = connection.peer()
    if (!peer) throw new Error(`${label} is not connected`)
    return peer.party
  }

  const callUrl: Platform['callUrl'] = (url, { module, method, to, body, what }) => {
    const peer = connection.peer()
    if (!peer) throw new Error(`${label} is not connected`)
    const addressed = { from: party, ...(to && { to }) }
    return send(to && dialect.knowsHubs ? labelOf(to) : 'hub', module, what, {
      method,
      url,
      token: peer.token,
      ...addressed,
      body,
    })
  }

  const call: Platform['call'] = async ({ role, path = '', ...rest }) => {
    const url = connection.peer()?.endpoints.get(endpointKey(rest.module, role))
    if (!url) throw new Error(`${label} was told no endpoint for ${rest.module} ${role}`)
    return callUrl(`${url}${path}`, rest)
  }

  const pull: Platform['pull'] = async (module, from, limit) => {
    const items: unknown[] = []
    const whose = from ? labelOf(from) : 'the hub'
    let total = 0
    const what = (answer: WireAnswer) => {
      const count = Array.isArray(answer.data) ? answer.data.length : 0
      return `GET page: ${items.length + count} of ${answer.header('x-total-count') ?? '?'}`
    }
    let answer = await call({ module, role: 'SENDER', method: 'GET', path: `?limit=${limit}`, to: from, what })
    for (let pages = 1; ; pages += 1) {
      if (!isSuccess(answer) || !Array.isArray(answer.data))
        throw new Error(`${module} of ${whose}, page ${pages}: ${showAnswer(answer)}`)
      items.push(...(answer.data as unknown[]))
      total = Number(answer.header('x-total-count'))
      const next = findLink([answer.header('link') ?? ''], 'next')
      if (next === undefined) {
        if (items.length !== total)
          throw new Error(`${module} of ${whose}: X-Total-Count says ${total}, ${items.length} came`)
        return { items, pages }
      }
      answer = await callUrl(next, { module, method: 'GET', to: from, what })
    }
  }

  const app = new Hono<Env>()
  app.use('/ocpi/*', checkToken(version, connection))
  app.use('/ocpi/*', watchPeer(version, label, observe, base, connection.peer))
  app.get('/ocpi/versions', (c) => reply(c, [{ version, url: `${origin}/ocpi/${version}` }]))
  app.get(`/ocpi/${version}`, (c) => reply(c, versionDetails(dialect, modules, origin, endpointUrl)))
  app.all(`/ocpi/${version}/credentials`, (c) => connection.answer(c, c.get('token')))
  app.put(`${base}/hubclientinfo/:country/:party`, async (c) => {
    const info = await readObject(c)
    if (!info)
      return reply(c, undefined, { status: 400, statusCode: STATUS.invalidParameters, message: 'No JSON object' })
    clientInfo.set(`${c.req.param('country')}-${c.req.param('party')}`, info as ClientInfo)
    inbox.arrived()
    return reply(c, undefined)
  })
  app.notFound((c) => replyUnknown(c, 'path'))

  const listenAt = (wanted: number) =>
    new Promise<void>((resolve, reject) => {
      const started = serve({ fetch: app.fetch, port: wanted, hostname: '127.0.0.1' }, ({ port }) => {
        origin = `http://127.0.0.1:${port}`
        resolve()
      })
      started.once('error', reject)
      server = started
    })

  const stopListening = async () => {
    const closing = server
    if (!closing) return
    server = null
    await new Promise<void>((resolve) => {
      closing.close(() => resolve())
      if ('closeAllConnections' in closing) closing.closeAllConnections()
    })
  }

  return {
    name: options.name,
    party,
    label,
    role: options.role,
    dialect,
    modules,
    routes,
    versionsUrl,
    endpointUrl,
    clientInfo,
    inbox,
    hub,
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
      return listenAt(0)
    },
    goAway: stopListening,
    comeBack: () => listenAt(Number(new URL(origin).port)),
    close: async () => {
      await wire.close()
      await stopListening()
    },
  }
}

/** A registration token opens versions and credentials only [credentials]. */
function checkToken(version: OcpiVersion, connection: Connection): MiddlewareHandler<Env> {
  return async (c, next) => {
    const checked = connection.check(c.req.header('Authorization'))
    const opens = checked && (checked.opens === 'all' || isHandshakePath(version, c.req.path))
    if (!opens) return reply(c, undefined, { status: 401, statusCode: STATUS.clientError, message: 'Unknown token' })
    c.set('token', checked.token)
    return next()
  }
}

function versionDetails(
  { version, knowsHubs }: Dialect,
  modules: PlatformOptions['modules'],
  origin: string,
  endpointUrl: (module: string) => string,
) {
  const hubClientInfo = { identifier: 'hubclientinfo', role: 'RECEIVER', url: endpointUrl('hubclientinfo') }
  const endpoints = [
    { identifier: 'credentials', role: 'RECEIVER', url: `${origin}/ocpi/${version}/credentials` },
    ...(knowsHubs ? [hubClientInfo] : []),
    ...modules.map(({ identifier, role }) => ({ identifier, role, url: endpointUrl(identifier) })),
  ]
  return { version, endpoints: knowsHubs ? endpoints : endpoints.map(({ identifier, url }) => ({ identifier, url })) }
}
