import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultsOf } from '../../ocpi/convert/oracle/judge.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules, type WireParty } from '../../support/partner.ts'
import { type Partner211, startPartner211 } from '../../support/partner-211.ts'
import { until } from '../../support/until.ts'

// Broadcasts, GET All and authorisations of tokens of unknown owner with a CPO of OCPI 2.1.1, which takes the hub for one eMSP.

const HUB = { country_code: 'NL', party_id: 'HUB' }
const OLD = { country_code: 'NL', party_id: 'OLD' }
const EMSP_221 = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const EMSP_230 = { country_code: 'FR', party_id: 'MSX', role: 'EMSP' } as const
const NOW = '2026-01-01T00:00:00Z'

let hub: TestHub
let cpo: Partner211
let cpoId: string
let emsp221: Partner & { readonly platformId: string }
let emsp230: Partner

beforeAll(async () => {
  hub = await startTestHub({ INBOUND_REQUESTS_PER_SECOND: '0', FAN_OUTS_PER_MINUTE: '0' })
  const join = (party: WireParty, version: string) =>
    hub.join({ name: party.party_id, parties: [party], modules: routedModules([party]), versions: [version] })
  emsp221 = await join(EMSP_221, '2.2.1')
  emsp230 = await join(EMSP_230, '2.3.0')
  cpo = await startPartner211({ name: 'old', side: 'cpo', party: OLD })
  const { id, token } = await hub.createPlatform({ name: 'old' })
  cpoId = id
  await cpo.register({ versionsUrl: `${hub.url}/ocpi/emsp/versions`, token })
})
afterAll(async () => {
  await cpo.close()
  await hub.close()
})

function tariff(id: string, price: number) {
  const elements = [{ price_components: [{ type: 'ENERGY', price, step_size: 1 }] }]
  return { id, currency: 'EUR', elements, last_updated: NOW }
}

function pushed(emsp: Partner, method: string, end: string) {
  return emsp.requests.find((request) => request.method === method && request.path.endsWith(end))
}

test('a tariff that it pushes to the hub reaches eMSPs of 2.2.1 and 2.3.0 with its owner, and so does its deletion', async () => {
  const path = '/NL/OLD/T1'
  expect((await cpo.call('tariffs', { method: 'PUT', path, body: tariff('T1', 0.25) })).statusCode).toBe(1000)
  await until(async () => [emsp221, emsp230].every((emsp) => pushed(emsp, 'PUT', path)), 'both eMSPs')
  expect(pushed(emsp221, 'PUT', path)?.json()).toMatchObject({ ...OLD, id: 'T1' })
  expect(pushed(emsp221, 'PUT', path)?.json()).not.toHaveProperty('tax_included')
  expect(pushed(emsp230, 'PUT', path)?.json()).toMatchObject({ ...OLD, id: 'T1', tax_included: 'NO' })
  expect((await cpo.call('tariffs', { method: 'DELETE', path })).statusCode).toBe(1000)
  await until(async () => [emsp221, emsp230].every((emsp) => pushed(emsp, 'DELETE', path)), 'both eMSPs')
})

test('a location that it pushes to the hub is good in 2.2.1 and in 2.3.0', async () => {
  const path = '/NL/OLD/LOC1'
  const connector = {
    ...{ id: '1', standard: 'IEC_62196_T2', format: 'SOCKET', power_type: 'AC_3_PHASE', voltage: 230, amperage: 16 },
    ...{ tariff_id: 'T1', last_updated: NOW },
  }
  const body = {
    ...{ id: 'LOC1', type: 'ON_STREET', address: 'Street 1', city: 'Utrecht', postal_code: '1234AB', country: 'NLD' },
    ...{ coordinates: { latitude: '52.100000', longitude: '5.100000' }, related_locations: null },
    opening_times: { regular_hours: [{ weekday: 1, period_begin: '08:00', period_end: '20:00' }] },
    evses: [{ uid: 'E1', status: 'AVAILABLE', connectors: [connector], last_updated: '2026-01-01T00:00:00' }],
    last_updated: NOW,
  }
  expect((await cpo.call('locations', { method: 'PUT', path, body })).statusCode).toBe(1000)
  await until(async () => [emsp221, emsp230].every((emsp) => pushed(emsp, 'PUT', path)), 'both eMSPs')
  for (const [emsp, version] of [
    [emsp221, '2.2.1'],
    [emsp230, '2.3.0'],
  ] as const) {
    const location = pushed(emsp, 'PUT', path)?.json()
    expect(faultsOf(version, 'location', location)).toEqual([])
    expect(location).toMatchObject({ ...OLD, id: 'LOC1', publish: true, time_zone: 'Europe/Amsterdam' })
  }
})

