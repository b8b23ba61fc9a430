import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../faults/pair.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules, type WireParty } from '../../support/partner.ts'
import type { Handler, RecordedRequest } from '../../support/partner-server.ts'

// Direct requests, URLs that lead through the hub and open routing between platforms of OCPI 2.2.1 and 2.3.0.

const CPO_221 = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const CPO_230 = { country_code: 'BE', party_id: 'CPX', role: 'CPO' } as const
const EMSP_221 = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const EMSP_230 = { country_code: 'FR', party_id: 'MSX', role: 'EMSP' } as const

const NOW = '2026-01-01T00:00:00Z'
const BUFFER_BYTES = 65_536

let hub: TestHub
let cpo221: Partner
let cpo230: Partner
let emsp221: Partner & { readonly platformId: string }
let emsp230: Partner
const undos: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub({ BUFFER_BYTES: String(BUFFER_BYTES), INBOUND_REQUESTS_PER_SECOND: '0' })
  const join = (party: WireParty, version: string) =>
    hub.join({ name: party.party_id, parties: [party], modules: routedModules([party]), versions: [version] })
  cpo221 = await join(CPO_221, '2.2.1')
  cpo230 = await join(CPO_230, '2.3.0')
  emsp221 = await join(EMSP_221, '2.2.1')
  emsp230 = await join(EMSP_230, '2.3.0')
})
afterAll(() => hub.close())
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
  for (const partner of [cpo221, cpo230, emsp221, emsp230]) partner.requests.length = 0
})

/** Until the test ends. */
function answers(partner: Partner, module: string, role: 'SENDER' | 'RECEIVER', handler: Handler): void {
  undos.push(partner.on(module, role, handler))
}

function asked(partner: Partner): readonly RecordedRequest[] {
  return partner.requests.filter(({ path }) => path !== '/versions')
}

function last(partner: Partner): RecordedRequest {
  const request = asked(partner).at(-1)
  if (!request) throw new Error(`${partner.name} was not called`)
  return request
}

const JSON_TYPE = ['Content-Type', 'application/json']

function location(id: string, more: Record<string, unknown> = {}) {
  const { country_code, party_id } = CPO_230
  const place = { address: 'Street 1', city: 'Gent', country: 'BEL', time_zone: 'Europe/Brussels' }
  const coordinates = { latitude: '51.047599', longitude: '3.729944' }
  return { country_code, party_id, id, publish: true, ...place, coordinates, last_updated: NOW, ...more }
}

function tariff(party: WireParty, id: string, more: Record<string, unknown> = {}) {
  const { country_code, party_id } = party
  const elements = [{ price_components: [{ type: 'ENERGY', price: 0.25, vat: 21, step_size: 1 }] }]
  return { country_code, party_id, id, currency: 'EUR', elements, last_updated: NOW, ...more }
}

