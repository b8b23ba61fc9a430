// Rules: Versions and credentials [version_information_endpoint; credentials].
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { FUNCTIONAL_MODULES } from '../../../src/ocpi/modules.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import {
  type Partner,
  type PartnerOptions,
  routedModules,
  startPartner,
  type WireParty,
} from '../../support/partner.ts'
import { type CallAnswer, namesOf } from '../../support/partner-client.ts'
import { until } from '../../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const

const HUB = { country_code: 'NL', party_id: 'HUB' }

let hub: TestHub
let cpo: Partner & { platformId: string }
let emsp: Partner & { platformId: string }
const started: Partner[] = []

/** A platform to which the hub itself pushes nothing, so that every request it gets is of the test. */
function join(options: PartnerOptions): Promise<Partner & { platformId: string }> {
  return hub.join({ modules: routedModules(options.parties), ...options })
}

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '0' })
  cpo = await join({ name: 'cpo', parties: [CPO] })
  emsp = await join({ name: 'emsp', parties: [EMSP] })
})
afterAll(() => hub.close())
afterEach(async () => {
  await Promise.all(started.splice(0).map((partner) => partner.close()))
})

async function start(options: PartnerOptions): Promise<Partner> {
  const partner = await startPartner({ modules: routedModules(options.parties), ...options })
  started.push(partner)
  return partner
}

/** A platform at the hub and a partner for it that has not registered yet. */
async function unregistered(name: string, parties: readonly WireParty[], options: Partial<PartnerOptions> = {}) {
  const partner = await start({ name, parties, ...options })
  const { id, token } = await hub.createPlatform({ name })
  return { partner, id, token, at: { versionsUrl: hub.versionsUrl, token } }
}

function party(country_code: string, party_id: string, role: WireParty['role'] = 'EMSP'): WireParty {
  return { country_code, party_id, role }
}

function authorizationOf(token: string | null): string {
  return `Token ${Buffer.from(token ?? '').toString('base64')}`
}

const credentialsUrl = () => `${hub.url}/ocpi/2.2.1/credentials`

async function routes(from: Partner, to: WireParty): Promise<CallAnswer> {
  return from.call(to.role === 'CPO' ? 'locations' : 'tokens', 'SENDER', { to })
}

async function statusOf(platformId: string): Promise<string> {
  return (await hub.admin('GET', `/platforms/${platformId}`)).body.status
}

async function query<T>(ask: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(hub.databaseUrl, { max: 1 })
  try {
    return await ask(sql)
  } finally {
    await sql.end()
  }
}

describe('versions [Version information endpoint]', () => {
  test('lists all that is served, with the URLs of their details', async () => {
    const answer = await emsp.callUrl(hub.versionsUrl)
    expect(answer.statusCode).toBe(1000)
    expect(answer.data).toEqual([
      ...['2.3.0', '2.2.1'].map((version) => ({ version, url: `${hub.url}/ocpi/${version}` })),
      { version: '2.1.1', url: `${hub.url}/ocpi/cpo/2.1.1` },
    ])
  })

  test('a trailing slash changes nothing', async () => {
    for (const path of ['/ocpi/versions/', '/ocpi/2.2.1/', '/ocpi/2.2.1/credentials/'])
      expect((await emsp.callUrl(hub.url + path)).statusCode).toBe(1000)
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s: 405 that names what is allowed', async (method) => {
    for (const url of [hub.versionsUrl, `${hub.url}/ocpi/2.2.1`]) {
      const answer = await emsp.callUrl(url, { method, body: {} })
      expect([answer.status, answer.header('allow'), answer.statusCode]).toEqual([405, 'GET', 2000])
    }
  })

  test.each([
    '/ocpi/2.9',
    '/ocpi/2.1.1/credentials',
    '/ocpi/2.2/sender/locations',
    '/ocpi//3.0/receiver/locationsNL/CPO/1',
    '/ocpi/2.1.1/cpo/locations',
  ])('a version the hub does not serve, %s: 3002 with what it serves, before registration too', async (path) => {
    const { token } = await hub.createPlatform({ name: 'of another version' })
    for (const authorization of [authorizationOf(emsp.tokenAtHub()), authorizationOf(token)]) {
      const answer = await emsp.callUrl(hub.url + path, { authorization, requestId: 'r-9' })
      expect([answer.status, answer.statusCode, answer.header('x-request-id')]).toEqual([200, 3002, 'r-9'])
      expect(answer.envelope?.status_message).toMatch(/is not served here, 2\.3\.0 and 2\.2\.1 are(?:$|; its versions)/)
    }
    expect((await emsp.callUrl(hub.url + path, { authorization: null })).status).toBe(401)
  })

  test('needs no routing headers and gets none [Message Routing Headers]', async () => {
    const answer = await emsp.callUrl(hub.versionsUrl, { to: CPO, from: EMSP })
    expect(answer.statusCode).toBe(1000)
    expect(namesOf(answer.headers).filter((name) => name.startsWith('ocpi-'))).toEqual([])
  })
})

type Listed = { identifier: string; role: string; url: string }

async function listedTo(partner: Partner): Promise<Listed[]> {
  const answer = await partner.callUrl(`${hub.url}/ocpi/2.2.1`)
  const { version, endpoints } = answer.data as { version: string; endpoints: Listed[] }
  expect(version).toBe('2.2.1')
  return endpoints
}

describe('version details [Version details endpoint]', () => {
  test('every functional module is there as SENDER and as RECEIVER, at different URLs', async () => {
    const listed = await listedTo(emsp)
    for (const identifier of FUNCTIONAL_MODULES) {
      const roles = listed.filter((endpoint) => endpoint.identifier === identifier).map(({ role }) => role)
      expect(roles.sort()).toEqual(['RECEIVER', 'SENDER'])
    }
    expect(new Set(listed.map(({ url }) => url)).size).toBe(listed.length)
    for (const { url } of listed) expect(url.startsWith(`${hub.url}/ocpi/2.2.1/`)).toBe(true)
  })

  test('credentials once, hubclientinfo as SENDER only, nothing else', async () => {
    const listed = await listedTo(emsp)
    const others = listed.filter(({ identifier }) => !(FUNCTIONAL_MODULES as readonly string[]).includes(identifier))
    expect(others.map(({ identifier }) => identifier).sort()).toEqual(['credentials', 'hubclientinfo'])
    expect(others.find(({ identifier }) => identifier === 'hubclientinfo')?.role).toBe('SENDER')
  })

  test('custom modules are listed only to platforms that announced them, and relayed to those that hold them [Custom Modules]', async () => {
    const custom = [{ identifier: 'nltnm-tokens', role: 'RECEIVER' }] as const
    const sender = [{ identifier: 'nltnm-tokens', role: 'SENDER' }] as const
    const holder = party('SE', 'HOL', 'CPO')
    const asker = party('SE', 'ASK')
    const one = await join({ name: 'one', parties: [holder], modules: [...routedModules([holder]), ...custom] })
    const two = await join({ name: 'two', parties: [asker], modules: [...routedModules([asker]), ...sender] })

    const namesListedTo = async (partner: Partner) =>
      (await listedTo(partner)).map(({ identifier, role }) => `${identifier}/${role}`)
    for (const partner of [one, two])
      expect(await namesListedTo(partner)).toEqual(
        expect.arrayContaining(['nltnm-tokens/SENDER', 'nltnm-tokens/RECEIVER']),
      )
    expect((await namesListedTo(emsp)).filter((name) => name.startsWith('nltnm'))).toEqual([])

    const url = `${hub.url}/ocpi/2.2.1/receiver/nltnm-tokens`
    const relayed = await two.callUrl(url, { method: 'PUT', path: '/a%2Fb', body: { x: 1 }, to: holder, from: asker })
    expect(relayed.statusCode).toBe(1000)
    expect(one.requests.at(-1)).toMatchObject({ method: 'PUT', module: 'nltnm-tokens', suffix: '/a%2Fb' })

    one.requests.length = 0
    const unlisted = await emsp.callUrl(url, { method: 'PUT', path: '/1', body: {}, to: holder, from: EMSP })
    expect(unlisted.statusCode).toBe(1000)
    expect(one.requests.at(-1)).toMatchObject({ module: 'nltnm-tokens', suffix: '/1' })

    one.requests.length = 0
    const noInterface = await two.callUrl(url, { method: 'PUT', path: '/1', body: {}, to: CPO, from: asker })
    expect([noInterface.status, noInterface.statusCode]).toEqual([200, 4001])
    expect(one.requests).toEqual([])
  })
})

