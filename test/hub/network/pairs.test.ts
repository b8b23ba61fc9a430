import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import type { WireParty } from '../../support/partner.ts'

const CPO = { country_code: 'NL', party_id: 'CPO' }
const EMSP = { country_code: 'DE', party_id: 'EMS' }
const HEADER = 'id,a_country_code,a_party_id,b_country_code,b_party_id,effect,modules'
const ID = '6f2b2c64-6f0c-4f3e-9d3c-0c6d2f6f1a01'

let hub: TestHub

beforeAll(async () => {
  hub = await startTestHub({ ROUTING_POLICY: 'agreements' })
  const join = (party: WireParty) => hub.join({ name: party.party_id, parties: [party] }, { parties: [party] })
  await join({ ...CPO, role: 'CPO' })
  await join({ country_code: 'NL', party_id: 'CP2', role: 'CPO' })
  await join({ ...EMSP, role: 'EMSP' })
  await hub.admin('POST', '/platforms', {
    name: 'Newcomer',
    parties: [{ country_code: 'FR', party_id: 'EMS', role: 'EMSP' }],
  })
})
afterAll(() => hub.close())

async function rule(effect: 'allow' | 'deny', modules?: string[]): Promise<string> {
  const answer = await hub.admin('POST', '/agreements', { a: EMSP, b: CPO, effect, ...(modules && { modules }) })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body.id
}

async function importCsv(csv: string, query: string) {
  const answer = await request(`${hub.url}/admin/api/agreements/import${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'text/csv' },
    body: csv,
  })
  return { status: answer.statusCode, body: await answer.body.json() }
}

/** The first pair of a page, and where the next one is. */
async function matrixPage(path: string): Promise<{ first: string; next: string | undefined }> {
  const headers = { authorization: `Bearer ${hub.adminToken}` }
  const answer = await request(`${hub.url}/admin/api${path}`, { headers })
  const { cpos, emsps } = (await answer.body.json()) as { cpos: WireParty[]; emsps: WireParty[] }
  const next = /^<\/admin\/api(.+)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1]
  return { first: `${cpos[0]?.party_id} ${emsps[0]?.country_code}`, next }
}

describe('Why two parties may or may not talk', () => {
  test('is told of all modules at once, with the rule that decides each and the rules in order', async () => {
    const all = await rule('allow')
    const some = await rule('deny', ['cdrs', 'nl-own'])
    const { status, body } = await hub.admin('GET', '/agreements/decision?a=NL-CPO&b=DE-EMS')
    expect(status).toBe(200)
    expect(body.allowed).toBe(true)
    expect(body.rules.map(({ id }: { id: string }) => id)).toEqual([some, all])
    const of = (name: string) => body.modules.find(({ module }: { module: string }) => module === name)
    expect(of('locations')).toMatchObject({ allowed: true, rule: { id: all } })
    expect(of('cdrs')).toMatchObject({ allowed: false, rule: { id: some } })
    expect(of('nl-own')).toMatchObject({ allowed: false, rule: { id: some } })
  })

  test('comes with the way of requests: who is connected, and announces the interface that its role holds', async () => {
    const { body } = await hub.admin('GET', '/agreements/decision?a=NL-CPO&b=FR-EMS&module=locations')
    expect(body).toMatchObject({ allowed: false, rule: null, policy: 'agreements' })
    expect(body.modules[0].routes).toMatchObject([
      { to: CPO, interface_role: 'SENDER', status: 'CONNECTED', announced: true, missing: null },
      { to: { country_code: 'FR' }, interface_role: 'RECEIVER', status: 'PLANNED', missing: 'Newcomer is PLANNED' },
    ])
    const unknown = await hub.admin('GET', '/agreements/decision?a=NL-CPO&b=XX-NON&module=locations')
    expect(unknown.body.modules[0].routes.at(-1)).toMatchObject({
      platform_id: null,
      missing: 'No platform hosts XX-NON',
    })
  })
})

describe('The matrix', () => {
  test('shows all pairs, at a moment too, and of which of them modules are told apart', async () => {
    const { status, body } = await hub.admin('GET', '/agreements/matrix')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      policy: 'agreements',
      cpos: [{ party_id: 'CP2' }, { party_id: 'CPO' }],
      emsps: [{ country_code: 'DE' }, { country_code: 'FR' }],
      cells: [
        ['none', 'none'],
        ['some', 'none'],
      ],
    })
    expect((await hub.admin('GET', '/agreements/matrix?module=locations&cpo=nl-cpo')).body.cells).toEqual([
      ['all', 'none'],
    ])
    const before = await hub.admin('GET', '/agreements/matrix?at=2020-01-01T00:00:00Z')
    expect(new Set(before.body.cells.flat()), 'no rule was made by then').toEqual(new Set(['none']))
  })

  test('has filters by party and country, and pages through columns and rows', async () => {
    const { body } = await hub.admin('GET', '/agreements/matrix?cpo=NL-CP2,BE&emsp=FR')
    expect(body).toMatchObject({ cpos: [{ party_id: 'CP2' }], emsps: [{ country_code: 'FR' }], cells: [['none']] })
    const seen: string[] = []
    let next: string | undefined = '/agreements/matrix?limit=1'
    while (next !== undefined) {
      const page = await matrixPage(next)
      seen.push(page.first)
      next = page.next
    }
    expect(seen).toEqual(['CP2 DE', 'CP2 FR', 'CPO DE', 'CPO FR'])
    expect((await hub.admin('GET', '/agreements/matrix?cpo=N')).status).toBe(400)
  })
})

describe('The dry run of an import', () => {
  test('tells line by line what is added, there already and refused, and changes nothing', async () => {
    await importCsv(`${HEADER}\n${ID},NL,CP2,DE,EMS,deny,\n`, '')
    const before = (await hub.admin('GET', '/agreements')).body
    const csv = `${HEADER}\n,NL,CP2,DE,EMS,allow,\n${ID},NL,CP2,DE,EMS,deny,\n,DE,EMS,DE,EMS,allow,\n,NL,TOOLONG,DE,EMS,maybe,\n`
    const { status, body } = await importCsv(csv, '?dry_run=true')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      added: 1,
      left_out: 1,
      refused: 2,
      lines: [
        { line: 2, outcome: 'added', detail: null },
        { line: 3, outcome: 'left-out' },
        { line: 4, outcome: 'refused', detail: expect.stringContaining('twice') },
        { line: 5, outcome: 'refused', detail: expect.stringMatching(/party_id.*effect/) },
      ],
    })
    expect(await importCsv(csv, '')).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/4' }, {}, {}] } })
    expect((await hub.admin('GET', '/agreements')).body).toEqual(before)
  })
})
