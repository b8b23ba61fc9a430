// Rules: toward an eMSP of OCPI 2.1.1, to which the hub is one CPO, ids have their owner's party in them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import { type Partner211, startPartner211 } from '../../../support/partner-211.ts'

type Joined = Partner211 & { readonly platformId: string }

let hub: TestHub
let cpa: Joined
let cpb: Joined
let emsp: Joined
const started: Partner211[] = []

async function join(party_id: string, side: 'cpo' | 'emsp', conversion?: object): Promise<Joined> {
  const partner = await startPartner211({ name: party_id, side, party: { country_code: 'NL', party_id } })
  started.push(partner)
  const { id, token } = await hub.createPlatform({ name: party_id })
  if (conversion) expect((await hub.admin('PATCH', `/platforms/${id}`, { conversion })).status).toBe(200)
  await partner.register({ versionsUrl: `${hub.url}/ocpi/${side === 'cpo' ? 'emsp' : 'cpo'}/versions`, token })
  return Object.assign(partner, { platformId: id })
}

const UUID = '6f1c1a4e-0b57-4c3f-9a70-1d8f5f0a7b11'
const LONG = 'LOC-345678901234567890123456789012345'
const location = (id: string) => ({ id, name: 'one', last_updated: '2026-01-01T00:00:00Z' })
const idsOf = (data: unknown) => (data as { id: string }[]).map(({ id }) => id)

beforeAll(async () => {
  hub = await startTestHub()
  ;[cpa, cpb] = [await join('AAA', 'cpo'), await join('BBB', 'cpo')]
  emsp = await join('EMX', 'emsp')
  const ids = ['1', UUID, LONG]
  for (const cpo of [cpa, cpb])
    cpo.on('locations', ({ method, suffix }) => {
      if (method !== 'GET') return 'pass'
      const id = decodeURIComponent(suffix.slice(1))
      if (id === '') return { headers: ['X-Total-Count', '3'], data: ids.map(location) }
      return ids.includes(id) ? { data: location(id) } : { status: 404, statusCode: 2003 }
    })
})
afterAll(async () => {
  await Promise.all(started.map((partner) => partner.close()))
  await hub.close()
})
beforeEach(() => {
  for (const partner of started) partner.requests.length = 0
})

const start = (location_id: string) => ({
  ...{ response_url: `${emsp.versionsUrl}results/1`, location_id, evse_uid: 'E1' },
  token: { uid: 'U1', auth_id: 'NL-EMX-C1', type: 'RFID', issuer: 'EMX', valid: true, whitelist: 'NEVER' },
})

describe('An eMSP of 2.1.1 that pulls locations of two CPOs with the same ids', () => {
  test('tells them apart, knows their owners, and reaches each with its own id', async () => {
    const list = await emsp.call('locations')
    const ids = idsOf(list.data)
    expect(ids).toHaveLength(6)
    expect(new Set(ids).size).toBe(6)
    expect(ids).toEqual(expect.arrayContaining(['NLAAA.1', 'NLBBB.1']))
    expect(ids.every((id) => id.length <= 39)).toBe(true)
    expect((list.data as object[])[0]).toMatchObject({ country_code: 'NL', party_id: 'AAA' })
    for (const [index, id] of ids.entries()) {
      const [own, other] = index < 3 ? [cpa, cpb] : [cpb, cpa]
      own.requests.length = 0
      other.requests.length = 0
      const one = await emsp.call('locations', { path: `/${encodeURIComponent(id)}` })
      expect((one.data as { id: string }).id).toBe(id)
      const answer = await emsp.call('commands', { method: 'POST', path: '/START_SESSION', body: start(id) })
      expect([answer.statusCode, other.requests.length]).toEqual([1000, 0])
      const [command] = own.requests.filter(({ module }) => module === 'commands')
      expect(command?.json()).toMatchObject({ location_id: ['1', UUID, LONG][index % 3] })
    }
  })

  test('gets the same ids in pushes, in paths and bodies, and in sessions', async () => {
    const ids = idsOf((await emsp.call('locations')).data).slice(0, 3)
    for (const [index, own] of ['1', UUID, LONG].entries()) {
      emsp.requests.length = 0
      const path = `/NL/AAA/${own}`
      expect((await cpa.call('locations', { method: 'PUT', path, body: location(own) })).statusCode).toBe(1000)
      const push = await emsp.waitForRequest(({ module }) => module === 'locations')
      const id = ids[index] as string
      expect(decodeURIComponent(push.suffix)).toBe(`/NL/AAA/${id}`)
      expect(push.json()).toMatchObject({ id, country_code: 'NL', party_id: 'AAA' })
    }
    const session = { id: 'S1', auth_id: 'NLEMXC1', location: location('1'), status: 'ACTIVE' }
    const put = await cpa.call('sessions', { method: 'PUT', path: '/NL/AAA/S1', body: session })
    expect(put.statusCode).toBe(1000)
    const [pushed] = emsp.requests.filter(({ module }) => module === 'sessions')
    expect(pushed?.suffix).toBe('/NL/AAA/NLAAA.S1')
    expect(pushed?.json()).toMatchObject({ id: 'NLAAA.S1', location: { id: 'NLAAA.1' }, party_id: 'AAA' })
    const stop = { response_url: `${emsp.versionsUrl}results/2`, session_id: 'NLAAA.S1' }
    await emsp.call('commands', { method: 'POST', path: '/STOP_SESSION', body: stop })
    const [command] = cpa.requests.filter(({ suffix }) => suffix.includes('STOP_SESSION'))
    expect(command?.json()).toMatchObject({ session_id: 'S1' })
  })
})