describe('POST of credentials [credentials: POST Method]', () => {
  test('the hub reads versions and details with the token given before it answers, and answers with a new token and the role HUB', async () => {
    const { partner, id, token, at } = await unregistered('newcomer', [party('AT', 'NEW')])
    const answer = await partner.tryRegister(at)
    expect([answer.status, answer.statusCode]).toEqual([200, 1000])
    expect(answer.data).toEqual({
      token: expect.stringMatching(/^[\w-]{20,64}$/),
      url: hub.versionsUrl,
      roles: [{ role: 'HUB', country_code: 'NL', party_id: 'HUB', business_details: { name: 'OCPI hub' } }],
    })
    expect((answer.data as { token: string }).token).not.toBe(token)
    const read = partner.requests.map((request) => [
      request.method,
      request.path,
      request.header('authorization'),
      request.header('ocpi-to-party-id'),
    ])
    const authorization = authorizationOf(partner.tokenForHub())
    expect(read).toEqual([
      ['GET', '/versions', authorization, undefined],
      ['GET', '/v/2.2.1', authorization, undefined],
    ])
    const shown = (await hub.admin('GET', `/platforms/${id}`)).body
    expect(shown).toMatchObject({ status: 'CONNECTED', version: '2.2.1' })
    expect(shown.parties).toMatchObject([{ country_code: 'AT', party_id: 'NEW', role: 'EMSP', status: 'CONNECTED' }])
    expect((await routes(partner, CPO)).statusCode).toBe(1000)
  })

  test('already registered: 405', async () => {
    const answer = await emsp.callUrl(credentialsUrl(), { method: 'POST', body: {} })
    expect(answer.status).toBe(405)
    const full = await emsp.tryRegister({ versionsUrl: hub.versionsUrl, token: emsp.tokenAtHub() as string })
    expect(full.status).toBe(405)
    expect(full.header('allow')).toBe('GET, PUT, DELETE')
    expect((await routes(emsp, CPO)).statusCode).toBe(1000)
  })

  type Spoiler = (partner: Partner) => unknown
  const VERSIONS_PATH = '/versions'
  const answering =
    (path: string, reply: Parameters<Partner['onRequest']>[0]): Spoiler =>
    (partner) =>
      partner.onRequest((request, response) => (request.path === path ? reply(request, response) : 'pass'))

  const failures: [string, number, Spoiler][] = [
    ['versions unreachable', 3001, (partner) => partner.refuse()],
    ['versions answer HTTP 500', 3001, answering(VERSIONS_PATH, () => ({ status: 500, isBare: true, body: 'oops' }))],
    ['versions answer HTTP 401', 3001, answering(VERSIONS_PATH, () => ({ status: 401, statusCode: 2001 }))],
    ['versions answer HTML', 3001, answering(VERSIONS_PATH, () => ({ isBare: true, body: '<html></html>' }))],
    ['versions answer 3000', 3001, answering(VERSIONS_PATH, () => ({ statusCode: 3000 }))],
    ['versions redirect', 3001, answering(VERSIONS_PATH, () => ({ status: 302, headers: ['Location', '/v'] }))],
    ['versions are no list', 3001, answering(VERSIONS_PATH, () => ({ data: { versions: [] } }))],
    ['version details answer HTTP 404', 3001, answering('/v/2.2.1', () => ({ status: 404, isBare: true, body: '' }))],
    ['version details without endpoints', 3001, answering('/v/2.2.1', () => ({ data: { version: '2.2.1' } }))],
    [
      'another version only',
      3002,
      answering(VERSIONS_PATH, () => ({ data: [{ version: '2.1.1', url: 'http://127.0.0.1:1/2.1.1' }] })),
    ],
    [
      'no endpoint in common',
      3003,
      answering('/v/2.2.1', () => ({
        data: {
          version: '2.2.1',
          endpoints: [
            { identifier: 'credentials', role: 'SENDER', url: 'http://127.0.0.1:1/c' },
            { identifier: 'hubclientinfo', role: 'RECEIVER', url: 'http://127.0.0.1:1/h' },
          ],
        },
      })),
    ],
  ]
  test.each(failures)(
    '%s: HTTP 200 with %i; nothing changes and the registration token stays good',
    async (name, code, spoil) => {
      const index = failures.findIndex(([candidate]) => candidate === name)
      const own = party('LU', `F${index}`)
      const { partner, id, at } = await unregistered('failing', [own])
      const undo = await spoil(partner)
      const answer = await partner.tryRegister(at)
      expect([answer.status, answer.statusCode]).toEqual([200, code])
      expect(answer.envelope?.status_message).toMatch(/./)
      expect((await hub.admin('GET', `/platforms/${id}`)).body).toMatchObject({ status: 'PLANNED', parties: [] })
      expect((await routes(emsp, own)).statusCode).toBe(4001)

      await partner.listenAgain()
      if (typeof undo === 'function') undo()
      expect((await partner.tryRegister(at)).statusCode).toBe(1000)
      expect(await statusOf(id)).toBe('CONNECTED')
    },
  )

  test('a body that is not JSON: HTTP 400; credentials that make no sense: 2001 that says why', async () => {
    const { partner, id, token } = await unregistered('senseless', [party('LU', 'BAD')])
    const post = (body: unknown) =>
      partner.callUrl(credentialsUrl(), { method: 'POST', body, authorization: authorizationOf(token) })
    expect((await post('{"token":')).status).toBe(400)
    expect((await post('')).status).toBe(400)
    const good = { token: 'abc', url: partner.versionsUrl, roles: [party('LU', 'BAD')] }
    const bad: [string, object][] = [
      ['token', { ...good, token: undefined }],
      ['url', { ...good, url: 'ftp://x' }],
      ['roles', { ...good, roles: [] }],
      ['party_id', { ...good, roles: [party('LU', 'LONG')] }],
    ]
    for (const [field, body] of bad) {
      const answer = await post(body)
      expect([answer.status, answer.statusCode]).toEqual([200, 2001])
      expect(answer.envelope?.status_message).toContain(field)
    }
    expect(partner.requests).toEqual([])
    expect(await statusOf(id)).toBe('PLANNED')
  })

  test('a compressed body: read as what it was; one that cannot be read, or is too large: HTTP 400 that says why', async () => {
    const { partner, id, token } = await unregistered('compressing', [party('LU', 'ZIP')])
    const body = JSON.stringify({ token: 'abc', url: partner.versionsUrl, roles: [party('LU', 'ZIP')] })
    const put = (bytes: Buffer, encoding = 'gzip') =>
      partner.callUrl(credentialsUrl(), {
        method: 'POST',
        body: bytes,
        headers: ['Content-Encoding', encoding],
        authorization: authorizationOf(token),
      })
    const inflatesTooFar = gzipSync(`${body}${' '.repeat(2 * 1024 * 1024)}`)
    expect(await put(inflatesTooFar)).toMatchObject({ status: 413, statusCode: 2000 })
    for (const answer of [await put(Buffer.from(body)), await put(gzipSync(body), 'zstd')]) {
      expect([answer.status, answer.statusCode]).toEqual([400, 2001])
      expect(answer.envelope?.status_message).toMatch(/could not be read as (gzip|zstd)/)
    }
    const accept = partner.onRequest(({ path }) =>
      path === '/versions'
        ? { data: [{ version: '2.2.1', url: `${partner.origin}/v/2.2.1` }] }
        : {
            data: {
              version: '2.2.1',
              endpoints: [{ identifier: 'tokens', role: 'SENDER', url: `${partner.origin}/t` }],
            },
          },
    )
    const taken = await put(gzipSync(body))
    accept()
    expect([taken.status, taken.statusCode]).toEqual([200, 1000])
    expect(await statusOf(id)).toBe('CONNECTED')
  })

  test("a partner cannot register as the hub's own party", async () => {
    const { partner, id, at } = await unregistered('impostor', [party('nl', 'hub')])
    expect((await partner.tryRegister(at)).statusCode).toBe(2001)
    expect(await statusOf(id)).toBe('PLANNED')
  })

  test('a versions URL that redirects is not followed, and the answer says where it leads', async () => {
    const { partner, at } = await unregistered('redirecting', [party('LU', 'RED')])
    const location = `${partner.origin}/ocpi/versions`
    partner.onRequest(({ path }) =>
      path === '/versions' ? { status: 308, isBare: true, body: '', headers: ['Location', location] } : 'pass',
    )
    const answer = await partner.tryRegister(at)
    expect(answer.statusCode).toBe(3001)
    expect(answer.envelope?.status_message).toContain(`HTTP 308 (to ${location}, which is not followed)`)
  })

  test('a handshake goes through where every URL redirects to the one with a slash at its end', async () => {
    const { partner, at } = await unregistered('slashed', [party('LU', 'SLD', 'CPO')])
    partner.onRequest(({ path }) =>
      /^\/(versions|v\/2\.2\.1)$/.test(path)
        ? { status: 307, isBare: true, body: '', headers: ['Location', `${path}/`] }
        : path === '/versions/'
          ? { data: [{ version: '2.2.1', url: `${partner.origin}/v/2.2.1` }] }
          : path === '/v/2.2.1/'
            ? {
                data: {
                  version: '2.2.1',
                  endpoints: [
                    { identifier: 'credentials', role: 'RECEIVER', url: `${partner.origin}/credentials` },
                    { identifier: 'locations', role: 'SENDER', url: partner.endpointUrl('locations', 'SENDER') },
                  ],
                },
              }
            : 'pass',
    )
    expect((await partner.tryRegister(at)).statusCode).toBe(1000)
  })

  test('endpoints in duplicate, with trailing slashes, a credentials endpoint without role: tolerated', async () => {
    const own = party('LU', 'TOL', 'CPO')
    const { partner, at } = await unregistered('untidy', [own])
    const locations = partner.endpointUrl('locations', 'SENDER')
    partner.onRequest(({ path }) =>
      path === '/v/2.2.1'
        ? {
            data: {
              version: '2.2.1',
              endpoints: [
                { identifier: 'credentials', url: `${partner.origin}/credentials/` },
                { identifier: 'locations', role: 'SENDER', url: `${locations}//` },
                { identifier: 'locations', role: 'SENDER', url: 'http://127.0.0.1:1/second' },
                { identifier: 'unknown thing', role: 'NEITHER' },
              ],
            },
          }
        : 'pass',
    )
    await partner.register(at)
    expect((await emsp.call('locations', 'SENDER', { to: own, path: '/L1' })).statusCode).toBe(1000)
    expect(partner.requests.at(-1)).toMatchObject({ module: 'locations', suffix: '/L1' })
  })

  test('a list is asked for at the URL that was announced, with its slash: many servers redirect from any other', async () => {
    const own = party('LU', 'SLA', 'CPO')
    const { partner, at } = await unregistered('slashes', [own])
    partner.onRequest(({ path, method }) => {
      if (path !== '/v/2.2.1') return path === '/' && method === 'GET' ? { data: [] } : 'pass'
      return {
        data: {
          version: '2.2.1',
          endpoints: [
            { identifier: 'credentials', role: 'RECEIVER', url: `${partner.origin}/credentials` },
            { identifier: 'locations', role: 'SENDER', url: `${partner.endpointUrl('locations', 'SENDER')}/` },
            { identifier: 'sessions', role: 'SENDER', url: partner.origin },
          ],
        },
      }
    })
    await partner.register(at)
    const query = '?date_from=2026-01-01T00:00:00Z'
    for (const [module, target] of [
      ['locations', `/srv/sender/locations/${query}`],
      ['sessions', `/${query}`],
    ] as const) {
      expect((await emsp.call(module, 'SENDER', { to: own, query })).statusCode).toBe(1000)
      expect(partner.requests.at(-1)?.target).toBe(target)
    }
  })

  test('two POSTs with one registration token at the same time: one succeeds, the other gets 401', async () => {
    const { partner, id, token } = await unregistered('twice at once', [party('LU', 'TWO')])
    partner.onRequest(({ path }) =>
      path === '/versions' ? { data: [{ version: '2.2.1', url: `${partner.origin}/v/2.2.1` }] } : 'pass',
    )
    partner.onRequest(({ path }) =>
      path === '/v/2.2.1'
        ? {
            data: {
              version: '2.2.1',
              endpoints: [{ identifier: 'tokens', role: 'SENDER', url: 'http://127.0.0.1:1' }],
            },
          }
        : 'pass',
    )
    const posts = ['t1', 't2', 't3'].map((offered) =>
      partner.callUrl(credentialsUrl(), {
        method: 'POST',
        authorization: authorizationOf(token),
        body: { token: offered, url: partner.versionsUrl, roles: [party('LU', 'TWO')] },
      }),
    )
    const answers = await Promise.all(posts)
    expect(answers.map(({ status }) => String(status)).sort()).toEqual(['200', '401', '401'])
    const won = answers.find(({ status }) => status === 200) as CallAnswer
    const authorization = authorizationOf((won.data as { token: string }).token)
    expect((await partner.callUrl(hub.versionsUrl, { authorization })).statusCode).toBe(1000)
    expect(await statusOf(id)).toBe('CONNECTED')
  })
})

