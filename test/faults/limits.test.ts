import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { onNode } from '../support/only.ts'
import { sendRaw } from '../support/partner-client.ts'
import { until } from '../support/until.ts'
import { CPO, EMSP, type Joined, metric, type Pair, routedTo, startPair } from './pair.ts'

const MB = 1024 * 1024
const hubs: TestHub[] = []
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.close()))
})

const json = (bytes: number) => `{"data":"${'x'.repeat(bytes)}"}`

describe('the size of a message', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ MAX_BODY_BYTES: String(2 * MB), MAX_HEADER_BYTES: '8192' })
  })
  afterAll(() => pair.hub.close())

  test('a body announced as too large is refused with 413, in an envelope, and no call is made', async () => {
    const before = routedTo(pair.emsp)
    const answer = await pair.put(json(3 * MB))
    expect(answer).toMatchObject({ status: 413, statusCode: 2000 })
    expect(routedTo(pair.emsp)).toBe(before)
  })

  test('a body that turns out to be too large on its way is refused with 413 and never reaches the receiver whole', async () => {
    const before = routedTo(pair.emsp)
    async function* pieces() {
      yield Buffer.from('{"data":"')
      for (let i = 0; i < 60; i++) yield Buffer.alloc(64 * 1024, 0x78)
      yield Buffer.from('"}')
    }
    expect(await pair.put(pieces())).toMatchObject({ status: 413, statusCode: 2000 })
    expect(routedTo(pair.emsp)).toBe(before)
    expect(await pair.put({ id: 'AFTER' })).toMatchObject({ statusCode: 1000 })
  })

  test('a body of exactly the limit passes, to the last byte', async () => {
    const body = json(2 * MB - json(0).length)
    const arrived = pair.emsp.waitForRequest((each) => each.body.length === 2 * MB)
    expect(await pair.put(body)).toMatchObject({ statusCode: 1000 })
    expect((await arrived).body.equals(Buffer.from(body))).toBe(true)
  })

  test('what the hub must read is refused beyond the buffer size', async () => {
    const before = routedTo(pair.cpo)
    const body = JSON.stringify({ response_url: pair.emsp.origin, filler: 'x'.repeat(70_000) })
    const answer = await pair.emsp.call('commands', 'RECEIVER', {
      method: 'POST',
      path: '/STOP_SESSION',
      to: CPO,
      body,
    })
    expect(answer).toMatchObject({ status: 413, statusCode: 2000 })
    const small = { path: '/STOP_SESSION', to: CPO, body: gzipSync(body), headers: ['Content-Encoding', 'gzip'] }
    const inflated = await pair.emsp.call('commands', 'RECEIVER', { method: 'POST', ...small })
    expect(inflated).toMatchObject({ status: 413, statusCode: 2000 })
    const credentials = pair.emsp.hubEndpoints.get('credentials/RECEIVER') as string
    expect(await pair.emsp.callUrl(credentials, { method: 'PUT', body: json(70_000) })).toMatchObject({ status: 413 })
    expect(routedTo(pair.cpo)).toBe(before)
  })

  test('a small body that inflates beyond the limit goes on as it came, not unpacked', async () => {
    const body = gzipSync(json(16 * MB))
    const arrived = pair.emsp.waitForRequest((each) => each.body.equals(body))
    const answer = await pair.put(body, { headers: ['Content-Encoding', 'gzip'] })
    expect(answer).toMatchObject({ status: 200, statusCode: 1000 })
    expect((await arrived).header('content-length')).toBe(String(body.length))
  })

  test.runIf(onNode('Front door'))('headers beyond the limit are refused with 431, in an envelope', async () => {
    const bytes = `GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`
    const answer = (await sendRaw(pair.hub.url, bytes, { keepOpen: true })).toString()
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
    expect(JSON.parse(answer.split('\r\n\r\n')[1] as string)).toMatchObject({ status_code: 2000 })
  })

  test.each([
    ['what is no HTTP', 'HELO hub\r\n\r\n'],
    [
      'a request with two different lengths',
      'POST /ocpi/versions HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc',
    ],
    ['a header with a line break in its value', 'GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\nX-A: b\rc\r\n\r\n'],
    ['a request without a host', 'GET /ocpi/versions HTTP/1.1\r\n\r\n'],
  ])('%s is refused with 400 and the connection ends', async (_, bytes) => {
    const answer = (await sendRaw(pair.hub.url, bytes, { keepOpen: true })).toString()
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })

  test.runIf(onNode('Front door'))('a request with a length and chunks is refused with 400', async () => {
    const bytes =
      'POST /ocpi/versions HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
    expect((await sendRaw(pair.hub.url, bytes, { keepOpen: true })).toString()).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('a caller that vanishes with half its headers sent leaves the hub as it was', async () => {
    const socket = connect(Number(new URL(pair.hub.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write('GET /ocpi/versions HTTP/1.1\r\nHost')
    socket.resetAndDestroy()
    expect(await pair.put({ id: 'AFTER' })).toMatchObject({ statusCode: 1000 })
  })
})

describe('the rate of a platform', () => {
  test('is bounded per calling platform, with 429 and Retry-After, and nobody else pays for it', async () => {
    const pair = await startPair({ INBOUND_REQUESTS_PER_SECOND: '20' })
    hubs.push(pair.hub)
    const third = await pair.hub.join({
      name: 'third',
      parties: [{ country_code: 'FR', party_id: 'EM2', role: 'EMSP' }],
    })
    const before = routedTo(pair.cpo)
    const startedAt = Date.now()
    const answers = await Promise.all(Array.from({ length: 120 }, () => pair.ask()))
    const mostPassed = 20 + 20 * Math.ceil((Date.now() - startedAt) / 1000)
    const passed = answers.filter((answer) => answer.status === 200)
    const refused = answers.filter((answer) => answer.status === 429)
    expect(passed.length + refused.length).toBe(120)
    expect(passed.length).toBeGreaterThanOrEqual(20)
    expect(passed.length).toBeLessThanOrEqual(mostPassed)
    expect(refused.length).toBeGreaterThan(0)
    expect(routedTo(pair.cpo) - before).toBe(passed.length)
    for (const answer of refused) {
      expect(answer.statusCode).toBe(2000)
      expect(Number(answer.header('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(answer.header('x-correlation-id')).toBeTruthy()
    }
    expect(await third.call('locations', 'SENDER', { to: CPO })).toMatchObject({ status: 200, statusCode: 1000 })
    expect(await pair.put({ id: 'LOC1' })).toMatchObject({ status: 200, statusCode: 1000 })
  })

  test('holds for configuration modules as well', async () => {
    const pair = await startPair({ INBOUND_REQUESTS_PER_SECOND: '20' })
    hubs.push(pair.hub)
    const answers = await Promise.all(Array.from({ length: 120 }, () => pair.emsp.callUrl(pair.hub.versionsUrl)))
    expect(answers.some((answer) => answer.status === 429 && answer.header('retry-after') !== undefined)).toBe(true)
  })
})

describe('the rate of broadcasts', () => {
  const broadcast = (from: Joined, module: string, path: string) =>
    from.call(module, 'RECEIVER', { method: 'PUT', path, to: { country_code: 'NL', party_id: 'HUB' }, body: {} })

  test('lets a platform push what it has when it starts, then answers 429 with Retry-After to that platform only', async () => {
    const pair = await startPair({ BROADCASTS_PER_SECOND: '2' })
    hubs.push(pair.hub)
    const startedAt = Date.now()
    const pushes = Array.from({ length: 160 }, (_, i) => broadcast(pair.cpo, 'locations', `/NL/CPO/L${i}`))
    const answers = await Promise.all(pushes)
    const refused = answers.filter((answer) => answer.status === 429)
    const mostPassed = 120 + 2 * Math.ceil((Date.now() - startedAt) / 1000)
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(120)
    expect(answers.length - refused.length).toBeLessThanOrEqual(mostPassed)
    expect(refused.length).toBeGreaterThan(0)
    for (const answer of refused) {
      expect(answer.statusCode).toBe(2000)
      expect(Number(answer.header('retry-after'))).toBeGreaterThanOrEqual(1)
    }
    const counted = () => metric(pair.hub, 'ocpi_hub_refused_broadcasts_total', `platform="${pair.cpo.platformId}"`)
    await until(async () => (await counted()) === refused.length, 'Expected each to be counted')
    expect(await broadcast(pair.emsp, 'tokens', '/DE/EMS/T1')).toMatchObject({ status: 200, statusCode: 1000 })
    expect(await pair.put({ id: 'LOC1' })).toMatchObject({ status: 200, statusCode: 1000 })
  })
})

describe('failed logins', () => {
  const guess = (hub: TestHub, forwardedFor?: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = { Authorization: 'Token bm8=', ...(forwardedFor && { 'X-Forwarded-For': forwardedFor }) }
      request(`${hub.url}/ocpi/versions`, { headers }, (incoming: IncomingMessage) => {
        incoming.resume()
        resolve(incoming.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })

  async function exhaust(hub: TestHub, forwardedFor?: string): Promise<number> {
    for (let tries = 1; tries <= 20; tries++) if ((await guess(hub, forwardedFor)) === 429) return tries
    return Number.POSITIVE_INFINITY
  }

  test('are bounded per address; a valid token from there still passes', async () => {
    const hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '5' })
    hubs.push(hub)
    const emsp: Joined = await hub.join({ name: 'emsp', parties: [{ ...EMSP, role: 'EMSP' }] })
    expect(await exhaust(hub)).toBe(6)
    expect(await emsp.callUrl(hub.versionsUrl)).toMatchObject({ status: 200, statusCode: 1000 })
    expect(await guess(hub, '203.0.113.9')).toBe(429)
    const refused = await fetch(`${hub.url}/ocpi/2.2.1/receiver/locations/x`, {
      headers: { Authorization: 'Token bm8=' },
    })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await refused.json()).toMatchObject({ status_code: 2000 })
  })

  test('are none where nothing is guessed: without a token it is 401, however often, and a guess has its room', async () => {
    const hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '5' })
    hubs.push(hub)
    for (const headers of [
      {},
      { Authorization: '' },
      { Authorization: 'Token' },
      { Authorization: ' token  ' },
    ] as const)
      for (const path of ['/ocpi/versions', '/ocpi/2.2.1/credentials', '/ocpi/2.2.1/sender/locations'])
        for (let i = 0; i < 3; i++)
          expect((await fetch(hub.url + path, { headers: headers as Record<string, string> })).status).toBe(401)
    expect(await exhaust(hub)).toBe(6)
    expect((await fetch(hub.versionsUrl)).status).toBe(401)
  })

  test.runIf(onNode('Client addresses'))(
    'behind a trusted proxy are counted for the address it names, whatever the client wrote before it',
    async () => {
      const hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '5', TRUSTED_PROXIES: '127.0.0.0/8' })
      hubs.push(hub)
      expect(await exhaust(hub, '203.0.113.1')).toBe(6)
      expect(await guess(hub, '203.0.113.2')).toBe(401)
      expect(await guess(hub, '198.51.100.77, 203.0.113.1')).toBe(429)
      expect(await guess(hub, '203.0.113.1, 203.0.113.3')).toBe(401)
    },
  )

  test('at the door of administrators are bounded too', async () => {
    const hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '5' })
    hubs.push(hub)
    const statuses: number[] = []
    for (let i = 0; i < 8; i++) {
      const answer = await fetch(`${hub.url}/admin/api/platforms`, { headers: { Authorization: 'Bearer guess' } })
      statuses.push(answer.status)
      await answer.arrayBuffer()
    }
    expect(statuses.slice(0, 5)).toEqual(Array(5).fill(401))
    expect(statuses.at(-1)).toBe(429)
  })
})