describe('what is pushed', () => {
  test('a tariff of 2.2.1 reaches a 2.3.0 eMSP with tax_included, and numbers and members of its own as they were written', async () => {
    const body = `{"country_code":"NL","party_id":"CPO","id":"T1","currency":"EUR","min_price":{"excl_vat":1.10},"elements":[{"price_components":[{"type":"FLAT","price":1.10,"step_size":1}]}],"x_own":{"a":1e2},"last_updated":"${NOW}"}`
    const sent = { method: 'PUT', path: '/NL/CPO/T1', to: EMSP_230, body, headers: JSON_TYPE }
    const answer = await cpo221.call('tariffs', 'RECEIVER', sent)
    expect([answer.status, answer.statusCode]).toEqual([200, 1000])
    expect(last(emsp230).json()).toMatchObject({ tax_included: 'NO', min_price: { before_taxes: 1.1 } })
    expect(last(emsp230).body.toString()).toContain('"price":1.10')
    expect(last(emsp230).body.toString()).toContain('"x_own":{"a":1e2}')
  })

  test('a compressed body arrives plain', async () => {
    const body = gzipSync(JSON.stringify(tariff(CPO_221, 'T2')))
    const headers = [...JSON_TYPE, 'Content-Encoding', 'gzip']
    await cpo221.call('tariffs', 'RECEIVER', { method: 'PUT', path: '/NL/CPO/T2', to: EMSP_230, body, headers })
    expect(last(emsp230).header('content-encoding')).toBeUndefined()
    expect(last(emsp230).json()).toMatchObject({ id: 'T2', tax_included: 'NO' })
  })

  test('between platforms of one version every byte stays, and DELETE passes between all', async () => {
    const body = '{"id":"T1",  "x_own": 1.10, "id": "T1"}'
    const sent = { method: 'PUT', path: '/NL/CPO/T1', to: EMSP_221, body, headers: JSON_TYPE }
    expect((await cpo221.call('tariffs', 'RECEIVER', sent)).statusCode).toBe(1000)
    expect(last(emsp221).body.toString()).toBe(body)
    const gone = { method: 'DELETE', path: '/NL/CPO/T1', to: EMSP_230 }
    expect((await cpo221.call('tariffs', 'RECEIVER', gone)).statusCode).toBe(1000)
    expect([last(emsp230).method, last(emsp230).suffix]).toEqual(['DELETE', '/NL/CPO/T1'])
  })

  test('a PATCH is converted member by member', async () => {
    const body = `{"total_cost":{"excl_vat":1.10,"incl_vat":1.33},"last_updated":"${NOW}"}`
    const sent = { method: 'PATCH', path: '/NL/CPO/S1', to: EMSP_230, body, headers: JSON_TYPE }
    expect((await cpo221.call('sessions', 'RECEIVER', sent)).statusCode).toBe(1000)
    expect(last(emsp230).body.toString()).toContain('"before_taxes":1.10')
    expect(last(emsp230).json()).toEqual({
      total_cost: { before_taxes: 1.1, taxes: [{ name: 'VAT', amount: 0.23 }] },
      last_updated: NOW,
    })
  })

  test('what would be false in the other version is answered 2001 with the reason, and nobody gets it', async () => {
    const body = tariff(CPO_230, 'Y1', { tax_included: 'YES' })
    const answer = await cpo230.call('tariffs', 'RECEIVER', { method: 'PUT', path: '/BE/CPX/Y1', to: EMSP_221, body })
    expect([answer.status, answer.statusCode]).toEqual([200, 2001])
    expect(answer.envelope?.status_message).toMatch(/tax/i)
    expect(asked(emsp221)).toEqual([])
  })

  test('a body that is no object, or larger than what is read whole, is answered 2001', async () => {
    const put = (body: unknown) =>
      cpo221.call('tariffs', 'RECEIVER', { method: 'PUT', path: '/NL/CPO/T1', to: EMSP_230, body })
    const answered = [await put('[1]'), await put(tariff(CPO_221, 'T1', { x_pad: 'x'.repeat(BUFFER_BYTES) }))]
    expect(answered.map(({ status, statusCode }) => [status, statusCode])).toEqual([
      [200, 2001],
      [200, 2001],
    ])
    expect(answered[1]?.envelope?.status_message).toContain(String(BUFFER_BYTES))
    expect(asked(emsp230)).toEqual([])
  })

  test('what a receiver says beside its success stays behind, since it is in words of another version', async () => {
    answers(emsp230, 'tariffs', 'RECEIVER', () => ({ data: tariff(CPO_221, 'T1', { tax_included: 'NO' }) }))
    const sent = { method: 'PUT', path: '/NL/CPO/T1', body: tariff(CPO_221, 'T1') }
    const answer = await cpo221.call('tariffs', 'RECEIVER', { ...sent, to: EMSP_230 })
    expect(answer.statusCode).toBe(1000)
    expect(answer.envelope).not.toHaveProperty('data')
  })
})