describe('a partner that knows its token raw only', () => {
  /** Reads nothing behind `Token` but the token itself, and may show its versions to everybody. */
  async function raw(partyId: string, isOpen = false) {
    const own = party('PT', partyId, 'CPO')
    const partner = await start({ name: partyId, parties: [own], tokenEncoding: 'raw' })
    const endpoints = [
      { identifier: 'credentials', role: 'SENDER', url: `${partner.origin}/credentials` },
      { identifier: 'locations', role: 'SENDER', url: partner.endpointUrl('locations', 'SENDER') },
    ]
    if (isOpen)
      partner.onRequest(({ path }) => {
        if (path === '/versions') return { data: [{ version: '2.2.1', url: `${partner.origin}/v/2.2.1` }] }
        return path === '/v/2.2.1' ? { data: { version: '2.2.1', endpoints } } : 'pass'
      })
    const { id, token } = await hub.createPlatform({ name: partyId })
    return { own, partner, id, token }
  }

  async function expectRaw({ own, partner, id }: Awaited<ReturnType<typeof raw>>) {
    expect((await hub.admin('GET', `/platforms/${id}`)).body).toMatchObject({
      token_encoding: 'raw',
      status: 'CONNECTED',
    })
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect(partner.requests.at(-1)?.header('authorization')).toBe(`Token ${partner.tokenForHub()}`)
  }

  test('registers all the same: asked once more with the raw token, and from then on', async () => {
    const made = await raw('RW1')
    await made.partner.register({ versionsUrl: hub.versionsUrl, token: made.token })
    await expectRaw(made)
  })

  test.each([
    ['', 'RW2', false],
    [', also where only its credentials ask for a token', 'RW3', true],
  ])('is connected to by the hub all the same%s', async (_, partyId, isOpen) => {
    const made = await raw(partyId, isOpen)
    const given = { versions_url: made.partner.versionsUrl, token: made.partner.issueRegistrationToken() }
    expect((await hub.admin('POST', `/platforms/${made.id}/connect`, given)).status).toBe(200)
    await expectRaw(made)
    expect((await hub.admin('POST', `/platforms/${made.id}/rotate`)).status).toBe(200)
    await expectRaw(made)
  })

  test('or knows none at all: the refusal names the setting, to the partner and to the administrator', async () => {
    const made = await raw('RW4')
    made.partner.onRequest(() => ({ status: 401, statusCode: 2001 }))
    const refused = await made.partner.tryRegister({ versionsUrl: hub.versionsUrl, token: made.token })
    expect(refused.statusCode).toBe(3001)
    expect(refused.envelope?.status_message).toMatch(/HTTP 401 .*in base64, then raw: see token_encoding/)
    expect(made.partner.requests.map(({ path }) => path)).toEqual(['/versions', '/versions'])
    const given = { versions_url: made.partner.versionsUrl, token: 'none' }
    const connect = () => hub.admin('POST', `/platforms/${made.id}/connect`, given)
    expect((await connect()).body.detail).toContain('see token_encoding')
    await hub.admin('PATCH', `/platforms/${made.id}`, { token_encoding: 'raw' })
    made.partner.requests.length = 0
    expect((await connect()).body.detail).toContain('written raw: see token_encoding')
    expect(made.partner.requests).toHaveLength(1)
  })
})

