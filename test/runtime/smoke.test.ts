import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { headerAll } from '../../src/ocpi/headers.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import type { Partner } from '../support/partner.ts'
import { until } from '../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const

// What must hold on every runtime, whatever lies beneath: two platforms register over HTTP and reach each other.

let hub: TestHub
let cpo: Partner
let emsp: Partner

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
}, 60_000)
afterAll(() => hub?.close())

test('platforms that know nothing of each other register and are connected [credentials]', async () => {
  const { body } = await hub.admin('GET', '/platforms')
  expect(body.map((platform: { status: string }) => platform.status)).toEqual(['CONNECTED', 'CONNECTED'])
  expect(emsp.hubCredentials()?.roles).toMatchObject([{ role: 'HUB', country_code: 'NL', party_id: 'HUB' }])
})

test('a request reaches the party it names, its bytes untouched, and the answer comes back [Message Routing]', async () => {
  const body =
    '{"data":[{"id":"LOC1","power":1.10,"name":"Zürich"}],"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}'
  const stop = cpo.on('locations', 'SENDER', () => ({ body, headers: ['X-Total-Count', '1'] }))
  const answer = await emsp.call('locations', 'SENDER', {
    path: '/LOC%2F1',
    query: '?date_from=2026-01-01T00:00:00Z&note=%C3%BC+%2F',
    to: CPO,
    correlationId: 'correlation-1',
    requestId: 'request-1',
  })
  stop()
  expect(answer.status).toBe(200)
  expect(answer.bytes.toString('utf8')).toBe(body)
  expect(answer.header('x-total-count')).toBe('1')
  expect(answer.header('x-request-id')).toBe('request-1')
  expect(answer.header('x-correlation-id')).toBe('correlation-1')
  const received = cpo.requests.at(-1)
  expect(received?.suffix).toBe('/LOC%2F1')
  expect(received?.query).toBe('?date_from=2026-01-01T00:00:00Z&note=%C3%BC+%2F')
  expect(received?.header('x-correlation-id')).toBe('correlation-1')
  expect(received?.header('x-request-id')).not.toBe('request-1')
  expect(received?.header('ocpi-from-party-id')).toBe('EMS')
})

test('paths joined with doubled slashes, or without one, reach what is meant [Message Routing]', async () => {
  for (const path of ['//ocpi//2.2.1/sender/locations///LOC%5C1', '/ocpi/2.2.1/sender/locationsLOC%5C1']) {
    expect((await emsp.callUrl(hub.url + path, { to: CPO })).statusCode).toBe(1000)
    expect(cpo.requests.at(-1)?.target).toBe('/srv/sender/locations/LOC%5C1')
  }
  expect((await emsp.callUrl(`${hub.url}//ocpi//versions`)).statusCode).toBe(1000)
})

test('pages are followed through the hub [Pagination: Link]', async () => {
  const stop = cpo.on('locations', 'SENDER', (request) => {
    const own = cpo.endpointUrl('locations', 'SENDER')
    if (request.query === '?offset=0&limit=1') {
      const links = ['Link', '</elsewhere>; rel="alternate"', 'Link', `<${own}?offset=1&limit=1>; rel="next"`]
      return { data: [{ id: 'LOC1' }], headers: links }
    }
    return { data: [{ id: 'LOC2' }] }
  })
  const first = await emsp.call('locations', 'SENDER', { query: '?offset=0&limit=1', to: CPO })
  const next = /<([^>]*)>; *rel="?next/.exec(headerAll(first.headers, 'link').join(', '))?.[1] ?? ''
  expect(next).toMatch(new RegExp(`^${hub.url}/`))
  const second = await emsp.callUrl(next)
  stop()
  expect(second.data).toEqual([{ id: 'LOC2' }])
  expect(cpo.requests.at(-1)?.query).toBe('?offset=1&limit=1')
  const byAnother = await cpo.callUrl(next)
  expect(byAnother.status).toBe(404)
})

