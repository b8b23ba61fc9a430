import { randomBytes, randomUUID } from 'node:crypto'
import type { Headers } from '../../src/ocpi/headers.ts'
import { endpointKey, type InterfaceRole } from '../../src/ocpi/modules.ts'
import type { Role } from '../../src/ocpi/party.ts'
import { type CallAnswer, createPartnerClient } from './partner-client.ts'
import {
  type Handler,
  type PartnerServer,
  type RawHandler,
  type RecordedRequest,
  type Reply,
  startPartnerServer,
} from './partner-server.ts'

export type WireParty = { readonly country_code: string; readonly party_id: string; readonly role: Role }

export type ModuleSide = { readonly identifier: string; readonly role: InterfaceRole }

export type PartnerOptions = {
  readonly name: string
  readonly parties: readonly WireParty[]
  /** @default what its parties' roles usually hold, and hubclientinfo RECEIVER */
  readonly modules?: readonly ModuleSide[]
  /** OCPI versions that it speaks, the best first. @default ['2.2.1'] */
  readonly versions?: readonly string[]
  /** The hub that it says to be in credentials of 2.3.0, `NLABC`. @default none */
  readonly hubPartyId?: string
  /** How it sends its token and expects the hub's. @default 'base64' */
  readonly tokenEncoding?: 'base64' | 'raw'
  /** Answers with a list of one where one object is due: its version details and credentials. */
  readonly givesListsOfOne?: boolean
}

export type CallOptions = {
  /** @default 'GET' */
  readonly method?: string
  /** Put behind the endpoint's URL as it is: `/LOC%2F1`. */
  readonly path?: string
  /** With its `?`. */
  readonly query?: string
  /** Added at the end. */
  readonly headers?: Headers
  /** Strings, Buffers and streams of bytes go out as they are, anything else as JSON. */
  readonly body?: unknown
  /** Null: no OCPI-to headers. */
  readonly to?: { readonly country_code: string; readonly party_id: string } | null
  /** Null: no OCPI-from headers. @default its first party, when `to` is given */
  readonly from?: { readonly country_code: string; readonly party_id: string } | null
  /** Instead of its own token; null sends no Authorization. */
  readonly authorization?: string | null
  /** Null leaves it out. @default a new one */
  readonly requestId?: string | null
  readonly correlationId?: string | null
  readonly signal?: AbortSignal
}

export type RotateOptions = {
  /** From then on it speaks these versions, the best first: it reads the hub's endpoints anew and sends its PUT to the best in common. */
  readonly versions?: readonly string[]
  /** When the hub's old token ends here: with the answer of the hub, or before the hub is told of the new one. @default 'with the answer' */
  readonly oldTokenEnds?: 'with the answer' | 'first'
}

export type Credentials = {
  token: string
  url: string
  /** Of 2.3.0. */
  hub_party_id?: string
  roles: { role: string; country_code: string; party_id: string }[]
}

export type Partner = Omit<PartnerServer, 'close'> & {
  readonly name: string
  readonly parties: readonly WireParty[]
  readonly versionsUrl: string
  /** What the hub must send in Authorization (undecoded); null before a handshake. */
  readonly tokenForHub: () => string | null
  /** What it sends to the hub; null before a handshake. */
  readonly tokenAtHub: () => string | null
  /** What the hub's version details said, by `endpointKey`; `credentials` is under `credentials/RECEIVER`. */
  readonly hubEndpoints: Map<string, string>
  /** The credentials the hub gave last. */
  readonly hubCredentials: () => Credentials | null
  /** Answers requests of one endpoint; the newest handler is asked first. Returns how to take it back. */
  readonly on: (module: string, role: InterfaceRole, handler: Handler) => () => void
  /** Answers any request, before the token is checked and before everything else. Returns how to take it back. */
  readonly onRequest: (handler: Handler) => () => void
  /** Sees any request before its body is read. Returns how to take it back. */
  readonly onRaw: (handler: RawHandler) => () => void
  /** A token with which the hub may register here (the hub starts the handshake). */
  readonly issueRegistrationToken: () => string
  /** Registers at the hub as a partner does: versions, details, POST. Throws unless it succeeds. */
  readonly register: (hub: { readonly versionsUrl: string; readonly token: string }) => Promise<CallAnswer>
  /** As `register`, but gives the answer of POST whatever it is. */
  readonly tryRegister: (hub: { readonly versionsUrl: string; readonly token: string }) => Promise<CallAnswer>
  /** PUT of new credentials with a new token for the hub; gives the answer. The hub's new token is kept only on 1000. */
  readonly rotate: (options?: RotateOptions) => Promise<CallAnswer>
  /** DELETE of the credentials; gives the answer. */
  readonly unregister: () => Promise<CallAnswer>
  /** Calls the endpoint that the hub announced for this module and interface role. */
  readonly call: (module: string, role: InterfaceRole, options?: CallOptions) => Promise<CallAnswer>
  /** Calls any URL with its token: next links, response URLs, Locations. */
  readonly callUrl: (url: string, options?: CallOptions) => Promise<CallAnswer>
  /** The URL of one of its own endpoints. */
  readonly endpointUrl: (module: string, role: InterfaceRole) => string
  readonly close: () => Promise<void>
}