test('An id of one CPO in a request to another is 2001, and reaches neither', async () => {
  const headers = ['OCPI-to-country-code', 'NL', 'OCPI-to-party-id', 'AAA']
  const answers = [
    await emsp.call('locations', { path: '/NLBBB.1', headers }),
    await emsp.call('commands', { method: 'POST', path: '/START_SESSION', headers, body: start('NLBBB.1') }),
  ]
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([2001, 2001])
  expect(answers[0]?.envelope?.status_message).toContain('is of NL-BBB')
  expect([...cpa.requests, ...cpb.requests]).toEqual([])
})

test('Another eMSP of 2.1.1 has ids as they are, no owners in objects, and the hub in URLs, where it is set so', async () => {
  const other = await join('EMO', 'emsp', { ids: 'as-sent', owner_members: false, owner_in_url: 'hub' })
  await cpa.call('locations', { method: 'PUT', path: '/NL/AAA/1', body: location('1') })
  const push = await other.waitForRequest(({ module }) => module === 'locations')
  expect(push.suffix).toBe('/NL/HUB/1')
  // Nothing else in it would say whose it is.
  expect(push.json()).toEqual({ ...location('1'), operator: { name: 'AAA' } })
  expect(idsOf((await other.call('locations')).data)).toContain('1')
})

test('A dedicated connection is with its counterparty alone: shown in credentials, asked, and heard', async () => {
  const other = await join('EMD', 'emsp', { counterparty: 'NL-AAA' })
  expect(other.hubCredentials()).toMatchObject({
    country_code: 'NL',
    party_id: 'AAA',
    business_details: { name: 'AAA' },
  })
  const list = await other.call('locations')
  expect(idsOf(list.data)).toEqual(['1', UUID, LONG])
  expect((list.data as object[])[0]).toEqual(location('1'))
  await cpb.call('locations', { method: 'PUT', path: '/NL/BBB/9', body: location('9') })
  await cpa.call('locations', { method: 'PUT', path: '/NL/AAA/8', body: location('8') })
  await other.waitForRequest(({ module }) => module === 'locations')
  await emsp.waitForRequest(({ suffix }) => suffix.endsWith('NLAAA.8'))
  expect(other.requests.filter(({ module }) => module === 'locations').map(({ suffix }) => suffix)).toEqual([
    '/NL/AAA/8',
  ])
  const headers = ['OCPI-to-country-code', 'NL', 'OCPI-to-party-id', 'EMD']
  expect((await cpb.call('tokens', { headers })).statusCode).not.toBe(1000)
  const newcomer = await hub.join({
    ...{ name: 'CPZ', versions: ['2.3.0'] },
    parties: [{ country_code: 'NL', party_id: 'CPZ', role: 'CPO' }],
  })
  const shown = (newcomer.hubCredentials()?.roles ?? []).map(({ party_id }) => party_id)
  expect(shown).toContain('AAA')
  expect(shown).not.toContain('EMD')
})
