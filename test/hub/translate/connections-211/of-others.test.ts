// Rules: to a partner of OCPI 2.1.1 the hub is everybody, so the hub sees to it that nobody reads, changes or pays with what is another's.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import type { Partner } from '../../../support/partner.ts'
import { type Partner211, startPartner211 } from '../../../support/partner-211.ts'

const NL = (party_id: string) => ({ country_code: 'NL', party_id })
const DATED = { last_updated: '2026-01-01T00:00:00Z' }

let hub: TestHub
/** Of 2.1.1. */
let cpo: Partner211
let emsp: Partner211
/** Of 2.2.1, who try what they should not. */
let thief: Partner
let rival: Partner
const started: Partner211[] = []

async function join211(party_id: string, side: 'cpo' | 'emsp'): Promise<Partner211> {
  const partner = await startPartner211({ name: party_id, side, party: NL(party_id) })
  started.push(partner)
  const { token } = await hub.createPlatform({ name: party_id })
  await partner.register({ versionsUrl: `${hub.url}/ocpi/${side === 'cpo' ? 'emsp' : 'cpo'}/versions`, token })
  return partner
}

beforeAll(async () => {
  hub = await startTestHub()
  ;[cpo, emsp] = [await join211('CPA', 'cpo'), await join211('EMX', 'emsp')]
  thief = await hub.join({ name: 'EMT', parties: [{ ...NL('EMT'), role: 'EMSP' }], versions: ['2.2.1'] })
  rival = await hub.join({ name: 'CPR', parties: [{ ...NL('CPR'), role: 'CPO' }], versions: ['2.2.1'] })
  await showToken('U1', 'NL-EMX-C1')
})
afterAll(async () => {
  await Promise.all(started.map((partner) => partner.close()))
  await hub.close()
})
beforeEach(() => {
  for (const partner of [...started, thief, rival]) partner.requests.length = 0
})

const token = (uid: string) => ({ uid, type: 'RFID', issuer: 'issuer', valid: true, whitelist: 'ALLOWED', ...DATED })
const ofThief = (uid: string, contract_id: string) => ({ ...token(uid), ...NL('EMT'), contract_id })
const session = (id: string, auth_id: string) => ({
  ...{ id, auth_id, auth_method: 'WHITELIST', start_datetime: '2026-01-01T00:00:00Z', kwh: 1, currency: 'EUR' },
  ...{ status: 'ACTIVE', location: { id: 'LOC1' }, ...DATED },
})

/** The rightful eMSP pushes a token, and waits until the CPO has it. */
async function showToken(uid: string, auth_id: string): Promise<void> {
  const path = `/NL/EMX/${uid}`
  expect((await emsp.call('tokens', { method: 'PUT', path, body: { ...token(uid), auth_id } })).statusCode).toBe(1000)
  await cpo.waitForRequest(({ module, suffix }) => module === 'tokens' && suffix === path)
}

const got = (partner: Partner211) => partner.requests.filter(({ module }) => module !== 'versions').length

describe('Of an object that the path says is another’s', () => {
  test.each([
    ['GET', '/NL/EMX/U1', undefined],
    ['PUT', '/NL/EMX/U1', { ...ofThief('U1', 'NL-EMT-C1'), ...NL('EMX') }],
    ['PATCH', '/nl/emx/U1', { valid: false, ...DATED }],
    ['GET', '/NL%2FEMX/U1', undefined],
    ['GET', '//NL/EMX/U1', undefined],
  ] as const)('an eMSP can %s no token at a CPO of 2.1.1: %s', async (method, path, body) => {
    const answer = await thief.call('tokens', 'RECEIVER', { method, path, ...(body && { body }), to: NL('CPA') })
    expect(answer.statusCode).toBeGreaterThanOrEqual(2000)
    expect(got(cpo)).toBe(0)
  })

  test.each([
    ['locations', 'GET', '/NL/CPA/LOC1', undefined],
    ['sessions', 'GET', '/NL/CPA/S1', undefined],
    ['cdrs', 'GET', '/CDR1', undefined],
    ['locations', 'PATCH', '/NL/CPA/LOC1/E1', { status: 'REMOVED', ...DATED }],
    ['cdrs', 'POST', '', { id: 'C1', ...NL('CPA'), total_cost: { excl_vat: 1 } }],
  ] as const)('a CPO can do nothing at an eMSP of 2.1.1: %s, %s %s', async (module, method, path, body) => {
    const answer = await rival.call(module, 'RECEIVER', { method, path, ...(body && { body }), to: NL('EMX') })
    expect(answer.statusCode).toBe(2001)
    expect(got(emsp)).toBe(0)
  })

  test('its own goes on', async () => {
    const location = { id: 'LOC1', ...NL('CPR'), publish: true, country: 'NLD', ...DATED }
    const put = { method: 'PUT', path: '/NL/CPR/LOC1', body: location, to: NL('EMX') }
    expect((await rival.call('locations', 'RECEIVER', put)).statusCode).toBe(1000)
    expect(got(emsp)).toBe(1)
  })
})

