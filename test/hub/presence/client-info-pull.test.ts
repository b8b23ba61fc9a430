import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import type { Partner, WireParty } from '../../support/partner.ts'
import { until } from '../../support/until.ts'

type Info = { country_code: string; party_id: string; role: string; status: string; last_updated: string }
type Joined = Partner & { readonly platformId: string }

const role = (party_id: string, name: WireParty['role']): WireParty => ({ country_code: 'NL', party_id, role: name })

let hub: TestHub
let cpo: Joined
let cpo2: Joined
let emsp: Joined

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [role('CPO', 'CPO'), role('CPO', 'EMSP'), role('CP3', 'CPO')] })
  cpo2 = await hub.join({ name: 'cpo2', parties: [role('CP2', 'CPO')] })
  emsp = await hub.join({ name: 'emsp', parties: [role('EMS', 'EMSP')] })
  await hub.createPlatform({ name: 'announced', parties: [{ country_code: 'be', party_id: 'Soo', role: 'CPO' }] })
})
afterAll(() => hub.close())

async function pull(viewer: Partner, query = '') {
  const answer = await viewer.call('hubclientinfo', 'SENDER', { query })
  return { answer, infos: (answer.data ?? []) as Info[] }
}

const shown = (infos: readonly Info[]) =>
  infos.map(({ country_code, party_id, role, status }) => `${country_code}-${party_id} ${role} ${status}`).sort()

async function infoOf(viewer: Partner, partyId: string): Promise<Info> {
  const info = (await pull(viewer)).infos.find((each) => each.party_id === partyId)
  if (!info) throw new Error(`Expected to see ${partyId}`)
  return info
}

describe('The list of clients [mod_hub_client_info: Sender Interface]', () => {
  test('has one ClientInfo per party and role, in the spelling given, without the caller and without the hub', async () => {
    expect(shown((await pull(emsp)).infos)).toEqual([
      'NL-CP2 CPO CONNECTED',
      'NL-CP3 CPO CONNECTED',
      'NL-CPO CPO CONNECTED',
      'NL-CPO EMSP CONNECTED',
      'be-Soo CPO PLANNED',
    ])
    expect(shown((await pull(cpo)).infos)).toEqual([
      'NL-CP2 CPO CONNECTED',
      'NL-EMS EMSP CONNECTED',
      'be-Soo CPO PLANNED',
    ])
  })

  test('needs no routing headers and gives none', async () => {
    const { answer } = await pull(emsp)
    expect([answer.status, answer.statusCode]).toEqual([200, 1000])
    expect(answer.header('ocpi-to-party-id')).toBeUndefined()
    expect(answer.header('x-total-count')).toBe('5')
    expect(answer.header('x-limit')).toBe('1000')
    expect(answer.link).toBeNull()
  })

  test('comes in pages that are read to the end along their links [transport_and_format: Pagination]', async () => {
    const all: Info[] = []
    let { answer, infos } = await pull(emsp, '?limit=2&date_from=2019-01-01T00:00:00')
    for (;;) {
      expect(answer.header('x-total-count')).toBe('5')
      all.push(...infos)
      if (answer.next === null) break
      expect(infos).toHaveLength(2)
      answer = await emsp.callUrl(answer.next)
      infos = answer.data as Info[]
    }
    expect(all).toEqual((await pull(emsp)).infos)
  })

  test('is cut by date_from inclusive and date_to exclusive, with or without Z, or with an offset', async () => {
    const { last_updated: at } = await infoOf(emsp, 'CP2')
    const bare = at.replace(/Z$/, '')
    const names = async (query: string) => (await pull(emsp, query)).infos.map((info) => info.party_id)
    const east = new Date(Date.parse(at) + 2 * 3_600_000).toISOString().replace('Z', '')
    const offsets = [`${east}%2B02:00`, `${east}+02:00`, `${east}000000+0200`]
    for (const spelling of [at, bare, ...offsets]) {
      expect(await names(`?date_from=${spelling}`)).toContain('CP2')
      expect(await names(`?date_to=${spelling}`)).not.toContain('CP2')
    }
    const later = new Date(Date.parse(at) + 1).toISOString()
    expect(await names(`?date_from=${later}`)).not.toContain('CP2')
    expect(await names(`?date_from=${at}&date_to=${later}`)).toContain('CP2')
  })

  test.each(['?limit=none', '?offset=-1', '?date_from=yesterday'])('with %s is refused with 2001', async (query) => {
    const { answer } = await pull(emsp, query)
    expect([answer.status, answer.statusCode]).toEqual([200, 2001])
  })

  test.each(['PUT', 'POST', 'DELETE', 'PATCH'])('cannot be changed with %s', async (method) => {
    const body = method === 'DELETE' ? null : {}
    expect((await emsp.call('hubclientinfo', 'SENDER', { method, body })).status).toBe(405)
  })

  test('is for registered platforms only', async () => {
    const { token } = await hub.createPlatform({ name: 'not yet' })
    const url = emsp.hubEndpoints.get('hubclientinfo/SENDER') ?? ''
    const authorization = `Token ${Buffer.from(token).toString('base64')}`
    expect((await emsp.callUrl(url, { authorization })).status).toBe(401)
  })

  test('does not show the caller a role of its own that was announced and let go', async () => {
    const announcing = (...parties: WireParty[]) => hub.admin('PATCH', `/platforms/${cpo2.platformId}`, { parties })
    await announcing(role('CP2', 'EMSP'))
    await announcing()
    expect(shown((await pull(emsp)).infos)).toContain('NL-CP2 EMSP SUSPENDED')
    expect(shown((await pull(cpo2)).infos).join()).not.toContain('NL-CP2')
  })
})

