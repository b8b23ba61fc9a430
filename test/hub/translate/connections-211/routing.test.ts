// Rules: what a request of OCPI 2.1.1 means, which has no routing headers [2.1.1: transport_and_format; modules].
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import { type Partner211, startPartner211 } from '../../../support/partner-211.ts'
import type { RecordedRequest } from '../../../support/partner-server.ts'

let hub: TestHub
let cpo: Partner211
let cpo2: Partner211
let emsp: Partner211
let emsp2: Partner211
const started: Partner211[] = []

async function join(party_id: string, side: 'cpo' | 'emsp'): Promise<Partner211> {
  const partner = await startPartner211({ name: party_id, side, party: { country_code: 'NL', party_id } })
  started.push(partner)
  const { token } = await hub.createPlatform({ name: party_id })
  await partner.register({ versionsUrl: `${hub.url}/ocpi/${side === 'cpo' ? 'emsp' : 'cpo'}/versions`, token })
  return partner
}

beforeAll(async () => {
  hub = await startTestHub()
  ;[cpo, cpo2] = [await join('CPA', 'cpo'), await join('CPB', 'cpo')]
  ;[emsp, emsp2] = [await join('EMX', 'emsp'), await join('EMY', 'emsp')]
})
afterAll(async () => {
  await Promise.all(started.map((partner) => partner.close()))
  await hub.close()
})
beforeEach(() => {
  for (const partner of started) partner.requests.length = 0
})

const token = (uid: string, auth_id: string) => ({
  ...{ uid, auth_id, type: 'RFID', issuer: 'EMX', valid: true, whitelist: 'ALLOWED' },
  last_updated: '2026-01-01T00:00:00Z',
})
const session = (id: string, auth_id: string) => ({
  ...{ id, auth_id, auth_method: 'WHITELIST', start_datetime: '2026-01-01T00:00:00Z', kwh: 1, currency: 'EUR' },
  ...{ status: 'ACTIVE', location: { id: 'LOC1' }, last_updated: '2026-01-01T00:00:00Z' },
})
const cdr = (id: string, auth_id: string) => ({ id, auth_id, total_cost: 1, last_updated: '2026-01-01T00:00:00Z' })

const came = (module: string) => (request: RecordedRequest) => request.module === module
const requestsOf = (partner: Partner211, module: string) => partner.requests.filter(came(module))

/** Pushes a token, and waits until it is with the CPO, so that the hub has learnt of it. */
async function showToken(owner: Partner211, uid: string, authId: string): Promise<void> {
  const path = `/NL/${owner.party.party_id}/${uid}`
  const answer = await owner.call('tokens', { method: 'PUT', path, body: token(uid, authId) })
  expect(answer.statusCode).toBe(1000)
  await cpo.waitForRequest(({ module, suffix }) => module === 'tokens' && suffix === path)
}

describe('A push of a 2.1.1 partner without routing headers', () => {
  test('of a location goes to every eMSP, as does one of an EVSE and of a tariff, without routing headers', async () => {
    const pushes = [
      ['locations', 'PUT', '/NL/CPA/LOC1', { id: 'LOC1' }],
      ['locations', 'PATCH', '/NL/CPA/LOC1/E1', { status: 'CHARGING' }],
      ['tariffs', 'PUT', '/NL/CPA/T1', { id: 'T1' }],
      ['tariffs', 'DELETE', '/NL/CPA/T1', undefined],
    ] as const
    for (const [module, method, path, body] of pushes) {
      expect((await cpo.call(module, { method, path, ...(body && { body }) })).statusCode).toBe(1000)
      for (const each of [emsp, emsp2]) {
        const request = await each.waitForRequest((one) => one.module === module && one.method === method)
        expect(request.header('ocpi-to-party-id')).toBe(undefined)
        expect(request.header('ocpi-from-party-id')).toBe(undefined)
        expect(request.header('authorization')).toMatch(/^Token [\w-]{32}$/)
      }
    }
    expect(requestsOf(cpo2, 'locations')).toEqual([])
  })

  test('that names another owner is refused', async () => {
    const answer = await cpo.call('locations', { method: 'PUT', path: '/NL/CPB/LOC1', body: { id: 'LOC1' } })
    expect(answer.statusCode).toBe(2001)
  })

  test('cannot be read back where all speak 2.1.1: no copy is kept', async () => {
    expect((await cpo.call('locations', { path: '/NL/CPA/LOC1' })).status).toBe(404)
  })
})

