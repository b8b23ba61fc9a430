import { addEnergy, fullPower, makeCdr } from './charging.ts'
import { type Line, pathOf } from './line.ts'
import type {
  ActiveChargingProfile,
  AuthorizationInfo,
  Cdr,
  Location,
  PartyName,
  Session,
  Tariff,
  Token,
} from './objects.ts'
import { SHAPES_221, type Shapes } from './shapes/shapes.ts'
import type { Shelf } from './shelf.ts'
import { isSuccess, showAnswer, type WireAnswer } from './wire.ts'

type Held = {
  readonly locations: readonly Location[]
  readonly tariffs: readonly Tariff[]
  readonly sessions: Shelf<Session>
  readonly cdrs: Shelf<Cdr>
}

/** What a CPO sends of its own accord. */
export type CpoCalls = ReturnType<typeof createCpoCalls>

export function createCpoCalls(line: Line, { locations, tariffs, sessions, cdrs }: Held, shapes: Shapes = SHAPES_221) {
  const { party } = line

  async function sessionOf(id: string): Promise<Session> {
    const session = await sessions.get(id)
    if (!session) throw new Error(`${line.label} has no session ${id}`)
    return session
  }

  /** Keeps a session as it is now and tells its eMSP. */
  async function putSession(session: Session, to: PartyName = session.cdr_token): Promise<WireAnswer> {
    await sessions.put(session.id, session)
    return line.call({
      module: 'sessions',
      role: 'RECEIVER',
      method: 'PUT',
      path: pathOf(party, session.id),
      to,
      body: shapes.session(session, locations),
      what: `PUT ${session.id}: ${session.status}, ${session.kwh} kWh`,
    })
  }

  return {
    putSession,

    /** Asks an eMSP, or whoever the token belongs to, whether it may charge here now [mod_tokens: real-time authorization]. */
    askAuthorization: (
      emsp: PartyName | null,
      token: Pick<Token, 'uid' | 'type'>,
      { location, evse }: { readonly location: Location; readonly evse: number },
    ) =>
      line.call({
        module: 'tokens',
        role: 'SENDER',
        method: 'POST',
        path: `/${encodeURIComponent(token.uid)}/authorize?type=${encodeURIComponent(shapes.tokenType(token.type))}`,
        to: emsp,
        body: { location_id: location.id, evse_uids: [location.evses[evse]?.uid ?? ''] },
        what: (given) =>
          `POST authorize ${token.uid}: ${(given.data as AuthorizationInfo | undefined)?.allowed ?? 'no'}`,
      }),

    /** Energy flows: the session grows and the eMSP is told. */
    async charge(sessionId: string, kwh: number, minutes: number, to?: PartyName): Promise<WireAnswer> {
      const session = addEnergy(await sessionOf(sessionId), kwh, minutes, Date.now())
      if (shapes.growsBy === 'PUT') return putSession(session, to)
      await sessions.put(session.id, session)
      const { charging_periods, status, last_updated } = session
      const { total_cost } = shapes.session(session, locations) as Pick<Session, 'total_cost'>
      return line.call({
        module: 'sessions',
        role: 'RECEIVER',
        method: 'PATCH',
        path: pathOf(party, session.id),
        to: to ?? session.cdr_token,
        body: { kwh: session.kwh, charging_periods, total_cost, status, last_updated },
        what: `PATCH ${session.id}: ${session.kwh} kWh`,
      })
    },

    /** Bills a completed session: POST of the CDR. Gives it with the Location of the answer. */
    async bill(sessionId: string, to?: PartyName): Promise<{ cdr: Cdr; answer: WireAnswer; url: string | null }> {
      const session = await sessionOf(sessionId)
      const cdr = makeCdr(session, { locations, tariffs, now: Date.now() })
      await cdrs.put(cdr.id, cdr)
      const answer = await line.call({
        module: 'cdrs',
        role: 'RECEIVER',
        method: 'POST',
        to: to ?? session.cdr_token,
        body: shapes.cdr(cdr, locations),
        what: `POST ${cdr.id}: ${cdr.total_cost.incl_vat} EUR`,
      })
      return { cdr, answer, url: answer.header('location') }
    },

    /** Reads a CDR back from where the eMSP said it is. */
    readCdr: (emsp: PartyName, url: string) =>
      line.callUrl(url, { module: 'cdrs', method: 'GET', to: emsp, what: 'GET the CDR at its Location' }),

    /** The site needs its power elsewhere: tells the eMSP the new limit [mod_charging_profiles: Sender PUT]. */
    async lowerLimit(sessionId: string, watts: number): Promise<WireAnswer> {
      const profile: ActiveChargingProfile = {
        start_date_time: new Date().toISOString(),
        charging_profile: fullPower(watts),
      }
      const { cdr_token: to } = await sessionOf(sessionId)
      return line.call({
        module: 'chargingprofiles',
        role: 'SENDER',
        method: 'PUT',
        path: `/${encodeURIComponent(sessionId)}`,
        to,
        body: profile,
        what: `PUT active profile: ${watts / 1000} kW`,
      })
    },

    /** Tells an eMSP, or all of them through the hub, the status of an EVSE with PATCH. */
    announceStatus(
      emsp: PartyName,
      { location, evse }: { readonly location: Location; readonly evse: number },
      status: string,
    ): Promise<WireAnswer> {
      const changed = location.evses[evse]
      if (!changed) throw new Error(`${location.id} has no EVSE ${evse}`)
      changed.status = status
      changed.last_updated = location.last_updated = new Date().toISOString()
      return line.call({
        module: 'locations',
        role: 'RECEIVER',
        method: 'PATCH',
        path: pathOf(party, location.id, changed.uid),
        to: emsp,
        body: { status, ...(shapes.isPatchDated && { last_updated: changed.last_updated }) },
        what: `PATCH ${changed.evse_id}: ${status}`,
      })
    },

    /** Gives an eMSP, or all of them through the hub, a whole location or tariff with PUT. */
    announce(
      emsp: PartyName,
      object: { readonly location: Location } | { readonly tariff: Tariff },
    ): Promise<WireAnswer> {
      const [module, id, body] =
        'location' in object
          ? (['locations', object.location.id, shapes.location(object.location)] as const)
          : (['tariffs', object.tariff.id, shapes.tariff(object.tariff)] as const)
      return line.call({
        module,
        role: 'RECEIVER',
        method: 'PUT',
        path: pathOf(party, id),
        to: emsp,
        body,
        what: `PUT ${id}`,
      })
    },

    withdrawTariff: (emsp: PartyName, id: string) =>
      line.call({
        module: 'tariffs',
        role: 'RECEIVER',
        method: 'DELETE',
        path: pathOf(party, id),
        to: emsp,
        what: `DELETE ${id}`,
      }),
  }
}

/** What an eMSP said of a token. Throws when it said nothing of it. */
export function authorizationOf(answer: WireAnswer): AuthorizationInfo {
  if (!isSuccess(answer)) throw new Error(`Authorization: ${showAnswer(answer)}`)
  return answer.data as AuthorizationInfo
}