const USUAL: Readonly<Record<string, readonly ModuleSide[]>> = {
  CPO: [
    ...sides('SENDER', ['locations', 'tariffs', 'sessions', 'cdrs']),
    ...sides('RECEIVER', ['tokens', 'commands', 'chargingprofiles']),
  ],
  EMSP: [
    ...sides('RECEIVER', ['locations', 'tariffs', 'sessions', 'cdrs']),
    ...sides('SENDER', ['tokens', 'commands', 'chargingprofiles']),
  ],
}

function sides(role: InterfaceRole, identifiers: readonly string[]): ModuleSide[] {
  return identifiers.map((identifier) => ({ identifier, role }))
}

/** The endpoints a platform with these roles usually announces (credentials apart). */
export function usualModules(parties: readonly WireParty[]): ModuleSide[] {
  return [...routedModules(parties), { identifier: 'hubclientinfo', role: 'RECEIVER' }]
}

/** Of those, the ones that other parties call: the hub itself has nothing to push to such a platform. */
export function routedModules(parties: readonly WireParty[]): ModuleSide[] {
  const all = parties.flatMap(({ role }) => USUAL[role] ?? sides('RECEIVER', ['locations', 'tariffs']))
  const unique = new Map(all.map((side) => [endpointKey(side.identifier, side.role), side]))
  return [...unique.values()]
}

/**
 * A platform for tests that does exactly what it is told: real OCPI by default, anything else on demand. Everything it is
 * sent is recorded as bytes; everything it sends goes out as written.
 */
