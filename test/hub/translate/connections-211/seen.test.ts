// Rules: what platforms of 2.1.1 and of newer versions can only be told with what owners said of their objects before.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import type { Partner } from '../../../support/partner.ts'
import { type Partner211, startPartner211 } from '../../../support/partner-211.ts'

const NL = (party_id: string) => ({ country_code: 'NL', party_id })
const DATED = { last_updated: '2026-01-01T00:00:00Z' }
const TOKEN = { ...NL('EMX'), uid: 'U1', type: 'RFID', contract_id: 'NL-EMX-C1' }

type Cdr = { location: { evses: { connectors: { voltage: number }[] }[] } }

let hub: TestHub
let cpo: Partner
let emsp: Partner
let other: Partner
let cpo211: Partner211
let emsp211: Partner211

const location = (id: string, more: object = {}) => ({
  ...{ ...NL('CPB'), id, publish: true, address: 'Street 1', city: 'Utrecht', postal_code: '1234AB', country: 'NLD' },
  ...{ coordinates: { latitude: '52.100000', longitude: '5.100000' }, time_zone: 'Europe/Amsterdam', ...DATED },
  evses: ['E1', 'E2'].map((uid) => ({
    ...{ uid, status: 'AVAILABLE', ...DATED },
    connectors: [
      {
        ...{ id: '1', standard: 'IEC_62196_T2', format: 'SOCKET', power_type: 'AC_3_PHASE' },
        ...{ max_voltage: 230, max_amperage: 16, tariff_ids: ['T1', 'T2'], ...DATED },
      },
    ],
  })),
  ...more,
})
const period = (hour: number) => ({
  start_date_time: `2026-01-01T0${hour}:00:00Z`,
  dimensions: [{ type: 'ENERGY', volume: 1 }],
})
const session = (id: string, location_id: string) => ({
  ...{ ...NL('CPB'), id, start_date_time: '2026-01-01T00:00:00Z', kwh: 1, cdr_token: TOKEN, auth_method: 'WHITELIST' },
  ...{ location_id, evse_uid: 'E2', connector_id: '1', currency: 'EUR', status: 'ACTIVE', ...DATED },
  charging_periods: [period(1)],
})
const broadcast = (method: string, module: string, path: string, body?: object) =>
  cpo.call(module, 'RECEIVER', { method, path: `/NL/CPB/${path}`, body, to: NL('HUB') })
const direct = (method: string, id: string, body: object) =>
  cpo.call('sessions', 'RECEIVER', { method, path: `/NL/CPB/${id}`, body, to: NL('EMX') })
/** What came of sessions: a broadcast of before may come amidst. */
const sessionsAt = ({ requests }: Partner211) => requests.filter(({ module }) => module === 'sessions')
const pushed = (suffix: string) => emsp211.waitForRequest((request) => request.suffix === `/NL/CPB/${suffix}`)

const statuses = (request: { json: () => unknown }) =>
  (request.json() as { evses: { status: string }[] }).evses.map(({ status }) => status)

type Row = { kind: string; to_platform_id: string | null }

/** A broadcast of the CPO, until it is done for the partners: told, or withheld. */
async function untilDone(method: string, path: string, body: object, ...partners: Partner211[]): Promise<void> {
  const [module, ...rest] = path.split('/') as [string, ...string[]]
  const correlationId = `done-${++broadcasts}`
  await cpo.call(module, 'RECEIVER', {
    ...{ method, path: `/NL/CPB/${rest.join('/')}`, body, to: NL('HUB') },
    correlationId,
  })
  const ids = partners.map((partner) => platformIds.get(partner))
  await expect
    .poll(async () => {
      const rows = (await hub.admin('GET', `/messages?correlation_id=${correlationId}`)).body as Row[]
      return ids.filter((id) => rows.some((row) => row.kind === 'delivery' && row.to_platform_id === id))
    })
    .toEqual(ids)
}

let broadcasts = 0
const platformIds = new Map<Partner211, string>()

async function join211(party_id: string, side: 'cpo' | 'emsp', conversion?: object): Promise<Partner211> {
  const partner = await startPartner211({ name: party_id, side, party: NL(party_id) })
  const { token, id } = await hub.createPlatform({ name: party_id })
  platformIds.set(partner, id)
  if (conversion) await hub.admin('PATCH', `/platforms/${id}`, { conversion })
  await partner.register({ versionsUrl: `${hub.url}/ocpi/${side === 'cpo' ? 'emsp' : 'cpo'}/versions`, token })
  return partner
}

