import { addEnergy, fullPower, makeCdr } from './charging.ts'
import { addSenderRoutes, addTokenRoutes } from './cpo-routes.ts'
import { makeLocations, makeTariffs } from './data.ts'
import type {
  ActiveChargingProfile,
  AuthorizationInfo,
  Cdr,
  ChargingProfile,
  Location,
  PartyName,
  Session,
  Tariff,
  Token,
} from './objects.ts'
import { createPlatform, type Platform } from './platform.ts'
import { addStationRoutes } from './stations.ts'
import { isSuccess, type ObserveTraffic, showAnswer, type WireAnswer } from './wire.ts'

export type CpoOptions = {
  readonly name: string
  readonly party: PartyName
  readonly country: 'NL' | 'DE'
  readonly observe: ObserveTraffic
  /** How long a charging station takes to answer, in milliseconds. @default 30 */
  readonly stationDelayMs?: number
}

export type Cpo = {
  readonly platform: Platform
  readonly locations: readonly Location[]
  readonly tariffs: readonly Tariff[]
  readonly sessions: ReadonlyMap<string, Session>
  readonly cdrs: readonly Cdr[]
  /** Tokens that eMSPs pushed here, by `type/uid`. */
  readonly tokens: ReadonlyMap<string, Token>
  /** Charging profiles in force, by session. */
  readonly profiles: ReadonlyMap<string, ChargingProfile>
  /** Asks an eMSP, or whoever the token belongs to, whether it may charge here now [mod_tokens: real-time authorization]. */
  readonly authorize: (
    emsp: PartyName | null,
    token: Pick<Token, 'uid' | 'type'>,
    at: { location: Location; evse: number },
  ) => Promise<AuthorizationInfo>
  /** Energy flows: the session grows and the eMSP is told with PATCH. */
  readonly charge: (sessionId: string, kwh: number, minutes: number) => Promise<WireAnswer>
  /** Bills a completed session: POST of the CDR. Gives it with the Location of the answer. */
  readonly bill: (sessionId: string) => Promise<{ cdr: Cdr; answer: WireAnswer; url: string | null }>
  /** Reads a CDR back from where the eMSP said it is. */
  readonly readCdr: (emsp: PartyName, url: string) => Promise<WireAnswer>
  /** The site needs its power elsewhere: tells the eMSP the new limit [mod_charging_profiles: Sender PUT]. */
  readonly lowerLimit: (sessionId: string, watts: number) => Promise<WireAnswer>
  /** Tells an eMSP, or all of them through the hub, the status of an EVSE with PATCH. */
  readonly announceStatus: (
    emsp: PartyName,
    at: { location: Location; evse: number },
    status: string,
  ) => Promise<WireAnswer>
  /** Gives an eMSP, or all of them through the hub, a whole location or tariff with PUT. */
  readonly announce: (emsp: PartyName, object: { location: Location } | { tariff: Tariff }) => Promise<WireAnswer>
  readonly withdrawTariff: (emsp: PartyName, tariffId: string) => Promise<WireAnswer>
  readonly close: () => Promise<void>
}

const MODULES = [
  { identifier: 'locations', role: 'SENDER' },
  { identifier: 'tariffs', role: 'SENDER' },
  { identifier: 'sessions', role: 'SENDER' },
  { identifier: 'cdrs', role: 'SENDER' },
  { identifier: 'tokens', role: 'RECEIVER' },
  { identifier: 'commands', role: 'RECEIVER' },
  { identifier: 'chargingprofiles', role: 'RECEIVER' },
] as const

