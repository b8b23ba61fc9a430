// Rules: partners of OCPI 2.1.1 and of newer versions, which have routing headers, among each other.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { faultsOf } from '../../../ocpi/convert/oracle/judge.ts'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import type { Partner } from '../../../support/partner.ts'
import { type Partner211, startPartner211 } from '../../../support/partner-211.ts'
import type { RecordedRequest } from '../../../support/partner-server.ts'

const NL = (party_id: string) => ({ country_code: 'NL', party_id })
/** Its owner is in an object of 2.1.1 where nothing else says it: members more. */
const OWNER = /(country_code|party_id): foreign$/
const DATED = { last_updated: '2026-01-01T00:00:00Z' }

let hub: TestHub
let cpo: Partner211
let emsp: Partner
let other: Partner
let pushedToken: RecordedRequest

const token = {
  ...{ ...NL('EMZ'), uid: 'U1', type: 'APP_USER', contract_id: 'NL-EMZ-C1', issuer: 'EMZ', valid: true },
  ...{ whitelist: 'ALLOWED', ...DATED },
}
const LOCATION = {
  ...{ id: 'LOC1', type: 'ON_STREET', address: 'Street 1', city: 'Utrecht', postal_code: '1234AB', country: 'NLD' },
  coordinates: { latitude: '52.100000', longitude: '5.100000' },
  evses: [
    {
      ...{ uid: 'E1', evse_id: 'NL*CPA*E1', status: 'CHARGING', ...DATED },
      connectors: [
        {
          ...{ id: '1', standard: 'IEC_62196_T2', format: 'SOCKET', power_type: 'AC_3_PHASE' },
          ...{ voltage: 230, amperage: 16, ...DATED },
        },
      ],
    },
  ],
  ...DATED,
}
const cdr = (id: string, auth_id: string) => ({
  ...{ id, auth_id, auth_method: 'WHITELIST', start_date_time: '2026-01-01T00:00:00Z' },
  ...{ stop_date_time: '2026-01-01T01:00:00Z', currency: 'EUR', location: LOCATION },
  charging_periods: [{ start_date_time: '2026-01-01T00:00:00Z', dimensions: [{ type: 'ENERGY', volume: 1 }] }],
  ...{ total_cost: 1.1, total_energy: 1, total_time: 1, ...DATED },
})

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await startPartner211({ name: 'CPA', side: 'cpo', party: NL('CPA') })
  const made = await hub.createPlatform({ name: 'CPA' })
  await cpo.register({ versionsUrl: `${hub.url}/ocpi/emsp/versions`, token: made.token })
  const join = (party_id: string, version: string) =>
    hub.join({ name: party_id, parties: [{ ...NL(party_id), role: 'EMSP' }], versions: [version] })
  ;[emsp, other] = [await join('EMZ', '2.3.0'), await join('EMY', '2.2.1')]
  await emsp.call('tokens', 'RECEIVER', {
    ...{ method: 'PUT', path: '/NL/EMZ/U1', query: '?type=APP_USER', body: token, to: NL('HUB') },
  })
  pushedToken = await cpo.waitForRequest(({ module }) => module === 'tokens')
})
afterAll(async () => {
  await cpo.close()
  await hub.close()
})
beforeEach(() => {
  for (const partner of [cpo, emsp, other]) partner.requests.length = 0
})

test('A token of a newer version reaches the 2.1.1 CPO in its words', () => {
  expect([pushedToken.suffix, pushedToken.query]).toEqual(['/NL/EMZ/U1', ''])
  expect(pushedToken.json()).toMatchObject({ auth_id: 'NL-EMZ-C1', type: 'OTHER', uid: 'U1' })
})