describe('With a contract that is another’s nobody charges at a CPO of 2.1.1', () => {
  const stolen = ofThief('U-T', 'NL-EMX-C1')
  const names = {
    'that was shown before': stolen,
    'in another letter case': ofThief('U-T', 'nl-emx-c1'),
    'that its id shows to be another’s': ofThief('U-T', 'NLEMXC000077'),
    'named twice': { ...stolen, contract_id: 'NL-EMT-C1', Contract_ID: 'NL-EMX-C1' },
  }
  test.each(Object.entries(names))('by a token of a contract %s', async (_, body) => {
    const put = { method: 'PUT', path: '/NL/EMT/U-T', body, to: NL('CPA') }
    expect((await thief.call('tokens', 'RECEIVER', put)).statusCode).toBe(2001)
    const command = { response_url: `${thief.versionsUrl}/result`, token: body, location_id: 'LOC1' }
    const start = { method: 'POST', path: '/START_SESSION', body: command, to: NL('CPA') }
    expect((await thief.call('commands', 'RECEIVER', start)).statusCode).toBe(2001)
    expect(got(cpo)).toBe(0)
  })

  test('by a broadcast of one, nor by one in the list of all', async () => {
    thief.on('tokens', 'SENDER', () => ({ data: [ofThief('U-OWN', 'NL-EMT-C1'), stolen] }))
    for (const body of [stolen, ofThief('U-OWN', 'NL-EMT-C1')]) {
      const put = { method: 'PUT', path: `/NL/EMT/${body.uid}`, body, to: NL('HUB') }
      expect((await thief.call('tokens', 'RECEIVER', put)).statusCode).toBe(1000)
    }
    await cpo.waitForRequest(({ suffix }) => suffix === '/NL/EMT/U-OWN')
    expect(cpo.requests.map(({ suffix }) => suffix)).not.toContain('/NL/EMT/U-T')
    const listed = await cpo.call('tokens')
    expect((listed.data as { uid: string }[]).map(({ uid }) => uid)).not.toContain('U-T')
  })
})