test('a tariff that it changes in part goes whole to those who cannot change it so, once the hub has seen it whole', async () => {
  const change = (id: string, body: object) => cpo.call('tariffs', { method: 'PATCH', path: `/NL/OLD/${id}`, body })
  // As any broadcast it is done with once it is taken; of what nobody can be told administrators see.
  expect((await change('UNSEEN', { currency: 'SEK' })).statusCode).toBe(1000)
  expect((await cpo.call('tariffs', { method: 'PUT', path: '/NL/OLD/T5', body: tariff('T5', 0.25) })).statusCode).toBe(
    1000,
  )
  await until(async () => [emsp221, emsp230].every((emsp) => pushed(emsp, 'PUT', '/T5')), 'both eMSPs')
  for (const emsp of [emsp221, emsp230]) emsp.requests.length = 0
  expect((await change('T5', { currency: 'SEK', last_updated: NOW })).statusCode).toBe(1000)
  await until(async () => [emsp221, emsp230].every((emsp) => pushed(emsp, 'PUT', '/T5')), 'both eMSPs')
  for (const emsp of [emsp221, emsp230]) {
    expect(pushed(emsp, 'PUT', '/T5')?.json()).toMatchObject({ id: 'T5', currency: 'SEK', elements: [{}] })
    expect(emsp.requests.filter(({ path }) => path.endsWith('/UNSEEN'))).toEqual([])
  }
})

test('the status of an EVSE that does not say when it changed says so to the others', async () => {
  const path = '/NL/OLD/LOC1/E1'
  expect((await cpo.call('locations', { method: 'PATCH', path, body: { status: 'CHARGING' } })).statusCode).toBe(1000)
  await until(async () => [emsp221, emsp230].every((emsp) => pushed(emsp, 'PATCH', path)), 'both eMSPs')
  for (const emsp of [emsp221, emsp230]) {
    const patch = pushed(emsp, 'PATCH', path)?.json()
    expect(patch).toEqual({ status: 'CHARGING', last_updated: expect.stringMatching(/^20\d\d-.*Z$/) })
  }
})

test('what waits for an eMSP is converted by the settings that its CPO, which says no VAT and no time zone, has by then', async () => {
  const queue = `/queues/${emsp221.platformId}`
  await hub.admin('POST', `${queue}/pause`, {})
  const [tariffPath, locationPath] = ['/NL/OLD/T9', '/NL/OLD/LOC9']
  const location = `{"id":"LOC9","type":"ON_STREET","address":"A 1","city":"B","postal_code":"1","country":"NLD","coordinates":{"latitude":"52.1","longitude":"5.1"},"last_updated":"${NOW}"}`
  await cpo.call('tariffs', { method: 'PUT', path: tariffPath, body: tariff('T9', 0.25) })
  await cpo.call('locations', { method: 'PUT', path: locationPath, body: location })
  const conversion = { vat: '21', time_zone: 'Atlantic/Azores' }
  expect((await hub.admin('PATCH', `/platforms/${cpoId}`, { conversion })).status).toBe(200)
  await hub.admin('POST', `${queue}/resume`, {})
  const sent = (path: string) => pushed(emsp221, 'PUT', path)?.body.toString()
  await until(async () => [tariffPath, locationPath].every((path) => sent(path) !== undefined), 'both objects')
  expect(sent(tariffPath)).toBe(
    `{"id":"T9","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.25,"step_size":1,"vat":21}]}],"last_updated":"${NOW}","country_code":"NL","party_id":"OLD"}`,
  )
  expect(sent(locationPath)).toBe(
    `{"id":"LOC9","parking_type":"ON_STREET","address":"A 1","city":"B","postal_code":"1","country":"NLD","coordinates":{"latitude":"52.1","longitude":"5.1"},"last_updated":"${NOW}","country_code":"NL","party_id":"OLD","publish":true,"time_zone":"Atlantic/Azores"}`,
  )
})

test('what it lists has its owner in it for who asks for the lists of all', async () => {
  cpo.on('tariffs', () => ({ data: [tariff('T2', 0.3)], headers: ['X-Total-Count', '1'] }))
  for (const [emsp, taxes] of [
    [emsp221, undefined],
    [emsp230, 'NO'],
  ] as const) {
    const { data } = await emsp.call('tariffs', 'SENDER', { to: HUB })
    expect(data).toMatchObject([{ ...OLD, id: 'T2' }])
    expect((data as { tax_included?: string }[])[0]?.tax_included).toBe(taxes)
  }
})

test('a token of unknown owner is authorised by the eMSP that has it, without what 2.1.1 has no place for; else 404', async () => {
  const unknown = () => ({ status: 404, statusCode: 2004 })
  const undo = [emsp221.on('tokens', 'SENDER', unknown), emsp230.on('tokens', 'SENDER', unknown)]
  const nobody = await cpo.call('tokens', { method: 'POST', path: '/U1/authorize', body: {} })
  expect([nobody.status, nobody.statusCode]).toEqual([404, 2001])
  const whose = { country_code: EMSP_230.country_code, party_id: EMSP_230.party_id, contract_id: 'C1', issuer: 'x' }
  const token = { ...whose, uid: 'U1', type: 'RFID', valid: true, whitelist: 'NEVER', last_updated: NOW }
  const info = { allowed: 'ALLOWED', token, authorization_reference: 'A1' }
  undo.push(emsp230.on('tokens', 'SENDER', () => ({ data: info })))
  const answer = await cpo.call('tokens', { method: 'POST', path: '/U1/authorize', body: {} })
  for (const each of undo) each()
  expect([answer.status, answer.statusCode, answer.data]).toEqual([200, 1000, { allowed: 'ALLOWED' }])
})
