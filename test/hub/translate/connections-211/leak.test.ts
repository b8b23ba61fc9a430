// Rules: a CPO of OCPI 2.1.1 takes the hub for one eMSP and gives it the drivers of all: each eMSP gets its own alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import type { Partner } from '../../../support/partner.ts'
import { type Partner211, startPartner211 } from '../../../support/partner-211.ts'
import type { RecordedRequest, Reply } from '../../../support/partner-server.ts'

const NL = (party_id: string) => ({ country_code: 'NL', party_id })
const DATED = { last_updated: '2026-01-01T00:00:00Z' }

let hub: TestHub
let cpo: Partner211
let emx: Partner211
let emy: Partner
let emz: Partner
const started: Partner211[] = []

async function join211(party_id: string, side: 'cpo' | 'emsp'): Promise<Partner211> {
  const partner = await startPartner211({ name: party_id, side, party: NL(party_id) })
  started.push(partner)
  const { token } = await hub.createPlatform({ name: party_id })
  await partner.register({ versionsUrl: `${hub.url}/ocpi/${side === 'cpo' ? 'emsp' : 'cpo'}/versions`, token })
  return partner
}

const join = (party_id: string, version: string) =>
  hub.join({ name: party_id, parties: [{ ...NL(party_id), role: 'EMSP' }], versions: [version] })

/** Whose drivers: 40 of each of three eMSPs in turn, and 40 of nobody known. */
const DRIVERS = ['EMX', 'EMY', 'EMZ', 'nobody']
const authIdOf = (driver: string) => (driver === 'nobody' ? 'NL-EMX-UNSEEN' : `NL-${driver}-C1`)
const LOCATION = {
  ...{ id: 'LOC1', type: 'ON_STREET', address: 'Street 1', city: 'Utrecht', postal_code: '1234AB', country: 'NLD' },
  coordinates: { latitude: '52.100000', longitude: '5.100000' },
  evses: [
    {
      ...{ uid: 'E1', evse_id: 'NL*CPA*E1', status: 'CHARGING', ...DATED },
      connectors: [
        {
          id: '1',
          standard: 'IEC_62196_T2',
          format: 'SOCKET',
          power_type: 'AC_3_PHASE',
          voltage: 230,
          amperage: 16,
          ...DATED,
        },
      ],
    },
  ],
  ...DATED,
}
const SESSIONS = Array.from({ length: 160 }, (_, i) => ({
  ...{ id: `S${i}-${DRIVERS[i % 4]}`, auth_id: authIdOf(DRIVERS[i % 4] as string), auth_method: 'WHITELIST' },
  ...{
    start_datetime: '2026-01-01T00:00:00Z',
    kwh: 1.5,
    currency: 'EUR',
    status: 'ACTIVE',
    location: LOCATION,
    ...DATED,
  },
}))
const CDRS = Array.from({ length: 160 }, (_, i) => ({
  ...{ id: `C${i}-${DRIVERS[i % 4]}`, auth_id: authIdOf(DRIVERS[i % 4] as string), auth_method: 'WHITELIST' },
  ...{ start_date_time: '2026-01-01T00:00:00Z', stop_date_time: '2026-01-01T01:00:00Z', currency: 'EUR' },
  charging_periods: [{ start_date_time: '2026-01-01T00:00:00Z', dimensions: [{ type: 'ENERGY', volume: 1 }] }],
  ...{ location: LOCATION, total_cost: 1, total_energy: 1, total_time: 1, ...DATED },
}))

/** Answers a list page by page, with a next link. */
function pages(partner: Partner211, module: string, objects: readonly object[]) {
  return ({ query, method, suffix }: RecordedRequest): Reply | 'pass' => {
    if (method !== 'GET' || suffix.replaceAll('/', '') !== '') return 'pass'
    const asked = new URLSearchParams(query)
    const offset = Number(asked.get('offset') ?? 0)
    const limit = Math.min(50, Number(asked.get('limit') ?? 50))
    const next = offset + limit
    const url = partner.versionsUrl.replace('versions/', `2.1.1/${module}/`)
    const link = next < objects.length ? ['Link', `<${url}?offset=${next}&limit=${limit}>; rel="next"`] : []
    return {
      headers: ['X-Total-Count', String(objects.length), 'X-Limit', '50', ...link],
      data: objects.slice(offset, next),
    }
  }
}

beforeAll(async () => {
  hub = await startTestHub()
  ;[cpo, emx] = [await join211('CPA', 'cpo'), await join211('EMX', 'emsp')]
  ;[emy, emz] = [await join('EMY', '2.2.1'), await join('EMZ', '2.3.0')]
  cpo.on('sessions', pages(cpo, 'sessions', SESSIONS))
  cpo.on('cdrs', pages(cpo, 'cdrs', CDRS))
  const base = { uid: 'U1', type: 'RFID', issuer: 'issuer', valid: true, whitelist: 'ALLOWED', ...DATED }
  await emx.call('tokens', { method: 'PUT', path: '/NL/EMX/U1', body: { ...base, auth_id: authIdOf('EMX') } })
  for (const [partner, id] of [
    [emy, 'EMY'],
    [emz, 'EMZ'],
  ] as const) {
    const body = { ...base, ...NL(id), uid: `U-${id}`, contract_id: authIdOf(id) }
    const path = `/NL/${id}/U-${id}`
    const put = await partner.call('tokens', 'RECEIVER', { method: 'PUT', path, body, to: NL('HUB') })
    if (put.statusCode !== 1000) throw new Error(`${id} could not push its token: ${put.bytes.toString()}`)
  }
  for (const id of ['EMX', 'EMY', 'EMZ'])
    await cpo.waitForRequest(({ module, suffix }) => module === 'tokens' && suffix.startsWith(`/NL/${id}/`))
})
afterAll(async () => {
  await Promise.all(started.map((partner) => partner.close()))
  await hub.close()
})

