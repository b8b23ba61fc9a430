import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import type { Partner, WireParty } from '../../support/partner.ts'
import { until } from '../../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPO' }
const CPO2 = { country_code: 'NL', party_id: 'CP2' }
const EMSP = { country_code: 'DE', party_id: 'EMS' }

let hub: TestHub
let second: TestHub
let cpo: Partner
let emsp: Partner

beforeAll(async () => {
  hub = await startTestHub({ ROUTING_POLICY: 'agreements' })
  second = await startTestHub({ ROUTING_POLICY: 'agreements' }, { databaseUrl: hub.databaseUrl })
  const join = (party: WireParty) => hub.join({ name: party.party_id, parties: [party] }, { parties: [party] })
  cpo = await join({ ...CPO, role: 'CPO' })
  await join({ ...CPO2, role: 'CPO' })
  emsp = await join({ ...EMSP, role: 'EMSP' })
})
afterAll(async () => {
  await second.close()
  await hub.close()
})

async function statusCode(to: typeof CPO, module = 'locations', at: TestHub = hub): Promise<number | null> {
  const url = (emsp.hubEndpoints.get(`${module}/SENDER`) ?? '').replace(hub.url, at.url)
  return (await emsp.callUrl(url, { to })).statusCode
}

async function agree(body: Record<string, unknown>): Promise<string> {
  const answer = await hub.admin('POST', '/agreements', { a: EMSP, b: CPO, effect: 'allow', ...body })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body.id
}

async function decision(module = 'locations', at: TestHub = hub) {
  return (await at.admin('GET', `/agreements/decision?a=de-ems&b=NL*cpo&module=${module}`)).body
}

async function endAll(): Promise<void> {
  for (const { id } of (await hub.admin('GET', '/agreements')).body) await hub.admin('DELETE', `/agreements/${id}`)
}

