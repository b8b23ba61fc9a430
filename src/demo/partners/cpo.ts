import { authorizationOf, type CpoCalls, createCpoCalls } from '../../sandbox/party/cpo-calls.ts'
import { addSenderRoutes, addTokenRoutes, PAGE_SIZES } from '../../sandbox/party/cpo-routes.ts'
import { type Country, makeLocations, makeTariffs } from '../../sandbox/party/data.ts'
import type {
  AuthorizationInfo,
  Cdr,
  ChargingProfile,
  Location,
  PartyName,
  Session,
  Tariff,
  Token,
} from '../../sandbox/party/objects.ts'
import { shelfOf } from '../../sandbox/party/shelf.ts'
import { addStationRoutes } from '../../sandbox/party/stations.ts'
import type { OcpiVersion } from './dialect.ts'
import { createPlatform, type Platform } from './platform.ts'
import type { ObserveTraffic } from './wire.ts'

export type CpoOptions = {
  readonly name: string
  readonly party: PartyName
  /** @default '2.2.1' */
  readonly version?: OcpiVersion
  readonly country: Country
  readonly observe: ObserveTraffic
  /** How long a charging station takes to answer, in milliseconds. @default 30 */
  readonly stationDelayMs?: number
}

export type Cpo = Omit<CpoCalls, 'askAuthorization' | 'putSession'> & {
  readonly platform: Platform
  readonly locations: readonly Location[]
  readonly tariffs: readonly Tariff[]
  readonly sessions: ReadonlyMap<string, Session>
  readonly cdrs: readonly Cdr[]
  /** Tokens that eMSPs pushed here, by `type/uid`. */
  readonly tokens: ReadonlyMap<string, Token>
  /** Charging profiles in force, by session. */
  readonly profiles: ReadonlyMap<string, ChargingProfile>
  /** What an eMSP, or whoever the token belongs to, says of it. Throws when it says nothing. */
  readonly authorize: (...asked: Parameters<CpoCalls['askAuthorization']>) => Promise<AuthorizationInfo>
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
  const { shapes } = platform.dialect
  const locations = makeLocations(party, options.country, options.name)
  const tariffs = makeTariffs(party)
  const sessions = new Map<string, Session>()
  const cdrs = new Map<string, Cdr>()
  const tokens = new Map<string, Token>()
  const profiles = new Map<string, ChargingProfile>()
  const held = { locations, tariffs, sessions: shelfOf(sessions), cdrs: shelfOf(cdrs) }
  const { askAuthorization, putSession, ...calls } = createCpoCalls(platform, held, shapes)
  const atWork = new Set<ReturnType<typeof setTimeout>>()

  const { routes } = platform
  addSenderRoutes(routes, platform, held, PAGE_SIZES, undefined, shapes)
  addTokenRoutes(routes, shelfOf(tokens))
  addStationRoutes(routes, platform, {
    ...held,
    profiles: shelfOf(profiles),
    newSessionId: () => `${party.party_id}-S${String(sessions.size + 1).padStart(4, '0')}`,
    putSession,
    shapes,
    later(act) {
      const timer = setTimeout(() => {
        atWork.delete(timer)
        act().catch(() => {})
      }, delayMs)
      atWork.add(timer)
    },
  })

  return {
    ...calls,
    platform,
    locations,
    tariffs,
    sessions,
    get cdrs() {
      return [...cdrs.values()]
    },
    tokens,
    profiles,
    authorize: async (...asked) => authorizationOf(await askAuthorization(...asked)),
    close() {
      for (const timer of atWork) clearTimeout(timer)
      return platform.close()
    },
  }
}