type Listed = { id: string }[]
type Read = { readonly data: unknown; readonly next: string | null; readonly statusCode: number | null }

/** All objects over all pages, and how many pages there were. */
async function all(first: Read, more: (url: string) => Promise<Read>): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = []
  let read: Read | null = first
  let pagesRead = 0
  while (read) {
    expect(read.statusCode).toBe(1000)
    pagesRead++
    ids.push(...(read.data as Listed).map(({ id }) => id))
    read = read.next === null ? null : await more(read.next)
  }
  return { ids, pages: pagesRead }
}

async function pull(driver: string, module: 'sessions' | 'cdrs', how: 'direct' | 'of all', query = '') {
  if (driver === 'EMX') {
    const headers = how === 'direct' ? ['OCPI-to-country-code', 'NL', 'OCPI-to-party-id', 'CPA'] : []
    return all(await emx.call(module, { headers, query }), (url) => emx.callUrl(url))
  }
  const partner = driver === 'EMY' ? emy : emz
  const to = how === 'direct' ? NL('CPA') : NL('HUB')
  return all(await partner.call(module, 'SENDER', { to, query }), (url) =>
    partner.callUrl(url, { to, from: NL(driver) }),
  )
}

/** Without the party that an eMSP of 2.1.1 finds before each id. */
const plain = (ids: readonly string[]) => ids.map((id) => id.replace(/^NLCPA\./, ''))

describe.each(['sessions', 'cdrs'] as const)('Of the %s of a 2.1.1 CPO', (module) => {
  const objects = module === 'sessions' ? SESSIONS : CDRS
  const own = (driver: string) => objects.map(({ id }) => id).filter((id) => id.endsWith(driver))

  test.each(['EMX', 'EMY', 'EMZ'])('%s gets all of its drivers and nobody else, page by page', async (driver) => {
    const read = await pull(driver, module, 'direct')
    expect(plain(read.ids)).toEqual(own(driver))
    expect(read.pages).toBe(4)
  })

  test.each(['EMX', 'EMY', 'EMZ'])('%s gets the same in the list of all, page by page', async (driver) => {
    const read = await pull(driver, module, 'of all', '?limit=30')
    expect(plain(read.ids)).toEqual(own(driver))
    expect(read.pages).toBeGreaterThan(4)
  })
})

test('A session of another eMSP is not found by its id, and none in a refusal', async () => {
  cpo.on('cdrs', ({ suffix }) => {
    if (suffix === '/one') return { data: CDRS[0] }
    return suffix === '/refused' ? { status: 400, statusCode: 2000, statusMessage: 'no', data: CDRS } : 'pass'
  })
  const get = (partner: Partner, path: string) => partner.call('cdrs', 'SENDER', { path, to: NL('CPA') })
  expect((await get(emy, '/one')).status).toBe(404)
  expect((await get(emz, '/refused')).bytes.toString()).not.toContain('auth_id')
})

test('Sessions under a name that an envelope does not have are nobody’s, whatever some readers make of it', async () => {
  const status = '"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"'
  let body = ''
  cpo.on('sessions', () => (body === '' ? 'pass' : { body }))
  const whole = JSON.stringify(SESSIONS)
  const large = JSON.stringify(Array.from({ length: 60 }, () => SESSIONS).flat())
  for (const sessions of [whole, large])
    for (const text of [`{"data":[],"Data":${sessions},${status}}`, `{${status},"items":${sessions},"data":[]}`]) {
      body = text
      const answer = await emy.call('sessions', 'SENDER', { to: NL('CPA') })
      expect(answer.data).toEqual([])
      expect(answer.bytes.toString()).not.toContain('auth_id')
    }
  body = ''
})

test('An object that names its contract twice, or in another spelling, is nobody’s', async () => {
  const [first] = SESSIONS
  const odd = [
    `${JSON.stringify(first).slice(0, -1)},"auth_id":"${authIdOf('EMY')}"}`,
    JSON.stringify(first).replace('"auth_id"', '"authId"'),
    `{"id":"none",${JSON.stringify(LOCATION).slice(1)}`,
  ]
  let isOdd = true
  cpo.on('sessions', () =>
    isOdd ? { body: `{"data":[${odd.join(',')}],"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}` } : 'pass',
  )
  for (const driver of ['EMX', 'EMY', 'EMZ']) expect((await pull(driver, 'sessions', 'direct')).ids).toEqual([])
  isOdd = false
})
