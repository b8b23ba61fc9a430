import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import type { Partner } from '../support/partner.ts'
import { until } from '../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const NOBODY = { country_code: 'FR', party_id: 'NON' }

type Message = {
  readonly id: string
  readonly correlation_id: string
  readonly kind: string
  readonly duration_ms: number
}
type Sum = { readonly module: string; readonly outcome: string; readonly n: number; readonly ms: number }

/** Request IDs as the receiver got them, by correlation ID. */
const sentOn = new Map<string, string>()
let hub: TestHub
let cpo: Partner & { platformId: string }
let emsp: Partner & { platformId: string }

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  emsp.on('sessions', 'RECEIVER', (request) => {
    sentOn.set(request.header('x-correlation-id') ?? '', request.header('x-request-id') ?? '')
    return {}
  })
  emsp.on('cdrs', 'RECEIVER', () => ({ statusCode: 2001, statusMessage: 'No' }))
  const session = { method: 'PUT', path: '/NL/CPO/SES1', to: EMSP, body: { id: 'SES1' } } as const
  await cpo.call('sessions', 'RECEIVER', { ...session, correlationId: 'fine', requestId: 'my-request' })
  await cpo.call('sessions', 'RECEIVER', { ...session, correlationId: 'fine-too' })
  await cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: { id: 'CDR1' }, correlationId: 'refused' })
  await cpo.call('sessions', 'RECEIVER', { ...session, to: NOBODY, correlationId: 'to-nobody' })
  emsp.on('tariffs', 'RECEIVER', () => ({ status: 500 }))
  await cpo.call('tariffs', 'RECEIVER', {
    method: 'PUT',
    path: '/NL/CPO/T1',
    to: EMSP,
    body: {},
    correlationId: 'failed',
  })
  await until(async () => (await search('module=tariffs')).includes('failed'), 'Expected the messages in the log')
}, 60_000)
afterAll(() => hub?.close())

/** The correlation IDs of what is found, newest first. */
async function search(query: string): Promise<string[]> {
  const { status, body } = await hub.admin('GET', `/messages?${query}`)
  expect(status, JSON.stringify(body)).toBe(200)
  return (body as Message[]).map((message) => message.correlation_id)
}

describe('where is that message', () => {
  test('find it by the object it is about', async () => {
    const sql = postgres(hub.databaseUrl, { max: 1 })
    await sql`update message_log set object_key = 'SES1' where path like '%/SES1'`
    await sql.end()
    expect(await search('object=SES1')).toEqual(['to-nobody', 'fine-too', 'fine'])
    expect(await search('object=SES1&outcome=ok')).toEqual(['fine-too', 'fine'])
    expect(await search('object=SES2')).toEqual([])
  })

  test('find what the receiver or the hub would not do, and what somebody could not do', async () => {
    const side = `platform_id=${cpo.platformId}`
    expect(await search(`outcome=refused&module=cdrs`)).toEqual(['refused'])
    expect(await search(`outcome=failed`)).toContain('failed')
    expect(await search(`outcome=failed&${side}`)).toEqual(await search('outcome=failed'))
    expect(await search(`outcome=ok&module=sessions&${side}`)).toEqual(['fine-too', 'fine'])
  })

  test("find it by the sender's request ID, and by the one that the receiver got", async () => {
    expect(await search('request_id=my-request')).toEqual(['fine'])
    const got = sentOn.get('fine')
    expect(got).not.toBe('my-request')
    expect(await search(`request_id=${got}`)).toEqual(['fine'])
    expect(await search('request_id=nobody-s')).toEqual([])
  })

  test('find it by its kind', async () => {
    expect(await search('kind=direct&module=cdrs')).toEqual(['refused'])
    expect(await search('kind=delivery')).toEqual([])
  })

  test('find what a party sent and got in either spelling, and what was sent to one that nobody is', async () => {
    expect(await search('party=nl-cpo&module=sessions')).toEqual(['to-nobody', 'fine-too', 'fine'])
    expect(await search('party=DE*EMS&module=sessions')).toEqual(['fine-too', 'fine'])
    expect(await search('party=FR-NON')).toEqual(['to-nobody'])
  })

  test('read how far back was searched, and how far the log goes back', async () => {
    const { headers } = await hub.admin('GET', '/messages?limit=1')
    expect(headers['x-search-since']).toBe(headers['x-log-since'])
    expect(Date.parse(String(headers['x-log-since']))).toBeGreaterThan(Date.now() - 120_000)
  })
})

describe('how much traffic was there, how many errors, how slow', () => {
  const sums = async (query: string) => (await hub.admin('GET', `/traffic?${query}`)).body as (Sum & { at: string })[]
  const shown = (rows: readonly Sum[]) => rows.map(({ module, outcome, n }) => `${module} ${outcome} ${n}`)

  test('in the whole hub, by minute, hour and day', async () => {
    await until(async () => (await sums('module=tariffs')).length > 0, 'Expected counts')
    for (const step of ['minute', 'hour', 'day']) {
      const rows = await sums(`step=${step}`)
      const total = (module: string, outcome: string) =>
        rows.filter((row) => row.module === module && row.outcome === outcome).reduce((n, row) => n + row.n, 0)
      expect([step, total('sessions', 'ok'), total('cdrs', 'refused')]).toEqual([step, 2, 1])
    }
    const [hour] = await sums('module=cdrs')
    expect(hour).toEqual({
      at: expect.stringMatching(/:00:00\.000Z$/),
      module: 'cdrs',
      outcome: 'refused',
      n: 1,
      ms: expect.any(Number),
      p50: expect.any(Number),
      p95: expect.any(Number),
      bytes: expect.any(Number),
    })
    // As long as the log says that the one exchange took.
    const { body: logged } = await hub.admin('GET', '/messages?module=cdrs')
    expect((logged as Message[]).map((message) => message.duration_ms)).toEqual([hour?.ms])
  })

  test('by outcome, and all outcomes together with their times', async () => {
    await until(async () => (await sums('module=tariffs')).length > 0, 'Expected counts')
    const rows = await sums('step=day&by=outcome-and-step')
    const days = Map.groupBy(rows, ({ at }) => at)
    for (const [at, ofDay] of days) expect([at, ofDay.at(-1)?.outcome]).toEqual([at, null])
    expect(rows.filter(({ outcome }) => outcome === null)).toEqual(await sums('step=day&by=step'))
    expect(rows.filter(({ outcome }) => outcome !== null)).toEqual(await sums('step=day&by=outcome'))
  })

  test('with one platform', async () => {
    await until(async () => (await sums('module=tariffs')).length > 0, 'Expected counts')
    const of = async (platform: string) => shown(await sums(`platform=${platform}&step=day`))
    expect(await of(emsp.platformId)).toEqual(expect.arrayContaining(['cdrs refused 1', 'sessions ok 2']))
    expect(await of(cpo.platformId)).toEqual(expect.arrayContaining(['cdrs refused 1', 'sessions ok 2']))
    expect(await of('00000000-0000-4000-8000-000000000000')).toEqual([])
  })

  test.each([
    ['step=minute&since=2026-01-01T00:00:00Z', 'step'],
    ['step=minute&platform=00000000-0000-4000-8000-000000000000', 'step'],
    ['step=second', 'step'],
    ['platform=cpo', 'platform'],
    ['colour=blue', 'colour'],
  ])('not by ?%s: too much, or never counted', async (query, parameter) => {
    const { status, body } = await hub.admin('GET', `/traffic?${query}`)
    expect(status).toBe(400)
    expect(body.errors[0].parameter).toBe(parameter)
  })
})