describe('The status of a client [mod_hub_client_info: ConnectionStatus]', () => {
  test('follows suspension and return, and last_updated changes with it and only with it', async () => {
    const before = await infoOf(emsp, 'CP2')
    await cpo2.rotate()
    expect(await infoOf(emsp, 'CP2')).toEqual(before)
    await hub.admin('POST', `/platforms/${cpo2.platformId}/suspend`)
    const suspended = await infoOf(emsp, 'CP2')
    expect(suspended.status).toBe('SUSPENDED')
    expect(Date.parse(suspended.last_updated)).toBeGreaterThan(Date.parse(before.last_updated))
    await hub.admin('POST', `/platforms/${cpo2.platformId}/resume`)
    const resumed = await infoOf(emsp, 'CP2')
    expect(resumed.status).toBe('CONNECTED')
    expect(Date.parse(resumed.last_updated)).toBeGreaterThan(Date.parse(suspended.last_updated))
  })

  test('is OFFLINE for everyone after a failed check', async () => {
    await cpo2.refuse()
    await hub.admin('POST', `/platforms/${cpo2.platformId}/check`)
    expect((await infoOf(emsp, 'CP2')).status).toBe('OFFLINE')
    await cpo2.listenAgain()
    await hub.admin('POST', `/platforms/${cpo2.platformId}/check`)
    expect((await infoOf(emsp, 'CP2')).status).toBe('CONNECTED')
  })

  test('is PLANNED for one side and the other while a rule keeps them apart, from and until its moments', async () => {
    const cpoBefore = await infoOf(emsp, 'CP2')
    const rule = {
      a: { country_code: 'nl', party_id: 'cp2' },
      b: { country_code: 'NL', party_id: 'EMS' },
      effect: 'deny',
    }
    const soon = () => new Date(Date.now() + 1_500).toISOString()
    const valid_from = soon()
    const { body } = await hub.admin('POST', '/agreements', { ...rule, valid_from })
    expect(await infoOf(emsp, 'CP2')).toEqual(cpoBefore)
    await until(async () => (await infoOf(emsp, 'CP2')).status === 'PLANNED')
    expect((await infoOf(emsp, 'CP2')).last_updated).toBe(valid_from)
    expect(await infoOf(cpo2, 'EMS')).toMatchObject({ status: 'PLANNED', last_updated: valid_from })
    expect((await infoOf(cpo, 'CP2')).last_updated).toBe(cpoBefore.last_updated)
    await hub.admin('DELETE', `/agreements/${body.id}`)

    const valid_until = soon()
    await hub.admin('POST', '/agreements', { ...rule, valid_until })
    expect((await infoOf(emsp, 'CP2')).status).toBe('PLANNED')
    await until(async () => (await infoOf(emsp, 'CP2')).status === 'CONNECTED')
    expect((await infoOf(emsp, 'CP2')).last_updated).toBe(valid_until)
  })

  test('is SUSPENDED after the end of a connection, and for a party whose platform was forgotten', async () => {
    const leaving = await hub.join({ name: 'leaving', parties: [role('LEA', 'CPO')] })
    expect((await infoOf(emsp, 'LEA')).status).toBe('CONNECTED')
    await leaving.unregister()
    expect((await infoOf(emsp, 'LEA')).status).toBe('SUSPENDED')
    expect((await hub.admin('DELETE', `/platforms/${leaving.platformId}`)).status).toBe(204)
    expect((await infoOf(emsp, 'LEA')).status).toBe('SUSPENDED')
    const again = await hub.join({ name: 'again', parties: [role('LEA', 'CPO')] }, { parties: [role('LEA', 'CPO')] })
    expect((await infoOf(emsp, 'LEA')).status).toBe('CONNECTED')
    expect(again.tokenAtHub()).not.toBeNull()
  })
})