export async function startPartner(options: PartnerOptions): Promise<Partner> {
  const modules = options.modules ?? usualModules(options.parties)
  let versions = options.versions ?? ['2.2.1']
  const encode = (token: string) => (options.tokenEncoding === 'raw' ? token : Buffer.from(token).toString('base64'))
  const client = createPartnerClient()

  const rawHandlers: RawHandler[] = []
  const anyHandlers: Handler[] = []
  const handlers = new Map<string, Handler[]>()
  const hubEndpoints = new Map<string, string>()
  const accepted = new Set<string>()
  const registrationTokens = new Set<string>()
  let tokenForHub: string | null = null
  let tokenAtHub: string | null = null
  let hubCredentials: Credentials | null = null

  const server = await startPartnerServer({
    name: options.name,
    rawHandlers,
    locate: (path) => {
      const match = /^\/srv\/(sender|receiver)\/([^/]+)(.*)$/s.exec(path)
      if (!match) return { module: null, interfaceRole: null, suffix: path }
      const [, role = '', module = '', suffix = ''] = match
      return { module, interfaceRole: role.toUpperCase() as InterfaceRole, suffix }
    },
    handle: async (request, response) => {
      for (const handler of [...anyHandlers].reverse()) {
        const reply = await handler(request, response)
        if (reply !== 'pass') return reply
      }
      const sent = /^Token (.*)$/.exec(request.header('authorization') ?? '')?.[1]
      const token = [...accepted, ...registrationTokens].find((known) => encode(known) === sent)
      if (token === undefined) return { status: 401, statusCode: 2001, statusMessage: 'Unknown token' }
      if (request.path === '/versions')
        return { data: versions.map((version) => ({ version, url: `${server.origin}/v/${version}` })) }
      if (/^\/v\/[\d.]+$/.test(request.path)) return { data: one(details(request.path.slice(3))) }
      const credentialsOf = /^(?:\/v\/([\d.]+))?\/credentials$/.exec(request.path)
      if (credentialsOf) return answerCredentials(request, token, credentialsOf[1] ?? versions[0] ?? '')
      if (registrationTokens.has(token)) return { status: 401, statusCode: 2001, statusMessage: 'Register first' }
      const key = endpointKey(request.module ?? '', request.interfaceRole ?? 'SENDER')
      for (const handler of [...(handlers.get(key) ?? [])].reverse()) {
        const reply = await handler(request, response)
        if (reply !== 'pass') return reply
      }
      const isKnown = modules.some((side) => endpointKey(side.identifier, side.role) === key)
      if (!isKnown) return { status: 404, statusCode: 2000, statusMessage: 'No such endpoint' }
      return request.method === 'GET' ? { data: [] } : {}
    },
  })

  const endpointUrl = (module: string, role: InterfaceRole) => `${server.origin}/srv/${role.toLowerCase()}/${module}`
  const ownCredentialsUrl = (version: string) =>
    `${server.origin}${versions.length === 1 ? '' : `/v/${version}`}/credentials`
  const details = (version: string) => ({
    version,
    endpoints: [
      { identifier: 'credentials', role: 'RECEIVER', url: ownCredentialsUrl(version) },
      ...modules.map(({ identifier, role }) => ({ identifier, role, url: endpointUrl(identifier, role) })),
    ],
  })
  const credentials = (token: string) => ({
    token,
    url: `${server.origin}/versions`,
    ...(options.hubPartyId !== undefined && { hub_party_id: options.hubPartyId }),
    roles: options.parties.map((party) => ({ ...party, business_details: { name: options.name } })),
  })
  const one = (object: object) => (options.givesListsOfOne ? [object] : object)
  const newToken = () => randomBytes(24).toString('base64url')

  const callUrl = (url: string, call: CallOptions = {}): Promise<CallAnswer> => {
    const headers: string[] = []
    const authorization =
      call.authorization === undefined ? tokenAtHub && `Token ${encode(tokenAtHub)}` : call.authorization
    if (authorization !== null) headers.push('Authorization', authorization)
    if (call.requestId !== null) headers.push('X-Request-ID', call.requestId ?? randomUUID())
    if (call.correlationId !== null) headers.push('X-Correlation-ID', call.correlationId ?? randomUUID())
    const from = call.from === undefined ? (call.to ? options.parties[0] : null) : call.from
    if (call.to) headers.push('OCPI-to-country-code', call.to.country_code, 'OCPI-to-party-id', call.to.party_id)
    if (from) headers.push('OCPI-from-country-code', from.country_code, 'OCPI-from-party-id', from.party_id)
    const body = asBytes(call.body)
    const own = call.headers ?? []
    if (body && !own.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type'))
      headers.push('Content-Type', 'application/json')
    headers.push(...own)
    const { method = 'GET', path = '', query = '', signal } = call
    return client.send({ method, url: `${url}${path}${query}`, headers, body, ...(signal && { signal }) })
  }

  /**
   * Reads versions and details with a token and gives the endpoints of the best version in common by key, or the answer that was no
   * success.
   */
  const discover = async (versionsUrl: string, token: string, wanted: readonly string[] = versions) => {
    const authorization = `Token ${encode(token)}`
    const list = await callUrl(versionsUrl, { authorization })
    const offered = Array.isArray(list.data) ? (list.data as { version: string; url: string }[]) : []
    const found = wanted.flatMap((version) => offered.findLast((entry) => entry.version === version) ?? [])[0]
    if (!found) return { failure: list }
    const answer = await callUrl(found.url, { authorization })
    const listed = (
      answer.data as { endpoints?: { identifier: string; role: InterfaceRole; url: string }[] } | undefined
    )?.endpoints
    if (!listed) return { failure: answer }
    const keyed = listed.map(
      ({ identifier, role, url }) =>
        [endpointKey(identifier, identifier === 'credentials' ? 'RECEIVER' : role), url] as const,
    )
    return { endpoints: new Map(keyed) }
  }

  /** POST or PUT with a new token for the hub, which is accepted while the hub decides and kept only on success. */
  const offer = async (method: 'POST' | 'PUT', url: string, authorizedBy: string): Promise<CallAnswer> => {
    const offered = newToken()
    accepted.add(offered)
    const answer = await callUrl(url, {
      method,
      body: credentials(offered),
      authorization: `Token ${encode(authorizedBy)}`,
    })
    if (answer.status === 200 && answer.statusCode === 1000) {
      take(answer.data as Credentials, offered)
    } else {
      accepted.delete(offered)
    }
    return answer
  }
  const take = (theirs: Credentials, offered: string) => {
    if (tokenForHub !== null) accepted.delete(tokenForHub)
    tokenForHub = offered
    accepted.add(offered)
    tokenAtHub = theirs.token
    hubCredentials = theirs
  }
  const setEndpoints = (endpoints: ReadonlyMap<string, string>) => {
    hubEndpoints.clear()
    for (const [key, url] of endpoints) hubEndpoints.set(key, url)
  }

  const tryRegister: Partner['tryRegister'] = async ({ versionsUrl, token }) => {
    const found = await discover(versionsUrl, token)
    if ('failure' in found) return found.failure
    setEndpoints(found.endpoints)
    return offer('POST', credentialsUrl(), token)
  }
  const credentialsUrl = () => {
    const url = hubEndpoints.get('credentials/RECEIVER')
    if (!url)
      throw new Error(
        `${options.name} knows no credentials endpoint of the hub; known: ${[...hubEndpoints.keys()].join(', ')}`,
      )
    return url
  }

  /** The hub registers here, renews or ends [credentials: POST, PUT, DELETE]. */
  const answerCredentials = async (request: RecordedRequest, usedToken: string, version: string): Promise<Reply> => {
    const isRegistered = tokenForHub !== null && !registrationTokens.has(usedToken)
    switch (request.method) {
      case 'GET':
        return { data: one(credentials(usedToken)) }
      case 'DELETE':
        if (!isRegistered) return { status: 405, statusCode: 2001 }
        forget()
        return {}
      case 'POST':
      case 'PUT': {
        if (isRegistered !== (request.method === 'PUT')) return { status: 405, statusCode: 2001 }
        const theirs = request.json() as Credentials
        const found = await discover(theirs.url, theirs.token, [version])
        if ('failure' in found) return { statusCode: 3001, statusMessage: `Versions answered ${found.failure.status}` }
        setEndpoints(found.endpoints)
        registrationTokens.delete(usedToken)
        const offered = newToken()
        take(theirs, offered)
        return { data: one(credentials(offered)) }
      }
      default:
        return { status: 405, statusCode: 2001 }
    }
  }
  const forget = () => {
    accepted.clear()
    tokenForHub = null
    tokenAtHub = null
    hubCredentials = null
  }

  return {
    ...server,
    name: options.name,
    parties: options.parties,
    versionsUrl: `${server.origin}/versions`,
    tokenForHub: () => tokenForHub,
    tokenAtHub: () => tokenAtHub,
    hubEndpoints,
    hubCredentials: () => hubCredentials,
    on: (module, role, handler) => {
      const key = endpointKey(module, role)
      const list = handlers.get(key) ?? []
      handlers.set(key, list)
      return addTo(list, handler)
    },
    onRequest: (handler) => addTo(anyHandlers, handler),
    onRaw: (handler) => addTo(rawHandlers, handler),
    issueRegistrationToken: () => {
      const token = newToken()
      registrationTokens.add(token)
      return token
    },
    tryRegister,
    register: async (at) => {
      const answer = await tryRegister(at)
      if (tokenAtHub === null || answer.statusCode !== 1000) {
        throw new Error(
          `${options.name} could not register: HTTP ${answer.status} ${answer.bytes.toString('utf8').slice(0, 500)}`,
        )
      }
      return answer
    },
    rotate: async ({ oldTokenEnds = 'with the answer', versions: others } = {}) => {
      if (others) {
        versions = others
        const found = await discover(`${new URL(credentialsUrl()).origin}/ocpi/versions`, tokenAtHub ?? 'none')
        if ('failure' in found) return found.failure
        setEndpoints(found.endpoints)
      }
      if (oldTokenEnds === 'first' && tokenForHub !== null) accepted.delete(tokenForHub)
      return offer('PUT', credentialsUrl(), tokenAtHub ?? 'none')
    },
    unregister: async () => {
      const answer = await callUrl(credentialsUrl(), { method: 'DELETE' })
      if (answer.statusCode === 1000) forget()
      return answer
    },
    call: (module, role, call = {}) => {
      const url = hubEndpoints.get(endpointKey(module, role))
      if (!url)
        throw new Error(
          `The hub announced no ${module} ${role}; it announced ${[...hubEndpoints.keys()].join(', ') || 'nothing'}`,
        )
      return callUrl(url, call)
    },
    callUrl,
    endpointUrl,
    close: async () => {
      await client.close()
      await server.close()
    },
  }
}

function asBytes(body: unknown): Buffer | AsyncIterable<Uint8Array> | null {
  if (body === undefined || body === null) return null
  if (Buffer.isBuffer(body)) return body
  if (typeof body === 'object' && Symbol.asyncIterator in body) return body as AsyncIterable<Uint8Array>
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function addTo<T>(list: T[], item: T): () => void {
  list.push(item)
  return () => {
    const at = list.indexOf(item)
    if (at >= 0) list.splice(at, 1)
  }
}
