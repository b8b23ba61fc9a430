// Rules: Routing, direct [transport_and_format: Message Routing].
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Headers } from '../../../src/ocpi/headers.ts'
import { headerAll } from '../../../src/ocpi/headers.ts'
import { isSafePath, withSingleSlashes } from '../../../src/ocpi/path.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { HUB_RUNTIME, onNode } from '../../support/only.ts'
import { type CallOptions, type Partner, routedModules, type WireParty } from '../../support/partner.ts'
import { type CallAnswer, sendRaw } from '../../support/partner-client.ts'
import type { Handler, RecordedRequest } from '../../support/partner-server.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
/** A platform of several parties. */
const MANY = [
  { country_code: 'BE', party_id: 'CP1', role: 'CPO' },
  { country_code: 'BE', party_id: 'CP2', role: 'CPO' },
  { country_code: 'BE', party_id: 'MSP', role: 'EMSP' },
] as const

const BUFFER_BYTES = 65_536
const BODY_BYTES = 256 * 1024 * 1024

let hub: TestHub
let cpo: Partner & { platformId: string }
let emsp: Partner & { platformId: string }
let many: Partner & { platformId: string }
const undos: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub({
    BUFFER_BYTES: String(BUFFER_BYTES),
    MAX_BODY_BYTES: String(BODY_BYTES),
    INBOUND_REQUESTS_PER_SECOND: '0',
    FAILED_LOGINS_PER_MINUTE: '0',
  })
  cpo = await join('cpo', [CPO])
  emsp = await join('emsp', [EMSP])
  many = await join('many', MANY)
})
afterAll(() => hub.close())
beforeEach(() => {
  for (const partner of [cpo, emsp, many]) partner.requests.length = 0
})
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
})

/** A platform to which the hub itself pushes nothing. */
function join(name: string, parties: readonly WireParty[]): Promise<Partner & { platformId: string }> {
  return hub.join({ name, parties, modules: routedModules(parties) })
}

/** What the CPO answers to anything but still-alive checks until the test ends. */
function answering(handler: Handler): void {
  undos.push(cpo.onRequest((request, response) => (request.path === '/versions' ? 'pass' : handler(request, response))))
}

function last(partner: Partner): RecordedRequest {
  const request = partner.requests.at(-1)
  if (!request) throw new Error(`${partner.name} was not called`)
  return request
}

function listLocations(options: CallOptions = {}): Promise<CallAnswer> {
  return emsp.call('locations', 'SENDER', { to: CPO, ...options })
}

function putToken(body: unknown, options: CallOptions = {}): Promise<CallAnswer> {
  return emsp.call('tokens', 'RECEIVER', { method: 'PUT', path: '/DE/EMS/1', to: CPO, body, ...options })
}

function routing(answer: { readonly headers: Headers }): Record<string, string | undefined> {
  const get = (name: string) => headerAll(answer.headers, name).join(' and ') || undefined
  return {
    to: `${get('ocpi-to-country-code')} ${get('ocpi-to-party-id')}`,
    from: `${get('ocpi-from-country-code')} ${get('ocpi-from-party-id')}`,
  }
}

function expectRefused(answer: CallAnswer, status: number, code: number): void {
  expect([answer.status, answer.statusCode]).toEqual([status, code])
  expect(answer.header('content-type')).toMatch(/^application\/json/)
  expect(answer.envelope?.status_message).toMatch(/./)
  expect(answer.envelope).not.toHaveProperty('data')
}