beforeAll(async () => {
  hub = await startTestHub()
  ;[cpo211, emsp211] = [await join211('CPA', 'cpo'), await join211('EMX', 'emsp')]
  cpo = await hub.join({ name: 'CPB', parties: [{ ...NL('CPB'), role: 'CPO' }], versions: ['2.2.1'] })
  other = await hub.join({ name: 'CPX', parties: [{ ...NL('CPX'), role: 'CPO' }], versions: ['2.2.1'] })
  emsp = await hub.join({ name: 'EMZ', parties: [{ ...NL('EMZ'), role: 'EMSP' }], versions: ['2.3.0'] })
})
afterAll(async () => {
  await Promise.all([cpo211.close(), emsp211.close()])
  await hub.close()
})
beforeEach(() => {
  for (const partner of [cpo, other, emsp, cpo211, emsp211]) partner.requests.length = 0
})

describe('A Location of a newer CPO', () => {
  test('that is not published any more has no working EVSE for a 2.1.1 eMSP, which hears no more of it', async () => {
    await broadcast('PUT', 'locations', 'L1', location('L1'))
    await pushed('NLCPB.L1')
    emsp211.requests.length = 0
    await broadcast('PATCH', 'locations', 'L1', { publish: false, last_updated: '2026-01-02T00:00:00Z' })
    const gone = await pushed('NLCPB.L1')
    expect(gone.method).toBe('PUT')
    expect((gone.json() as { evses: object[] }).evses).toEqual([
      expect.objectContaining({ uid: 'E1', status: 'REMOVED' }),
      expect.objectContaining({ uid: 'E2', status: 'REMOVED' }),
    ])
    emsp211.requests.length = 0
    await broadcast('PATCH', 'locations', 'L1/E1', { status: 'CHARGING', last_updated: '2026-01-03T00:00:00Z' })
    await broadcast('PUT', 'locations', 'L2', location('L2', { publish: false }))
    await broadcast('PUT', 'locations', 'L3', location('L3'))
    await pushed('NLCPB.L3')
    expect(emsp211.requests.map(({ suffix }) => suffix)).toEqual(['/NL/CPB/NLCPB.L3'])
    emsp211.requests.length = 0
    await broadcast('PATCH', 'locations', 'L1', { publish: true, last_updated: '2026-01-04T00:00:00Z' })
    const back = await pushed('NLCPB.L1')
    expect((back.json() as { evses: object[] }).evses[0]).toMatchObject({ uid: 'E1', status: 'CHARGING' })
  })

  test('that is not published any more is withdrawn once from each 2.1.1 eMSP that may have it, and from none that came later', async () => {
    const put = (publish: boolean, ...partners: Partner211[]) =>
      untilDone('PUT', 'locations/W1', location('W1', { publish }), emsp211, ...partners)
    const told = () => emsp211.requests.filter(({ suffix }) => suffix === '/NL/CPB/NLCPB.W1').map(statuses)
    await put(false)
    expect(told()).toEqual([])
    await put(true)
    await put(false)
    await put(false)
    expect(told()).toEqual([
      ['AVAILABLE', 'AVAILABLE'],
      ['REMOVED', 'REMOVED'],
    ])
    const late = await join211('EML', 'emsp')
    await put(false, late)
    await untilDone('PATCH', 'locations/W1', { publish: false, last_updated: '2026-01-05T00:00:00Z' }, emsp211, late)
    expect([told().length, late.requests.filter(({ suffix }) => suffix.endsWith('W1'))]).toEqual([2, []])
    await put(true, late)
    await put(false, late)
    expect(told().slice(2)).toEqual([
      ['AVAILABLE', 'AVAILABLE'],
      ['REMOVED', 'REMOVED'],
    ])
    expect(late.requests.filter(({ suffix }) => suffix.endsWith('W1'))).toHaveLength(2)
    const hidden = { method: 'PUT', path: '/NL/CPB/W1', body: location('W1', { publish: false }), to: NL('EMX') }
    expect((await cpo.call('locations', 'RECEIVER', hidden)).statusCode).toBe(1000)
    expect(told()).toHaveLength(4)
    await late.close()
  })

  test('that is not published any more is withdrawn although the first attempt to say so was superseded', async () => {
    await broadcast('PUT', 'locations', 'W2', location('W2'))
    await pushed('NLCPB.W2')
    emsp211.requests.length = 0
    emsp211.on('locations', () => ({ status: 503 }))
    await broadcast('PUT', 'locations', 'W2', location('W2', { publish: false }))
    await pushed('NLCPB.W2')
    emsp211.requests.length = 0
    emsp211.on('locations', () => ({}))
    await broadcast('PUT', 'locations', 'W2', location('W2', { publish: false, name: 'still' }))
    const gone = await pushed('NLCPB.W2')
    expect(gone.json()).toMatchObject({ evses: [{ status: 'REMOVED' }, { status: 'REMOVED' }] })
  })

  test('that changes by a PATCH of its EVSEs is told whole to a 2.1.1 eMSP, with a tariff that it has', async () => {
    const tariff = (id: string, type: string) => ({
      ...{ ...NL('CPB'), id, type, currency: 'EUR', ...DATED },
      elements: [{ price_components: [{ type: 'ENERGY', price: 0.25, step_size: 1 }] }],
    })
    await broadcast('PUT', 'tariffs', 'T1', tariff('T1', 'AD_HOC_PAYMENT'))
    await broadcast('PUT', 'tariffs', 'T2', tariff('T2', 'REGULAR'))
    await pushed('NLCPB.T2')
    await broadcast('PUT', 'locations', 'L4', location('L4'))
    await pushed('NLCPB.L4')
    emsp211.requests.length = 0
    const [evse] = location('L4').evses
    await broadcast('PATCH', 'locations', 'L4', { evses: [evse], last_updated: '2026-01-02T00:00:00Z' })
    const put = await pushed('NLCPB.L4')
    expect([put.method, put.json()]).toEqual([
      'PUT',
      expect.objectContaining({
        city: 'Utrecht',
        evses: [
          expect.objectContaining({ connectors: [expect.objectContaining({ voltage: 230, tariff_id: 'NLCPB.T2' })] }),
        ],
        last_updated: '2026-01-02T00:00:00Z',
      }),
    ])
  })

  test('of which an EVSE cannot be said in 2.1.1 any more is without it there', async () => {
    await broadcast('PUT', 'locations', 'L6', location('L6'))
    await pushed('NLCPB.L6')
    const [evse] = location('L6').evses
    const connectors = evse?.connectors.map((each) => ({ ...each, standard: 'CHAOJI' }))
    await broadcast('PUT', 'locations', 'L6/E1', { ...evse, connectors })
    const gone = await pushed('NLCPB.L6/E1')
    expect([gone.method, gone.json()]).toEqual(['PATCH', { status: 'REMOVED', ...DATED }])
    // Also where it never could be: that it was told is not kept, and who does not know it has nothing to do.
    await broadcast('PUT', 'locations', 'L6/E9', { ...evse, uid: 'E9', connectors })
    expect((await pushed('NLCPB.L6/E9')).json()).toEqual({ status: 'REMOVED', ...DATED })
  })
})

