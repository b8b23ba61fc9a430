import type { Context } from 'hono'
import { STATUS } from '../../ocpi/status.ts'
import { completeSession, fullPower, openSession } from './charging.ts'
import type { ActiveChargingProfile, ChargingProfile, Location, PartyName, Session, StartSession } from './objects.ts'
import type { Platform } from './platform.ts'
import { readObject, reply, type WireAnswer } from './wire.ts'

/**
 * A CPO's charging stations: they take commands and charging profiles, do as they are told a moment later, and say so at the
 * response_url [mod_commands, mod_charging_profiles: Receiver].
 */
export function addStationRoutes(
  platform: Platform,
  of: {
    readonly locations: readonly Location[]
    readonly sessions: Map<string, Session>
    readonly profiles: Map<string, ChargingProfile>
    /** Keeps a session as it is now and tells its eMSP. */
    readonly putSession: (session: Session) => Promise<WireAnswer>
    readonly delayMs: number
  },
): { readonly stop: () => void } {
  const { locations, sessions, profiles, putSession, delayMs } = of
  const { party, routes } = platform
  const atWork = new Set<ReturnType<typeof setTimeout>>()

  /** The station acts after the answer has gone; what fails then has been told as traffic. */
  const later = (act: () => Promise<unknown>) => {
    const timer = setTimeout(() => {
      atWork.delete(timer)
      act().catch(() => {})
    }, delayMs)
    atWork.add(timer)
  }

  const postResult = (
    module: string,
    to: PartyName,
    url: string,
    what: string,
    body: { result: string; profile?: ActiveChargingProfile },
  ) => platform.callUrl(url, { module, method: 'POST', to, body, what: `POST result of ${what}: ${body.result}` })

  const startSession = (c: Context, body: StartSession) => {
    const location = locations.find(({ id }) => id === body.location_id)
    const evse = location?.evses.find(({ uid }) => uid === body.evse_uid) ?? location?.evses[0]
    if (!location || !evse || !body.token) return reply(c, { result: 'REJECTED', timeout: 30 })
    const session = openSession({
      id: `${party.party_id}-S${String(sessions.size + 1).padStart(4, '0')}`,
      location,
      evse,
      request: body,
      now: Date.now(),
    })
    sessions.set(session.id, session)
    const caller = callerOf(c) ?? session.cdr_token
    later(async () => {
      await postResult('commands', caller, body.response_url, 'START_SESSION', { result: 'ACCEPTED' })
      evse.status = 'CHARGING'
      await putSession({ ...session, status: 'ACTIVE' })
    })
    return reply(c, { result: 'ACCEPTED', timeout: 30 })
  }

  const stopSession = (c: Context, body: { session_id?: unknown; response_url: string }) => {
    const session = sessions.get(String(body.session_id))
    if (!session) return reply(c, { result: 'UNKNOWN_SESSION', timeout: 30 })
    later(async () => {
      await postResult('commands', callerOf(c) ?? session.cdr_token, body.response_url, 'STOP_SESSION', {
        result: 'ACCEPTED',
      })
      const evse = locations.flatMap(({ evses }) => evses).find(({ uid }) => uid === session.evse_uid)
      if (evse) evse.status = 'AVAILABLE'
      await putSession(completeSession(sessions.get(session.id) ?? session, Date.now()))
    })
    return reply(c, { result: 'ACCEPTED', timeout: 30 })
  }

  routes.post('/commands/:command', async (c) => {
    const body = await readObject(c)
    if (typeof body?.['response_url'] !== 'string')
      return reply(c, undefined, { statusCode: STATUS.invalidParameters, message: 'Expected response_url' })
    switch (c.req.param('command')) {
      case 'START_SESSION':
        return startSession(c, body as unknown as StartSession)
      case 'STOP_SESSION':
        return stopSession(c, body as { response_url: string })
      default:
        return reply(c, { result: 'NOT_SUPPORTED', timeout: 30 })
    }
  })

  routes.on(['GET', 'PUT', 'DELETE'], '/chargingprofiles/:session', async (c) => {
    const session = sessions.get(c.req.param('session'))
    if (!session) return reply(c, { result: 'UNKNOWN_SESSION', timeout: 30 })
    const body = c.req.method === 'PUT' ? await readObject(c) : null
    const url = c.req.method === 'PUT' ? body?.['response_url'] : c.req.query('response_url')
    if (typeof url !== 'string')
      return reply(c, undefined, { statusCode: STATUS.invalidParameters, message: 'Expected response_url' })
    const had = profiles.get(session.id)
    if (c.req.method === 'PUT') profiles.set(session.id, body?.['charging_profile'] as ChargingProfile)
    if (c.req.method === 'DELETE') profiles.delete(session.id)
    const caller = callerOf(c) ?? session.cdr_token
    const what = `${c.req.method} profile`
    later(() => {
      if (c.req.method === 'PUT') return postResult('chargingprofiles', caller, url, what, { result: 'ACCEPTED' })
      if (c.req.method === 'DELETE')
        return postResult('chargingprofiles', caller, url, what, { result: had ? 'ACCEPTED' : 'UNKNOWN' })
      const profile = { start_date_time: new Date().toISOString(), charging_profile: had ?? fullPower(22_000) }
      return postResult('chargingprofiles', caller, url, what, { result: 'ACCEPTED', profile })
    })
    return reply(c, { result: 'ACCEPTED', timeout: 30 })
  })

  return {
    stop: () => {
      for (const timer of atWork) clearTimeout(timer)
    },
  }
}

function callerOf(c: Context): PartyName | null {
  const country_code = c.req.header('OCPI-from-country-code')
  const party_id = c.req.header('OCPI-from-party-id')
  return country_code && party_id ? { country_code, party_id } : null
}