test("a command's result comes back through the hub, twice if need be [mod_commands]", async () => {
  const results: unknown[] = []
  const stop = emsp.on('commands', 'SENDER', (request) => {
    results.push([request.suffix, request.query, request.json()])
    return {}
  })
  const own = `${emsp.endpointUrl('commands', 'SENDER')}/START_SESSION/1?key=a%2Fb`
  const command = { response_url: own, token: { uid: 'T1' }, location_id: 'LOC1' }
  const answer = await emsp.call('commands', 'RECEIVER', {
    method: 'POST',
    path: '/START_SESSION',
    headers: ['Content-Encoding', 'gzip', 'Content-Type', 'application/json'],
    body: gzipSync(JSON.stringify(command)),
    to: CPO,
  })
  expect(answer.statusCode).toBe(1000)
  const received = cpo.requests.at(-1)?.json() as typeof command
  expect(received).toMatchObject({ token: { uid: 'T1' }, location_id: 'LOC1' })
  expect(received.response_url).toMatch(new RegExp(`^${hub.url}/`))
  for (const result of ['ACCEPTED', 'CANCELED_RESERVATION']) {
    const callback = await cpo.callUrl(received.response_url, { method: 'POST', body: { result } })
    expect(callback.statusCode).toBe(1000)
  }
  stop()
  expect(results).toEqual([
    ['/START_SESSION/1', '?key=a%2Fb', { result: 'ACCEPTED' }],
    ['/START_SESSION/1', '?key=a%2Fb', { result: 'CANCELED_RESERVATION' }],
  ])
})

test('compressed and large messages arrive whole in both directions', async () => {
  const large = `{"data":"${'x'.repeat(3_000_000)}","status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}`
  const json = ['Content-Type', 'application/json']
  const replies = [
    { body: gzipSync(large), headers: [...json, 'Content-Encoding', 'gzip'], isBare: true },
    { body: large, headers: json, isBare: true },
  ]
  for (const reply of replies) {
    const stop = cpo.on('locations', 'SENDER', () => reply)
    const answer = await emsp.call('locations', 'SENDER', { to: CPO, headers: ['Accept-Encoding', 'identity'] })
    stop()
    const bytes = answer.header('content-encoding') === 'gzip' ? gunzipSync(answer.bytes) : answer.bytes
    expect(bytes.length).toBe(large.length)
    expect(bytes.equals(Buffer.from(large))).toBe(true)
  }
  const put = await cpo.call('locations', 'RECEIVER', { method: 'PUT', path: '/NL/CPO/LOC1', body: large, to: EMSP })
  expect(put.statusCode).toBe(1000)
  expect(emsp.requests.at(-1)?.body.equals(Buffer.from(large))).toBe(true)
})

test('a token that was never given, or given for registration only, opens nothing [Authorization header]', async () => {
  const { token } = await hub.createPlatform({ name: 'newcomer' })
  for (const given of ['wrong', token, emsp.tokenForHub() ?? '']) {
    const authorization = `Token ${Buffer.from(given).toString('base64')}`
    const answer = await emsp.call('locations', 'SENDER', { to: CPO, authorization })
    expect(answer.status).toBe(401)
    expect(answer.envelope?.status_code).toBeGreaterThanOrEqual(2000)
  }
})

test('a receiver that cannot be reached is answered for with 4003 [Status codes]', async () => {
  const gone = await hub.join({ name: 'gone', parties: [{ country_code: 'NL', party_id: 'GON', role: 'CPO' }] })
  await gone.close()
  const answer = await emsp.call('locations', 'SENDER', { to: { country_code: 'NL', party_id: 'GON' } })
  expect(answer.status).toBe(200)
  expect(answer.statusCode).toBe(4003)
})

test('an administrator ends a platform, and its token is dead at once', async () => {
  const brief = await hub.join({ name: 'brief', parties: [{ country_code: 'NL', party_id: 'BRF', role: 'CPO' }] })
  expect((await brief.call('locations', 'RECEIVER', { method: 'GET', to: EMSP })).status).toBe(200)
  expect((await hub.admin('DELETE', `/platforms/${brief.platformId}`)).status).toBe(204)
  expect((await brief.call('locations', 'RECEIVER', { method: 'GET', to: EMSP })).status).toBe(401)
})

test('every exchange is in the message log soon after', async () => {
  await emsp.call('locations', 'SENDER', { to: CPO, correlationId: 'correlation-logged' })
  let logged: { module: string }[] = []
  await until(async () => {
    logged = (await hub.admin('GET', '/messages?correlation_id=correlation-logged')).body
    return logged.length > 0
  }, 'Expected the exchange in the message log')
  expect(logged).toMatchObject([{ module: 'locations' }])
})

test('so is what the hub called in a handshake, under its correlation ID', async () => {
  let kinds: string[] = []
  await until(async () => {
    const [post] = (await hub.admin('GET', '/messages?module=credentials')).body
    const { body } = post ? await hub.admin('GET', `/messages?correlation_id=${post.correlation_id}`) : { body: [] }
    kinds = body.map(({ kind, module }: { kind: string; module: string }) => `${kind} ${module}`).sort()
    return kinds.length === 3
  }, 'Expected the handshake in the message log')
  expect(kinds).toEqual(['configuration credentials', 'hub-call versions', 'hub-call versions'])
})
