import { randomBytes } from 'node:crypto'
import type { Headers } from '../../src/ocpi/headers.ts'
import { type CallAnswer, createPartnerClient } from './partner-client.ts'
import { type Handler, type PartnerServer, startPartnerServer } from './partner-server.ts'

export type Party211 = { readonly country_code: string; readonly party_id: string }

export type FlatCredentials = Party211 & {
  readonly token: string
  readonly url: string
  readonly business_details: { readonly name: string }
}

export type Call211 = {
  /** @default 'GET' */
  readonly method?: string
  /** Put behind the module's URL as it is: `/NL/CPO/1`. */
  readonly path?: string
  /** With its `?`. */
  readonly query?: string
  readonly headers?: Headers
  readonly body?: unknown
  /** In place of its own token. */
  readonly token?: string
}

export type Partner211 = Omit<PartnerServer, 'close'> & {
  readonly party: Party211
  readonly versionsUrl: string
  /** What its answers to credentials, and its own credentials, say of the hub, and of it. */
  readonly hubCredentials: () => FlatCredentials | null
  /** The hub's endpoints by module, as announced. */
  readonly hubEndpoints: Map<string, string>
  /** Answers requests of one module; the newest handler is asked first. */
  readonly on: (module: string, handler: Handler) => void
  readonly issueRegistrationToken: () => string
  /** Versions, details and POST, or PUT once it is registered; gives the answer whatever it is. */
  readonly tryRegister: (hub: { readonly versionsUrl: string; readonly token: string }) => Promise<CallAnswer>
  /** As `tryRegister`; throws unless it succeeds. */
  readonly register: (hub: { readonly versionsUrl: string; readonly token: string }) => Promise<void>
  readonly call: (module: string, call?: Call211) => Promise<CallAnswer>
  readonly callUrl: (url: string, call?: Call211) => Promise<CallAnswer>
  readonly close: () => Promise<void>
}

const MODULES = ['locations', 'tariffs', 'sessions', 'cdrs', 'tokens', 'commands']

/**
 * A partner of OCPI 2.1.1 as the specification has it: its credentials name one party flat, its endpoints no roles, its tokens go raw, its
 * URLs end in slashes, and it neither sends nor knows routing headers.
 */
export async function startPartner211(options: {
  readonly name: string
  readonly side: 'cpo' | 'emsp'
  readonly party: Party211
}): Promise<Partner211> {
  const { name, side, party } = options
  const client = createPartnerClient()
  const handlers = new Map<string, Handler[]>()
  const hubEndpoints = new Map<string, string>()
  const registrationTokens = new Set<string>()
  let tokenForHub: string | null = null
  let hubCredentials: FlatCredentials | null = null
  /** Offered to the hub, which has not answered yet. */
  let offered: string | null = null

  const server = await startPartnerServer({
    name,
    rawHandlers: [],
    locate: (path) => {
      const match = new RegExp(`^/ocpi/${side}/2\\.1\\.1/([a-z]+)(.*)$`, 's').exec(path)
      return { module: match?.[1] ?? null, interfaceRole: null, suffix: match?.[2] ?? path }
    },
    handle: async (request, response) => {
      const sent = /^Token (.*)$/.exec(request.header('authorization') ?? '')?.[1] ?? ''
      const isFirst = registrationTokens.has(sent)
      if (!isFirst && sent !== tokenForHub && sent !== offered)
        return { status: 401, statusCode: 2001, statusMessage: 'Unknown token' }
      const path = request.path.replace(/\/$/, '')
      if (path === `/ocpi/${side}/versions`) return { data: [{ version: '2.1.1', url: `${base()}/` }] }
      if (path === `/ocpi/${side}/2.1.1`) {
        const endpoints = ['credentials', ...MODULES].map((identifier) => ({
          identifier,
          url: `${base()}/${identifier}/`,
        }))
        return { data: { version: '2.1.1', endpoints } }
      }
      if (request.module === 'credentials') {
        if (request.method === 'GET') return { data: own(sent) }
        if (request.method === 'DELETE') {
          tokenForHub = null
          return {}
        }
        const theirs = request.json() as FlatCredentials
        await discover(theirs.url, theirs.token)
        registrationTokens.delete(sent)
        hubCredentials = theirs
        tokenForHub = newToken()
        return { data: own(tokenForHub) }
      }
      for (const handler of [...(handlers.get(request.module ?? '') ?? [])].reverse()) {
        const reply = await handler(request, response)
        if (reply !== 'pass') return reply
      }
      return request.method === 'GET' ? { data: [] } : {}
    },
  })
  const base = () => `${server.origin}/ocpi/${side}/2.1.1`
  const versionsUrl = `${server.origin}/ocpi/${side}/versions/`
  const own = (token: string): FlatCredentials => ({ token, url: versionsUrl, business_details: { name }, ...party })
  const newToken = () => randomBytes(24).toString('base64url')

  const callUrl = (url: string, call: Call211 = {}): Promise<CallAnswer> => {
    const { method = 'GET', path = '', query = '', headers = [], body } = call
    const token = call.token ?? hubCredentials?.token
    const sent = [...headers]
    if (token !== undefined) sent.push('Authorization', `Token ${token}`)
    if (body !== undefined) sent.push('Content-Type', 'application/json')
    const bytes = body === undefined ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    return client.send({ method, url: `${url}${path}${query}`, headers: sent, body: bytes })
  }

  /** Reads the hub's versions and details. Gives the answer that was no success, or null. */
  async function discover(url: string, token: string): Promise<CallAnswer | null> {
    const list = await callUrl(url, { token })
    const found = (Array.isArray(list.data) ? (list.data as { version: string; url: string }[]) : []).find(
      ({ version }) => version === '2.1.1',
    )
    if (!found) return list
    const details = await callUrl(found.url, { token })
    const { endpoints } = (details.data ?? {}) as { endpoints?: { identifier: string; url: string }[] }
    if (!endpoints) return details
    hubEndpoints.clear()
    for (const { identifier, url: at } of endpoints) hubEndpoints.set(identifier, at)
    return null
  }

  async function tryRegister(hub: { readonly versionsUrl: string; readonly token: string }): Promise<CallAnswer> {
    const failure = await discover(hub.versionsUrl, hub.token)
    if (failure) return failure
    offered = newToken()
    const answer = await callUrl(hubEndpoints.get('credentials') ?? '', {
      method: tokenForHub === null ? 'POST' : 'PUT',
      token: hub.token,
      body: own(offered),
    })
    if (answer.statusCode === 1000) {
      tokenForHub = offered
      hubCredentials = answer.data as FlatCredentials
    }
    offered = null
    return answer
  }

  return {
    ...server,
    party,
    versionsUrl,
    hubCredentials: () => hubCredentials,
    hubEndpoints,
    on: (module, handler) => void handlers.set(module, [...(handlers.get(module) ?? []), handler]),
    issueRegistrationToken: () => {
      const token = newToken()
      registrationTokens.add(token)
      return token
    },
    tryRegister,
    register: async (hub) => {
      const answer = await tryRegister(hub)
      if (answer.statusCode !== 1000)
        throw new Error(
          `${name} could not register: HTTP ${answer.status} ${answer.bytes.toString('utf8').slice(0, 500)}`,
        )
    },
    call: (module, call = {}) => callUrl(hubEndpoints.get(module) ?? `no ${module}`, call),
    callUrl,
    close: async () => {
      await client.close()
      await server.close()
    },
  }
}