const TARIFF = {
  ...{ ...NL('CPB'), currency: 'EUR', ...DATED },
  elements: [{ price_components: [{ type: 'ENERGY', price: 0.25, step_size: 1 }] }],
}

test('A tariff of a newer CPO that cannot be said in 2.1.1 any more is deleted once at a 2.1.1 eMSP that may have it', async () => {
  const tariff = (id: string, more: object = {}) =>
    untilDone('PUT', `tariffs/${id}`, { ...TARIFF, id, ...more }, emsp211)
  const heard = () =>
    emsp211.requests.flatMap(({ module, method, suffix }) =>
      module === 'tariffs' ? [`${method} ${suffix.split('.')[1]}`] : [],
    )
  await tariff('D1')
  await tariff('D2', { type: 'AD_HOC_PAYMENT' })
  expect(heard()).toEqual(['PUT D1'])
  await tariff('D1', { min_price: { excl_vat: 5 } })
  await tariff('D1', { end_date_time: '2026-01-02T00:00:00Z' })
  await tariff('D2', { type: 'PROFILE_FAST' })
  expect(heard()).toEqual(['PUT D1', 'DELETE D1'])
  await tariff('D1')
  expect(heard()).toEqual(['PUT D1', 'DELETE D1', 'PUT D1'])
})

