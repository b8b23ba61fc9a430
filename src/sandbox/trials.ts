import type { Trial } from '../hub/network/sandbox.ts'
import { isObject } from '../ocpi/parsed.ts'
import type { Partner } from './partner.ts'
import { completeSession, openSession } from './party/charging.ts'
import { pathOf } from './party/line.ts'
import type { Location, PartyName, Session, Token } from './party/objects.ts'
import { isSuccess, type WireAnswer } from './party/wire.ts'

/** What came of a trial, in words. It went well when the last call did, unless there was nothing to call about. */
export type Told = { readonly isGood: boolean; readonly detail: string }

/** The energy that flows in a session of a trial, and how long. */
const KWH = 7.5
const MINUTES = 40

/**
 * What a sandbox partner does of its own accord with the party that tries the hub:
 *
 * trial           a sandbox eMSP, with a CPO              a sandbox CPO, with an eMSP
 * locations       reads its locations                     puts a location
 * token           puts a token                            reads its tokens, and has one authorised
 * start-session   reads its locations, START_SESSION      reads its tokens, puts a session and lets energy flow
 * stop-session    STOP_SESSION of the session it got      completes the session
 * cdr             reads its CDRs                          posts the CDR, and reads it where it was put
 */
export function runTrial(partner: Partner, trial: Trial, with_: PartyName): Promise<Told> {
  return partner.role === 'EMSP' ? EMSP_TRIALS[trial](partner, with_) : CPO_TRIALS[trial](partner, with_)
}

type Run = (partner: Partner, with_: PartyName) => Promise<Told>

const EMSP_TRIALS: Readonly<Record<Trial, Run>> = {
  async locations({ line }, cpo) {
    const answer = await readList(line, 'locations', cpo, 5)
    return told(answer, `${countIn(answer)} locations on the first page`)
  },
  async token({ emsp, tokens }, cpo) {
    const [token] = tokens as [Token]
    return told(await emsp.announceToken(cpo, token), `Put the token ${token.uid}`)
  },
  async 'start-session'({ line, emsp, tokens, newId }, cpo) {
    const listed = await readList(line, 'locations', cpo, 5)
    if (!isSuccess(listed)) return told(listed, '')
    const location = (itemsIn(listed) as Location[]).find(({ evses }) => Array.isArray(evses) && evses.length > 0)
    if (!location) return nothing('It lists no location with an EVSE on its first page')
    const [evse] = location.evses
    const [token] = tokens as [Token]
    const answer = await emsp.command(cpo, 'START_SESSION', emsp.responseUrl('commands', 'START_SESSION', newId('R')), {
      token,
      location_id: location.id,
      evse_uid: evse?.uid,
      connector_id: evse?.connectors?.[0]?.id,
    })
    return commanded(answer, 'Its result and the session come as exchanges of their own')
  },
  async 'stop-session'({ emsp, shelf, newId }, cpo) {
    const session = await latestSession(shelf<Session>('sessions').list(), cpo, 'ACTIVE')
    if (!session) return nothing('It has put no session that is ACTIVE: start one, and wait for it')
    const url = emsp.responseUrl('commands', 'STOP_SESSION', newId('R'))
    const answer = await emsp.command(cpo, 'STOP_SESSION', url, { session_id: session.id })
    return commanded(answer, `Asked it to stop ${session.id}`)
  },
  async cdr({ line, shelf }, cpo) {
    const answer = await readList(line, 'cdrs', cpo, 5)
    const got = (await shelf<PartyName>('cdrs').list()).filter((each) => isOf(each, cpo)).length
    return told(answer, `${countIn(answer)} CDRs on the first page; it posted ${got}`)
  },
}

