import type { Context, Hono } from 'hono'
import { STATUS } from '../../ocpi/status.ts'
import { completeSession, fullPower, openSession } from './charging.ts'
import type { Line } from './line.ts'
import type { ActiveChargingProfile, ChargingProfile, Location, PartyName, Session, StartSession } from './objects.ts'
import { SHAPES_221, type Shapes } from './shapes/shapes.ts'
import type { Shelf } from './shelf.ts'
import { readObject, reply, type WireAnswer } from './wire.ts'

/**
 * A CPO's charging stations: they take commands and charging profiles, do as they are told a moment later, and say so at the
 * response_url [mod_commands, mod_charging_profiles: Receiver].
 */
export function addStationRoutes(
  routes: Hono,
  line: Line,
  of: {
    readonly locations: readonly Location[]
    readonly sessions: Shelf<Session>
    readonly profiles: Shelf<ChargingProfile>
    readonly newSessionId: () => string
    /** Keeps a session as it is now and tells its eMSP. */
    readonly putSession: (session: Session) => Promise<WireAnswer>
    /** The station acts after the answer has gone; what fails then has been told as traffic. */
    readonly later: (act: () => Promise<unknown>) => void
    /** @default 2.2.1 */
    readonly shapes?: Shapes
  },
): void {
  const { locations, sessions, profiles, newSessionId, putSession, later, shapes = SHAPES_221 } = of
  const answer = (c: Context, result: string) => reply(c, shapes.commandResponse({ result, timeout: 30 }))

  const postResult = (
    module: string,
    to: PartyName,
    url: string,
    what: string,
    body: { result: string; profile?: ActiveChargingProfile },
  ) => line.callUrl(url, { module, method: 'POST', to, body, what: `POST result of ${what}: ${body.result}` })

  const startSession = async (c: Context, body: StartSession) => {
    const location = locations.find(({ id }) => id === body.location_id)
    const evse = location?.evses.find(({ uid }) => uid === body.evse_uid) ?? location?.evses[0]
    if (!location || !evse || !body.token) return answer(c, 'REJECTED')
    const session = openSession({ id: newSessionId(), location, evse, request: body, now: Date.now() })
    await sessions.put(session.id, session)
    const caller = callerOf(c) ?? session.cdr_token
    later(async () => {
      await postResult('commands', caller, body.response_url, 'START_SESSION', { result: 'ACCEPTED' })
      evse.status = 'CHARGING'
      await putSession({ ...session, status: 'ACTIVE' })
    })
    return answer(c, 'ACCEPTED')
  }

  const stopSession = async (c: Context, body: { session_id?: unknown; response_url: string }) => {
    const session = await sessions.get(String(body.session_id))
    if (!session) return answer(c, 'UNKNOWN_SESSION')
    const caller = callerOf(c) ?? session.cdr_token
    later(async () => {
      await postResult('commands', caller, body.response_url, 'STOP_SESSION', { result: 'ACCEPTED' })
      const evse = locations.flatMap(({ evses }) => evses).find(({ uid }) => uid === session.evse_uid)
      if (evse) evse.status = 'AVAILABLE'
      await putSession(completeSession((await sessions.get(session.id)) ?? session, Date.now()))
    })
    return answer(c, 'ACCEPTED')
  }

  routes.post('/commands/:command', async (c) => {
    const body = await readObject(c)
    if (typeof body?.['response_url'] !== 'string') return replyMissing(c)
    switch (c.req.param('command')) {
      case 'START_SESSION':
        return startSession(c, shapes.readStart(body))
      case 'STOP_SESSION':
        return stopSession(c, body as { response_url: string })
      default:
        return answer(c, 'NOT_SUPPORTED')
    }
  })

  routes.on(['GET', 'PUT', 'DELETE'], '/chargingprofiles/:session', async (c) => {
    const session = await sessions.get(c.req.param('session'))
    if (!session) return answer(c, 'UNKNOWN_SESSION')
    const { method } = c.req
    const body = method === 'PUT' ? await readObject(c) : null
    const url = method === 'PUT' ? body?.['response_url'] : c.req.query('response_url')
    if (typeof url !== 'string') return replyMissing(c)
    const had = await profiles.get(session.id)
    if (method === 'PUT') await profiles.put(session.id, body?.['charging_profile'] as ChargingProfile)
    if (method === 'DELETE') await profiles.drop(session.id)
    const caller = callerOf(c) ?? session.cdr_token
    const post = (result: { result: string; profile?: ActiveChargingProfile }) =>
      later(() => postResult('chargingprofiles', caller, url, `${method} profile`, result))
    const start_date_time = new Date().toISOString()
    if (method === 'PUT') post({ result: 'ACCEPTED' })
    else if (method === 'DELETE') post({ result: had ? 'ACCEPTED' : 'UNKNOWN' })
    else post({ result: 'ACCEPTED', profile: { start_date_time, charging_profile: had ?? fullPower(22_000) } })
    return answer(c, 'ACCEPTED')
  })
}

function replyMissing(c: Context): Response {
  return reply(c, undefined, { statusCode: STATUS.invalidParameters, message: 'Expected response_url' })
}

/** The party that a request is from. */
export function callerOf(c: Context): PartyName | null {
  const country_code = c.req.header('OCPI-from-country-code')
  const party_id = c.req.header('OCPI-from-party-id')
  return country_code && party_id ? { country_code, party_id } : null
}