test('a partner that lists 2.2 only is served as 2.2.1', async () => {
  const own = party('PT', 'V22', 'CPO')
  const partner = await start({ name: 'of 2.2', parties: [own] })
  partner.onRequest(({ path }) =>
    path === '/versions' ? { data: [{ version: '2.2', url: `${partner.origin}/v/2.2` }] } : 'pass',
  )
  const { id, token } = await hub.createPlatform({ name: 'of 2.2' })
  await partner.register({ versionsUrl: hub.versionsUrl, token })
  expect((await hub.admin('GET', `/platforms/${id}`)).body.version).toBe('2.2.1')
  expect((await routes(emsp, own)).statusCode).toBe(1000)
  expect((await hub.admin('POST', `/platforms/${id}/rotate`)).body).toMatchObject({ version: '2.2.1' })
  expect((await routes(emsp, own)).statusCode).toBe(1000)
})

test('endpoints that cannot be used are named to the partner and to the administrator, those in capitals used', async () => {
  const own = party('PT', 'ODD', 'CPO')
  const partner = await start({ name: 'odd', parties: [own] })
  const url = partner.endpointUrl('locations', 'SENDER')
  const endpoints = [
    { identifier: 'CREDENTIALS', role: 'SENDER', url: `${partner.origin}/credentials` },
    { identifier: 'Locations', role: 'SENDER', url },
    { identifier: 'tariffs', role: 'SENDER', url: `${url}?module=tariffs` },
  ]
  partner.onRequest(({ path }) => (path === '/v/2.2.1' ? { data: { version: '2.2.1', endpoints } } : 'pass'))
  const alarms = async () => {
    const headers = { Authorization: `Bearer ${hub.adminToken}` }
    const metrics = await (await fetch(`${hub.url}/metrics`, { headers })).text()
    return Number(/alarms_total\{kind="endpoints-left-out"\} (\d+)/.exec(metrics)?.[1] ?? 0)
  }
  const before = await alarms()
  const { token } = await hub.createPlatform({ name: 'odd' })
  const answer = await partner.register({ versionsUrl: hub.versionsUrl, token })
  expect(answer.envelope?.status_message).toMatch(/Left out .*endpoints\[2\]\.url: expected no query/)
  await until(async () => (await alarms()) === before + 1, 'Expected one alarm')
  expect((await routes(emsp, own)).statusCode).toBe(1000)
  expect(partner.requests.at(-1)?.target).toBe('/srv/sender/locations')
  expect((await emsp.call('tariffs', 'SENDER', { to: own })).statusCode).toBe(4001)
})

test('a partner that compresses its versions and details unasked is understood; what inflates without end is not', async () => {
  const { partner, id, at } = await unregistered('compressing unasked', [party('LU', 'GZP')])
  const versions = { status_code: 1000, data: [{ version: '2.2.1', url: `${partner.origin}/v/2.2.1` }] }
  const endpoints = [{ identifier: 'tokens', role: 'SENDER', url: `${partner.origin}/t` }]
  const details = { status_code: 1000, data: { version: '2.2.1', endpoints } }
  let padding = ' '.repeat(2 * 1024 * 1024)
  partner.onRequest(({ path }) => ({
    isBare: true,
    headers: ['Content-Encoding', 'gzip', 'Content-Type', 'application/json'],
    body: gzipSync(JSON.stringify(path === '/versions' ? versions : details) + padding),
  }))
  expect(await partner.tryRegister(at)).toMatchObject({ status: 200, statusCode: 3001 })
  padding = ''
  expect(await partner.tryRegister(at)).toMatchObject({ status: 200, statusCode: 1000 })
  expect(await statusOf(id)).toBe('CONNECTED')
})

test('a partner whose versions hang holds up no other: calls are made outside of transactions', async () => {
  const slow = await unregistered('slow', [party('LU', 'SLO')])
  const quick = await unregistered('quick', [party('LU', 'QUI')])
  let answer = () => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  slow.partner.onRequest(async ({ path }): Promise<'pass'> => {
    if (path === '/versions') await answered
    return 'pass'
  })
  const registering = slow.partner.tryRegister(slow.at)
  await slow.partner.waitForRequest(({ path }) => path === '/versions')
  expect((await quick.partner.tryRegister(quick.at)).statusCode).toBe(1000)
  expect((await hub.admin('PATCH', `/platforms/${slow.id}`, { name: 'still slow' })).status).toBe(200)
  answer()
  expect((await registering).statusCode).toBe(1000)
})

test('a partner that begins more handshakes than it answers is told to wait, with 429', async () => {
  const partner = await join({ name: 'in a hurry', parties: [party('LU', 'HUR')] })
  let answer = () => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  partner.onRequest(async ({ path }): Promise<'pass'> => {
    if (path === '/versions') await answered
    return 'pass'
  })
  const authorization = authorizationOf(partner.tokenAtHub())
  const body = { token: 'of-the-hurry', url: partner.versionsUrl, roles: [party('LU', 'HUR')] }
  const puts = Array.from({ length: 6 }, () =>
    partner.callUrl(credentialsUrl(), { method: 'PUT', authorization, body }).then((each) => {
      if (each.status === 429) answer()
      return each
    }),
  )
  const refused = (await Promise.all(puts)).filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  expect(refused[0]?.header('retry-after')).toBe('1')
})

test("a partner that gives the hub's URL for its own is refused with 3001: it would be the hub calling itself", async () => {
  const partner = await join({ name: 'mirror', parties: [party('LU', 'MIR')] })
  const answer = await partner.callUrl(credentialsUrl(), {
    method: 'PUT',
    body: { token: partner.tokenAtHub(), url: hub.versionsUrl, roles: [party('LU', 'MIR')] },
  })
  expect(answer).toMatchObject({ status: 200, statusCode: 3001 })
  expect(answer.envelope?.status_message).toContain('leads back to the hub')
})