test('the metrics are closed where METRICS_TOKEN is set, and where no ingress keeps them from the public', async () => {
  const open = await startTestHub()
  const closed = await startTestHub({ METRICS_TOKEN: 'metrics-token-1' })
  hubs.push(open, closed)
  const statusOf = async (hub: TestHub, token: string | null) =>
    (await fetch(`${hub.url}/metrics`, token === null ? {} : { headers: { Authorization: `Bearer ${token}` } })).status
  expect(await statusOf(open, null)).toBe(onNode('Metrics') ? 200 : 401)
  expect(await statusOf(open, open.adminToken)).toBe(200)
  expect(await statusOf(closed, null)).toBe(401)
  expect(await statusOf(closed, 'metrics-token-2')).toBe(401)
  expect(await statusOf(closed, 'metrics-token-1')).toBe(200)
  expect(await statusOf(closed, closed.adminToken)).toBe(200)
})

test('what an ingress keeps from the public by its path has no other name', async () => {
  const hub = await startTestHub()
  hubs.push(hub)
  const statusOf = async (path: string) =>
    (await fetch(hub.url + path, { headers: { Authorization: `Bearer ${hub.adminToken}` } })).status
  expect(await statusOf('/metrics')).toBe(200)
  expect(await statusOf('/admin/api/platforms')).toBe(200)
  expect(await statusOf('/%6Detrics')).toBe(404)
  expect(await statusOf('/%61dmin/api/platforms')).toBe(404)
})