test('The token of an authorisation of a 2.1.1 eMSP is the one that it had pushed', async () => {
  const token = { uid: 'U1', auth_id: 'NL-EMX-C1', type: 'RFID', issuer: 'EMX', valid: true, whitelist: 'ALLOWED' }
  await emsp211.call('tokens', { method: 'PUT', path: '/NL/EMX/U1', body: { ...token, ...DATED } })
  emsp211.on('tokens', () => ({ data: { allowed: 'ALLOWED' } }))
  const ask = (uid: string, query = '') =>
    cpo.call('tokens', 'SENDER', { method: 'POST', path: `/${uid}/authorize`, query, to: NL('EMX') })
  const { auth_id: contract_id, ...same } = token
  expect((await ask('U1')).data).toMatchObject({ allowed: 'ALLOWED', token: { ...NL('EMX'), ...same, contract_id } })
  expect((await ask('U1', '?type=RFID')).data).toMatchObject({ token: { contract_id, whitelist: 'ALLOWED' } })
  const unseen = { contract_id: '#NA', whitelist: 'NEVER' }
  expect((await ask('U7')).data).toMatchObject({ token: { uid: 'U7', ...unseen } })
  // One of that uid and another type is another token.
  for (const type of ['APP_USER', 'OTHER'])
    expect((await ask('U1', `?type=${type}`)).data).toMatchObject({ token: { uid: 'U1', type, ...unseen } })
})

describe('A session of a newer CPO for a 2.1.1 eMSP', () => {
  test('has the Location in it, for which its CPO is asked once where it was never seen', async () => {
    const asked: string[] = []
    cpo.on('locations', 'SENDER', ({ suffix }) => {
      asked.push(suffix)
      return suffix === '/NEW' ? { data: location('NEW') } : { status: 503 }
    })
    expect((await direct('PUT', 'S1', session('S1', 'NEW'))).statusCode).toBe(1000)
    const [put] = sessionsAt(emsp211)
    expect(put?.json()).toMatchObject({
      ...{ id: 'NLCPB.S1', auth_id: 'NL-EMX-C1' },
      location: { id: 'NLCPB.NEW', evses: [{ uid: 'E2', connectors: [{ id: '1', voltage: 230 }] }] },
    })
    expect((await direct('PUT', 'S2', session('S2', 'NEW'))).statusCode).toBe(1000)
    expect(asked).toEqual(['/NEW'])
    emsp211.requests.length = 0
    // 2.1.1 has no 4000, its sender has.
    expect((await direct('PUT', 'S3', session('S3', 'AWAY'))).statusCode).toBe(4000)
    expect(sessionsAt(emsp211)).toEqual([])
  })

  test('has its Location in a list as well, and so has a CDR, of which less may be known', async () => {
    await broadcast('PUT', 'locations', 'L7', location('L7'))
    const { address, city, country, coordinates } = location('L7')
    const cdr = (of: string) => ({
      ...{ ...NL('CPB'), id: of, start_date_time: '2026-01-01T00:00:00Z', end_date_time: '2026-01-01T05:00:00Z' },
      ...{ cdr_token: TOKEN, auth_method: 'WHITELIST', currency: 'EUR', charging_periods: [period(1)], ...DATED },
      ...{ total_cost: { excl_vat: 1 }, total_energy: 1, total_time: 5 },
      cdr_location: {
        ...{ id: of, address, city, country, coordinates, evse_uid: 'E2', evse_id: 'NL*CPB*E2', connector_id: '1' },
        ...{ connector_standard: 'IEC_62196_T2', connector_format: 'SOCKET', connector_power_type: 'AC_3_PHASE' },
      },
    })
    cpo.on('sessions', 'SENDER', () => ({ data: [session('S5', 'L7'), session('S6', 'NEVER')] }))
    cpo.on('cdrs', 'SENDER', () => ({ data: [cdr('L7'), cdr('NEVER')] }))
    const sessions = await emsp211.call('sessions')
    expect(sessions.data).toEqual([
      expect.objectContaining({ id: 'NLCPB.S5', location: expect.objectContaining({ id: 'NLCPB.L7' }) }),
    ])
    const voltages = ((await emsp211.call('cdrs')).data as Cdr[]).map(
      (each) => each.location.evses[0]?.connectors[0]?.voltage,
    )
    expect(voltages).toEqual([230, 0])
  })

  test('is refused where the id of its Location is none that a URL can have', async () => {
    expect((await direct('PUT', 'S5', session('S5', 'L\ud800'))).statusCode).toBe(4000)
    expect(sessionsAt(emsp211)).toEqual([])
  })

  test('ends with as many periods as were added to it, where the eMSP takes each list for all', async () => {
    await broadcast('PUT', 'locations', 'L5', location('L5'))
    await direct('PUT', 'S4', session('S4', 'L5'))
    for (const hour of [2, 3]) {
      const added = { charging_periods: [period(hour)], last_updated: `2026-01-01T0${hour}:00:00Z` }
      expect((await direct('PATCH', 'S4', added)).statusCode).toBe(1000)
    }
    const last = sessionsAt(emsp211).at(-1)
    expect([last?.method, last?.json()]).toEqual([
      'PUT',
      expect.objectContaining({ id: 'NLCPB.S4', charging_periods: [period(1), period(2), period(3)] }),
    ])
  })

  test('counts for what is told later once its eMSP took it: not what that refused, nor what cannot be read', async () => {
    await broadcast('PUT', 'locations', 'L9', location('L9'))
    await direct('PUT', 'S7', session('S7', 'L9'))
    let isRefused = true
    emsp211.on('sessions', () => (isRefused ? { status: 400, statusCode: 2001 } : 'pass'))
    const add = (hour: number) => direct('PATCH', 'S7', { charging_periods: [period(hour)], ...DATED })
    expect((await add(2)).statusCode).toBe(2001)
    expect((await direct('PUT', 'S7', { ...session('S7', 'L9'), kwh: 99 })).statusCode).toBe(2001)
    isRefused = false
    const broken = { method: 'PUT', path: '/NL/CPB/S7', body: '{"kwh":98', to: NL('EMX') }
    expect((await cpo.call('sessions', 'RECEIVER', broken)).statusCode).toBe(2001)
    expect((await add(3)).statusCode).toBe(1000)
    expect(sessionsAt(emsp211).at(-1)?.json()).toMatchObject({ kwh: 1, charging_periods: [period(1), period(3)] })
  })
})