describe('At a CPO of 2.1.1, to which all eMSPs are one', () => {
  const TOKEN = ofThief('U-OWN', 'NL-EMT-C1')
  const command = (type: string, body: object) => ({
    ...{ method: 'POST', path: `/${type}`, to: NL('CPA') },
    body: { response_url: `${thief.versionsUrl}/result`, ...body },
  })
  const stop = (session_id: unknown) => thief.call('commands', 'RECEIVER', command('STOP_SESSION', { session_id }))
  const push = (id: string, auth_id: string) =>
    cpo.call('sessions', { method: 'PUT', path: `/NL/CPA/${id}`, body: session(id, auth_id) })
  const UNKNOWN = { statusCode: 1000, data: { result: 'UNKNOWN_SESSION', timeout: 0 } }

  beforeAll(async () => {
    const put = { method: 'PUT', path: '/NL/EMT/U-OWN', body: TOKEN, to: NL('HUB') }
    // It has had this token before.
    cpo.requests.length = 0
    await thief.call('tokens', 'RECEIVER', put)
    await cpo.waitForRequest(({ suffix }) => suffix === '/NL/EMT/U-OWN')
    cpo.on('commands', () => ({ data: { result: 'ACCEPTED' } }))
  })

  test('an eMSP stops sessions that it was sent, none of another and none that nobody was sent', async () => {
    for (const [id, contract] of Object.entries({ 'OF-X': 'NL-EMX-C1', 'OF-T': 'NL-EMT-C1' }))
      expect((await push(id, contract)).statusCode).toBe(1000)
    cpo.requests.length = 0
    for (const id of ['OF-X', 'of-x', 'NEVER-SEEN', 17]) expect(await stop(id)).toMatchObject(UNKNOWN)
    const twice = `{"session_id":"OF-T","Session_ID":"OF-X","response_url":"${thief.versionsUrl}/result"}`
    expect(await thief.call('commands', 'RECEIVER', { ...command('STOP_SESSION', {}), body: twice })).toMatchObject(
      UNKNOWN,
    )
    expect(got(cpo)).toBe(0)
    expect((await stop('OF-T')).data).toMatchObject({ result: 'ACCEPTED' })
    const own = { response_url: `${emsp.versionsUrl}result`, session_id: 'NLCPA.OF-X' }
    const stopped = await emsp.call('commands', { method: 'POST', path: '/STOP_SESSION', body: own })
    expect(stopped.data).toMatchObject({ result: 'ACCEPTED' })
    expect(cpo.requests.map((each) => (each.json() as { session_id: string }).session_id)).toEqual(['OF-T', 'OF-X'])
    const others = { ...own, session_id: 'NLCPA.OF-T' }
    const refused = await emsp.call('commands', { method: 'POST', path: '/STOP_SESSION', body: others })
    expect(refused.data).toEqual({ result: 'UNKNOWN_SESSION' })
  })

  test('an eMSP stops sessions that it was shown in a list', async () => {
    cpo.on('sessions', () => ({ data: [session('LISTED-T', 'NL-EMT-C1'), session('LISTED-X', 'NL-EMX-C1')] }))
    expect((await thief.call('sessions', 'SENDER', { to: NL('CPA') })).data).toHaveLength(1)
    expect((await stop('LISTED-T')).data).toMatchObject({ result: 'ACCEPTED' })
    expect(await stop('LISTED-X')).toMatchObject(UNKNOWN)
  })

  test('a reservation replaces none of another eMSP, and its own each time', async () => {
    const reservation = { expiry_date: '2030-01-01T00:00:00Z', reservation_id: '17', location_id: 'LOC1' }
    for (let i = 0; i < 2; i++)
      await thief.call('commands', 'RECEIVER', command('RESERVE_NOW', { ...reservation, token: TOKEN }))
    const own = { ...reservation, reservation_id: 17, location_id: 'NLCPA.LOC1' }
    const body = { ...own, response_url: `${emsp.versionsUrl}result`, token: { ...token('U1'), auth_id: 'NL-EMX-C1' } }
    await emsp.call('commands', { method: 'POST', path: '/RESERVE_NOW', body })
    const numbers = cpo.requests.map((each) => (each.json() as { reservation_id: number }).reservation_id)
    expect(numbers).toEqual([expect.any(Number), numbers[0], expect.any(Number)])
    expect(numbers[2]).not.toBe(numbers[0])
    const cancelled = { response_url: body.response_url, reservation_id: numbers[0] }
    const headers = ['OCPI-to-country-code', 'NL', 'OCPI-to-party-id', 'CPA']
    const answer = await emsp.call('commands', {
      method: 'POST',
      path: '/CANCEL_RESERVATION',
      headers,
      body: cancelled,
    })
    expect([answer.data, got(cpo)]).toEqual([{ result: 'NOT_SUPPORTED' }, 3])
  })

  test('a token that names no contract starts no session', async () => {
    const { contract_id: _, ...nameless } = TOKEN
    const start = command('START_SESSION', { token: { ...nameless, uid: 'U1' }, location_id: 'LOC1' })
    expect((await thief.call('commands', 'RECEIVER', start)).statusCode).toBe(2001)
    expect(got(cpo)).toBe(0)
  })

  test('a connector is unlocked for whoever asks, as in every version: that names neither token nor session', async () => {
    const unlock = command('UNLOCK_CONNECTOR', { location_id: 'LOC1', evse_uid: 'E1', connector_id: '1' })
    expect((await thief.call('commands', 'RECEIVER', unlock)).data).toMatchObject({ result: 'ACCEPTED' })
  })
})

test('Who claims a contract first that begins with another eMSP gets nothing of it, before or after that one shows it', async () => {
  const claimed = ofThief('U-C', 'NL-EMX-C9')
  const put = { method: 'PUT', path: '/NL/EMT/U-C', body: claimed, to: NL('CPR') }
  expect((await thief.call('tokens', 'RECEIVER', put)).statusCode).toBe(1000)
  cpo.on('sessions', () => ({ data: [session('S9', 'NL-EMX-C9')] }))
  const list = () => thief.call('sessions', 'SENDER', { to: NL('CPA') })
  const push = (id: string) =>
    cpo.call('sessions', { method: 'PUT', path: `/NL/CPA/${id}`, body: session(id, 'NL-EMX-C9') })
  expect((await list()).data).toEqual([])
  expect((await push('S9')).statusCode).toBe(1000)
  await showToken('U9', 'NL-EMX-C9')
  expect((await list()).data).toEqual([])
  expect((await push('S10')).statusCode).toBe(1000)
  const sessions = emsp.requests.filter(({ module }) => module === 'sessions')
  expect(sessions.map(({ suffix }) => suffix)).toEqual(['/NL/CPA/NLCPA.S9', '/NL/CPA/NLCPA.S10'])
  expect(thief.requests.filter(({ module }) => module === 'sessions')).toEqual([])
})