test('A token that 2.1.1 can only call OTHER is asked about with the type that its eMSP showed it with, pushed or in a list', async () => {
  const asked: string[] = []
  emsp.on('tokens', 'SENDER', ({ method, suffix, query }) => {
    if (method === 'GET')
      return {
        data: [
          { ...token, uid: 'U2', type: 'EMAID' },
          { ...token, uid: 'U3', type: 'RFID' },
        ],
      }
    asked.push(suffix + query)
    return { data: { allowed: 'ALLOWED', token } }
  })
  other.on('tokens', 'SENDER', ({ method }) => (method === 'GET' ? { data: [] } : { status: 404, statusCode: 2001 }))
  expect((await cpo.call('tokens')).statusCode).toBe(1000)
  const ask = async (uid: string, type: string) =>
    (await cpo.call('tokens', { method: 'POST', path: `/${uid}/authorize`, query: `?type=${type}` })).data
  expect(await ask('u1', 'OTHER')).toMatchObject({ allowed: 'ALLOWED' })
  await ask('U2', 'other')
  for (const type of ['RFID', 'OTHER']) await ask('U3', type)
  await ask('U1', 'RFID')
  expect(asked).toEqual([
    ...['/u1/authorize?type=APP_USER', '/U2/authorize?type=EMAID'],
    ...['/U3/authorize?type=RFID', '/U3/authorize?type=OTHER', '/U1/authorize?type=RFID'],
  ])
})

test('A CDR of a 2.1.1 CPO reaches the eMSP of its contract with the uid and type of its token, and is read back', async () => {
  const received: object[] = []
  emsp.on('cdrs', 'RECEIVER', ({ method, body }) => {
    if (method === 'GET') return { data: received[0] }
    received.push(JSON.parse(body.toString()) as object)
    return { status: 201, headers: ['Location', `${emsp.endpointUrl('cdrs', 'RECEIVER')}/own-1`] }
  })
  const posted = await cpo.call('cdrs', { method: 'POST', body: cdr('C1', 'NL-EMZ-C1') })
  expect(posted.statusCode).toBe(1000)
  expect(received).toEqual([
    expect.objectContaining({
      ...NL('CPA'),
      cdr_token: { ...NL('EMZ'), uid: 'U1', type: 'APP_USER', contract_id: 'NL-EMZ-C1' },
    }),
  ])
  expect(other.requests).toEqual([])
  const read = await cpo.callUrl(posted.header('location') ?? '')
  expect(read.data).toMatchObject({ id: 'C1', auth_id: 'NL-EMZ-C1' })
})

test('A CDR of a contract that nobody is known to have is refused with 2001, and nobody gets it', async () => {
  expect((await cpo.call('cdrs', { method: 'POST', body: cdr('C2', 'UNKNOWN-2') })).statusCode).toBe(2001)
  expect([emsp, other].flatMap(({ requests }) => requests.filter(({ module }) => module === 'cdrs'))).toEqual([])
})

test('An authorisation of a 2.1.1 CPO is answered by the eMSP of the token, in the words of 2.1.1', async () => {
  emsp.on('tokens', 'SENDER', ({ suffix }) =>
    suffix === '/U1/authorize'
      ? { data: { allowed: 'ALLOWED', token, authorization_reference: 'ref-1' } }
      : { status: 404, statusCode: 2004 },
  )
  const known = await cpo.call('tokens', { method: 'POST', path: '/U1/authorize', query: '?type=OTHER' })
  expect(known.data).toEqual({ allowed: 'ALLOWED' })
  other.on('tokens', 'SENDER', () => ({ status: 404, statusCode: 2004 }))
  const unknown = await cpo.call('tokens', { method: 'POST', path: '/U9/authorize' })
  expect([unknown.status, unknown.statusCode]).toEqual([404, 2001])
})

test('Commands to a 2.1.1 CPO: reservations have a number, the same each time, and cannot be cancelled', async () => {
  const command = (type: string, body: object) =>
    emsp.call('commands', 'RECEIVER', {
      ...{ method: 'POST', path: `/${type}`, to: NL('CPA') },
      body: { response_url: emsp.endpointUrl('commands', 'SENDER'), ...body },
    })
  cpo.on('commands', () => ({ data: { result: 'ACCEPTED' } }))
  const reserve = { token, expiry_date: '2030-01-01T00:00:00Z', reservation_id: 'r-77', location_id: 'LOC1' }
  const answers = [await command('RESERVE_NOW', reserve), await command('RESERVE_NOW', reserve)]
  expect(answers.map(({ data }) => data)).toEqual(answers.map(() => ({ result: 'ACCEPTED', timeout: 30 })))
  const [first, second] = cpo.requests.map((request) => (request.json() as { reservation_id: unknown }).reservation_id)
  expect(Number.isInteger(first)).toBe(true)
  expect(second).toBe(first)
  cpo.requests.length = 0
  const cancelled = await command('CANCEL_RESERVATION', { reservation_id: 'r-77' })
  expect(cancelled.data).toMatchObject({ result: 'NOT_SUPPORTED' })
  expect(cpo.requests).toEqual([])
})

