import { setTimeout as sleep } from 'node:timers/promises'
import { makeTokens } from './data.ts'
import { addCdrRoutes, addEvseRoutes, addObjectRoutes, addTokenRoutes, replyInvalid } from './emsp-routes.ts'
import type {
  ActiveChargingProfile,
  Cdr,
  ChargingProfile,
  Location,
  PartyName,
  Session,
  Tariff,
  Token,
} from './objects.ts'
import { createPlatform, type Platform } from './platform.ts'
import { isSuccess, type ObserveTraffic, readObject, reply, showAnswer, type WireAnswer } from './wire.ts'

export type EmspOptions = { readonly name: string; readonly party: PartyName; readonly observe: ObserveTraffic }

/** What came of a request that is answered twice: at once by the CPO, later by its station. */
export type AsyncOutcome = {
  readonly response: string
  readonly result: string
  readonly profile?: ActiveChargingProfile
}

export type Emsp = {
  readonly platform: Platform
  readonly tokens: readonly Token[]
  /** What CPOs pushed here, by `NL/CPA/id`. */
  readonly locations: ReadonlyMap<string, Location>
  readonly tariffs: ReadonlyMap<string, Tariff>
  readonly sessions: ReadonlyMap<string, Session>
  readonly cdrs: ReadonlyMap<string, Cdr>
  /** Profiles that CPOs told of by themselves, by session. */
  readonly activeProfiles: ReadonlyMap<string, ActiveChargingProfile>
  /** From now on takes so long for each location it is given. */
  readonly slowDown: (delayMs: number) => void
  readonly startSession: (
    cpo: PartyName,
    at: { token: Token; location: Location; evse: number; reference?: string },
  ) => Promise<AsyncOutcome>
  readonly stopSession: (cpo: PartyName, sessionId: string) => Promise<AsyncOutcome>
  readonly setProfile: (cpo: PartyName, sessionId: string, profile: ChargingProfile) => Promise<AsyncOutcome>
  readonly askProfile: (cpo: PartyName, sessionId: string, durationSeconds: number) => Promise<AsyncOutcome>
  readonly clearProfile: (cpo: PartyName, sessionId: string) => Promise<AsyncOutcome>
  /** Gives a CPO a token with PUT. */
  readonly announceToken: (cpo: PartyName, token: Token) => Promise<WireAnswer>
  /** Changes a token at a CPO with PATCH. */
  readonly blockToken: (cpo: PartyName, token: Token) => Promise<WireAnswer>
  readonly close: () => Promise<void>
}

const MODULES = [
  { identifier: 'locations', role: 'RECEIVER' },
  { identifier: 'tariffs', role: 'RECEIVER' },
  { identifier: 'sessions', role: 'RECEIVER' },
  { identifier: 'cdrs', role: 'RECEIVER' },
  { identifier: 'tokens', role: 'SENDER' },
  { identifier: 'commands', role: 'SENDER' },
  { identifier: 'chargingprofiles', role: 'SENDER' },
] as const

