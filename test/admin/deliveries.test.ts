// Who has a broadcast, and what waits for a platform?

import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { nextPage } from '../support/hub-client.ts'
import { until } from '../support/until.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const CPO = { country_code: 'NL', party_id: 'CPO' }

type Joined = Awaited<ReturnType<TestHub['join']>>
type Receipt = {
  readonly platform_id: string
  readonly platform_name: string
  readonly to_party: string | null
  readonly state: string
  readonly why: string | null
  readonly attempts: number
  readonly last_attempt: { readonly message_id: string; readonly http_status: number } | null
}

let hub: TestHub
let sql: postgres.Sql
let cpo: Joined
let good: Joined
let bad: Joined
let paused: Joined
let denied: Joined
let pushes = 0

const emsp = (party_id: string) => ({ country_code: 'DE', party_id, role: 'EMSP' }) as const

beforeAll(async () => {
  hub = await startTestHub()
  sql = postgres(hub.databaseUrl, { max: 1, onnotice: () => {} })
  cpo = await hub.join({ name: 'cpo', parties: [{ ...CPO, role: 'CPO' }] })
  good = await hub.join({ name: 'good', parties: [emsp('GUT')] })
  bad = await hub.join({ name: 'bad', parties: [emsp('BAD')] })
  paused = await hub.join({ name: 'paused', parties: [emsp('PAU')] })
  denied = await hub.join({ name: 'denied', parties: [emsp('DEN')] })
  await hub.join({
    name: 'deaf',
    parties: [emsp('TAU')],
    modules: [{ identifier: 'sessions', role: 'RECEIVER' }],
  })
  const rule = { a: CPO, b: { country_code: 'DE', party_id: 'DEN' }, effect: 'deny' }
  await hub.admin('POST', '/agreements', rule)
  bad.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001, statusMessage: 'No' }))
  await hub.admin('POST', `/queues/${paused.platformId}/pause`)
}, 60_000)
afterAll(async () => {
  await sql.end()
  await hub.close()
})

/** The id of the message of a broadcast, once it was delivered and refused. */
async function broadcast(path = `/NL/CPO/L${++pushes}`): Promise<string> {
  const correlationId = `broadcast-${path}-${pushes}`
  const body = { country_code: 'NL', party_id: 'CPO', id: path.split('/')[3] }
  const said = await cpo.call('locations', 'RECEIVER', { method: 'PUT', path, to: HUB, body, correlationId })
  expect(said.statusCode).toBe(1000)
  let id: string | undefined
  await until(async () => {
    const { body: rows } = await hub.admin('GET', `/messages?correlation_id=${encodeURIComponent(correlationId)}`)
    id = rows.find(({ kind }: { kind: string }) => kind === 'broadcast')?.id
    const deliveries = rows.filter(({ kind }: { kind: string }) => kind === 'delivery')
    return id !== undefined && deliveries.length >= 2
  }, 'the rows of a broadcast')
  return id as string
}

async function receiptsOf(id: string): Promise<Receipt[]> {
  const { status, body } = await hub.admin('GET', `/messages/${id}/deliveries`)
  expect(status, JSON.stringify(body)).toBe(200)
  return body
}

async function statesOf(id: string): Promise<Record<string, string>> {
  return Object.fromEntries((await receiptsOf(id)).map(({ platform_name, state }) => [platform_name, state]))
}

