// How did this handshake go? What administrators are told of attempts to register and to connect.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import postgres from 'postgres'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ADVICE_KEYS } from '../../src/hub/administration/handshake-advice.ts'
import { AUTHORITY, ELSEWHERE, EXPIRED, KEY } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { closeAtOnce, hang, html, redirect, unknownToken } from '../support/misbehave.ts'
import { onNode } from '../support/only.ts'
import { type Partner, type PartnerOptions, startPartner } from '../support/partner.ts'
import type { Handler } from '../support/partner-server.ts'
import { until } from '../support/until.ts'

type Call = {
  readonly step: number | null
  readonly direction: string
  readonly method: string
  readonly url: string
  readonly http_status: number
  readonly correlation_id: string | null
}

type Handshake = {
  readonly id: string
  readonly led_by: string
  readonly started_by: string
  readonly outcome: string
  readonly step: number | null
  readonly why: { readonly key: string; readonly title: string; readonly advice: string } | null
  readonly calls: readonly Call[]
}

const BASE64 = (token: string) => `Token ${Buffer.from(token).toString('base64')}`

let hub: TestHub
let sql: postgres.Sql
let names = 0
const open: { close: () => unknown }[] = []

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '0' })
  sql = postgres(hub.databaseUrl, { onnotice: () => {} })
})
afterAll(async () => {
  await sql.end()
  await hub.close()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

/** A party that nobody else here has. */
function newParty() {
  const party_id = (++names).toString(36).toUpperCase().padStart(3, 'A')
  return { country_code: 'NL', party_id, role: 'CPO' } as const
}

async function newPartner(options: Partial<PartnerOptions> = {}): Promise<Partner> {
  const partner = await startPartner({ name: 'newcomer', parties: [newParty()], ...options })
  open.push(partner)
  return partner
}

/** The newest attempt of a platform, once it has come to something. */
async function attemptOf(
  platformId: string,
  isIt: (attempt: Handshake) => boolean = (one) => one.outcome !== 'under-way',
) {
  let newest: Handshake | undefined
  await until(async () => {
    newest = ((await hub.admin('GET', `/handshakes?platform=${platformId}`)).body as Handshake[])[0]
    return newest !== undefined && isIt(newest)
  }, `Expected a handshake of ${platformId}`)
  return newest as Handshake
}

const steps = ({ calls }: Handshake) => calls.map(({ step, direction, method }) => `${step} ${direction} ${method}`)

describe('how did this handshake go', () => {
  test('one that the partner leads: five calls in both directions, and that it went well', async () => {
    const partner = await newPartner()
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    const attempt = await attemptOf(id)
    expect(attempt).toMatchObject({
      led_by: 'partner',
      started_by: 'partner',
      outcome: 'registered',
      step: 5,
      why: null,
    })
    expect(steps(attempt)).toEqual(['1 in GET', '2 in GET', '3 in POST', '4 out GET', '5 out GET'])
    expect(attempt.calls[3]).toMatchObject({ url: partner.versionsUrl, http_status: 200, ocpi_status: 1000 })
    expect((await hub.admin('GET', `/handshakes/${attempt.id}`)).body).toEqual(attempt)
    // Each call leads to its messages.
    const its = `/messages?correlation_id=${attempt.calls[3]?.correlation_id}`
    await until(async () => (await hub.admin('GET', its)).body.length > 0)
  })

  test('one that the hub leads: the same, mirrored, and who asked for it', async () => {
    const partner = await newPartner()
    const { id } = await hub.createPlatform({ name: 'newcomer' })
    const body = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    expect((await hub.admin('POST', `/platforms/${id}/connect`, body)).status).toBe(200)
    const attempt = await attemptOf(id)
    expect(attempt).toMatchObject({ led_by: 'hub', started_by: 'owner', outcome: 'registered', step: 5, why: null })
    expect(steps(attempt)).toEqual(['1 out GET', '2 out GET', '3 out POST', '4 in GET', '5 in GET'])
  })

  test('a rotation of either side is an attempt of its own', async () => {
    const partner = await newPartner()
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    expect((await partner.rotate()).statusCode).toBe(1000)
    expect((await hub.admin('POST', `/platforms/${id}/rotate`)).status).toBe(200)
    await attemptOf(id, ({ led_by, outcome }) => led_by === 'hub' && outcome !== 'under-way')
    const list = (await hub.admin('GET', `/handshakes?platform=${id}`)).body as Handshake[]
    expect(list.map(({ led_by, outcome }) => `${led_by} ${outcome}`)).toEqual([
      'hub registered',
      'partner registered',
      'partner registered',
    ])
  })

  test('calls within ten minutes are one attempt, until it succeeds', async () => {
    const partner = await newPartner()
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    const back = partner.onRequest(html(502))
    await partner.tryRegister({ versionsUrl: hub.versionsUrl, token })
    back()
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    const attempt = await attemptOf(id, ({ outcome }) => outcome === 'registered')
    expect(steps(attempt).filter((step) => step === '3 in POST')).toHaveLength(2)
    expect((await hub.admin('GET', `/handshakes?platform=${id}`)).body).toHaveLength(1)
  })

  test('a connected partner that reads versions now and then makes none', async () => {
    const partner = await newPartner()
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    for (let i = 0; i < 3; i++) await partner.callUrl(hub.versionsUrl)
    const list = (await hub.admin('GET', `/handshakes?platform=${id}`)).body as Handshake[]
    expect(list).toHaveLength(1)
    expect(list[0]?.calls).toHaveLength(5)
  })

  test('each call and the end of each are events', async () => {
    const partner = await newPartner({ versions: ['2.0'] })
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await post(partner, token)
    const { id: attempt } = await attemptOf(id)
    const found = () =>
      sql`select kind, data from events where platform_id = ${id} and kind like 'handshake.%' order by number`
    await until(async () => (await found()).some(({ kind }) => kind === 'handshake.ended'))
    expect((await found()).map(({ kind, data }) => [kind, data.step])).toEqual([
      ['handshake.call', 3],
      ['handshake.call', 4],
      ['handshake.ended', 4],
    ])
    expect((await found()).at(-1)?.['data']).toEqual({ attempt, outcome: 'refused', step: 4, key: 'no-version' })
  })

  test('an unknown one is a problem that says so', async () => {
    const answer = await hub.admin('GET', '/handshakes/00000000-0000-4000-8000-000000000000')
    expect(answer).toMatchObject({ status: 404, body: { type: 'urn:ocpi-hub:problem:unknown-handshake' } })
  })
})

type Roles = { country_code: string; party_id: string; role: string }[]

/** POSTs credentials at the hub, with what differs from good ones. */
async function post(
  partner: Partner,
  token: string,
  differs: { url?: string; roles?: Roles; body?: string } = {},
  at = hub,
) {
  const { url = partner.versionsUrl, roles = [...partner.parties], body } = differs
  const given = {
    token: partner.issueRegistrationToken(),
    url,
    roles: roles.map((role) => ({ ...role, business_details: { name: 'x' } })),
  }
  const answer = await request(`${at.url}/ocpi/2.2.1/credentials`, {
    method: 'POST',
    headers: { authorization: BASE64(token), 'content-type': 'application/json' },
    body: body ?? JSON.stringify(given),
  })
  return { status: answer.statusCode, text: await answer.body.text() }
}

/** Answers version details with these endpoints. */
function detailsOf(endpoints: (origin: string) => object[]): (partner: Partner) => void {
  return (partner) =>
    void partner.onRequest(({ path }) =>
      path.startsWith('/v/') ? { data: { version: '2.2.1', endpoints: endpoints(partner.origin) } } : 'pass',
    )
}

const always = (handler: Handler) => (partner: Partner) => void partner.onRequest(handler)

describe('a partner that fails is told why, with what helps', () => {
  test.each<
    [
      key: string,
      outcome: string,
      how: string,
      options: Partial<PartnerOptions>,
      misbehave: (partner: Partner) => unknown,
    ]
  >([
    ['their-401', 'refused', 'refuses every token', {}, always(unknownToken())],
    ['their-404', 'refused', 'has nothing at its URL', {}, always(() => ({ status: 404, statusCode: 2000 }))],
    ['their-no-envelope', 'refused', 'answers with a page of its proxy', {}, always(html(502))],
    ['their-status', 'refused', 'says 3000', {}, always(() => ({ statusCode: 3000, statusMessage: 'not today' }))],
    ['their-data', 'refused', 'answers its versions as an object', {}, always(() => ({ data: {} }))],
    ['redirect', 'refused', 'redirects', {}, always(redirect(302, '/elsewhere'))],
    ['no-answer', 'unreachable', 'closes the connection', {}, always(closeAtOnce())],
    ['refused', 'unreachable', 'does not listen', {}, (partner) => partner.refuse()],
    ['no-version', 'refused', 'offers 2.0 alone', { versions: ['2.0'] }, () => undefined],
    ['no-endpoint', 'refused', 'offers no module', { modules: [] }, () => undefined],
    [
      'endpoint-role',
      'refused',
      'leaves out the role of its endpoints',
      {},
      detailsOf((origin) => [
        { identifier: 'credentials', url: `${origin}/credentials` },
        { identifier: 'locations', url: `${origin}/locations` },
      ]),
    ],
    [
      'endpoint-url',
      'refused',
      'lists an endpoint that is the hub’s own',
      {},
      detailsOf(() => [{ identifier: 'locations', role: 'SENDER', url: `${hub.url}/ocpi/2.2.1/sender/locations` }]),
    ],
    ['timeout', 'unreachable', 'never answers', {}, always(hang())],
  ])('%s (%s): it %s', async (key, outcome, _how, options, misbehave) => {
    const partner = await newPartner(options)
    await misbehave(partner)
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await post(partner, token)
    expectAdvice(await attemptOf(id), key, outcome)
    // The hub that leads comes to the same.
    const body = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    if (key !== 'timeout') {
      expect((await hub.admin('POST', `/platforms/${id}/connect`, body)).status).toBeGreaterThan(400)
      expectAdvice(await attemptOf(id, ({ led_by }) => led_by === 'hub'), key, outcome)
    }
  })

  test.each<[key: string, how: string, differs: (partner: Partner) => Parameters<typeof post>[2]]>([
    ['not-json', 'sends no JSON', () => ({ body: '{"token": ' })],
    [
      'field',
      'sends a party of five letters',
      () => ({ roles: [{ country_code: 'NL', party_id: 'FIVES', role: 'CPO' }] }),
    ],
    [
      'role-unknown',
      'sends the role HUB alone',
      () => ({ roles: [{ country_code: 'NL', party_id: 'XHB', role: 'HUB' }] }),
    ],
    [
      'party-is-hub',
      'sends the party of the hub',
      () => ({ roles: [{ country_code: 'NL', party_id: 'HUB', role: 'CPO' }] }),
    ],
    ['url-hub', 'sends the URL of the hub', () => ({ url: hub.versionsUrl })],
    ['url-unusable', 'sends a URL with a password', () => ({ url: 'http://user:password@127.0.0.1/versions' })],
    ['dns', 'sends a name that leads nowhere', () => ({ url: 'http://nowhere.invalid/versions' })],
  ])('%s: it %s', async (key, _how, differs) => {
    const partner = await newPartner()
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await post(partner, token, differs(partner))
    expectAdvice(await attemptOf(id), key)
  })

  test('what is kept of its URL holds neither a password nor the key in a query', async () => {
    const partner = await newPartner()
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await post(partner, token, { url: 'http://user:s3cret-word@127.0.0.1/versions' })
    await attemptOf(id)
    await partner.refuse()
    const given = { versions_url: `${partner.versionsUrl}?key=s3cret-word`, token: 'token-of-theirs' }
    expect((await hub.admin('POST', `/platforms/${id}/connect`, given)).status).toBe(502)
    await attemptOf(id, ({ led_by }) => led_by === 'hub')
    const events = () => hub.admin('GET', `/events?platform=${id}`)
    await until(async () => JSON.stringify((await events()).body).includes('"outcome":"unreachable"'))
    for (const path of ['handshakes', 'events', 'audit'])
      expect(JSON.stringify((await hub.admin('GET', `/${path}?platform=${id}`)).body), path).not.toContain(
        's3cret-word',
      )
  })

  test('party-taken: it brings a party of another platform', async () => {
    const party = newParty()
    await hub.join({ name: 'holder', parties: [party] })
    const partner = await newPartner({ parties: [party] })
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await post(partner, token)
    expectAdvice(await attemptOf(id), 'party-taken', 'refused')
  })

  test('party-not-expected: it is registered, and a role that nobody announced waits', async () => {
    const partner = await newPartner()
    const [{ country_code, party_id }] = partner.parties as [ReturnType<typeof newParty>]
    const rule = { a: { country_code, party_id }, b: { country_code: 'DE', party_id: 'EMS' }, effect: 'allow' }
    expect((await hub.admin('POST', '/agreements', rule)).status).toBe(201)
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await post(partner, token)
    expectAdvice(await attemptOf(id), 'party-not-expected', 'registered')
  })

  test('roles-many: it brings more roles than it may have', async () => {
    const partner = await newPartner({ parties: [newParty(), newParty()] })
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await hub.admin('PATCH', `/platforms/${id}`, { most_roles: 1 })
    await post(partner, token)
    expectAdvice(await attemptOf(id), 'roles-many', 'refused')
  })

  test('too-many: it begins five handshakes at once', async () => {
    const partner = await newPartner()
    partner.onRequest(hang())
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    const pending = [1, 2, 3, 4].map(() => post(partner, token))
    await until(() => partner.requests.length === 4)
    expect((await post(partner, token)).status).toBe(429)
    expectAdvice(await attemptOf(id), 'too-many', 'refused')
    await partner.refuse()
    await Promise.all(pending)
  })

  test('answer-lost: it takes the credentials of the hub and goes away', async () => {
    const partner = await newPartner()
    partner.onRequest((...asked) => (asked[0].method === 'POST' ? closeAtOnce()(...asked) : 'pass'))
    const { id } = await hub.createPlatform({ name: 'newcomer' })
    const body = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    expect((await hub.admin('POST', `/platforms/${id}/connect`, body)).status).toBe(502)
    expectAdvice(await attemptOf(id), 'answer-lost', 'answer-lost')
  })

  test('abandoned: it reads the versions and is not heard of again', async () => {
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await (await request(hub.versionsUrl, { headers: { authorization: BASE64(token) } })).body.dump()
    await attemptOf(id, ({ outcome }) => outcome === 'under-way')
    await sql`update handshake_attempts set last_at = last_at - 3600000 where platform_id = ${id}`
    expectAdvice(await attemptOf(id), 'abandoned', 'abandoned')
  })

  test('token-expired: it comes when its registration token has ended', async () => {
    const { id, token } = await hub.createPlatform({ name: 'newcomer' })
    await sql`update credentials_tokens set expires_at = 1 where platform_id = ${id}`
    await hub.admin('PATCH', `/platforms/${id}`, { name: 'late' })
    await (await request(hub.versionsUrl, { headers: { authorization: BASE64(token) } })).body.dump()
    expectAdvice(await attemptOf(id), 'token-expired', 'refused')
  })

  test('url-http and url-private: a hub of the open Internet calls nothing else', async () => {
    const strict = await startTestHub({ ALLOW_PRIVATE_NETWORKS: 'false' })
    open.push(strict)
    for (const [key, url] of [
      ['url-http', 'http://partner.example/versions'],
      ['url-private', 'https://10.0.0.1/versions'],
    ] as const) {
      const partner = await newPartner()
      const { id, token } = await strict.createPlatform({ name: 'newcomer' })
      await post(partner, token, { url }, strict)
      await until(async () => {
        const [attempt] = (await strict.admin('GET', `/handshakes?platform=${id}`)).body as Handshake[]
        return attempt?.why?.key === key && attempt.outcome === 'unreachable'
      }, `Expected ${key}`)
    }
  })
})

describe.runIf(onNode('Advice on handshakes'))('a partner whose TLS is wrong is told how to see it', () => {
  const before = getCACertificates('default')
  beforeEach(() => setDefaultCACertificates([...before, AUTHORITY]))
  afterEach(() => setDefaultCACertificates(before))

  test.each<[key: string, how: string, certificate: string, trusts: boolean]>([
    ['tls-expired', 'has expired', EXPIRED, true],
    ['tls-name', 'is for another name', ELSEWHERE, true],
    ['tls-chain', 'is by an authority that nobody knows', ELSEWHERE, false],
  ])('%s: its certificate %s', async (key, _how, cert, trusts) => {
    if (!trusts) setDefaultCACertificates(before)
    const server = createTlsServer({ cert, key: KEY }, (_, response) => void response.end())
    open.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await expectOfUrl(`https://127.0.0.1:${(server.address() as AddressInfo).port}/versions`, key)
  })

  test('tls-version: it speaks plain HTTP where https is announced', async () => {
    const server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    open.push(server)
    const port = await freePort()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    await expectOfUrl(`https://127.0.0.1:${port}/versions`, 'tls-version')
  })

  async function expectOfUrl(url: string, key: string): Promise<void> {
    const { id } = await hub.createPlatform({ name: 'newcomer' })
    const body = { versions_url: url, token: 'their-token' }
    expect((await hub.admin('POST', `/platforms/${id}/connect`, body)).status).toBe(502)
    const attempt = await attemptOf(id)
    expectAdvice(attempt, key, 'unreachable')
    expect(attempt.why?.advice).toContain(`openssl s_client -connect ${new URL(url).host}`)
  }
})

/** What Workers cannot tell from other ways not to be reached. */
const ON_NODE_ALONE: readonly string[] = ['refused', 'dns']

function expectAdvice(attempt: Handshake, key: string, outcome?: string): void {
  const isTold = onNode('Advice on handshakes') || !ON_NODE_ALONE.includes(key)
  expect(attempt.why?.key, JSON.stringify(attempt)).toBe(isTold ? key : 'no-answer')
  if (outcome) expect(attempt.outcome).toBe(outcome)
  // Each placeholder of its texts has a value.
  expect(`${attempt.why?.title} ${attempt.why?.advice}`).not.toMatch(/[{}]|\bunknown\b/)
}

test('each advice that there is, is reached here or by a refused call', () => {
  const here = ['handshakes', 'refused-calls'].map((name) =>
    readFileSync(new URL(`./${name}.test.ts`, import.meta.url), 'utf8'),
  )
  const missing = ADVICE_KEYS.filter(
    (key) => !here.some((text) => text.includes(`'${key}'`) || text.includes(`'${key}:`)),
  )
  expect(missing).toEqual([])
})