describe('a party that another platform holds', () => {
  test.each([
    ['nl', 'cpo'],
    ['NL', 'CPO'],
    ['Nl', 'cPo'],
  ])('%s-%s: POST is refused with 2001 and nothing changes on either side', async (country, id) => {
    const { partner, id: platformId, at } = await unregistered('taker', [party('LU', 'TAK'), party(country, id, 'CPO')])
    expect((await partner.tryRegister(at)).statusCode).toBe(2001)
    expect((await hub.admin('GET', `/platforms/${platformId}`)).body).toMatchObject({ status: 'PLANNED', parties: [] })
    cpo.requests.length = 0
    expect((await routes(emsp, CPO)).statusCode).toBe(1000)
    expect(cpo.requests).toHaveLength(1)
  })

  test('PUT is refused with 2001 and both keep what they had', async () => {
    const parties = [party('LU', 'PUT')]
    const greedy = await join({ name: 'greedy', parties })
    const before = greedy.tokenAtHub()
    parties.push(party('nl', 'CPO', 'CPO'))
    expect((await greedy.rotate()).statusCode).toBe(2001)
    expect(greedy.tokenAtHub()).toBe(before)
    expect((await greedy.call('locations', 'SENDER', { to: CPO })).statusCode).toBe(1000)
    expect((await hub.admin('GET', `/platforms/${greedy.platformId}`)).body.parties).toHaveLength(1)
    expect((await hub.admin('GET', `/platforms/${cpo.platformId}`)).body.parties).toHaveLength(1)
  })

  test('two platforms that want the same party at once: one gets it', async () => {
    const wanted = party('LU', 'RAC')
    const racers = await Promise.all([unregistered('racer 1', [wanted]), unregistered('racer 2', [wanted])])
    const answers = await Promise.all(racers.map(({ partner, at }) => partner.tryRegister(at)))
    expect(answers.map(({ statusCode }) => String(statusCode)).sort()).toEqual(['1000', '2001'])
  })

  test('announced by an administrator for one platform, it is reserved: another cannot take it', async () => {
    const reserved = party('LU', 'RES')
    await hub.createPlatform({ name: 'awaited', parties: [reserved] })
    const { partner, at } = await unregistered('squatter', [reserved])
    expect((await partner.tryRegister(at)).statusCode).toBe(2001)
  })
})

describe('PUT of credentials [credentials: PUT Method]', () => {
  test('not registered: 405', async () => {
    const { partner, token } = await unregistered('early', [party('LU', 'EAR')])
    const authorization = authorizationOf(token)
    const body = { token: 'abc', url: partner.versionsUrl, roles: [party('LU', 'EAR')] }
    const answer = await partner.callUrl(credentialsUrl(), { method: 'PUT', body, authorization })
    expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, POST'])
  })

  test('fetches the endpoints again, rotates the token, and takes roles as they are now', async () => {
    const parties = [party('LU', 'ROT', 'CPO')]
    const modules = routedModules(parties)
    const partner = await join({ name: 'rotating', parties, modules })
    const before = partner.tokenAtHub()
    expect((await emsp.call('locations', 'SENDER', { to: party('LU', 'SEC', 'CPO') })).statusCode).toBe(4001)
    parties.push(party('LU', 'SEC', 'CPO'))
    modules.push({ identifier: 'invoices', role: 'SENDER' })
    partner.requests.length = 0
    const answer = await partner.rotate()
    expect(answer.statusCode).toBe(1000)
    expect(partner.requests.map(({ path }) => path)).toEqual(['/versions', '/v/2.2.1'])
    expect(partner.tokenAtHub()).not.toBe(before)
    expect((await emsp.call('locations', 'SENDER', { to: party('LU', 'SEC', 'CPO') })).statusCode).toBe(1000)
    expect(partner.requests.at(-1)?.header('authorization')).toBe(authorizationOf(partner.tokenForHub()))
    const { endpoints } = (await hub.admin('GET', `/platforms/${partner.platformId}`)).body
    expect(endpoints.map((endpoint: Listed) => endpoint.identifier)).toContain('invoices')
  })

  test('a role given up is no longer reached, and stays held', async () => {
    const parties = [party('LU', 'KEP', 'CPO'), party('LU', 'GIV', 'CPO')]
    const partner = await join({ name: 'giving up', parties })
    parties.pop()
    await partner.rotate()
    expect((await routes(emsp, party('LU', 'KEP', 'CPO'))).statusCode).toBe(1000)
    expect((await routes(emsp, party('LU', 'GIV', 'CPO'))).statusCode).toBe(4003)
    const other = await unregistered('other', [party('LU', 'GIV', 'CPO')])
    expect((await other.partner.tryRegister(other.at)).statusCode).toBe(2001)
  })

  test('the old token stays good for 24 h, from the first use of the new one for 60 s', async () => {
    const partner = await join({ name: 'overlapping', parties: [party('LU', 'OVE')] })
    const old = authorizationOf(partner.tokenAtHub())
    await partner.rotate()
    const oldExpiry = () =>
      query(async (sql) => {
        const rows = await sql<{ at: string }[]>`
          select expires_at as at from credentials_tokens
          where platform_id = ${partner.platformId} and expires_at is not null`
        return rows.map(({ at }) => Number(at) - Date.now())
      })
    const [beforeUse = 0] = await oldExpiry()
    expect(beforeUse).toBeGreaterThan(86_000_000)
    expect(beforeUse).toBeLessThanOrEqual(86_400_000)
    expect((await partner.call('locations', 'SENDER', { to: CPO, authorization: old })).statusCode).toBe(1000)
    expect((await oldExpiry())[0]).toBeGreaterThan(86_000_000)

    expect((await partner.callUrl(hub.versionsUrl)).statusCode).toBe(1000)
    await expect.poll(async () => (await oldExpiry())[0]).toBeLessThanOrEqual(60_000)
    expect((await oldExpiry())[0]).toBeGreaterThan(40_000)
    expect((await partner.callUrl(hub.versionsUrl, { authorization: old })).statusCode).toBe(1000)
    expect((await hub.admin('GET', `/platforms/${partner.platformId}`)).body.has_older_token).toBe(true)

    expect((await hub.admin('POST', `/platforms/${partner.platformId}/older-tokens/end`)).status).toBe(200)
    expect((await partner.callUrl(hub.versionsUrl, { authorization: old })).status).toBe(401)
    expect((await partner.callUrl(hub.versionsUrl)).statusCode).toBe(1000)
  })

  test('a partner that lost the answer can PUT again with the old token', async () => {
    const partner = await join({ name: 'unlucky', parties: [party('LU', 'LOS')] })
    const old = partner.tokenAtHub() as string
    await partner.rotate()
    const offered = randomBytes(12).toString('hex')
    partner.onRequest((request) => {
      if (request.header('authorization') !== authorizationOf(offered)) return 'pass'
      if (request.path === '/versions') return { data: [{ version: '2.2.1', url: `${partner.origin}/v/2.2.1` }] }
      return {
        data: { version: '2.2.1', endpoints: [{ identifier: 'tokens', role: 'SENDER', url: `${partner.origin}/t` }] },
      }
    })
    const again = await partner.callUrl(credentialsUrl(), {
      method: 'PUT',
      authorization: authorizationOf(old),
      body: { token: offered, url: partner.versionsUrl, roles: partner.parties },
    })
    expect(again.statusCode).toBe(1000)
  })

  test('that fails leaves everything as it was: both tokens, endpoints, roles', async () => {
    const parties = [party('LU', 'STA', 'CPO')]
    const partner = await join({ name: 'stable', parties })
    const before = (await hub.admin('GET', `/platforms/${partner.platformId}`)).body
    const [tokenAtHub, tokenForHub] = [partner.tokenAtHub(), partner.tokenForHub()]
    parties.push(party('LU', 'MOR', 'CPO'))
    const undo = partner.onRequest(({ path }) =>
      path === '/versions' ? { status: 503, isBare: true, body: '' } : 'pass',
    )
    expect((await partner.rotate()).statusCode).toBe(3001)
    undo()
    expect([partner.tokenAtHub(), partner.tokenForHub()]).toEqual([tokenAtHub, tokenForHub])
    expect((await partner.callUrl(hub.versionsUrl)).statusCode).toBe(1000)
    expect((await routes(emsp, party('LU', 'STA', 'CPO'))).statusCode).toBe(1000)
    const after = (await hub.admin('GET', `/platforms/${partner.platformId}`)).body
    expect({ ...after, last_seen_at: null }).toEqual({ ...before, last_seen_at: null })
  })
})