describe('who has a broadcast', () => {
  test('a row for each platform that it could be for: delivered, refused, waiting, not for it and why', async () => {
    const id = await broadcast()
    await until(async () => (await statesOf(id))['bad'] === 'failed', 'the refused push to be listed as missed')
    await until(async () => (await statesOf(id))['paused'] === 'waits', 'the queue to be saved')
    const byName = Object.fromEntries((await receiptsOf(id)).map((each) => [each.platform_name, each]))
    expect(Object.keys(byName).sort()).toEqual(['bad', 'deaf', 'denied', 'good', 'paused'])
    expect(byName['good']).toMatchObject({
      platform_id: good.platformId,
      to_party: null,
      state: 'delivered',
      why: null,
      at: expect.any(String),
      attempts: 1,
      last_attempt: { http_status: 200, failure: null },
    })
    expect(byName['bad']).toMatchObject({
      state: 'failed',
      why: 'refused',
      attempts: 1,
      last_attempt: { http_status: 400, ocpi_status: 2001, failure: expect.any(String) },
    })
    const { body: attempt } = await hub.admin('GET', `/messages/${byName['bad']?.last_attempt?.message_id}`)
    expect(attempt).toMatchObject({ kind: 'delivery', to_platform_id: bad.platformId })
    expect(byName['paused']).toMatchObject({ state: 'waits', attempts: 0, last_attempt: null })
    expect(byName['denied']).toMatchObject({
      state: 'not-entitled',
      why: 'No agreement lets it hear the owner of the object',
    })
    expect(byName['deaf']).toMatchObject({
      state: 'not-entitled',
      why: 'It announces no RECEIVER interface of the module',
    })
  })

  test('what neither waits nor was missed, and left no attempt in the log, was delivered or replaced', async () => {
    const id = await broadcast()
    await sql`delete from message_log where kind = 'delivery' and to_platform_id = ${good.platformId}`
    await until(
      async () => (await statesOf(id))['good'] === 'delivered-or-replaced',
      'the place of the queue to be saved',
    )
  })

  test('it does not wait for whom it is not for, however far that queue has read', async () => {
    const id = await broadcast()
    await sql`update push_cursor set position = 0, lanes = '[]' where platform_id = ${denied.platformId}`
    expect((await statesOf(id))['denied']).toBe('not-entitled')
  })

  test('who was connected later was not meant', async () => {
    const id = await broadcast()
    await hub.join({ name: 'later', parties: [emsp('LAT')] })
    expect((await receiptsOf(id)).find(({ platform_name }) => platform_name === 'later')).toMatchObject({
      state: 'not-entitled',
      why: 'It was connected later',
    })
  })

  test('a platform that gets a broadcast for each of its parties has a row for each', async () => {
    const { platformId } = await hub.join({ name: 'both', parties: [emsp('ONE'), emsp('TWO')] })
    await hub.admin('PATCH', `/platforms/${platformId}`, { delivery: { broadcast_to: 'party' } })
    const id = await broadcast()
    const own = async () => (await receiptsOf(id)).filter((each) => each.platform_id === platformId)
    await until(async () => (await own()).every(({ state }) => state === 'delivered'), 'both deliveries')
    expect(new Set((await own()).map(({ to_party }) => to_party))).toEqual(new Set(['DE-ONE', 'DE-TWO']))
  })

  test('pages lead to all platforms, each once', async () => {
    const id = await broadcast()
    const found: string[] = []
    for (let path: string | undefined = `/messages/${id}/deliveries?limit=2`; path !== undefined; ) {
      const page: Awaited<ReturnType<TestHub['admin']>> = await hub.admin('GET', path)
      found.push(...page.body.map(({ platform_id }: Receipt) => platform_id))
      path = nextPage(page)
    }
    expect(found).toEqual((await receiptsOf(id)).map(({ platform_id }) => platform_id))
  })

  test('of a message that is no broadcast, or that the log does not have, it is a problem', async () => {
    const { body } = await hub.admin('GET', '/messages?kind=configuration&limit=1')
    expect(await hub.admin('GET', `/messages/${body[0].id}/deliveries`)).toMatchObject({
      status: 409,
      body: { type: 'urn:ocpi-hub:problem:not-a-broadcast' },
    })
    expect((await hub.admin('GET', '/messages/zz-1/deliveries')).status).toBe(404)
  })
})

describe('what waits for a platform', () => {
  test('its oldest pushes, with the attempts that failed and the last answer', async () => {
    bad.on('locations', 'RECEIVER', () => ({ status: 503 }))
    const path = `/NL/CPO/WAITS`
    await broadcast(path)
    const waiting = async (platformId: string) => {
      const { status, body } = await hub.admin('GET', `/queues/${platformId}`)
      expect(status, JSON.stringify(body)).toBe(200)
      return body.waits.filter((each: { path: string }) => each.path === path)
    }
    await until(async () => (await waiting(bad.platformId))[0]?.attempts > 0, 'a failed attempt')
    expect(await waiting(bad.platformId)).toMatchObject([
      {
        module: 'locations',
        method: 'PUT',
        path,
        to_party: null,
        last_attempt: { http_status: 503, failure: expect.any(String) },
      },
    ])
    expect(await waiting(paused.platformId)).toMatchObject([{ attempts: 0, last_attempt: null }])
    const { body: queue } = await hub.admin('GET', `/queues/${bad.platformId}`)
    expect(queue).toMatchObject({ platform_name: 'bad', last_errors: expect.any(Array) })
    expect(queue.last_errors[0]).toMatchObject({ module: 'locations', method: 'PUT', http_status: 503 })
    expect(queue.last_errors.length).toBeLessThanOrEqual(10)
  })

  test('is nothing where all is delivered', async () => {
    await until(async () => (await hub.admin('GET', `/queues/${good.platformId}`)).body.waits.length === 0)
  })

  test('of a platform without a queue it is a problem', async () => {
    const { id } = await hub.createPlatform({ name: 'planned' })
    expect(await hub.admin('GET', `/queues/${id}`)).toMatchObject({
      status: 404,
      body: { type: 'urn:ocpi-hub:problem:unknown-queue' },
    })
  })
})

describe('what a platform sees of others', () => {
  test('is what HubClientInfo tells it', async () => {
    const { status, body } = await hub.admin('GET', `/platforms/${cpo.platformId}/client-info`)
    expect(status).toBe(200)
    const told = await cpo.call('hubclientinfo', 'SENDER', { to: null })
    expect(body).toEqual(told.data)
    expect(body).toContainEqual(expect.objectContaining({ party_id: 'DEN', status: 'PLANNED' }))
  })

  test('comes in pages', async () => {
    const path = `/platforms/${cpo.platformId}/client-info`
    const { body: all } = await hub.admin('GET', path)
    const first = await hub.admin('GET', `${path}?limit=2`)
    expect(first.headers).toMatchObject({ 'x-total-count': String(all.length) })
    const next = nextPage(first)
    expect([...first.body, ...(await hub.admin('GET', next as string)).body]).toEqual(all.slice(0, 4))
  })

  test('of an unknown platform is a problem', async () => {
    const path = '/platforms/00000000-0000-4000-8000-000000000000/client-info'
    expect((await hub.admin('GET', path)).status).toBe(404)
  })
})
