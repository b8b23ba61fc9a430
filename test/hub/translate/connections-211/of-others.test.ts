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
  for (const partner of started) partner.requests.length = 0
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