describe('With the policy agreements', () => {
  test('parties without one are unknown to each other, and the decision says why', async () => {
    expect(await statusCode(CPO)).toBe(4001)
    expect(await decision()).toMatchObject({ allowed: false, rule: null, policy: 'agreements' })
  })

  test('a rule takes effect with its answer, in any letter case and in both directions, and ends so too', async () => {
    const id = await agree({ a: { country_code: 'nl', party_id: 'cpo' }, b: EMSP })
    expect(await statusCode(CPO)).toBe(1000)
    expect((await cpo.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
    expect(await statusCode(CPO2)).toBe(4001)
    expect(await decision()).toMatchObject({ allowed: true, rule: { id, is_in_force: true } })
    expect((await hub.admin('DELETE', `/agreements/${id}`)).status).toBe(204)
    expect(await statusCode(CPO)).toBe(4001)
    expect((await cpo.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(4001)
    expect((await hub.admin('DELETE', `/agreements/${id}`)).status).toBe(204)
    expect((await hub.admin('GET', `/agreements/${id}`)).body).toMatchObject({ id, is_in_force: false })
  })

  test('a rule takes effect in every process', async () => {
    const id = await agree({})
    await until(async () => (await statusCode(CPO, 'locations', second)) === 1000)
    expect(await decision('locations', second)).toMatchObject({ allowed: true, rule: { id } })
    await second.admin('DELETE', `/agreements/${id}`)
    expect(await statusCode(CPO, 'locations', second)).toBe(4001)
    await until(async () => (await statusCode(CPO)) === 4001)
  })

  test('a rule for modules leaves the others as they are', async () => {
    await agree({ modules: ['locations'] })
    expect(await statusCode(CPO, 'locations')).toBe(1000)
    expect(await statusCode(CPO, 'tariffs')).toBe(4001)
    await agree({ effect: 'deny', modules: ['locations', 'cdrs'] })
    expect(await statusCode(CPO, 'locations')).toBe(4001)
    await endAll()
  })

  test('a rule begins and ends at its moments without anybody doing anything', async () => {
    const soon = Date.now() + 1_500
    const from = new Date(soon).toISOString()
    await agree({ valid_from: from, valid_until: new Date(soon + 1_500).toISOString() })
    expect(await statusCode(CPO)).toBe(4001)
    await until(async () => (await statusCode(CPO)) === 1000)
    expect(Date.now()).toBeGreaterThanOrEqual(soon)
    await until(async () => (await statusCode(CPO)) === 4001)
    expect(Date.now()).toBeGreaterThanOrEqual(soon + 1_500)
    expect((await hub.admin('GET', '/agreements')).body).toEqual([])
    expect((await hub.admin('GET', '/agreements?include_over=true')).body[0]).toMatchObject({ valid_from: from })
  })

  test('the list is the latest first, page by page, and can be asked for one party', async () => {
    const first = await agree({})
    const other = await agree({ b: CPO2 })
    const last = await agree({ effect: 'deny' })
    const ids = async (query: string) => {
      const answer = await hub.admin('GET', `/agreements${query}`)
      return {
        ids: answer.body.map(({ id }: { id: string }) => id),
        link: answer.headers['link'] as string | undefined,
      }
    }
    expect((await ids('')).ids).toEqual([last, other, first])
    expect((await ids('?party=nl-cp2')).ids).toEqual([other])
    const page = await ids('?limit=2')
    expect(page.ids).toEqual([last, other])
    const next = /<\/admin\/api\/agreements([^>]+)>/.exec(page.link ?? '')?.[1] ?? ''
    expect(await ids(next)).toEqual({ ids: [first], link: undefined })
    await endAll()
  })

  test.each([
    ['a party with itself', { b: { country_code: 'de', party_id: 'ems' } }, '#/b'],
    ['the hub', { b: { country_code: 'NL', party_id: 'HUB' } }, '#/b'],
    [
      'an end before its beginning',
      { valid_from: '2027-01-02T00:00:00Z', valid_until: '2027-01-01T00:00:00Z' },
      '#/valid_until',
    ],
    ['no module at all', { modules: [] }, '#/modules'],
    ['a module spelt as nobody announces it', { modules: ['nl-own', 'Locations'] }, '#/modules/1'],
    ['a module that is never routed', { modules: ['hubclientinfo'] }, '#/modules/0'],
    ['an unknown effect', { effect: 'maybe' }, '#/effect'],
  ])('a rule with %s is refused and says where', async (_, body, pointer) => {
    const answer = await hub.admin('POST', '/agreements', { a: EMSP, b: CPO, effect: 'allow', ...body })
    expect(answer.status).toBe(400)
    expect(answer.body.errors[0].pointer).toBe(pointer)
  })
})

describe('As CSV', () => {
  const TOKEN = 'Bearer test-admin-token-0123456789'

  async function importCsv(csv: string, type = 'text/csv') {
    const answer = await request(`${hub.url}/admin/api/agreements/import`, {
      method: 'POST',
      headers: { authorization: TOKEN, 'content-type': type },
      body: csv,
    })
    return { status: answer.statusCode, body: (await answer.body.json()) as { errors?: unknown } }
  }

  async function exportCsv(): Promise<string> {
    const answer = await request(`${hub.url}/admin/api/agreements/export`, { headers: { authorization: TOKEN } })
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
    return answer.body.text()
  }

  test('rules go out and come in again, in their order, without any of them twice', async () => {
    await agree({ modules: ['locations', 'tokens'] })
    await agree({ effect: 'deny', valid_from: '2027-01-01T00:00:00+01:00' })
    const csv = await exportCsv()
    expect(csv.split('\r\n')[1]).toMatch(/^[0-9a-f-]{36},DE,EMS,NL,CPO,allow,locations tokens,,$/)
    expect(csv.split('\r\n')[2]).toMatch(/,deny,,2026-12-31T23:00:00.000Z,$/)
    expect(await importCsv(csv)).toEqual({ status: 200, body: { added: 0, left_out: 2 } })
    const anew = csv.replaceAll(/^[0-9a-f-]{36}/gm, '')
    expect(await importCsv(anew)).toEqual({ status: 200, body: { added: 2, left_out: 0 } })
    const rows = (await exportCsv()).trim().split('\r\n').slice(1)
    expect(rows.map((row) => row.slice(36))).toEqual(
      [...rows.slice(0, 2), ...rows.slice(0, 2)].map((row) => row.slice(36)),
    )
    await endAll()
  })

  test('a party whose ID is a formula to a spreadsheet goes out as text, and comes in again as it was', async () => {
    const odd = ['=1', '+A1', '-', '@A', "'=1", "'A"]
    for (const party_id of odd) await agree({ b: { country_code: 'NL', party_id } })
    const csv = await exportCsv()
    expect(csv).not.toMatch(/(^|,)"?[=+\-@]/m)
    expect(await importCsv(csv)).toEqual({ status: 200, body: { added: 0, left_out: odd.length } })
    await endAll()
    expect(await importCsv(csv.replaceAll(/^[0-9a-f-]{36}/gm, ''))).toMatchObject({ body: { added: odd.length } })
    const { body } = await hub.admin('GET', '/agreements')
    expect(body.map(({ b }: { b: { party_id: string } }) => b.party_id).toReversed()).toEqual(odd)
    await endAll()
  })

  test('an imported file decides at once, its later lines over its earlier ones', async () => {
    const header = 'a_country_code;a_party_id;b_country_code;b_party_id;effect'
    const csv = `${header}\nDE;EMS;NL;CPO;deny\nnl;cpo;de;ems;ALLOW\nDE;EMS;NL;CP2;allow\nDE;EMS;NL;CP2;deny\n`
    expect(await importCsv(csv)).toMatchObject({ status: 200, body: { added: 4 } })
    expect(await statusCode(CPO)).toBe(1000)
    expect(await statusCode(CPO2)).toBe(4001)
    await endAll()
  })

  test('one bad line refuses the file and names the line; nothing is added', async () => {
    const header = 'a_country_code,a_party_id,b_country_code,b_party_id,effect'
    const answer = await importCsv(`${header}\nDE,EMS,NL,CPO,allow\nDE,EMS,NL,TOOLONG,allow\nDE,EMS,DE,EMS,allow\n`)
    expect(answer.status).toBe(400)
    expect(answer.body.errors).toMatchObject([{ pointer: '#/3' }, { pointer: '#/4' }])
    expect(await importCsv(`${header}\nDE,EMS,de,ems,allow`)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '#/2' }] },
    })
    expect(await importCsv('a,b\n1,2')).toMatchObject({ status: 400 })
    expect(await importCsv('{}', 'application/json')).toMatchObject({ status: 415 })
    expect((await hub.admin('GET', '/agreements')).body).toEqual([])
  })
})