describe('what is asked for', () => {
  test('a list of 1000 Locations, page by page over the next links, each without what 2.2.1 does not have', async () => {
    const newer = { help_phone: '+32 9', parking_places: [{ id: 'P1' }] }
    answers(cpo230, 'locations', 'SENDER', ({ query }) => {
      const offset = Number(new URLSearchParams(query).get('offset') ?? 0)
      const next = `<${cpo230.endpointUrl('locations', 'SENDER')}?offset=${offset + 100}&limit=100>; rel="next"`
      return {
        data: Array.from({ length: 100 }, (_, i) => location(`L${offset + i}`, newer)),
        headers: ['X-Total-Count', '1000', 'X-Limit', '100', ...(offset < 900 ? ['Link', next] : [])],
      }
    })
    const got: Record<string, unknown>[] = []
    let page = await emsp221.call('locations', 'SENDER', { to: CPO_230, query: '?limit=100' })
    for (;;) {
      expect([page.statusCode, page.header('x-total-count'), page.header('x-limit')]).toEqual([1000, '1000', '100'])
      got.push(...(page.data as Record<string, unknown>[]))
      if (page.next === null) break
      page = await emsp221.callUrl(page.next)
    }
    expect(got).toEqual(Array.from({ length: 1000 }, (_, i) => location(`L${i}`)))
  })

  test('a list that came compressed goes on plain, small or large', async () => {
    const objects = (count: number) =>
      Array.from({ length: count }, (_, i) => location(`L${i}`, { help_phone: '+32 9' }))
    for (const count of [3, 2_000]) {
      const body = gzipSync(JSON.stringify({ data: objects(count), status_code: 1000, timestamp: NOW }), { level: 1 })
      answers(cpo230, 'locations', 'SENDER', () => ({
        body,
        headers: [...JSON_TYPE, 'Content-Encoding', 'gzip', 'ETag', '"1"'],
      }))
      const answer = await emsp221.call('locations', 'SENDER', { to: CPO_230 })
      expect([answer.header('content-encoding'), answer.header('etag')]).toEqual([undefined, undefined])
      expect(answer.data).toEqual(Array.from({ length: count }, (_, i) => location(`L${i}`)))
    }
  })

  test('of a list that cannot all be said the rest comes, and a broken object spoils nothing', async () => {
    const whole = [tariff(CPO_230, 'A', { tax_included: 'NO' }), tariff(CPO_230, 'B', { tax_included: 'YES' }), 7]
    answers(cpo230, 'tariffs', 'SENDER', () => ({ data: [...whole, tariff(CPO_230, 'C', { tax_included: 'N/A' })] }))
    const answer = await emsp221.call('tariffs', 'SENDER', { to: CPO_230 })
    expect((answer.data as { id: string }[]).map(({ id }) => id)).toEqual(['A', 'C'])
    expect(answer.bytes.toString()).not.toContain('tax_included')
  })

  test('one object that cannot be said is not there: HTTP 404', async () => {
    answers(emsp230, 'tariffs', 'RECEIVER', () => ({ data: tariff(CPO_221, 'B', { tax_included: 'YES' }) }))
    const answer = await cpo221.call('tariffs', 'RECEIVER', { path: '/NL/CPO/B', to: EMSP_230, correlationId: 'c-404' })
    expect([answer.status, answer.statusCode]).toEqual([404, 2000])
    expect(answer.envelope).not.toHaveProperty('data')
    const [message] = await eventually(
      async () => (await hub.admin('GET', '/messages?correlation_id=c-404')).body,
      (found) => found.length === 1,
    )
    const { body } = await hub.admin('GET', `/messages/${message.id}`)
    expect(body).toMatchObject({ conversion: '2.3.0 to 2.2.1: withheld', failure: 'withheld' })
    expect(body.response.body).toContain('"tax_included":"YES"')
  })

  test('what was lost is said in the answer, to a platform that wants to know', async () => {
    answers(cpo230, 'locations', 'SENDER', () => ({ data: location('L1', { help_phone: '+32 9' }) }))
    const ask = async () => (await emsp221.call('locations', 'SENDER', { to: CPO_230, path: '/L1' })).envelope
    expect((await ask())?.status_message ?? '').not.toContain('help_phone')
    const tell = (tells_losses: boolean) =>
      hub.admin('PATCH', `/platforms/${emsp221.platformId}`, { conversion: { tells_losses } })
    expect((await tell(true)).status).toBe(200)
    expect((await ask())?.status_message).toContain('Not carried to OCPI 2.2.1: /help_phone')
    await tell(false)
  })

  test('an answer that is no OCPI goes to nobody, and what a receiver refuses keeps its words', async () => {
    answers(cpo230, 'locations', 'SENDER', () => ({ body: 'nothing here', headers: JSON_TYPE }))
    expect((await emsp221.call('locations', 'SENDER', { to: CPO_230 })).statusCode).toBe(4000)
    answers(cpo230, 'locations', 'SENDER', () => ({ status: 404, statusCode: 2003, statusMessage: 'No such place' }))
    const answer = await emsp221.call('locations', 'SENDER', { to: CPO_230, path: '/L1' })
    expect([answer.status, answer.statusCode, answer.envelope?.status_message]).toEqual([404, 2003, 'No such place'])
  })

  test('without a receiver the object is found by its path and converted as well', async () => {
    const id = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
    answers(cpo230, 'locations', 'SENDER', () => ({ data: location(id, { help_phone: '+32 9' }) }))
    await emsp221.call('locations', 'SENDER', { path: `/${id}`, to: CPO_230 })
    const answer = await emsp221.call('locations', 'SENDER', { path: `/${id}`, to: null, from: EMSP_221 })
    expect(answer.data).toEqual(location(id))
  })
})