test('a registration token made for a registered platform lets its POST replace the credentials', async () => {
  const own = party('LU', 'LTO', 'CPO')
  const partner = await join({ name: 'lost its token', parties: [own] })
  const old = partner.tokenAtHub()
  const made = await hub.admin('POST', `/platforms/${partner.platformId}/registration`)
  expect(made.status).toBe(201)
  expect((await partner.callUrl(hub.versionsUrl)).statusCode).toBe(1000)
  await partner.register({ versionsUrl: hub.versionsUrl, token: made.body.token })
  expect((await partner.callUrl(hub.versionsUrl, { authorization: authorizationOf(old) })).status).toBe(401)
  expect((await partner.callUrl(hub.versionsUrl)).statusCode).toBe(1000)
  expect((await routes(emsp, own)).statusCode).toBe(1000)
  expect(partner.requests.at(-1)?.header('authorization')).toBe(authorizationOf(partner.tokenForHub()))
})

test('who runs the hub is shown with website and logo where the operator says so', async () => {
  const shown = { HUB_WEBSITE: 'https://hub.example', HUB_LOGO_URL: 'https://hub.example/logo.PNG' }
  const other = await startTestHub({ HUB_NAME: 'Shown', ...shown }, { databaseUrl: hub.databaseUrl })
  try {
    const answer = await emsp.callUrl(`${other.url}/ocpi/2.2.1/credentials`)
    expect((answer.data as { roles: unknown[] }).roles).toMatchObject([
      {
        business_details: {
          name: 'Shown',
          website: 'https://hub.example',
          logo: { url: 'https://hub.example/logo.PNG', category: 'NETWORK', type: 'png' },
        },
      },
    ])
  } finally {
    await other.close()
  }
})

test("GET returns the hub's credentials with the token the caller used [credentials: GET Method]", async () => {
  const answer = await emsp.callUrl(credentialsUrl())
  expect(answer.data).toEqual({
    token: emsp.tokenAtHub(),
    url: hub.versionsUrl,
    roles: [expect.objectContaining({ role: 'HUB', country_code: 'NL', party_id: 'HUB' })],
  })
  const raw = await emsp.callUrl(credentialsUrl(), { authorization: `Token ${emsp.tokenAtHub()}` })
  expect(raw.data).toEqual(answer.data)
})

describe('DELETE of credentials [credentials: DELETE Method]', () => {
  test('not registered: 405', async () => {
    const { token } = await hub.createPlatform({ name: 'never' })
    const answer = await emsp.callUrl(credentialsUrl(), { method: 'DELETE', authorization: authorizationOf(token) })
    expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, POST'])
  })

  test('from then on its token gives 401 and its parties are unreachable', async () => {
    const own = party('LU', 'BYE', 'CPO')
    const partner = await join({ name: 'leaving', parties: [own] })
    const authorization = authorizationOf(partner.tokenAtHub())
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    partner.requests.length = 0
    expect((await partner.unregister()).statusCode).toBe(1000)
    expect((await partner.callUrl(hub.versionsUrl, { authorization })).status).toBe(401)
    expect((await partner.callUrl(credentialsUrl(), { method: 'DELETE', authorization })).status).toBe(401)
    const answer = await routes(emsp, own)
    expect([answer.status, answer.statusCode]).toEqual([200, 4003])
    expect(partner.requests).toEqual([])
    expect(await statusOf(partner.platformId)).toBe('SUSPENDED')
  })

  test('a PUT under way ends with it: 401, and the platform stays gone', async () => {
    const own = party('LU', 'LAT', 'CPO')
    const partner = await join({ name: 'leaving in a hurry', parties: [own] })
    const authorization = authorizationOf(partner.tokenAtHub())
    partner.onRequest(async ({ path }): Promise<'pass'> => {
      if (path === '/versions') await partner.callUrl(credentialsUrl(), { method: 'DELETE', authorization })
      return 'pass'
    })
    const put = await partner.rotate()
    expect(put.status).toBe(401)
    expect(await statusOf(partner.platformId)).toBe('SUSPENDED')
    expect((await routes(emsp, own)).statusCode).toBe(4003)
  })

  test("a rotation of the hub's under way ends with it: 409, and the platform stays gone", async () => {
    const own = party('LU', 'LAR', 'CPO')
    const partner = await join({ name: 'leaving while asked', parties: [own] })
    const authorization = authorizationOf(partner.tokenAtHub())
    partner.onRequest(async ({ method }) => {
      if (method !== 'PUT') return 'pass'
      await partner.callUrl(credentialsUrl(), { method: 'DELETE', authorization })
      return { data: { token: 'too-late', url: partner.versionsUrl, roles: [own] } }
    })
    const rotated = await hub.admin('POST', `/platforms/${partner.platformId}/rotate`)
    expect([rotated.status, rotated.body.type]).toEqual([409, 'urn:ocpi-hub:problem:wrong-status'])
    expect(await statusOf(partner.platformId)).toBe('SUSPENDED')
    expect((await routes(emsp, own)).statusCode).toBe(4003)
  })

  test('with a new registration token it comes back', async () => {
    const own = party('LU', 'BAK', 'CPO')
    const partner = await join({ name: 'coming back', parties: [own] })
    await partner.unregister()
    const made = await hub.admin('POST', `/platforms/${partner.platformId}/registration`)
    await partner.register({ versionsUrl: hub.versionsUrl, token: made.body.token })
    expect((await routes(emsp, own)).statusCode).toBe(1000)
  })
})

test('PATCH of credentials: 405 that names what is allowed', async () => {
  const answer = await emsp.callUrl(credentialsUrl(), { method: 'PATCH', body: {} })
  expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, PUT, DELETE'])
})

