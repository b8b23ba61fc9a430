import { setTimeout as sleep } from 'node:timers/promises'
import { makeTokens } from '../../sandbox/party/data.ts'
import { type CommandName, createEmspCalls, type EmspCalls } from '../../sandbox/party/emsp-calls.ts'
import { addEmspRoutes } from '../../sandbox/party/emsp-routes.ts'
import type {
  ActiveChargingProfile,
  AsyncResult,
  Cdr,
  ChargingProfile,
  Location,
  PartyName,
  Session,
  Tariff,
  Token,
} from '../../sandbox/party/objects.ts'
import { shelfOf } from '../../sandbox/party/shelf.ts'
import { isSuccess, showAnswer, type WireAnswer } from '../../sandbox/party/wire.ts'
import type { OcpiVersion } from './dialect.ts'
import { createPlatform, type Platform } from './platform.ts'
import type { ObserveTraffic } from './wire.ts'

export type EmspOptions = {
  readonly name: string
  readonly party: PartyName
  /** @default '2.2.1' */
  readonly version?: OcpiVersion
  readonly observe: ObserveTraffic
}

/** What came of a request that is answered twice: at once by the CPO, later by its station. */
export type AsyncOutcome = AsyncResult & { readonly response: string }

export type Emsp = Pick<EmspCalls, 'announceToken' | 'blockToken'> & {
  readonly platform: Platform
  readonly tokens: readonly Token[]
  /** What CPOs pushed here, by `NL/CPA/id`, written as the version of this eMSP does. */
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
  readonly cancelReservation: (cpo: PartyName, reservationId: string) => Promise<AsyncOutcome>
  readonly stopSession: (cpo: PartyName, sessionId: string) => Promise<AsyncOutcome>
  readonly setProfile: (cpo: PartyName, sessionId: string, profile: ChargingProfile) => Promise<AsyncOutcome>
  readonly askProfile: (cpo: PartyName, sessionId: string, durationSeconds: number) => Promise<AsyncOutcome>
  readonly clearProfile: (cpo: PartyName, sessionId: string) => Promise<AsyncOutcome>
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
  const { shapes } = platform.dialect
  const tokens = makeTokens(options.party, options.name, 5)
  const { inbox } = platform
  const locations = new Map<string, Location>()
  const tariffs = new Map<string, Tariff>()
  const sessions = new Map<string, Session>()
  const cdrs = new Map<string, Cdr>()
  const activeProfiles = new Map<string, ActiveChargingProfile>()
  const results = new Map<string, AsyncResult>()
  const calls = createEmspCalls(platform, shapes)
  let requests = 0
  let references = 0
  let delayMs = 0

  /** Sends with a response_url of its own, then waits for what is posted there. */
  const ask = async (
    module: 'commands' | 'chargingprofiles',
    what: string,
    send: (responseUrl: string) => Promise<WireAnswer>,
  ): Promise<AsyncOutcome> => {
    requests += 1
    const id = `R${requests}`
    const answer = await send(calls.responseUrl(module, what, id))
    if (!isSuccess(answer)) throw new Error(`${what}: ${showAnswer(answer)}`)
    const response = String((answer.data as { result?: unknown } | undefined)?.result)
    if (response !== 'ACCEPTED') return { response, result: 'none' }
    const result = await inbox.until(`The result of ${what}`, () => results.get(id))
    return { response, ...result }
  }
  const command = (cpo: PartyName, name: CommandName, body: object) =>
    ask('commands', name, (url) => calls.command(cpo, name, url, body))

  const { routes } = platform
  routes.use('/locations/*', async (_, next) => {
    if (delayMs > 0) await sleep(delayMs)
    await next()
  })
  addEmspRoutes(routes, platform, {
    shelves: {
      locations: shelfOf(locations),
      tariffs: shelfOf(tariffs),
      sessions: shelfOf(sessions),
      cdrs: shelfOf(cdrs),
      activeProfiles: shelfOf(activeProfiles),
      results: shelfOf(results),
    },
    tokens,
    newReference() {
      references += 1
      return `${options.party.party_id}-AUTH-${references}`
    },
    arrived: inbox.arrived,
    shapes,
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
    cancelReservation: (cpo, reservation_id) => command(cpo, 'CANCEL_RESERVATION', { reservation_id }),
    stopSession: (cpo, session_id) => command(cpo, 'STOP_SESSION', { session_id }),
    setProfile: (cpo, sessionId, profile) =>
      ask('chargingprofiles', 'PUT profile', (url) => calls.setProfile(cpo, sessionId, url, profile)),
    askProfile: (cpo, sessionId, durationSeconds) =>
      ask('chargingprofiles', 'GET profile', (url) =>
        calls.profile(cpo, 'GET', sessionId, url, `duration=${durationSeconds}&`),
      ),
    clearProfile: (cpo, sessionId) =>
      ask('chargingprofiles', 'DELETE profile', (url) => calls.profile(cpo, 'DELETE', sessionId, url)),
    announceToken: calls.announceToken,
    blockToken: calls.blockToken,
    close: platform.close,
  }
}