describe('commands and bills', () => {
  const token = { ...{ country_code: 'FR', party_id: 'MSX' }, uid: 'U1', type: 'EMAID', contract_id: 'FR-MSX-C1' }

  test('START_SESSION arrives with a token type that 2.2.1 has, and its result comes back over the led URL', async () => {
    const body = {
      response_url: `${emsp230.origin}/results/1`,
      token: { ...token, issuer: 'MSX', valid: true, whitelist: 'NEVER', last_updated: NOW },
      location_id: 'L1',
    }
    answers(cpo221, 'commands', 'RECEIVER', () => ({ data: { result: 'ACCEPTED', timeout: 30 } }))
    undos.push(emsp230.onRequest(({ path }) => (path === '/results/1' ? {} : 'pass')))
    const answer = await emsp230.call('commands', 'RECEIVER', {
      method: 'POST',
      path: '/START_SESSION',
      to: CPO_221,
      body,
    })
    expect([answer.statusCode, answer.data]).toEqual([1000, { result: 'ACCEPTED', timeout: 30 }])
    const got = last(cpo221).json() as { token: { type: string }; response_url: string }
    expect(got.token.type).toBe('OTHER')
    const result = { method: 'POST', body: { result: 'EVSE_OCCUPIED' } }
    expect((await cpo221.callUrl(got.response_url, result)).statusCode).toBe(1000)
    expect([last(emsp230).path, last(emsp230).json()]).toEqual(['/results/1', { result: 'EVSE_OCCUPIED' }])
  })

  test('a charging profile and its result are carried as they are, but for where the result goes', async () => {
    const body = {
      charging_profile: { charging_rate_unit: 'W', x_own: 1 },
      response_url: `${emsp230.origin}/results/2`,
    }
    answers(cpo221, 'chargingprofiles', 'RECEIVER', () => ({ data: { result: 'ACCEPTED', timeout: 30, x_own: 1 } }))
    undos.push(emsp230.onRequest(({ path }) => (path === '/results/2' ? {} : 'pass')))
    const put = { method: 'PUT', path: '/S1', to: CPO_221, body }
    const answer = await emsp230.call('chargingprofiles', 'RECEIVER', put)
    expect([answer.statusCode, answer.data]).toEqual([1000, { result: 'ACCEPTED', timeout: 30, x_own: 1 }])
    const { response_url, ...same } = last(cpo221).json() as { response_url: string }
    expect(same).toEqual({ charging_profile: body.charging_profile })
    const result = { method: 'POST', body: { result: 'REJECTED', x_own: 1 } }
    expect((await cpo221.callUrl(response_url, result)).statusCode).toBe(1000)
    expect(last(emsp230).json()).toEqual({ result: 'REJECTED', x_own: 1 })
  })

  test('a posted CDR is converted, and read back by its Location it is the CDR that was posted', async () => {
    const cdr = {
      ...{ country_code: 'NL', party_id: 'CPO', id: 'C1', currency: 'EUR', auth_method: 'WHITELIST' },
      ...{ start_date_time: NOW, end_date_time: NOW, total_energy: 12.5, total_time: 1.5, last_updated: NOW },
      cdr_token: { country_code: 'FR', party_id: 'MSX', uid: 'U1', type: 'RFID', contract_id: 'FR-MSX-C1' },
      cdr_location: {
        ...{ id: 'L1', address: 'Street 1', city: 'Gent', country: 'BEL', evse_uid: 'E1', evse_id: 'BE*CPX*E1' },
        coordinates: { latitude: '51.047599', longitude: '3.729944' },
        ...{ connector_id: '1', connector_standard: 'IEC_62196_T2', connector_format: 'SOCKET' },
        connector_power_type: 'AC_3_PHASE',
      },
      charging_periods: [{ start_date_time: NOW, dimensions: [{ type: 'ENERGY', volume: 12.5 }] }],
      total_cost: { excl_vat: 4.1, incl_vat: 4.96 },
    }
    answers(emsp230, 'cdrs', 'RECEIVER', ({ method }) =>
      method === 'POST'
        ? { status: 201, headers: ['Location', `${emsp230.endpointUrl('cdrs', 'RECEIVER')}/C1`] }
        : { data: stored },
    )
    const posted = await cpo221.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP_230, body: cdr })
    expect(posted.status).toBe(201)
    const stored = last(emsp230).json() as Record<string, unknown>
    expect(stored['total_cost']).toEqual({ before_taxes: 4.1, taxes: [{ name: 'VAT', amount: 0.86 }] })
    const led = posted.header('location') as string
    expect(led.startsWith(`${hub.url}/ocpi/via/`)).toBe(true)
    expect((await cpo221.callUrl(led)).data).toEqual(cdr)
  })
})

