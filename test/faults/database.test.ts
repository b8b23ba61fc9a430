import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startPartner } from '../support/partner.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { CPO, EMSP, eventually, metric, type Pair, startPair } from './pair.ts'

let database: TestDatabase
let proxy: TcpProxy
let pair: Pair
beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await startTcpProxy(database.url)
  pair = await startPair({}, { databaseUrl: proxy.url })
})
afterEach(async () => {
  await proxy.restore()
  await eventually(ready, (status) => status === 200)
})
afterAll(async () => {
  await pair.hub.close()
  await proxy.close()
  await database.drop()
})

const status = async (path: string) => (await fetch(pair.hub.url + path)).status
const ready = () => status('/readyz')
const isAway = { cut: () => proxy.cut(), freeze: () => proxy.freeze() }

const START = { method: 'POST', path: '/START_SESSION', to: CPO } as const
const command = () => ({ ...START, body: { response_url: `${pair.emsp.origin}/results/1`, location_id: '1' } })

test('a connection that ends within a transaction fails that change, and nothing else', async () => {
  const sql = postgres(database.url, { max: 1, onnotice: () => undefined })
  const release = Promise.withResolvers<void>()
  const isHeld = Promise.withResolvers<void>()
  const holding = sql.begin(async (tx) => {
    await tx`select * from routing_revision for update`
    isHeld.resolve()
    await release.promise
  })
  await isHeld.promise
  const making = pair.hub.admin('POST', '/platforms', { name: 'unfinished' })
  const look = postgres(database.url, { max: 1, onnotice: () => undefined })
  const waiting = () =>
    look`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  await eventually(waiting, (rows) => rows.length > 0)
  await proxy.cut()
  expect((await making).status).toBe(503)
  release.resolve()
  await holding
  await Promise.all([sql.end(), look.end()])
  expect(await pair.ask()).toMatchObject({ statusCode: 1000 })
  await proxy.restore()
  await eventually(ready, (code) => code === 200)
  const { body } = await pair.hub.admin('GET', '/platforms')
  expect(JSON.stringify(body)).not.toContain('unfinished')
})

test('a change whose news got lost is found all the same', async () => {
  const revision = await metric(pair.hub, 'ocpi_hub_routing_table_revision')
  const sql = postgres(database.url, { max: 1, onnotice: () => undefined })
  await sql`update routing_revision set revision = revision + 1`
  await sql.end()
  await eventually(
    () => metric(pair.hub, 'ocpi_hub_routing_table_revision'),
    (now) => now > revision,
  )
})

describe.each(['cut', 'freeze'] as const)('while the database is away (%s)', (how) => {
  test('direct requests go on with what was known last', async () => {
    await isAway[how]()
    for (let i = 0; i < 5; i++) expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 1000 })
    expect(await pair.put({ id: 'LOC1' })).toMatchObject({ status: 200, statusCode: 1000 })
    expect(await pair.emsp.callUrl(pair.hub.versionsUrl)).toMatchObject({ status: 200, statusCode: 1000 })
  })

  test('a list whose next page stays on the announced endpoint passes with its link, which needs no storage', async () => {
    pair.cpo.on('locations', 'SENDER', (request) =>
      request.query === ''
        ? { data: [1], headers: ['Link', `<${pair.cpo.endpointUrl('locations', 'SENDER')}?offset=1>; rel="next"`] }
        : { data: [2] },
    )
    await isAway[how]()
    const first = await pair.ask()
    expect(first.next).toContain('/ocpi/next/')
    expect(await pair.emsp.callUrl(first.next as string)).toMatchObject({ statusCode: 1000, data: [2] })
  })

  test('a list whose next page would have to be kept is refused with 4000, rather than look complete', async () => {
    const undo = pair.cpo.on('locations', 'SENDER', () => ({
      data: [1],
      headers: ['Link', `<${pair.cpo.origin}/elsewhere?offset=1>; rel="next"`],
    }))
    await isAway[how]()
    expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 4000 })
    undo()
  })

  test('a list of which only a way back or to the end would have to be kept passes without it', async () => {
    const elsewhere = `${pair.cpo.origin}/elsewhere?offset=`
    const announced = `${pair.cpo.endpointUrl('locations', 'SENDER')}?offset=2`
    const undo = pair.cpo.on('locations', 'SENDER', () => ({
      data: [1],
      headers: ['Link', `<${elsewhere}0>; rel="prev", <${announced}>; rel="next", <${elsewhere}9>; rel="last"`],
    }))
    await isAway[how]()
    const answer = await pair.ask()
    undo()
    expect(answer).toMatchObject({ status: 200, statusCode: 1000, data: [1] })
    expect(answer.header('link')).toMatch(/^<[^<>]*\/ocpi\/next\/[^<>]*>; rel="next"$/)
  })

  test('a command whose response_url cannot be kept gets 4000, and no call is made', async () => {
    pair.cpo.requests.length = 0
    await isAway[how]()
    expect(await pair.emsp.call('commands', 'RECEIVER', command())).toMatchObject({ status: 200, statusCode: 4000 })
    expect(pair.cpo.requests.filter((request) => request.module === 'commands')).toEqual([])
  })

  test("a CDR's 201 passes, without Location", async () => {
    const undo = pair.emsp.on('cdrs', 'RECEIVER', () => ({
      status: 201,
      headers: ['Location', `${pair.emsp.origin}/cdrs/1`],
    }))
    await isAway[how]()
    const answer = await pair.cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: { id: '1' } })
    undo()
    expect(answer).toMatchObject({ status: 201, statusCode: 1000 })
    expect(answer.header('location')).toBeUndefined()
  })

  test('a URL the hub kept cannot be looked up: 4000, and it works again afterwards', async () => {
    pair.cpo.requests.length = 0
    // The hub may still be finding out that the database is back.
    await eventually(
      () => pair.emsp.call('commands', 'RECEIVER', command()),
      (answer) => answer.statusCode === 1000,
    )
    const sent = await pair.cpo.waitForRequest((request) => request.module === 'commands')
    const { response_url } = sent.json() as { response_url: string }
    const callback = () => pair.cpo.callUrl(response_url, { method: 'POST', body: { result: 'ACCEPTED' } })
    await isAway[how]()
    expect(await callback()).toMatchObject({ status: 200, statusCode: 4000 })
    await proxy.restore()
    const undo = pair.emsp.onRequest((request) => (request.path === '/results/1' ? {} : 'pass'))
    await eventually(callback, (answer) => answer.statusCode === 1000)
    undo()
  })

  test('a handshake fails with an envelope that says so, and changes nothing', async () => {
    const late = await startPartner({
      name: 'late',
      parties: [{ country_code: 'FR', party_id: how === 'cut' ? 'LA1' : 'LA2', role: 'CPO' }],
    })
    const { id, token } = await pair.hub.createPlatform({ name: 'late' })
    await isAway[how]()
    const answer = await late.tryRegister({ versionsUrl: pair.hub.versionsUrl, token })
    expect(answer.status).toBe(200)
    expect(answer.statusCode).toBeGreaterThanOrEqual(3000)
    expect(answer.envelope?.status_message).toBeTruthy()
    const rotated = await pair.emsp.rotate()
    expect(rotated.status).toBe(200)
    expect(rotated.statusCode).toBeGreaterThanOrEqual(3000)
    expect(await pair.ask()).toMatchObject({ statusCode: 1000 })
    await proxy.restore()
    await eventually(ready, (code) => code === 200)
    expect((await pair.hub.admin('GET', `/platforms/${id}`)).body.status).toBe('PLANNED')
    expect(await late.tryRegister({ versionsUrl: pair.hub.versionsUrl, token })).toMatchObject({ statusCode: 1000 })
    expect(await pair.emsp.rotate()).toMatchObject({ statusCode: 1000 })
    await late.close()
    // Four handshakes: with a database that is silent each waits for it more than once.
  }, 60_000)

  test('a token that another process may have given a moment ago gets 4000 and never 401, whatever it asks for', async () => {
    const failed = () => metric(pair.hub, 'ocpi_hub_refused_logins_total')
    const before = await failed()
    await isAway[how]()
    const Authorization = `Token ${Buffer.from('x'.repeat(43)).toString('base64')}`
    const asked = [
      '/ocpi/versions',
      '/ocpi/2.2.1/credentials',
      '/ocpi/2.2.1/hubclientinfo',
      '/ocpi/2.2.1/sender/locations',
    ]
    for (const path of asked) {
      const answer = await fetch(pair.hub.url + path, { headers: { Authorization } })
      expect([path, answer.status, await answer.json()]).toEqual([
        path,
        200,
        expect.objectContaining({ status_code: 4000 }),
      ])
    }
    expect(await failed()).toBe(before)
    for (const token of [undefined, 'Token short']) {
      const headers = token === undefined ? {} : { Authorization: token }
      expect((await fetch(pair.hub.versionsUrl, { headers })).status).toBe(401)
    }
  })

  test('the administrators are told with a problem of status 503', async () => {
    await isAway[how]()
    const { admin } = pair.hub
    const asked = [
      admin('GET', '/platforms'),
      admin('POST', '/platforms', { name: 'nowhere' }),
      admin('GET', '/messages'),
      admin('POST', `/platforms/${pair.cpo.platformId}/check`),
    ]
    for (const answer of await Promise.all(asked)) {
      expect(answer.status).toBe(503)
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
  })

  test('the hub is alive and not ready, within seconds, and ready again by itself', async () => {
    expect(await ready()).toBe(200)
    await isAway[how]()
    const at = Date.now()
    const answer = await fetch(`${pair.hub.url}/readyz`)
    expect([answer.status, await answer.text()]).toEqual([503, 'the database does not answer'])
    expect(Date.now() - at).toBeLessThan(5_000)
    expect(await status('/healthz')).toBe(200)
    expect(await status('/metrics')).toBe(200)
    await proxy.restore()
    await eventually(ready, (code) => code === 200)
  })

  test('what happened is in the message log afterwards', async () => {
    await isAway[how]()
    const correlationId = `while-${how}`
    expect(await pair.ask({ correlationId })).toMatchObject({ statusCode: 1000 })
    await sleep(400)
    await proxy.restore()
    const find = async () => (await pair.hub.admin('GET', `/messages?correlation_id=${correlationId}`)).body
    const found = await eventually(find, (page) => page.length > 0, 25_000)
    expect(JSON.stringify(found)).toContain(correlationId)
    expect(await metric(pair.hub, 'ocpi_hub_message_log_dropped')).toBe(0)
  })

  test('changes are heard again afterwards, without a restart', async () => {
    await isAway[how]()
    await pair.ask()
    await proxy.restore()
    await eventually(ready, (code) => code === 200)
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined })
    const revision = await metric(pair.hub, 'ocpi_hub_routing_table_revision')
    await sql`with n as (update routing_revision set revision = revision + 1 returning revision) select pg_notify('routing', revision::text) from n`
    await sql.end()
    await eventually(
      () => metric(pair.hub, 'ocpi_hub_routing_table_revision'),
      (now) => now > revision,
    )
  })
})