describe('a handshake that the hub starts [credentials: Registration]', () => {
  async function connected(name: string, own: WireParty, options: Partial<PartnerOptions> = {}) {
    const partner = await start({ name, parties: [own], ...options })
    const answer = await hub.admin('POST', '/platforms', { name })
    const id: string = answer.body.id
    const given = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    const outcome = await hub.admin('POST', `/platforms/${id}/connect`, given)
    return { partner, id, outcome, given }
  }

  test('connects from a versions URL and a token the partner gave; both then reach each other', async () => {
    const own = party('FI', 'CAL', 'CPO')
    const { partner, outcome } = await connected('called', own)
    expect(outcome.status).toBe(200)
    expect(outcome.body).toMatchObject({ status: 'CONNECTED', version: '2.2.1' })
    const post = partner.requests.find(({ path, method }) => path === '/credentials' && method === 'POST')
    expect(post?.json()).toMatchObject({ url: hub.versionsUrl, roles: [{ role: 'HUB', party_id: 'HUB' }] })
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
  })

  test('a partner that answers with lists of one where objects are due connects, rotates and registers', async () => {
    const own = party('FI', 'LOO', 'CPO')
    const { partner, id, outcome } = await connected('lists of one', own, { givesListsOfOne: true })
    expect(outcome.body).toMatchObject({ status: 'CONNECTED' })
    expect((await hub.admin('POST', `/platforms/${id}/rotate`)).status).toBe(200)
    expect((await partner.rotate()).statusCode).toBe(1000)
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
  })

  test('connecting what is connected: 409', async () => {
    const { id, given } = await connected('once more', party('FI', 'ONC', 'CPO'))
    expect((await hub.admin('POST', `/platforms/${id}/connect`, given)).status).toBe(409)
  })

  test('a partner that cannot be reached or refuses: 502, nothing changes', async () => {
    const { partner, id } = await (async () => {
      const silent = await start({ name: 'silent', parties: [party('FI', 'SIL', 'CPO')] })
      return { partner: silent, id: (await hub.createPlatform({ name: 'silent' })).id }
    })()
    const connect = (token: string) =>
      hub.admin('POST', `/platforms/${id}/connect`, { versions_url: partner.versionsUrl, token })
    expect((await connect('not-the-token')).status).toBe(502)
    await partner.refuse()
    expect((await connect(partner.issueRegistrationToken())).status).toBe(502)
    expect(await statusOf(id)).toBe('PLANNED')
    await partner.listenAgain()
    expect((await connect(partner.issueRegistrationToken())).status).toBe(200)
  })

  test('a partner that announces a party of another platform: 409, nothing changes', async () => {
    const { id, outcome } = await connected('taker', party('nl', 'cpo', 'CPO'))
    expect(outcome.status).toBe(409)
    expect((await hub.admin('GET', `/platforms/${id}`)).body).toMatchObject({ status: 'PLANNED', parties: [] })
    expect((await routes(emsp, CPO)).statusCode).toBe(1000)
  })

  test('the token that the partner is given opens only versions and credentials until it has answered', async () => {
    const partner = await start({ name: 'hasty', parties: [party('FI', 'HAS', 'CPO')] })
    const { id } = await hub.createPlatform({ name: 'hasty' })
    const statuses: number[] = []
    partner.onRequest(async (request): Promise<'pass'> => {
      if (request.method !== 'POST') return 'pass'
      const { token } = request.json() as { token: string }
      const authorization = authorizationOf(token)
      for (const path of ['/ocpi/versions', '/ocpi/2.2.1', '/ocpi/2.2.1/sender/tokens'])
        statuses.push((await emsp.callUrl(hub.url + path, { authorization })).status)
      return 'pass'
    })
    const given = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    expect((await hub.admin('POST', `/platforms/${id}/connect`, given)).status).toBe(200)
    expect(statuses).toEqual([200, 200, 401])
  })

  test('a partner that uses the new token in the moment it has answered is let in, not told that the token is unknown', async () => {
    const own = party('FI', 'EAG', 'CPO')
    const partner = await start({ name: 'eager', parties: [own] })
    const used: Promise<CallAnswer>[] = []
    partner.onRequest((request, response) => {
      const isAsked = request.path === '/credentials'
      if (isAsked)
        response.once('finish', () => {
          used.push(partner.call('tokens', 'SENDER', { to: EMSP, from: own }), partner.call('hubclientinfo', 'SENDER'))
        })
      return 'pass'
    })
    const { id } = await hub.createPlatform({ name: 'eager' })
    const given = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    expect((await hub.admin('POST', `/platforms/${id}/connect`, given)).status).toBe(200)
    expect((await hub.admin('POST', `/platforms/${id}/rotate`)).status).toBe(200)
    expect((await Promise.all(used)).map(({ status, statusCode }) => [status, statusCode])).toEqual(
      Array(4).fill([200, 1000]),
    )
  })

  test.each(['started', 'accepted'])('rotates a connection it %s', async (how) => {
    const own = party('FI', how === 'started' ? 'RO1' : 'RO2', 'CPO')
    const { partner, id } =
      how === 'started'
        ? await connected('rotated', own)
        : await join({ name: 'rotated', parties: [own] }).then((joined) => ({ partner: joined, id: joined.platformId }))
    const [oldAtHub, oldForHub] = [partner.tokenAtHub(), partner.tokenForHub()]
    const rotated = await hub.admin('POST', `/platforms/${id}/rotate`)
    expect(rotated.status).toBe(200)
    expect(partner.tokenAtHub()).not.toBe(oldAtHub)
    expect(partner.tokenForHub()).not.toBe(oldForHub)
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect(partner.requests.at(-1)?.header('authorization')).toBe(authorizationOf(partner.tokenForHub()))
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
    const withOld = await partner.call('tokens', 'SENDER', { to: EMSP, authorization: authorizationOf(oldAtHub) })
    expect(withOld.statusCode).toBe(1000)
  })

  test('two rotations asked for at once: one is done, the other gets 409, and both sides have the same tokens', async () => {
    const own = party('FI', 'ROD', 'CPO')
    const { partner, id } = await connected('rotated twice', own)
    const rotations = await Promise.all([1, 2].map(() => hub.admin('POST', `/platforms/${id}/rotate`)))
    expect(rotations.map(({ status }) => String(status)).sort()).toEqual(['200', '409'])
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
  })

  test('a rotation that fails leaves the connection as it was', async () => {
    const own = party('FI', 'ROF', 'CPO')
    const { partner, id } = await connected('rotation fails', own)
    const undo = partner.onRequest(({ method }) =>
      method === 'PUT' ? { status: 500, isBare: true, body: '' } : 'pass',
    )
    expect((await hub.admin('POST', `/platforms/${id}/rotate`)).status).toBe(502)
    undo()
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
  })

  /** Lets nothing of an answer to the hub's PUT through. */
  function losingAnswers(partner: Partner): () => void {
    return partner.onRaw((incoming, response) => {
      if (incoming.method === 'PUT') response.end = () => response.destroy()
      return false
    })
  }

  /** Its tokens in order of age, with the milliseconds each has left. */
  const expiryOf = (platformId: string) =>
    query(
      (sql) => sql<{ kind: string; left: number | null }[]>`
        select kind, (expires_at - extract(epoch from now()) * 1000)::float8 as left from credentials_tokens
        where platform_id = ${platformId} and kind <> 'registration' order by created_at`,
    )

  test('a rotation that the partner took and whose answer is lost: both tokens open the hub until the new one is used', async () => {
    const own = party('FI', 'LAN', 'CPO')
    const { partner, id } = await connected('answer lost', own)
    const old = authorizationOf(partner.tokenAtHub())
    const undo = losingAnswers(partner)
    const rotated = await hub.admin('POST', `/platforms/${id}/rotate`)
    undo()
    expect([rotated.status, rotated.body.type]).toEqual([502, 'urn:ocpi-hub:problem:answer-lost'])
    expect(authorizationOf(partner.tokenAtHub())).not.toBe(old)
    const ask = (authorization?: string) =>
      partner.call('tokens', 'SENDER', { to: EMSP, ...(authorization && { authorization }) })
    expect((await ask(old)).statusCode).toBe(1000)
    expect((await expiryOf(id))[0]?.left).toBe(null)
    expect((await ask()).statusCode).toBe(1000)
    await expect.poll(async () => (await expiryOf(id))[0]?.left ?? 1e9).toBeLessThanOrEqual(60_000)
    expect((await expiryOf(id))[1]).toEqual({ kind: 'access', left: null })
    expect((await ask(old)).statusCode).toBe(1000)

    // It has a new token for the hub too, which the hub never learnt.
    expect((await routes(emsp, own)).statusCode).toBe(4003)
    expect((await partner.rotate()).statusCode).toBe(1000)
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect((await ask()).statusCode).toBe(1000)
  })

  test('a rotation that never reached the partner: its token stays good without end', async () => {
    const own = party('FI', 'LNR', 'CPO')
    const { partner, id } = await connected('request lost', own)
    const undo = partner.onRaw((incoming) => {
      if (incoming.method === 'PUT') incoming.socket.destroy()
      return incoming.method === 'PUT'
    })
    expect((await hub.admin('POST', `/platforms/${id}/rotate`)).body.type).toBe('urn:ocpi-hub:problem:answer-lost')
    undo()
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect((await expiryOf(id))[0]).toEqual({ kind: 'access', left: null })
    expect((await hub.admin('POST', `/platforms/${id}/rotate`)).status).toBe(200)
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
  })

  test('a rotation in which the partner announces a party of another: 409, its roles stay, both new tokens hold', async () => {
    const parties = [party('FI', 'ROG', 'CPO')]
    const partner = await start({ name: 'greedy', parties })
    const { id } = await hub.createPlatform({ name: 'greedy' })
    const given = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    expect((await hub.admin('POST', `/platforms/${id}/connect`, given)).status).toBe(200)
    parties.push(party('nl', 'cpo', 'CPO'))
    const rotated = await hub.admin('POST', `/platforms/${id}/rotate`)
    expect([rotated.status, rotated.body.type]).toEqual([409, 'urn:ocpi-hub:problem:party-taken'])
    expect((await routes(emsp, party('FI', 'ROG', 'CPO'))).statusCode).toBe(1000)
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
    expect((await hub.admin('GET', `/platforms/${id}`)).body.parties).toHaveLength(1)
    cpo.requests.length = 0
    expect((await routes(emsp, CPO)).statusCode).toBe(1000)
    expect(cpo.requests).toHaveLength(1)
  })

  test('a rotation whose answer holds a good token and roles that make no sense: the tokens hold, the roles stay', async () => {
    const own = party('FI', 'ROU', 'CPO')
    const parties = [own]
    const partner = await start({ name: 'unusable', parties })
    const { id } = await hub.createPlatform({ name: 'unusable' })
    const given = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    expect((await hub.admin('POST', `/platforms/${id}/connect`, given)).status).toBe(200)
    parties.splice(0, 1, party('FIN', 'ROU', 'CPO'))
    const rotated = await hub.admin('POST', `/platforms/${id}/rotate`)
    expect([rotated.status, rotated.body.type]).toEqual([502, 'urn:ocpi-hub:problem:roles-unusable'])
    expect(rotated.body.detail).toContain('roles[0].country_code')
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect(partner.requests.at(-1)?.header('authorization')).toBe(authorizationOf(partner.tokenForHub()))
    expect((await partner.call('tokens', 'SENDER', { to: EMSP, from: own })).statusCode).toBe(1000)
  })

  test.each(['started', 'accepted'])('ends a connection it %s: the partner is told, tokens die', async (how) => {
    const own = party('FI', how === 'started' ? 'EN1' : 'EN2', 'CPO')
    const { partner, id } =
      how === 'started'
        ? await connected('ended', own)
        : await join({ name: 'ended', parties: [own] }).then((joined) => ({ partner: joined, id: joined.platformId }))
    const authorization = authorizationOf(partner.tokenAtHub())
    const ended = await hub.admin('POST', `/platforms/${id}/disconnect`)
    expect([ended.status, ended.body.status]).toEqual([200, 'SUSPENDED'])
    expect(partner.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/credentials' })
    expect((await partner.callUrl(hub.versionsUrl, { authorization })).status).toBe(401)
    expect((await routes(emsp, own)).statusCode).toBe(4003)
  })
})

describe('an administrator', () => {
  test('suspends a platform: nothing reaches it, it reaches nobody, its credentials stay; and resumes it', async () => {
    const own = party('IT', 'SUS', 'CPO')
    const partner = await join({ name: 'suspended', parties: [own] })
    expect((await hub.admin('POST', `/platforms/${partner.platformId}/suspend`)).body.status).toBe('SUSPENDED')
    partner.requests.length = 0
    emsp.requests.length = 0
    expect((await routes(emsp, own)).statusCode).toBe(4003)
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(4003)
    expect([partner.requests, emsp.requests]).toEqual([[], []])
    expect((await partner.callUrl(credentialsUrl())).statusCode).toBe(1000)
    expect((await partner.rotate()).statusCode).toBe(1000)
    expect(await statusOf(partner.platformId)).toBe('SUSPENDED')
    const others = await partner.call('hubclientinfo', 'SENDER')
    expect(others.statusCode).toBe(1000)
    expect(others.data).toContainEqual(expect.objectContaining({ party_id: 'CPO', status: 'CONNECTED' }))
    const push = { method: 'PUT', path: '/IT/SUS/L1', to: HUB, body: { id: 'L1' } }
    expect((await partner.call('locations', 'RECEIVER', push)).statusCode).toBe(4003)
    expect((await partner.call('tokens', 'SENDER', { to: HUB })).statusCode).toBe(4003)
    expect((await hub.admin('POST', `/platforms/${partner.platformId}/rotate`)).status).toBe(409)

    expect((await hub.admin('POST', `/platforms/${partner.platformId}/resume`)).body.status).toBe('CONNECTED')
    expect((await routes(emsp, own)).statusCode).toBe(1000)
    expect((await partner.call('tokens', 'SENDER', { to: EMSP })).statusCode).toBe(1000)
  })

  test("moves a party: from then on it is called at the new platform, with that platform's token", async () => {
    const moving = party('IT', 'MOV', 'CPO')
    const old = await join({ name: 'old home', parties: [moving, party('IT', 'OLD', 'CPO')] })
    const next = await join({ name: 'new home', parties: [party('IT', 'NXT', 'CPO')] })
    expect((await routes(emsp, moving)).statusCode).toBe(1000)
    const moved = await hub.admin('POST', '/parties/it/mov/move', { platform_id: next.platformId })
    expect(moved.status).toBe(200)
    old.requests.length = 0
    expect((await routes(emsp, moving)).statusCode).toBe(1000)
    expect(old.requests).toEqual([])
    expect(next.requests.at(-1)?.header('authorization')).toBe(authorizationOf(next.tokenForHub()))
    expect((await next.call('tokens', 'SENDER', { to: EMSP, from: moving })).statusCode).toBe(1000)
    expect((await old.call('tokens', 'SENDER', { to: EMSP, from: moving })).statusCode).toBe(2001)
    expect((await old.rotate()).statusCode).toBe(2001)
  })
})

test('all of it survives a restart of the hub', async () => {
  const again = await startTestHub({}, { databaseUrl: hub.databaseUrl })
  try {
    const url = `${again.url}/ocpi/2.2.1/sender/locations`
    cpo.requests.length = 0
    const answer = await emsp.callUrl(url, { to: CPO, from: EMSP })
    expect(answer.statusCode).toBe(1000)
    expect(cpo.requests.at(-1)?.header('authorization')).toBe(authorizationOf(cpo.tokenForHub()))
    const { id, token } = await hub.createPlatform({ name: 'across restarts' })
    const partner = await start({ name: 'across', parties: [party('IT', 'ACR')] })
    await expect
      .poll(async () => (await partner.callUrl(again.versionsUrl, { authorization: authorizationOf(token) })).status)
      .toBe(200)
    await partner.register({ versionsUrl: again.versionsUrl, token })
    await expect.poll(async () => (await partner.callUrl(hub.versionsUrl)).status).toBe(200)
    expect(await statusOf(id)).toBe('CONNECTED')
  } finally {
    await again.close()
  }
})