describe('what the message log keeps of it', () => {
  // oxlint-disable-next-line typescript/no-explicit-any -- a row of the admin API, on which tests assert
  async function logged(correlationId: string): Promise<any> {
    const [row] = await eventually(
      async () => (await hub.admin('GET', `/messages?correlation_id=${correlationId}`)).body as { id: string }[],
      (rows) => rows.length === 1,
    )
    return (await hub.admin('GET', `/messages/${row?.id}`)).body
  }

  test('a body as it came and as it was sent, with what was lost', async () => {
    const body = location('L1', { help_phone: '+3212345' })
    const way = { method: 'PUT', path: '/BE/CPX/L1', to: EMSP_221, body, correlationId: 'both-requests' }
    await cpo230.call('locations', 'RECEIVER', way)
    const { request, converted } = await logged('both-requests')
    expect(JSON.parse(request.body)).toEqual(body)
    expect(converted.request.body).toBe(last(emsp221).body.toString())
    expect(converted.request).toMatchObject({ bytes: last(emsp221).body.length, body_is_cut: false })
    expect(converted.request.remarks).toEqual([
      { fate: 'lost', pointer: '/help_phone', reason: 'OCPI 2.2.1 has no such field' },
    ])
    expect(converted.response).toBeNull()
  })

  test('an answer as it was given and as its caller got it', async () => {
    const given = { data: location('L2', { help_phone: '+3212345' }) }
    answers(cpo230, 'locations', 'SENDER', () => given)
    const answer = await emsp221.call('locations', 'SENDER', {
      path: '/L2',
      to: CPO_230,
      correlationId: 'both-answers',
    })
    const { response, converted } = await logged('both-answers')
    expect(JSON.parse(response.body).data).toEqual(answer.data)
    expect(JSON.parse(converted.response.body)).toMatchObject(given)
    expect(converted).toMatchObject({ request: null, response: { remarks: [{ pointer: '/help_phone' }] } })
  })

  test('one body where conversion left it as it is, and nothing of it between equal versions', async () => {
    const body = { status: 'CHARGING', last_updated: NOW }
    const way = { method: 'PATCH', path: '/NL/CPO/L1/E1', body }
    await cpo221.call('locations', 'RECEIVER', { ...way, to: EMSP_230, correlationId: 'as-it-is' })
    expect((await logged('as-it-is')).converted).toEqual({ request: null, response: null })
    await cpo221.call('locations', 'RECEIVER', { ...way, to: EMSP_221, correlationId: 'equal-versions' })
    expect((await logged('equal-versions')).converted).toBeNull()
  })
})