describe('A CPO that names what is of another', () => {
  const asOther = (method: string, module: string, path: string, body: object) =>
    other.call(module, 'RECEIVER', { method, path, body, to: NL('EMX') })

  test('has none of it told, and changes nothing that is known of it', async () => {
    await broadcast('PUT', 'locations', 'L6', location('L6'))
    await pushed('NLCPB.L6')
    await direct('PUT', 'S6', session('S6', 'L6'))
    emsp211.requests.length = 0
    cpo.on('locations', 'SENDER', () => ({ data: location('L7') }))
    other.on('locations', 'SENDER', () => ({ status: 503 }))

    const added = { charging_periods: [period(2)], ...DATED }
    const answers = [
      await asOther('PATCH', 'sessions', '/NL/CPB/S6', added),
      await asOther('PATCH', 'locations', '/NL/CPB/L6', { evses: [], ...DATED }),
      await asOther('PUT', 'sessions', '/NL/CPX/S6', session('S6', 'L6')),
      await asOther('PUT', 'sessions', '/NL/CPB/S6', { ...session('S6', 'L7'), kwh: 99 }),
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([2001, 2001, 2001, 2001])
    expect([emsp211.requests, cpo.requests]).toEqual([[], []])

    await direct('PATCH', 'S6', added)
    const last = sessionsAt(emsp211).at(-1)
    expect(last?.json()).toMatchObject({ kwh: 1, charging_periods: [period(1), period(2)] })
  })
})

describe('A Location that only its CPO has', () => {
  test('is told as it is behind each PATCH of it', async () => {
    let name = 'first'
    cpo.on('locations', 'SENDER', () => ({ data: location('L8', { name }) }))
    const change = () => broadcast('PATCH', 'locations', 'L8', { evses: location('L8').evses, ...DATED })
    await change()
    expect((await pushed('NLCPB.L8')).json()).toMatchObject({ name: 'first' })
    emsp211.requests.length = 0
    name = 'second'
    await change()
    expect((await pushed('NLCPB.L8')).json()).toMatchObject({ name: 'second' })
  })
})

describe('A CPO of 2.1.1', () => {
  const LOCATION = {
    ...{ id: 'LOC1', type: 'ON_STREET', address: 'Street 1', city: 'Utrecht', postal_code: '1234AB', country: 'NLD' },
    ...{ coordinates: { latitude: '52.100000', longitude: '5.100000' }, evses: [], ...DATED },
  }

  test('PATCHes all periods of a session each time; the eMSP, which would add them, has them once', async () => {
    await emsp.call('tokens', 'RECEIVER', {
      ...{ method: 'PUT', path: '/NL/EMZ/U2', to: NL('HUB') },
      body: {
        ...{ ...NL('EMZ'), uid: 'U2', type: 'RFID', contract_id: 'NL-EMZ-C1', issuer: 'EMZ', valid: true },
        ...{ whitelist: 'ALLOWED', ...DATED },
      },
    })
    await cpo211.waitForRequest(({ module }) => module === 'tokens')
    const write = (method: string, body: object) => cpo211.call('sessions', { method, path: '/NL/CPA/S9', body })
    const put = await write('PUT', {
      ...{ id: 'S9', start_datetime: '2026-01-01T00:00:00Z', kwh: 1, auth_id: 'NL-EMZ-C1', auth_method: 'WHITELIST' },
      ...{ location: LOCATION, currency: 'EUR', status: 'ACTIVE', charging_periods: [period(1)], ...DATED },
    })
    expect(put.statusCode).toBe(1000)
    for (const hours of [
      [1, 2],
      [1, 2, 3],
    ]) {
      expect((await write('PATCH', { charging_periods: hours.map(period) })).statusCode).toBe(1000)
    }
    const last = emsp.requests.filter(({ module }) => module === 'sessions').at(-1)
    expect(last?.method).toBe('PUT')
    expect(last?.json()).toMatchObject({ id: 'S9', kwh: 1, charging_periods: [period(1), period(2), period(3)] })
  })

  test('reads what it said last of its own objects, and not what it never said', async () => {
    await cpo211.call('locations', { method: 'PUT', path: '/NL/CPA/LOC1', body: LOCATION })
    await cpo211.call('locations', { method: 'PATCH', path: '/NL/CPA/LOC1', body: { name: 'New', ...DATED } })
    expect((await cpo211.call('locations', { path: '/NL/CPA/LOC1' })).data).toEqual({ ...LOCATION, name: 'New' })
    expect((await cpo211.call('locations', { path: '/NL/CPA/LOC9' })).status).toBe(404)
    expect((await cpo211.call('locations', { path: '/NL/CPB/L3' })).status).toBe(404)
  })
})

test('Sessions of a list that is too long to be read whole have their Locations, where those were seen', async () => {
  await broadcast('PUT', 'locations', 'L8', location('L8'))
  const emd = await join211('EMD', 'emsp', { counterparty: 'NL-CPB' })
  const withheld = async () => {
    const headers = { Authorization: `Bearer ${hub.adminToken}` }
    const metrics = await (await fetch(`${hub.url}/metrics`, { headers })).text()
    return Number(/kind="session",outcome="withheld"} (\d+)/.exec(metrics)?.[1] ?? 0)
  }
  const before = await withheld()
  const mine = { ...TOKEN, ...NL('EMD') }
  const more = { cdr_token: mine, x_note: 'x'.repeat(2_000) }
  const many = Array.from({ length: 600 }, (_, i) => ({ ...session(`S${i}`, i % 2 === 0 ? 'L8' : 'NEVER'), ...more }))
  cpo.on('sessions', 'SENDER', () => ({ data: many }))
  const listed = (await emd.call('sessions')).data as { location: { id: string } }[]
  expect(listed.map(({ location: { id } }) => id)).toEqual(Array(300).fill('L8'))
  // A request on Workers tells what it counted behind its answer.
  await expect.poll(async () => (await withheld()) - before).toBe(300)
  await emd.close()
})