const CPO_TRIALS: Readonly<Record<Trial, Run>> = {
  async locations({ cpo, locations }, emsp) {
    const [location] = locations as [Location]
    return told(await cpo.announce(emsp, { location }), `Put the location ${location.id}`)
  },
  async token({ line, cpo, locations }, emsp) {
    const token = await firstToken(line, emsp)
    if ('isGood' in token) return token
    const [location] = locations as [Location]
    const answer = await cpo.askAuthorization(emsp, token, { location, evse: 0 })
    const allowed = (answer.data as { allowed?: unknown } | undefined)?.allowed
    return told(answer, `It says ${String(allowed)} of ${token.uid}`)
  },
  async 'start-session'({ line, cpo, locations, newId }, emsp) {
    const token = await firstToken(line, emsp)
    if ('isGood' in token) return token
    const [location] = locations as [Location]
    const evse = location.evses[0] as Location['evses'][number]
    const request = { response_url: '', token, location_id: location.id }
    const opened = openSession({ id: newId('S'), location, evse, request, now: Date.now() })
    const put = await cpo.putSession({ ...opened, auth_method: 'AUTH_REQUEST', status: 'ACTIVE' }, emsp)
    if (!isSuccess(put)) return told(put, '')
    return told(await cpo.charge(opened.id, KWH, MINUTES, emsp), `Session ${opened.id} is ACTIVE with ${KWH} kWh`)
  },
  async 'stop-session'({ cpo, shelf }, emsp) {
    const session = await latestSession(shelf<Session>('sessions').list(), emsp, 'ACTIVE', driverOf)
    if (!session) return nothing('There is no session that is ACTIVE: start one')
    return told(await cpo.putSession(completeSession(session, Date.now()), emsp), `Session ${session.id} is COMPLETED`)
  },
  async cdr({ cpo, shelf }, emsp) {
    const session = await latestSession(shelf<Session>('sessions').list(), emsp, 'COMPLETED', driverOf)
    if (!session) return nothing('There is no session that is COMPLETED: start one and stop it')
    const { answer, url, cdr } = await cpo.bill(session.id, emsp)
    if (!isSuccess(answer) || !url) return told(answer, `Posted the CDR ${cdr.id}; the answer has no Location`)
    return told(await cpo.readCdr(emsp, url), `Posted the CDR ${cdr.id}, and read it at its Location`)
  },
}

function readList(line: Partner['line'], module: string, of: PartyName, limit: number): Promise<WireAnswer> {
  const what = `GET ${module}`
  return line.call({ module, role: 'SENDER', method: 'GET', path: `?limit=${limit}`, to: of, what })
}

async function firstToken(line: Partner['line'], emsp: PartyName): Promise<Token | Told> {
  const listed = await readList(line, 'tokens', emsp, 1)
  if (!isSuccess(listed)) return told(listed, '')
  const [token] = itemsIn(listed) as Token[]
  return typeof token?.uid === 'string' ? token : nothing('It lists no token')
}

const driverOf = ({ cdr_token }: Session): PartyName => cdr_token

/** The session put last, of those with a party: whose it is, or whose token. */
async function latestSession(
  sessions: Promise<readonly Session[]>,
  party: PartyName,
  status: Session['status'],
  partyOf: (session: Session) => PartyName = (session) => session,
): Promise<Session | undefined> {
  return (await sessions).findLast((session) => session.status === status && isOf(partyOf(session), party))
}

function isOf(object: PartyName, party: PartyName): boolean {
  return pathOf(object).toUpperCase() === pathOf(party).toUpperCase()
}

function itemsIn({ data }: WireAnswer): readonly unknown[] {
  return Array.isArray(data) ? data.filter(isObject) : []
}

function countIn(answer: WireAnswer): number {
  return itemsIn(answer).length
}

/** @param whenGood what there is to say of a success; of anything else the answer tells */
function told(answer: WireAnswer, whenGood: string): Told {
  const isGood = isSuccess(answer)
  return { isGood, detail: isGood ? whenGood : (answer.message ?? `HTTP ${answer.status}`) }
}

function commanded(answer: WireAnswer, whenAccepted: string): Told {
  const result = String((answer.data as { result?: unknown } | undefined)?.result)
  if (!isSuccess(answer) || result === 'ACCEPTED') return told(answer, whenAccepted)
  return { isGood: false, detail: `It answered ${result}` }
}

function nothing(detail: string): Told {
  return { isGood: false, detail }
}