/** A simulated charge point operator: sites, tariffs, and stations that do as they are told a moment later. */
export function createCpo(options: CpoOptions): Cpo {
  const { party, stationDelayMs: delayMs = 30 } = options
  const platform = createPlatform({ ...options, role: 'CPO', modules: MODULES })
  const locations = makeLocations(party, options.country, options.name)
  const tariffs = makeTariffs(party)
  const sessions = new Map<string, Session>()
  const cdrs: Cdr[] = []
  const tokens = new Map<string, Token>()
  const profiles = new Map<string, ChargingProfile>()

  const path = ({ country_code, party_id }: PartyName, ...ids: string[]) =>
    `/${[country_code, party_id, ...ids].map(encodeURIComponent).join('/')}`
  const sessionOf = (id: string): Session => {
    const session = sessions.get(id)
    if (!session) throw new Error(`${platform.label} has no session ${id}`)
    return session
  }
  const putSession = (session: Session) => {
    sessions.set(session.id, session)
    return platform.call({
      module: 'sessions',
      role: 'RECEIVER',
      method: 'PUT',
      path: path(party, session.id),
      to: session.cdr_token,
      body: session,
      what: `PUT ${session.id}: ${session.status}, ${session.kwh} kWh`,
    })
  }

  const { routes } = platform
  addSenderRoutes(routes, platform, { locations, tariffs, sessions, cdrs })
  addTokenRoutes(routes, tokens)
  const stations = addStationRoutes(platform, { locations, sessions, profiles, putSession, delayMs })

  return {
    platform,
    locations,
    tariffs,
    sessions,
    cdrs,
    tokens,
    profiles,
    authorize: async (emsp, token, { location, evse }) => {
      const answer = await platform.call({
        module: 'tokens',
        role: 'SENDER',
        method: 'POST',
        path: `/${encodeURIComponent(token.uid)}/authorize?type=${token.type}`,
        to: emsp,
        body: { location_id: location.id, evse_uids: [location.evses[evse]?.uid ?? ''] },
        what: (given) =>
          `POST authorize ${token.uid}: ${(given.data as AuthorizationInfo | undefined)?.allowed ?? 'no'}`,
      })
      if (!isSuccess(answer)) throw new Error(`Authorization: ${showAnswer(answer)}`)
      return answer.data as AuthorizationInfo
    },
    charge: (sessionId, kwh, minutes) => {
      const session = addEnergy(sessionOf(sessionId), kwh, minutes, Date.now())
      sessions.set(session.id, session)
      const { charging_periods, total_cost, status, last_updated } = session
      return platform.call({
        module: 'sessions',
        role: 'RECEIVER',
        method: 'PATCH',
        path: path(party, session.id),
        to: session.cdr_token,
        body: { kwh: session.kwh, charging_periods, total_cost, status, last_updated },
        what: `PATCH ${session.id}: ${session.kwh} kWh`,
      })
    },
    bill: async (sessionId) => {
      const session = sessionOf(sessionId)
      const cdr = makeCdr(session, { locations, tariffs, now: Date.now() })
      cdrs.push(cdr)
      const answer = await platform.call({
        module: 'cdrs',
        role: 'RECEIVER',
        method: 'POST',
        to: session.cdr_token,
        body: cdr,
        what: `POST ${cdr.id}: ${cdr.total_cost.incl_vat} EUR`,
      })
      return { cdr, answer, url: answer.header('location') }
    },
    readCdr: (emsp, url) =>
      platform.callUrl(url, { module: 'cdrs', method: 'GET', to: emsp, what: 'GET the CDR at its Location' }),
    lowerLimit: (sessionId, watts) => {
      const profile: ActiveChargingProfile = {
        start_date_time: new Date().toISOString(),
        charging_profile: fullPower(watts),
      }
      return platform.call({
        module: 'chargingprofiles',
        role: 'SENDER',
        method: 'PUT',
        path: `/${encodeURIComponent(sessionId)}`,
        to: sessionOf(sessionId).cdr_token,
        body: profile,
        what: `PUT active profile: ${watts / 1000} kW`,
      })
    },
    announceStatus: (emsp, { location, evse }, status) => {
      const changed = location.evses[evse]
      if (!changed) throw new Error(`${location.id} has no EVSE ${evse}`)
      changed.status = status
      changed.last_updated = location.last_updated = new Date().toISOString()
      const body = { status, last_updated: changed.last_updated }
      return platform.call({
        module: 'locations',
        role: 'RECEIVER',
        method: 'PATCH',
        path: path(party, location.id, changed.uid),
        to: emsp,
        body,
        what: `PATCH ${changed.evse_id}: ${status}`,
      })
    },
    announce: (emsp, object) => {
      const [module, body] =
        'location' in object ? (['locations', object.location] as const) : (['tariffs', object.tariff] as const)
      return platform.call({
        module,
        role: 'RECEIVER',
        method: 'PUT',
        path: path(party, body.id),
        to: emsp,
        body,
        what: `PUT ${body.id}`,
      })
    },
    withdrawTariff: (emsp, id) =>
      platform.call({
        module: 'tariffs',
        role: 'RECEIVER',
        method: 'DELETE',
        path: path(party, id),
        to: emsp,
        what: `DELETE ${id}`,
      }),
    close: () => {
      stations.stop()
      return platform.close()
    },
  }
}