/** A simulated e-mobility service provider: drivers with tokens who find, start, steer and pay for charging. */
export function createEmsp(options: EmspOptions): Emsp {
  const platform = createPlatform({ ...options, role: 'EMSP', modules: MODULES })
  const tokens = makeTokens(options.party, options.name, 5)
  const { inbox } = platform
  const locations = new Map<string, Location>()
  const tariffs = new Map<string, Tariff>()
  const sessions = new Map<string, Session>()
  const cdrs = new Map<string, Cdr>()
  const activeProfiles = new Map<string, ActiveChargingProfile>()
  const results = new Map<string, { result: string; profile?: ActiveChargingProfile }>()
  let requests = 0
  let delayMs = 0

  /** Sends with a response_url of its own, then waits for what is posted there. */
  const ask = async (
    module: 'commands' | 'chargingprofiles',
    what: string,
    send: (responseUrl: string) => Promise<WireAnswer>,
  ): Promise<AsyncOutcome> => {
    requests += 1
    const id = `R${requests}`
    const answer = await send(`${platform.endpointUrl(module)}/results/${what.replaceAll(' ', '-')}/${id}`)
    if (!isSuccess(answer)) throw new Error(`${what}: ${showAnswer(answer)}`)
    const response = String((answer.data as { result?: unknown } | undefined)?.result)
    if (response !== 'ACCEPTED') return { response, result: 'none' }
    const result = await inbox.until(`The result of ${what}`, () => results.get(id))
    return { response, ...result }
  }
  const said = (what: string) => (answer: WireAnswer) =>
    `${what}: ${(answer.data as { result?: string } | undefined)?.result ?? 'no'}`
  const command = (cpo: PartyName, name: string, body: object) =>
    ask('commands', name, (response_url) =>
      platform.call({
        module: 'commands',
        role: 'RECEIVER',
        method: 'POST',
        path: `/${name}`,
        to: cpo,
        body: { response_url, ...body },
        what: said(`POST ${name}`),
      }),
    )
  const profileCall = (cpo: PartyName, method: 'GET' | 'DELETE', sessionId: string, query: string) =>
    ask('chargingprofiles', `${method} profile`, (url) =>
      platform.call({
        module: 'chargingprofiles',
        role: 'RECEIVER',
        method,
        path: `/${encodeURIComponent(sessionId)}?${query}response_url=${encodeURIComponent(url)}`,
        to: cpo,
        what: said(`${method} profile of ${sessionId}`),
      }),
    )
  const tokenPath = (token: Token) =>
    `/${token.country_code}/${token.party_id}/${encodeURIComponent(token.uid)}?type=${token.type}`

  const { routes } = platform
  routes.use('/locations/*', async (_, next) => {
    if (delayMs > 0) await sleep(delayMs)
    await next()
  })
  addObjectRoutes(routes, 'tariffs', tariffs, inbox)
  addObjectRoutes(routes, 'sessions', sessions, inbox)
  addObjectRoutes(routes, 'locations', locations, inbox)
  addEvseRoutes(routes, locations, inbox)
  addCdrRoutes(routes, platform, cdrs, inbox)
  addTokenRoutes(routes, platform, tokens)

  for (const module of ['commands', 'chargingprofiles']) {
    routes.post(`/${module}/results/:what/:id`, async (c) => {
      const body = await readObject(c)
      if (typeof body?.['result'] !== 'string') return replyInvalid(c, 'Expected a result')
      results.set(c.req.param('id'), body as { result: string })
      inbox.arrived()
      return reply(c, undefined)
    })
  }
  routes.put('/chargingprofiles/:session', async (c) => {
    const body = await readObject(c)
    if (!body) return replyInvalid(c, 'No JSON object')
    activeProfiles.set(c.req.param('session'), body as ActiveChargingProfile)
    inbox.arrived()
    return reply(c, undefined)
  })

  return {
    platform,
    tokens,
    locations,
    tariffs,
    sessions,
    cdrs,
    activeProfiles,
    slowDown: (ms) => {
      delayMs = ms
    },
    startSession: (cpo, { token, location, evse, reference }) => {
      const chosen = location.evses[evse]
      const body = {
        token,
        location_id: location.id,
        evse_uid: chosen?.uid,
        connector_id: chosen?.connectors[0]?.id,
        authorization_reference: reference,
      }
      return command(cpo, 'START_SESSION', body)
    },
    stopSession: (cpo, session_id) => command(cpo, 'STOP_SESSION', { session_id }),
    setProfile: (cpo, sessionId, charging_profile) =>
      ask('chargingprofiles', 'PUT profile', (response_url) =>
        platform.call({
          module: 'chargingprofiles',
          role: 'RECEIVER',
          method: 'PUT',
          path: `/${encodeURIComponent(sessionId)}`,
          to: cpo,
          body: { charging_profile, response_url },
          what: said(`PUT profile of ${sessionId}`),
        }),
      ),
    askProfile: (cpo, sessionId, durationSeconds) => profileCall(cpo, 'GET', sessionId, `duration=${durationSeconds}&`),
    clearProfile: (cpo, sessionId) => profileCall(cpo, 'DELETE', sessionId, ''),
    announceToken: (cpo, token) =>
      platform.call({
        module: 'tokens',
        role: 'RECEIVER',
        method: 'PUT',
        path: tokenPath(token),
        to: cpo,
        body: token,
        what: `PUT ${token.uid}`,
      }),
    blockToken: (cpo, token) => {
      token.valid = false
      token.last_updated = new Date().toISOString()
      const body = { valid: false, last_updated: token.last_updated }
      return platform.call({
        module: 'tokens',
        role: 'RECEIVER',
        method: 'PATCH',
        path: tokenPath(token),
        to: cpo,
        body,
        what: `PATCH ${token.uid}: blocked`,
      })
    },
    close: platform.close,
  }
}