describe('headers and IDs [Unique message IDs; Message Routing Headers]', () => {
  test("onward: the receiver's own token, a new request ID, the same correlation ID, to and from as received", async () => {
    await listLocations({ requestId: 'req-1', correlationId: 'cor-1' })
    const request = last(cpo)
    expect(headerAll(request.headers, 'authorization')).toEqual([
      `Token ${Buffer.from(cpo.tokenForHub() as string).toString('base64')}`,
    ])
    expect(headerAll(request.headers, 'x-request-id')).toHaveLength(1)
    expect(request.header('x-request-id')).not.toBe('req-1')
    expect(headerAll(request.headers, 'x-correlation-id')).toEqual(['cor-1'])
    expect(routing(request)).toEqual({ to: 'NL CPO', from: 'DE EMS' })
  })

  test("back: the caller's own two IDs and swapped routing headers, whatever the receiver sends", async () => {
    answering(() => ({
      headers: [
        ...['X-Request-ID', 'theirs', 'X-Correlation-ID', 'theirs', 'OCPI-to-country-code', 'XX'],
        ...['OCPI-to-party-id', 'XXX', 'OCPI-from-country-code', 'YY', 'OCPI-from-party-id', 'YYY'],
      ],
      data: [],
    }))
    const answer = await listLocations({ requestId: 'req-2', correlationId: 'cor-2' })
    expect(headerAll(answer.headers, 'x-request-id')).toEqual(['req-2'])
    expect(headerAll(answer.headers, 'x-correlation-id')).toEqual(['cor-2'])
    expect(routing(answer)).toEqual({ to: 'DE EMS', from: 'NL CPO' })
  })

  test('each request gets an ID of its own; missing IDs are made', async () => {
    const answers = [
      await listLocations({ requestId: null, correlationId: null }),
      await listLocations({ requestId: null, correlationId: null }),
    ]
    const sent = cpo.requests.map((request) => [request.header('x-request-id'), request.header('x-correlation-id')])
    expect(new Set(sent.flat()).size).toBe(4)
    expect(answers.map((answer) => answer.header('x-correlation-id'))).toEqual(sent.map(([, id]) => id))
    for (const answer of answers) expect(answer.header('x-request-id')).toMatch(/./)
  })

  test('IDs, swapped routing headers and an envelope stand on refusals too', async () => {
    const to = { country_code: 'XX', party_id: 'NON' }
    const answer = await listLocations({ to, requestId: 'req-3', correlationId: 'cor-3' })
    expectRefused(answer, 200, 4001)
    expect(answer.header('x-request-id')).toBe('req-3')
    expect(answer.header('x-correlation-id')).toBe('cor-3')
    expect(routing(answer)).toEqual({ to: 'DE EMS', from: 'XX NON' })
  })

  test('parties are compared without regard to case and named to the receiver as the caller wrote them', async () => {
    await listLocations({ to: { country_code: 'nl', party_id: 'cPo' }, from: { country_code: 'De', party_id: 'ems' } })
    expect(routing(last(cpo))).toEqual({ to: 'nl cPo', from: 'De ems' })
  })

  test('hop-by-hop headers, Expect and what tells of networks stop at the hub; the rest goes on', async () => {
    const answer = await sendRaw(
      hub.url,
      [
        'GET /ocpi/2.2.1/sender/locations HTTP/1.1',
        `Host: ${new URL(hub.url).host}`,
        `Authorization: Token ${emsp.tokenAtHub()}`,
        'OCPI-to-country-code: NL\r\nOCPI-to-party-id: CPO',
        'OCPI-from-country-code: DE\r\nOCPI-from-party-id: EMS',
        'Connection: close, X-Hop',
        'X-Hop: stops\r\nTE: trailers\r\nUpgrade: h2c\r\nProxy-Authorization: Basic abc\r\nKeep-Alive: timeout=5',
        'Expect: 100-continue',
        'X-Forwarded-For: 10.0.0.1\r\nForwarded: for=10.0.0.1\r\nCookie: a=b',
        'X-Custom: one\r\nX-Custom: two\r\nAccept-Language: nl\r\nUser-Agent: emsp/1',
        '\r\n',
      ].join('\r\n'),
      { keepOpen: true },
    )
    expect(answer.toString()).toMatch(/HTTP\/1\.1 200 OK\r\n/)
    const { headers } = last(cpo)
    const stopped = ['x-hop', 'te', 'upgrade', 'proxy-authorization', 'keep-alive', 'expect', 'x-forwarded-for']
    for (const name of [...stopped, 'forwarded', 'cookie']) expect(headerAll(headers, name)).toEqual([])
    expect(headerAll(headers, 'x-custom')).toEqual(HUB_RUNTIME === 'node' ? ['one', 'two'] : ['one, two'])
    expect(headerAll(headers, 'accept-language')).toEqual(['nl'])
    expect(headerAll(headers, 'user-agent')).toEqual(['emsp/1'])
    expect(headerAll(headers, 'host')).toEqual([new URL(cpo.origin).host])
  })

  test('an upload announced by Expect: 100-continue arrives', async () => {
    const body = '{"uid":"1"}'
    const answer = await sendRaw(
      hub.url,
      [
        'PUT /ocpi/2.2.1/receiver/tokens/DE/EMS/1 HTTP/1.1',
        `Host: ${new URL(hub.url).host}`,
        `Authorization: Token ${emsp.tokenAtHub()}`,
        'OCPI-to-country-code: NL\r\nOCPI-to-party-id: CPO',
        `Content-Type: application/json\r\nContent-Length: ${body.length}`,
        'Expect: 100-continue\r\nConnection: close',
        '',
        body,
      ].join('\r\n'),
      { keepOpen: true },
    )
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
    expect(last(cpo).body.toString()).toBe(body)
    expect(last(cpo).header('expect')).toBeUndefined()
  })

  test("of the receiver's answer: its pagination headers come back, its cookies and server names do not", async () => {
    answering(() => ({
      headers: [
        ...['X-Total-Count', '7', 'X-Limit', '5', 'X-Own', 'yes', 'ETag', '"1"', 'Retry-After', '3'],
        ...[
          'Set-Cookie',
          'a=b',
          'Server',
          'nginx',
          'Keep-Alive',
          'timeout=99',
          'Strict-Transport-Security',
          'max-age=1',
        ],
      ],
      data: [],
    }))
    const answer = await listLocations()
    const get = (name: string) => answer.header(name)
    expect([get('x-total-count'), get('x-limit'), get('x-own'), get('etag'), get('retry-after')]).toEqual([
      '7',
      '5',
      'yes',
      '"1"',
      '3',
    ])
    expect([get('set-cookie'), get('server'), get('strict-transport-security')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(get('keep-alive')).not.toBe('timeout=99')
  })

  test('any combination of routing headers is either forwarded as ruled or refused with 2001 or 4001, and never fails', async () => {
    const name = (...values: string[]) => fc.constantFrom(undefined, '', ...values)
    const combination = fc.record({
      toCountry: name('NL', 'nl', 'XX', ' NL '),
      toParty: name('CPO', 'cpo', 'NON'),
      fromCountry: name('DE', 'de', 'NL'),
      fromParty: name('EMS', 'ems', 'CPO'),
    })
    await fc.assert(
      fc.asyncProperty(combination, async ({ toCountry, toParty, fromCountry, fromParty }) => {
        cpo.requests.length = 0
        const pairs = Object.entries({
          'OCPI-to-country-code': toCountry,
          'OCPI-to-party-id': toParty,
          'OCPI-from-country-code': fromCountry,
          'OCPI-from-party-id': fromParty,
        })
        const headers = pairs.flatMap(([key, value]) => (value === undefined ? [] : [key, value]))
        const answer = await listLocations({ to: null, from: null, path: '/L1', headers })
        const isFromHalf = !fromCountry !== !fromParty
        const isFromForeign = Boolean(fromCountry && fromParty) && !/^de ems$/i.test(`${fromCountry} ${fromParty}`)
        const isToHalf = !toCountry !== !toParty
        const reaches = /^nl cpo$/i.test(`${toCountry?.trim()} ${toParty}`)
        const isOpen = !toCountry && !toParty
        expect(answer.status).toBe(200)
        if (isFromHalf || isFromForeign || isToHalf) expect(answer.statusCode).toBe(2001)
        else if (isOpen) return
        else if (!reaches) expect(answer.statusCode).toBe(4001)
        else expect([answer.statusCode, cpo.requests.length]).toEqual([1000, 1])
        expect(cpo.requests.length).toBe(answer.statusCode === 1000 ? 1 : 0)
      }),
      { numRuns: 150 },
    )
  })
})

describe('who sends [Message Routing]', () => {
  test.each([
    ['only the country', ['OCPI-to-country-code', 'NL']],
    ['only the party', ['OCPI-to-party-id', 'CPO']],
  ])('half a pair of OCPI-to, %s: 2001 and no call', async (_, headers) => {
    expectRefused(await listLocations({ to: null, from: EMSP, headers }), 200, 2001)
    expect(cpo.requests).toEqual([])
  })

  test.each([
    ['only the country', ['OCPI-from-country-code', 'DE']],
    ['only the party', ['OCPI-from-party-id', 'EMS']],
  ])('half a pair of OCPI-from, %s: 2001 and no call', async (_, headers) => {
    expectRefused(await listLocations({ from: null, headers }), 200, 2001)
    expect(cpo.requests).toEqual([])
  })

  test.each([
    ["another platform's party", MANY[2]],
    ['a party nobody holds', { country_code: 'XX', party_id: 'NON' }],
    ['the hub', HUB],
    ['the receiver', CPO],
  ])('OCPI-from names %s: 2001 and no call', async (_, from) => {
    expectRefused(await listLocations({ from }), 200, 2001)
    expect(cpo.requests).toEqual([])
  })

  test('OCPI-from absent: filled in when the platform has one party in a fitting role', async () => {
    await listLocations({ from: null })
    expect(routing(last(cpo)).from).toBe('DE EMS')
    const answer = await many.call('locations', 'SENDER', { to: CPO, from: null })
    expect(routing(last(cpo)).from).toBe('BE MSP')
    expect(routing(answer).to).toBe('BE MSP')
  })

  test('OCPI-from absent: the party of the caller that the path names sends its own objects', async () => {
    for (const module of ['locations', 'sessions', 'tariffs']) {
      const put = { method: 'PUT', path: '/be/cp2/1', body: { id: '1' }, to: EMSP, from: null }
      expect((await many.call(module, 'RECEIVER', put)).statusCode).toBe(1000)
      expect(routing(last(emsp)).from).toBe('BE CP2')
    }
    await many.call('locations', 'RECEIVER', { path: '/BE/CP1/1', to: EMSP, from: null })
    expect(routing(last(emsp)).from).toBe('BE CP1')
  })

  test('OCPI-from absent: the party of the caller that a posted CDR names sends it, its bytes kept', async () => {
    const body = '{ "id":"C1", "party_id":"cp2","country_code":"BE", "total":1.10 }'
    const post = { method: 'POST', to: EMSP, from: null }
    for (const zipped of [false, true]) {
      const bytes = zipped ? gzipSync(body) : Buffer.from(body)
      const headers = zipped ? ['Content-Encoding', 'gzip'] : []
      expect((await many.call('cdrs', 'RECEIVER', { ...post, body: bytes, headers })).statusCode).toBe(1000)
      expect(routing(last(emsp)).from).toBe('BE CP2')
      expect(last(emsp).body.equals(bytes)).toBe(true)
    }
    const large = JSON.stringify({ country_code: 'BE', party_id: 'CP2', id: 'x'.repeat(BUFFER_BYTES) })
    expectRefused(await many.call('cdrs', 'RECEIVER', { ...post, body: large }), 413, 2000)
    const open = {
      ...post,
      to: null,
      body: { id: 'C2', country_code: 'BE', party_id: 'CP1', cdr_token: { ...EMSP, uid: 'T' } },
    }
    expect((await many.call('cdrs', 'RECEIVER', open)).statusCode).toBe(1000)
    expect(routing(last(emsp)).from).toBe('BE CP1')
  })

  test('OCPI-from absent and several parties could be meant, or none: 2001 and no call', async () => {
    const put = { method: 'PUT', path: '/BE/XXX/1', body: {}, to: EMSP, from: null }
    expectRefused(await many.call('locations', 'RECEIVER', put), 200, 2001)
    // The token's owner, and no sender of locations.
    expectRefused(await many.call('locations', 'RECEIVER', { ...put, path: '/BE/MSP/1' }), 200, 2001)
    expectRefused(await many.call('chargingprofiles', 'SENDER', { ...put, path: '/BE/CP1/1' }), 200, 2001)
    const post = { method: 'POST', to: EMSP, from: null }
    for (const body of [{}, [], { country_code: 'NL', party_id: 'CPO' }, { country_code: 'BE', party_id: 'MSP' }])
      expectRefused(await many.call('cdrs', 'RECEIVER', { ...post, body }), 200, 2001)
    expectRefused(await many.call('cdrs', 'RECEIVER', { ...post, body: '{' }), 400, 2001)
    const fromNone = await cpo.call('locations', 'SENDER', { to: MANY[0], from: null })
    expectRefused(fromNone, 200, 2001)
    expect([emsp.requests, many.requests]).toEqual([[], []])
  })

  test('to the hub, what is neither a list nor a push: 2001', async () => {
    const toHub = { to: HUB, from: EMSP }
    const answers = [
      await emsp.call('locations', 'SENDER', { ...toHub, path: '/L1' }),
      await emsp.call('tokens', 'RECEIVER', { ...toHub, path: '/DE/EMS/1' }),
      await emsp.call('commands', 'RECEIVER', { ...toHub, method: 'POST', path: '/START_SESSION', body: {} }),
      await emsp.call('tokens', 'SENDER', { ...toHub, method: 'POST', path: '/1/authorize' }),
    ]
    for (const answer of answers) expectRefused(answer, 200, 2001)
    expect(cpo.requests).toEqual([])
  })
})

describe("the receiver's endpoint [Version details endpoint; Hub status codes]", () => {
  test('every functional module reaches the receiver in both interface roles, with every method', async () => {
    const calls: [Partner, string, 'SENDER' | 'RECEIVER', string, string, Partner, typeof CPO | typeof EMSP][] = [
      [emsp, 'locations', 'SENDER', 'GET', '/L1/E1', cpo, CPO],
      [emsp, 'tariffs', 'SENDER', 'GET', '', cpo, CPO],
      [emsp, 'sessions', 'SENDER', 'PUT', '/S1/charging_preferences', cpo, CPO],
      [emsp, 'cdrs', 'SENDER', 'GET', '', cpo, CPO],
      [emsp, 'tokens', 'RECEIVER', 'PATCH', '/DE/EMS/1', cpo, CPO],
      [emsp, 'commands', 'RECEIVER', 'POST', '/STOP_SESSION', cpo, CPO],
      [emsp, 'chargingprofiles', 'RECEIVER', 'DELETE', '/S1', cpo, CPO],
      [cpo, 'locations', 'RECEIVER', 'PUT', '/NL/CPO/L1', emsp, EMSP],
      [cpo, 'tariffs', 'RECEIVER', 'DELETE', '/NL/CPO/T1', emsp, EMSP],
      [cpo, 'sessions', 'RECEIVER', 'PATCH', '/NL/CPO/S1', emsp, EMSP],
      [cpo, 'cdrs', 'RECEIVER', 'POST', '', emsp, EMSP],
      [cpo, 'tokens', 'SENDER', 'POST', '/1/authorize', emsp, EMSP],
      [cpo, 'commands', 'SENDER', 'POST', '/START_SESSION/7', emsp, EMSP],
      [cpo, 'chargingprofiles', 'SENDER', 'PUT', '/S1', emsp, EMSP],
    ]
    for (const [caller, module, role, method, path, receiver, to] of calls) {
      const hasBody = ['PUT', 'POST', 'PATCH'].includes(method)
      const answer = await caller.call(module, role, { method, path, to, ...(hasBody && { body: { a: 1 } }) })
      expect([module, role, answer.statusCode]).toEqual([module, role, 1000])
      expect(last(receiver)).toMatchObject({ method, module, interfaceRole: role, suffix: path })
    }
  })

  test('a receiver that is the caller itself: 4001 that says so', async () => {
    const answer = await listLocations({ to: EMSP })
    expectRefused(answer, 200, 4001)
    expect(answer.envelope?.status_message).toContain('DE-EMS is a party of your own platform')
  })

  test('unknown receiver: 4001 and no call', async () => {
    expectRefused(await listLocations({ to: { country_code: 'XX', party_id: 'CPO' } }), 200, 4001)
  })

  test('a receiver without that interface: 4001 and no call', async () => {
    const answer = await emsp.call('locations', 'RECEIVER', { method: 'PUT', path: '/1', body: {}, to: CPO })
    expectRefused(answer, 200, 4001)
    expect(cpo.requests).toEqual([])
  })

  test('a receiver that never connected: 4003', async () => {
    const planned = { country_code: 'SE', party_id: 'PLA', role: 'CPO' }
    await hub.createPlatform({ name: 'planned', parties: [planned] })
    expectRefused(await listLocations({ to: planned }), 200, 4003)
  })

  test('a receiver that refuses connections: 4003; back again it is reached at once', async () => {
    const gone = { country_code: 'SE', party_id: 'GON', role: 'CPO' } as const
    const partner = await join('gone', [gone])
    await partner.refuse()
    expectRefused(await listLocations({ to: gone }), 200, 4003)
    await partner.listenAgain()
    expect((await listLocations({ to: gone })).statusCode).toBe(1000)
  })

  test('OFFLINE by its status: 4003 and no call', async () => {
    const offline = { country_code: 'SE', party_id: 'OFF', role: 'CPO' } as const
    const partner = await join('offline', [offline])
    await hub.admin('POST', `/platforms/${partner.platformId}/suspend`)
    partner.requests.length = 0
    expectRefused(await listLocations({ to: offline }), 200, 4003)
    expect(partner.requests).toEqual([])
  })
})

describe('paths [Message Routing; RFC 3986]', () => {
  const dangerous = [
    '/..',
    '/../x',
    '/./x',
    '/%2e%2e/x',
    '/%2E./x',
    '/.%2e',
    '/%252e%252e/x',
    '/%25252e%25252e/x',
    '/a%2f..%2fb',
    '/a%2F%2E%2E%2Fb',
    '/..;x=1/y',
    '/..%3bx/y',
    '/a\\b',
    '/a%5c..%5cb',
    '/a%255C%252e%252E',
    '/a%00b',
    '/a%0d%0ab',
    '/a%250ab',
    '/a%7f',
    '/%c0%ae%c0%ae/x',
  ]
  test.each(dangerous)('%s: 404 and no call', async (path) => {
    for (const prefix of ['/ocpi/2.2.1/sender/locations', '/ocpi/2.2.1/receiver/tokens', '/ocpi/via', '/ocpi']) {
      const answer = await emsp.callUrl(hub.url + prefix, { path, to: CPO, requestId: 'req-4' })
      expectRefused(answer, 404, 2000)
      expect(answer.header('x-request-id')).toBe('req-4')
    }
    expect(cpo.requests).toEqual([])
  })

  const kept = [
    '/LOC%2F1',
    '/LOC%2f1',
    '/caf%C3%A9',
    '/a;b=c;d',
    '/a+b',
    '/a%20b',
    '/a%2Bb',
    '/...',
    '/.hidden',
    '/a..b',
    '/a%5Cb',
    '/a%255cb',
    '/a%2F%2Fb/',
    '/',
    '/%zz',
    "/!$&'()*,=:@~",
    '/%25',
    '/a%3Fb%23c',
  ]
  test.each(kept)('%s arrives byte for byte', async (path) => {
    expect((await listLocations({ path })).statusCode).toBe(1000)
    expect(last(cpo).target).toBe(`/srv/sender/locations${path}`)
  })

  test.each([
    ['locations//LOC1', '/srv/sender/locations/LOC1'],
    ['/locations///LOC1//EVSE//', '/srv/sender/locations/LOC1/EVSE/'],
    ['locationsLOC1/EVSE?a=//b', '/srv/sender/locations/LOC1/EVSE?a=//b'],
    ['locationsLOC%5C1', '/srv/sender/locations/LOC%5C1'],
    ['locations//', '/srv/sender/locations/'],
  ])('joined as some clients join, %s is understood', async (joined, reached) => {
    for (const base of [hub.url, `${hub.url}/`]) {
      const answer = await emsp.callUrl(`${base}/ocpi//2.2.1/sender/${joined}`, { to: CPO })
      expect(answer.statusCode).toBe(1000)
      expect(last(cpo).target).toBe(reached)
    }
  })

  test('a command joined to its endpoint without a slash is one, its response_url led', async () => {
    const body = { response_url: `${emsp.endpointUrl('commands', 'SENDER')}/7`, token: {}, location_id: 'L1' }
    const call = { method: 'POST', body, to: CPO }
    const answer = await emsp.callUrl(`${hub.url}/ocpi/2.2.1/receiver/commandsSTART_SESSION`, call)
    expect(answer.statusCode).toBe(1000)
    expect(last(cpo).target).toBe('/srv/receiver/commands/START_SESSION')
    const led = (last(cpo).json() as { response_url: string }).response_url
    expect(led.startsWith(`${hub.url}/ocpi/via/`)).toBe(true)
    const result = await cpo.callUrl(led.replace('/ocpi/', '//ocpi//'), {
      method: 'POST',
      body: { result: 'ACCEPTED' },
    })
    expect(result.statusCode).toBe(1000)
    expect(last(emsp).target).toBe('/srv/sender/commands/7')
  })

  test('the name of a custom module that one side announces is no module and a word', async () => {
    const own = { country_code: 'BE', party_id: 'CUS', role: 'CPO' } as const
    const modules = [...routedModules([own]), { identifier: 'tokens-x', role: 'RECEIVER' } as const]
    const custom = await hub.join({ name: 'custom', parties: [own], modules })
    const put = { method: 'PUT', path: '/1', body: {} }
    const url = `${hub.url}/ocpi/2.2.1/receiver/tokens-x`
    expect((await emsp.callUrl(url, { ...put, to: own })).statusCode).toBe(1000)
    expect(last(custom).target).toBe('/srv/receiver/tokens-x/1')
    await emsp.callUrl(url, { ...put, to: CPO })
    expect(last(cpo).target).toBe('/srv/receiver/tokens/-x/1')
    expect((await custom.callUrl(url, { ...put, to: EMSP })).statusCode).toBe(4001)
  })

  test('modules between partner and hub are found with doubled slashes too, and nothing else of the hub is', async () => {
    for (const path of ['//ocpi/versions', '/ocpi//2.2.1//', '/ocpi/2.2.1//credentials', '/ocpi//2.2.1/hubclientinfo'])
      expect((await emsp.callUrl(hub.url + path)).statusCode).toBe(1000)
    for (const path of ['//metrics', '//healthz', '//admin/api/platforms'])
      expect((await emsp.callUrl(hub.url + path)).status).toBe(404)
  })

  test.runIf(onNode('Front door'))('raw bytes beyond ASCII, which no URI has: 400 and no call', async () => {
    expectRefused(await listLocations({ path: '/caf\u00c3\u00a9' }), 400, 2000)
    expect(cpo.requests).toEqual([])
  })

  const queries = [
    '?',
    '?limit=10&offset=20',
    '?date_from=2020-01-01T00:00:00Z&date_to=2021-01-01T00%3A00%3A00',
    '?a=%2F&b=+&c=%20&d=caf%C3%A9&e',
    '?x=../..&y=%2e%2e/&z=\\',
    '?a?b?c',
    '?&&==',
    '?unknown[]=1&unknown[]=2',
  ]
  test.each(queries)('the query %s arrives byte for byte', async (query) => {
    expect((await listLocations({ query })).statusCode).toBe(1000)
    expect(last(cpo).target).toBe(`/srv/sender/locations${query}`)
  })

  test('any path is refused with 404 or arrives byte for byte, doubled slashes as one', async () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '%2e', '%252e', '%2F', '%5c', '%0a', '%', '%2', '/', ';', '//', '%C3%A9', '+', '@'),
      fc.stringMatching(/^[A-Za-z0-9._~!$&'()*+,;=:@-]{1,5}$/),
    )
    const path = fc.array(piece, { maxLength: 6 }).map((pieces) => `/${pieces.join('')}`)
    await fc.assert(
      fc.asyncProperty(path, async (tried) => {
        cpo.requests.length = 0
        const answer = await listLocations({ path: tried })
        if (isSafePath(tried)) {
          expect(answer.statusCode).toBe(1000)
          expect(last(cpo).target).toBe(`/srv/sender/locations${withSingleSlashes(tried)}`)
        } else {
          expect(answer.status).toBe(404)
          expect(cpo.requests).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    '/ocpi/2.2.1/sender',
    '/ocpi/2.2.1/locations',
    '/ocpi/2.2.1/sender/credentials',
    '/ocpi/2.2.1/sender/hubclientinfo',
    '/ocpi/2.2.1/receiver/hubclientinfo/NL/CPO',
    '/ocpi/2.2.1/sender/versions',
    '/ocpi/v2/sender/locations',
    '/ocpi/2.2.1.1.1/sender/locations',
    '/ocpi/2.2.1/SENDER/locations',
    '/ocpi/2.2.1/%73ender/locations',
    '/ocpi',
    '/ocpi/',
    '/ocpi/nothing',
  ])('unknown path %s: 404 with an envelope', async (path) => {
    for (const method of ['GET', 'PUT'])
      expectRefused(
        await emsp.callUrl(hub.url + path, { method, to: CPO, ...(method === 'PUT' && { body: {} }) }),
        404,
        2000,
      )
    expect(cpo.requests).toEqual([])
  })

  test.each(['/', '/nothing', '/favicon.ico', '//', '/..', '/ocpi2', '/%', '/%E0%A4%A'])(
    'outside of OCPI, %s: a defined answer',
    async (path) => {
      const answer = await emsp.callUrl(hub.url + path, { authorization: null })
      expect(answer.status).toBe(404)
      expect(answer.statusCode).toBe(2000)
    },
  )

  test.each(['OPTIONS', 'TRACE', 'PROPFIND', 'LOCK'])(
    '%s: 405 that names what is allowed, never 500',
    async (method) => {
      const answer = await listLocations({ method })
      expectRefused(answer, 405, 2000)
      expect(answer.header('allow')).toBe('GET, POST, PUT, PATCH, DELETE')
      expect(cpo.requests).toEqual([])
    },
  )

  test('HEAD: 405 without a body', async () => {
    const answers = [
      await listLocations({ method: 'HEAD' }),
      await emsp.callUrl(hub.versionsUrl, { method: 'HEAD' }),
      await emsp.callUrl(`${hub.url}/nothing`, { method: 'HEAD' }),
    ]
    expect(answers.map(({ status, bytes }) => [status, bytes.length])).toEqual([
      [405, 0],
      [405, 0],
      [404, 0],
    ])
  })

  test.runIf(onNode('Front door'))(
    'OPTIONS *, a request in absolute form, a Host that is none: an answer each, never 500',
    async () => {
      const token = `Authorization: Token ${emsp.tokenAtHub()}\r\nConnection: close\r\n\r\n`
      const host = new URL(hub.url).host
      const first = async (head: string) =>
        (await sendRaw(hub.url, `${head}\r\n${token}`, { keepOpen: true })).toString().split('\r\n')[0]
      expect(await first(`OPTIONS * HTTP/1.1\r\nHost: ${host}`)).toMatch(/^HTTP\/1\.1 4\d\d /)
      expect(await first(`GET ${hub.versionsUrl} HTTP/1.1\r\nHost: ${host}`)).toMatch(/^HTTP\/1\.1 200 /)
      expect(await first('GET /ocpi/versions HTTP/1.1\r\nHost: a b')).toMatch(/^HTTP\/1\.1 (200|400) /)
      expect(await first('GET /ocpi/versions HTTP/1.0')).toMatch(/^HTTP\/1\.1 (200|400) /)
    },
  )
})

describe('bytes of a body [Message Routing]', () => {
  const UGLY = `\n{ "x" : 1.10, "big": 12345678901234567890, "e": 1E+2,\t"last_updated":"2020-01-01T00:00:00.000+0000",
    "unknown": {"nested": [1.0, -0, null]}, "dup": 1, "dup": 2, "u": "\\u00e9\\/é" }\n`

  test.each(['PUT', 'PATCH', 'POST'])(
    '%s: unknown fields, number spelling, last_updated and white space arrive as sent',
    async (method) => {
      await putToken(UGLY, { method })
      expect(last(cpo).body.toString()).toBe(UGLY)
    },
  )

  test("the receiver's envelope comes back as it was", async () => {
    const body = `{"status_code" : 1000, "extra": [1.50], "data": ${UGLY}, "timestamp": "2020-01-01T00:00:00"}`
    answering(() => ({ body }))
    expect((await listLocations()).bytes.toString()).toBe(body)
  })

  test.runIf(onNode('Compression'))('compressed bodies go on as the bytes they were, both ways', async () => {
    const sent = gzipSync(UGLY)
    const given = gzipSync('{"data":[],"status_code":1000,"timestamp":"2020-01-01T00:00:00Z"}')
    answering(() => ({ headers: ['Content-Encoding', 'gzip'], body: given }))
    const answer = await putToken(sent, { headers: ['Content-Encoding', 'gzip', 'Accept-Encoding', 'gzip'] })
    expect(last(cpo).body.equals(sent)).toBe(true)
    expect(last(cpo).header('content-encoding')).toBe('gzip')
    expect(answer.header('content-encoding')).toBe('gzip')
    expect(answer.bytes.equals(given)).toBe(true)
    expect(answer.status).toBe(200)
  })

  test.each([
    ['gzip, deflate, br, zstd', 'gzip, deflate, br'],
    ['zstd;q=1.0, gzip;q=0.5', 'gzip;q=0.5'],
    ['*', 'identity'],
    ['identity', 'identity'],
  ])('of the codings a caller accepts, %s, the receiver is told those the hub can read: %s', async (accepted, told) => {
    await listLocations({ headers: ['Accept-Encoding', accepted] })
    expect(last(cpo).header('accept-encoding')).toBe(told)
  })

  test('Identity, in any letter case, is no compression', async () => {
    expect((await putToken(UGLY, { headers: ['Content-Encoding', 'Identity'] })).statusCode).toBe(1000)
  })

  test('a compressed body is checked on an inflated copy: not JSON inside, or no gzip at all: 400 and no call', async () => {
    const headers = ['Content-Encoding', 'gzip']
    expectRefused(await putToken(gzipSync('{"a":'), { headers }), 400, 2001)
    expectRefused(await putToken(Buffer.from('{"a":1}'), { headers }), 400, 2001)
    expect(cpo.requests).toEqual([])
  })

  test.each(['PUT', 'PATCH', 'POST'])('%s of what is not JSON: 400 and no call', async (method) => {
    for (const body of ['{"a":1', '<xml/>', 'null null', '{"a":1}}', Buffer.from([0x22, 0xff, 0x22])]) {
      expectRefused(await putToken(body, { method }), 400, 2001)
    }
    expect(cpo.requests).toEqual([])
  })

  test('an empty PUT or PATCH: 400 and no call; an empty POST, as in real-time authorisation, goes on', async () => {
    for (const method of ['PUT', 'PATCH']) expectRefused(await putToken(null, { method }), 400, 2001)
    expect(cpo.requests).toEqual([])
    const authorize = { method: 'POST', path: '/1/authorize', to: EMSP }
    expect((await cpo.call('tokens', 'SENDER', authorize)).statusCode).toBe(1000)
    expect((await cpo.call('tokens', 'SENDER', { ...authorize, headers: ['Content-Length', '0'] })).statusCode).toBe(
      1000,
    )
    expect(last(emsp).body).toHaveLength(0)
  })

  test('a body sent in chunks, without length, arrives whole', async () => {
    async function* chunks() {
      for (const part of ['{"a":', '[1,2', ',3]}']) yield Buffer.from(part)
    }
    expect((await putToken(chunks())).statusCode).toBe(1000)
    expect(last(cpo).body.toString()).toBe('{"a":[1,2,3]}')
  })
})

describe("the receiver's answer [Response format; Hub status codes]", () => {
  test.each([
    [200, 1000],
    [200, 2001],
    [200, 2003],
    [200, 3000],
    [201, 1000],
    [202, 1000],
    [404, 2003],
    [400, 2001],
    [500, 3000],
    [200, 4001],
    [429, 2000],
    [200, 9999],
  ])('HTTP %i with %i comes back unchanged', async (status, statusCode) => {
    answering(() => ({ status, statusCode, statusMessage: 'as said' }))
    const answer = await listLocations()
    expect([answer.status, answer.statusCode, answer.envelope?.status_message]).toEqual([status, statusCode, 'as said'])
  })

  test('429 without an envelope keeps its status and its Retry-After', async () => {
    answering(() => ({ status: 429, isBare: true, body: 'slow down', headers: ['Retry-After', '17'] }))
    const answer = await listLocations()
    expectRefused(answer, 429, 2000)
    expect(answer.header('retry-after')).toBe('17')
  })

  test('429 with an envelope keeps both', async () => {
    answering(() => ({ status: 429, statusCode: 2000, headers: ['Retry-After', '9'] }))
    const answer = await listLocations()
    expect([answer.status, answer.statusCode, answer.header('retry-after')]).toEqual([429, 2000, '9'])
  })

  test('a status code as a string, an envelope without timestamp: passed on as they are', async () => {
    const body = '{"status_code":"1000","data":[]}'
    answering(() => ({ body }))
    const answer = await listLocations()
    expect([answer.status, answer.bytes.toString()]).toEqual([200, body])
  })
})

/** `bytes` of JSON, in pieces. */
async function* jsonOf(bytes: number, onSent: (sent: number) => void = () => {}): AsyncGenerator<Buffer> {
  const piece = Buffer.alloc(65_536, 'a')
  yield Buffer.from('{"data":"')
  for (let sent = 0; sent < bytes; sent += piece.length) {
    yield piece
    onSent(sent + piece.length)
  }
  yield Buffer.from('","status_code":1000,"timestamp":"2020-01-01T00:00:00Z"}')
}

/** Resolves once a number has stopped growing for a while. */
async function standsStill(read: () => number): Promise<number> {
  let before = -1
  await expect
    .poll(
      () => {
        const now = read()
        const isStill = now === before && now > 0
        before = now
        return isStill
      },
      { interval: 400, timeout: 15_000 },
    )
    .toBe(true)
  return before
}

const MB = 1024 * 1024

describe('large messages [streaming]', () => {
  test.each(['with', 'without'])('an upload of several MB %s a length arrives byte for byte', async (how) => {
    const chunks: Buffer[] = []
    for await (const chunk of jsonOf(8 * MB)) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    async function* stream() {
      yield* chunks
    }
    const answer = await putToken(how === 'with' ? body : stream())
    expect(answer.statusCode).toBe(1000)
    expect(last(cpo).body.equals(body)).toBe(true)
    expect(last(cpo).header('content-length')).toBe(how === 'with' ? String(body.length) : undefined)
  })

  test('an answer of several MB comes back byte for byte, with IDs and swapped routing headers', async () => {
    const chunks: Buffer[] = []
    for await (const chunk of jsonOf(8 * MB)) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    answering(() => ({ body, headers: ['X-Total-Count', '3'] }))
    const answer = await listLocations({ requestId: 'req-5' })
    expect(answer.bytes.equals(body)).toBe(true)
    expect([answer.header('x-request-id'), answer.header('x-total-count')]).toEqual(['req-5', '3'])
    expect(routing(answer)).toEqual({ to: 'DE EMS', from: 'NL CPO' })
  })

  test('a caller that does not read holds the receiver back instead of filling the hub', async () => {
    const total = 128 * MB
    let sent = 0
    answering(async (_, response): Promise<'handled'> => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      for await (const chunk of jsonOf(total, (bytes) => (sent = bytes)))
        if (!response.write(chunk)) await once(response, 'drain')
      response.end()
      return 'handled'
    })
    const memory = process.memoryUsage().rss
    const url = `${hub.url}/ocpi/2.2.1/sender/locations`
    const answer = await fetch(url, {
      headers: {
        authorization: `Token ${emsp.tokenAtHub()}`,
        'ocpi-to-country-code': 'NL',
        'ocpi-to-party-id': 'CPO',
      },
    })
    const stalledAt = await standsStill(() => sent)
    expect(stalledAt).toBeLessThan(total / 2)
    expect(process.memoryUsage().rss - memory).toBeLessThan(total / 2)
    let received = 0
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) received += chunk.length
    expect(received).toBeGreaterThan(total)
  })

  test('a receiver that does not read holds the caller back, and gets all of it once it reads', async () => {
    const total = 128 * MB
    let sent = 0
    let received = 0
    let read = () => {}
    undos.push(
      cpo.onRaw((incoming, response) => {
        if (incoming.method !== 'PUT') return false
        read = () => {
          incoming.on('data', (chunk: Buffer) => (received += chunk.length))
          incoming.on('end', () => response.end('{"status_code":1000,"timestamp":"2020-01-01T00:00:00Z"}'))
        }
        return true
      }),
    )
    const answer = putToken(jsonOf(total, (bytes) => (sent = bytes)))
    expect(await standsStill(() => sent)).toBeLessThan(total / 2)
    read()
    expect((await answer).statusCode).toBe(1000)
    expect(received).toBeGreaterThan(total)
  })

  test('an upload beyond the buffer whose first byte begins no JSON: 400 and no call', async () => {
    async function* stream() {
      yield Buffer.from(`<html>${'x'.repeat(4 * BUFFER_BYTES)}</html>`)
    }
    expectRefused(await putToken(stream()), 400, 2001)
    expect(cpo.requests).toEqual([])
    expect((await listLocations()).statusCode).toBe(1000)
  })

  test('over the size limit: 413 and no call', async () => {
    const small = await startTestHub({ BUFFER_BYTES: '4096', MAX_BODY_BYTES: '16384' })
    try {
      const receiver = await small.join({ name: 'cpo', parties: [CPO], modules: routedModules([CPO]) })
      const sender = await small.join({ name: 'emsp', parties: [EMSP] })
      receiver.requests.length = 0
      const put = (body: unknown, headers: string[] = []) =>
        sender.call('tokens', 'RECEIVER', { method: 'PUT', path: '/DE/EMS/1', to: CPO, body, headers })
      const exactly = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`
      expect((await put(exactly(16_384))).statusCode).toBe(1000)
      receiver.requests.length = 0
      expectRefused(await put(exactly(16_385)), 413, 2000)
      expect(receiver.requests).toEqual([])
      async function* stream() {
        for (const part of exactly(40_000).match(/.{1,1000}/g) ?? []) yield Buffer.from(part)
      }
      expectRefused(await put(stream()), 413, 2000)
      expect(receiver.requests).toEqual([])
      expect((await put(exactly(100))).statusCode).toBe(1000)
    } finally {
      await small.close()
    }
  })

  test('what the hub must read, commands and charging profiles, beyond the buffer: 413 and no call', async () => {
    const body = { response_url: `${emsp.origin}/r`, filler: 'x'.repeat(BUFFER_BYTES) }
    const command = { method: 'POST', path: '/START_SESSION', to: CPO, body }
    expectRefused(await emsp.call('commands', 'RECEIVER', command), 413, 2000)
    const profile = { method: 'PUT', path: '/S1', to: CPO, body }
    expectRefused(await emsp.call('chargingprofiles', 'RECEIVER', profile), 413, 2000)
    expect(cpo.requests).toEqual([])
    const credentials = { method: 'PUT', body }
    expectRefused(await emsp.callUrl(`${hub.url}/ocpi/2.2.1/credentials`, credentials), 413, 2000)
  })
})