describe('A session or CDR of a 2.1.1 CPO', () => {
  test('goes to the eMSP whose token has its auth_id, in whatever letter case, and to nobody else', async () => {
    await showToken(emsp, 'U1', 'NL-EMX-C1')
    await showToken(emsp2, 'U2', 'NL-OTHER-C2')
    expect((await cpo.call('cdrs', { method: 'POST', body: cdr('C1', 'nl-emx-c1') })).statusCode).toBe(1000)
    const put = { method: 'PUT', path: '/NL/CPA/S2', body: session('S2', 'NL-OTHER-C2') }
    expect((await cpo.call('sessions', put)).statusCode).toBe(1000)
    expect(requestsOf(emsp, 'cdrs').map((each) => (each.json() as { auth_id: string }).auth_id)).toEqual(['nl-emx-c1'])
    expect(requestsOf(emsp2, 'cdrs')).toEqual([])
    expect(requestsOf(emsp2, 'sessions')).toHaveLength(1)
    expect(requestsOf(emsp, 'sessions')).toEqual([])
  })

  test('without a known contract goes where its session went, else by the party in an eMA id', async () => {
    await showToken(emsp2, 'U3', 'CONTRACT3')
    await cpo.call('sessions', { method: 'PUT', path: '/NL/CPA/S3', body: session('S3', 'CONTRACT3') })
    const patch = await cpo.call('sessions', { method: 'PATCH', path: '/NL/CPA/S3', body: { kwh: 2 } })
    expect(patch.statusCode).toBe(1000)
    expect(requestsOf(emsp2, 'sessions').map(({ method }) => method)).toEqual(['PUT', 'PATCH'])
    expect((await cpo.call('cdrs', { method: 'POST', body: cdr('C4', 'NLEMXC4') })).statusCode).toBe(1000)
    expect(requestsOf(emsp, 'cdrs')).toHaveLength(1)
  })

  test('that nothing tells of is refused with 2001, and nobody gets it', async () => {
    for (const authId of ['UNHEARD', 'NL-CPB-C5', 'DE-ABC-C5']) {
      const answer = await cpo.call('cdrs', { method: 'POST', body: cdr('C5', authId) })
      expect([authId, answer.statusCode]).toEqual([authId, 2001])
    }
    expect([emsp, emsp2, cpo2].flatMap((each) => requestsOf(each, 'cdrs'))).toEqual([])
  })

  test('is read again at the URL that its Location header gives', async () => {
    emsp.on('cdrs', ({ method, suffix }) => {
      if (method === 'POST')
        return { headers: ['Location', `${emsp.versionsUrl.replace('versions/', '2.1.1/cdrs/')}own-6`] }
      return suffix === '/own-6' ? { data: cdr('C6', 'NL-EMX-C1') } : 'pass'
    })
    const posted = await cpo.call('cdrs', { method: 'POST', body: cdr('C6', 'NL-EMX-C1') })
    const location = posted.header('location') ?? ''
    expect(location.startsWith(`${hub.url}/ocpi/`)).toBe(true)
    expect((await cpo.callUrl(location)).data).toMatchObject({ auth_id: 'NL-EMX-C1' })
  })
})

describe('What a 2.1.1 partner asks of the hub', () => {
  test('an authorisation reaches the eMSP that has the token; an unknown one is 404', async () => {
    await showToken(emsp, 'U7', 'NL-EMX-C7')
    const know = (uid: string) => (request: RecordedRequest) =>
      request.suffix === `/${uid}/authorize`
        ? { data: { allowed: 'ALLOWED' } }
        : ({ status: 404, statusCode: 2001 } as const)
    emsp.on('tokens', know('U7'))
    emsp2.on('tokens', know('none'))
    const known = await cpo.call('tokens', { method: 'POST', path: '/U7/authorize' })
    expect(known.data).toEqual({ allowed: 'ALLOWED' })
    expect(requestsOf(emsp2, 'tokens')).toEqual([])
    expect((await cpo.call('tokens', { method: 'POST', path: '/U8/authorize' })).status).toBe(404)
  })

  test('a command reaches the CPO that is known to have the location', async () => {
    const id = '6f1c1a4e-0b57-4c3f-9a70-1d8f5f0a7b11'
    await cpo2.call('locations', { method: 'PUT', path: `/NL/CPB/${id}`, body: { id } })
    await emsp.waitForRequest(({ suffix }) => suffix.startsWith('/NL/CPB/'))
    const url = `${emsp.versionsUrl}results/1`
    const body = { response_url: url, token: token('U1', 'NL-EMX-C1'), location_id: id, evse_uid: 'E1' }
    const answer = await emsp.call('commands', { method: 'POST', path: '/START_SESSION', body })
    const toB = requestsOf(cpo2, 'commands')
    expect([answer.statusCode, toB.length, requestsOf(cpo, 'commands').length]).toEqual([1000, 1, 0])
    const sent = toB[0]?.json() as { response_url: string } | undefined
    expect(sent).toMatchObject({ response_url: expect.stringContaining(`${hub.url}/ocpi/via/`) })
    const result = await cpo2.callUrl(sent?.response_url ?? '', { method: 'POST', body: { result: 'ACCEPTED' } })
    expect(result.statusCode).toBe(1000)
    const told = await emsp.waitForRequest(({ path }) => path.endsWith('/results/1'))
    expect(told.json()).toEqual({ result: 'ACCEPTED' })
  })

  test('OCPI-to-* that it sends all the same is honoured', async () => {
    const headers = ['OCPI-to-country-code', 'NL', 'OCPI-to-party-id', 'CPB']
    expect((await emsp.call('locations', { headers })).statusCode).toBe(1000)
    expect([requestsOf(cpo, 'locations').length, requestsOf(cpo2, 'locations').length]).toEqual([0, 1])
  })
})