test('under agreements, all others are PLANNED until they agree', async () => {
  const closed = await startTestHub({ ROUTING_POLICY: 'agreements' })
  const a = await closed.join({ name: 'a', parties: [role('AAA', 'CPO')] }, { parties: [role('AAA', 'CPO')] })
  const b = await closed.join({ name: 'b', parties: [role('BBB', 'EMSP')] }, { parties: [role('BBB', 'EMSP')] })
  const c = await closed.join({ name: 'c', parties: [role('CCC', 'EMSP')] }, { parties: [role('CCC', 'EMSP')] })
  expect(shown((await pull(a)).infos)).toEqual(['NL-BBB EMSP PLANNED', 'NL-CCC EMSP PLANNED'])
  const before = await infoOf(a, 'CCC')
  const rule = {
    a: { country_code: 'NL', party_id: 'AAA' },
    b: { country_code: 'NL', party_id: 'BBB' },
    effect: 'allow',
  }
  await closed.admin('POST', '/agreements', { ...rule, modules: ['tokens'] })
  expect(shown((await pull(a)).infos)).toEqual(['NL-BBB EMSP CONNECTED', 'NL-CCC EMSP PLANNED'])
  expect(shown((await pull(b)).infos)).toEqual(['NL-AAA CPO CONNECTED', 'NL-CCC EMSP PLANNED'])
  expect(shown((await pull(c)).infos)).toEqual(['NL-AAA CPO PLANNED', 'NL-BBB EMSP PLANNED'])
  // What a party may not see changes nothing for it.
  await c.refuse()
  await closed.admin('POST', `/platforms/${c.platformId}/check`)
  expect(await infoOf(a, 'CCC')).toEqual(before)
  await closed.close()
})

test('a crawl page by page misses nobody who was there, whoever comes, changes or goes meanwhile [transport_and_format: Pagination]', async () => {
  const busy = await startTestHub()
  const viewer = await busy.join({ name: 'viewer', parties: [role('VIE', 'EMSP')] })
  const b = await busy.join({ name: 'BBB', parties: [role('BBB', 'CPO')] })
  for (const name of ['CCC', 'DDD', 'EEE', 'FFF']) await busy.join({ name, parties: [role(name, 'CPO')] })
  const meanwhile = [
    () => busy.admin('POST', `/platforms/${b.platformId}/suspend`),
    () => b.unregister(),
    () => busy.admin('DELETE', `/platforms/${b.platformId}`),
    () => busy.createPlatform({ name: 'new', parties: [role('AAA', 'CPO')] }),
    () => busy.join({ name: 'back', parties: [role('BBB', 'CPO')] }),
  ]
  const crawled: string[] = []
  let answer = await viewer.call('hubclientinfo', 'SENDER', { query: '?limit=1' })
  for (;;) {
    crawled.push(...(answer.data as Info[]).map((info) => info.party_id))
    if (answer.next === null) break
    await meanwhile.shift()?.()
    answer = await viewer.callUrl(answer.next)
  }
  expect(crawled).toEqual(expect.arrayContaining(['BBB', 'CCC', 'DDD', 'EEE', 'FFF']))
  expect(shown((await pull(viewer)).infos)).toHaveLength(6)
  await busy.close()
})