test('A session starts at a 2.1.1 CPO by what 2.1.1 knows of a token, and how that ends is said in the words of who asked', async () => {
  const results: unknown[] = []
  const undo = emsp.onRequest(({ path, body }) => {
    if (path !== '/results/1') return 'pass'
    results.push(JSON.parse(body.toString()))
    return {}
  })
  cpo.on('commands', () => ({ data: { result: 'ACCEPTED' } }))
  const start = { response_url: `${emsp.origin}/results/1`, token, location_id: 'LOC1', evse_uid: 'E1' }
  const answer = await emsp.call('commands', 'RECEIVER', {
    ...{ method: 'POST', path: '/START_SESSION', to: NL('CPA') },
    body: { ...start, connector_id: '1', authorization_reference: 'ref-1' },
  })
  expect([answer.statusCode, answer.data]).toEqual([1000, { result: 'ACCEPTED', timeout: 30 }])
  const [request] = cpo.requests.filter(({ module }) => module === 'commands')
  if (!request) throw new Error('Expected a command')
  const { response_url, ...command } = request.json() as { response_url: string; token: object }
  expect(
    faultsOf('2.1.1', 'start-session', { response_url, ...command }).filter((fault) => !OWNER.test(fault)),
  ).toEqual([])
  expect(command).toMatchObject({ location_id: 'LOC1', evse_uid: 'E1', token: { auth_id: 'NL-EMZ-C1', type: 'OTHER' } })
  expect(command).not.toHaveProperty('connector_id')
  const posted = await cpo.callUrl(response_url, { method: 'POST', body: { result: 'TIMEOUT' } })
  expect([posted.statusCode, results]).toEqual([1000, [{ result: 'TIMEOUT' }]])
  undo()
})

test('A session of a 2.1.1 CPO has all of its periods with the eMSP each time it is sent, and what it changes in part', async () => {
  const period = (hour: number) => ({
    start_date_time: `2026-01-01T0${hour}:00:00Z`,
    dimensions: [{ type: 'ENERGY', volume: 1 }],
  })
  const write = (method: string, body: object) => cpo.call('sessions', { method, path: '/NL/CPA/S1', body })
  const session = (hours: readonly number[]) => ({
    ...{ id: 'S1', start_datetime: '2026-01-01T00:00:00Z', kwh: 1.1, auth_id: 'NL-EMZ-C1', auth_method: 'WHITELIST' },
    ...{ location: LOCATION, currency: 'EUR', status: 'ACTIVE', charging_periods: hours.map(period), ...DATED },
  })
  for (const hours of [
    [1, 2],
    [1, 2, 3],
  ]) {
    expect((await write('PUT', session(hours))).statusCode).toBe(1000)
    const came = emsp.requests.at(-1)?.json()
    expect(came).toMatchObject({ charging_periods: hours.map(period), location_id: 'LOC1', evse_uid: 'E1' })
    expect(faultsOf('2.3.0', 'session', came)).toEqual([])
  }
  expect((await write('PATCH', { kwh: 2.5 })).statusCode).toBe(1000)
  const patch = emsp.requests.at(-1)
  expect([patch?.method, patch?.json()]).toEqual(['PATCH', { kwh: 2.5, last_updated: expect.any(String) }])
})

test('Charging profiles, which 2.1.1 does not have, are refused toward a CPO of it without a call', async () => {
  const put = { method: 'PUT', path: '/S1', to: NL('CPA'), body: { response_url: `${emsp.origin}/results/2` } }
  expect((await emsp.call('chargingprofiles', 'RECEIVER', put)).statusCode).toBe(4001)
  expect(cpo.requests).toEqual([])
})

test('What a 2.1.1 platform is refused has a status code of 2.1.1', async () => {
  const headers = ['OCPI-to-country-code', 'NL', 'OCPI-to-party-id', 'XXX']
  expect((await cpo.call('tokens', { headers })).statusCode).toBe(2001)
})
