// Rules: Who is calling [transport_and_format: Authorization header].
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, startPartner } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const STRICT = { country_code: 'FR', party_id: 'STR', role: 'EMSP' } as const

let hub: TestHub
let cpo: Partner
let emsp: Partner
let strict: Partner

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '0' })
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  strict = await hub.join({ name: 'strict', parties: [STRICT] }, { strict_authorization: true })
})
afterAll(() => hub.close())

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function expectRefusedLogin(answer: CallAnswer): void {
  expect(answer.status).toBe(401)
  expect(answer.header('content-type')).toMatch(/^application\/json/)
  expect(answer.envelope).toMatchObject({ status_code: 2000, status_message: expect.any(String) })
  expect(answer.envelope?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  expect(answer.envelope).not.toHaveProperty('data')
}

const EVERYWHERE = [
  '/ocpi/versions',
  '/ocpi/2.2.1',
  '/ocpi/2.2.1/credentials',
  '/ocpi/2.2.1/sender/locations',
  '/ocpi/2.2.1/receiver/commands/START_SESSION',
  '/ocpi/via/abcdefghijklmnopqrstuv',
  '/ocpi/2.2.1/no-such-thing',
]

describe('a request without a good token [Authorization header]', () => {
  const bad: [string, string | null][] = [
    ['none at all', null],
    ['an empty one', ''],
    ['the scheme alone', 'Token'],
    ['the scheme and nothing behind it', 'Token '],
    ['another scheme', 'Bearer abc'],
    ['Basic', `Basic ${base64('user:password')}`],
    ['an unknown token in base64', `Token ${base64('A'.repeat(43))}`],
    ['an unknown token raw', `Token ${'A'.repeat(43)}`],
    ['what is no base64', 'Token *** ==='],
    ['bytes beyond ASCII', 'Token \u00e9\u00e9\u00e9'],
    ['a very long one', `Token ${'A'.repeat(8000)}`],
    ['a token twice encoded', `Token ${base64(base64('A'.repeat(43)))}`],
  ]
  test.each(bad)('%s: 401 with an envelope, never 400, 403 or 500', async (_, authorization) => {
    for (const path of EVERYWHERE) expectRefusedLogin(await emsp.callUrl(hub.url + path, { authorization }))
  })

  test('keeps the message IDs of the caller on a 401 [Unique message IDs]', async () => {
    const answer = await emsp.callUrl(`${hub.url}/ocpi/versions`, {
      authorization: null,
      requestId: 'req-1',
      correlationId: 'cor-1',
    })
    expect(answer.header('x-request-id')).toBe('req-1')
    expect(answer.header('x-correlation-id')).toBe('cor-1')
  })

  test('makes message IDs on a 401 where the caller gave none', async () => {
    const answer = await emsp.callUrl(`${hub.url}/ocpi/versions`, {
      authorization: null,
      requestId: null,
      correlationId: null,
    })
    expect(answer.header('x-request-id')).toMatch(/./)
    expect(answer.header('x-correlation-id')).toMatch(/./)
  })

  test("a good token with one letter's case changed is unknown", async () => {
    const token = emsp.tokenAtHub() as string
    const at = token.search(/[a-z]/)
    const changed = token.slice(0, at) + (token[at] as string).toUpperCase() + token.slice(at + 1)
    expectRefusedLogin(await emsp.callUrl(`${hub.url}/ocpi/versions`, { authorization: `Token ${base64(changed)}` }))
  })
})

describe('spellings of a good token [Authorization header]', () => {
  const spellings: [string, (token: string) => string][] = [
    ['as the specification writes it', (token) => `Token ${base64(token)}`],
    ['with a line feed encoded at its end', (token) => `Token ${base64(`${token}\n`)}`],
    ['raw', (token) => `Token ${token}`],
    ['raw and without scheme', (token) => token],
    ['in base64 without scheme', (token) => base64(token)],
    ['without padding', (token) => `Token ${base64(token).replace(/=+$/, '')}`],
    ['in the URL alphabet', (token) => `Token ${Buffer.from(token).toString('base64url')}`],
    ['with a small scheme', (token) => `token ${base64(token)}`],
    ['with a loud scheme', (token) => `TOKEN ${token}`],
    ['with two spaces', (token) => `Token  ${base64(token)}`],
  ]
  const STRICT_TAKES = new Set(['as the specification writes it', 'with a line feed encoded at its end'])

  test.each(spellings)('%s: accepted by default', async (_, spell) => {
    const authorization = spell(emsp.tokenAtHub() as string)
    expect((await emsp.callUrl(hub.versionsUrl, { authorization })).statusCode).toBe(1000)
    const routed = await emsp.call('locations', 'SENDER', { to: CPO, authorization })
    expect(routed.statusCode).toBe(1000)
  })

  test.each(spellings)('%s: a strict platform must write as the specification does', async (name, spell) => {
    const authorization = spell(strict.tokenAtHub() as string)
    const answers = [
      await strict.callUrl(hub.versionsUrl, { authorization }),
      await strict.call('locations', 'SENDER', { to: CPO, authorization }),
    ]
    for (const answer of answers) {
      if (STRICT_TAKES.has(name)) expect(answer.statusCode).toBe(1000)
      else expectRefusedLogin(answer)
    }
  })

  test('an administrator makes a platform strict, and lenient again, at once', async () => {
    const platform = await hub.join({ name: 'lax', parties: [{ country_code: 'ES', party_id: 'LAX', role: 'EMSP' }] })
    const authorization = `Token ${platform.tokenAtHub()}`
    const statuses: number[] = []
    for (const strict_authorization of [true, false]) {
      const changed = await hub.admin('PATCH', `/platforms/${platform.platformId}`, { strict_authorization })
      expect(changed.status).toBe(200)
      statuses.push((await platform.callUrl(hub.versionsUrl, { authorization })).status)
    }
    expect(statuses).toEqual([401, 200])
  })
})

describe('the registration token [Authorization header; credentials: Registration]', () => {
  test('opens versions, version details and credentials and nothing else', async () => {
    const { token } = await hub.createPlatform({ name: 'new' })
    const authorization = `Token ${base64(token)}`
    const call = (path: string, method = 'GET') => emsp.callUrl(hub.url + path, { method, authorization })
    expect((await call('/ocpi/versions')).statusCode).toBe(1000)
    expect((await call('/ocpi/2.2.1')).statusCode).toBe(1000)
    expect((await call('/ocpi/2.2.1/credentials')).statusCode).toBe(1000)
    expectRefusedLogin(await call('/ocpi/2.2.1/hubclientinfo'))
    expectRefusedLogin(await call('/ocpi/2.2.1/sender/locations'))
    expectRefusedLogin(await call('/ocpi/2.2.1/receiver/tokens/NL/CPO/1', 'PUT'))
    expectRefusedLogin(await call('/ocpi/via/abcdefghijklmnopqrstuv'))
    // As to everybody else: it cannot be told of a login that would be good there.
    const nothing = await call('/ocpi/2.2.1/no-such-thing')
    const toOthers = await emsp.callUrl(`${hub.url}/ocpi/2.2.1/no-such-thing`)
    expect([nothing.status, nothing.statusCode]).toEqual([404, 2000])
    expect(nothing.envelope?.status_message).toBe(toOthers.envelope?.status_message)
  })

  test('is used once: dead after a successful registration', async () => {
    const { token } = await hub.createPlatform({ name: 'once' })
    const partner = await startPartner({
      name: 'once',
      parties: [{ country_code: 'AT', party_id: 'ONE', role: 'EMSP' }],
    })
    try {
      await partner.register({ versionsUrl: hub.versionsUrl, token })
      expectRefusedLogin(await partner.tryRegister({ versionsUrl: hub.versionsUrl, token }))
      const authorization = `Token ${base64(token)}`
      expectRefusedLogin(await partner.callUrl(`${hub.url}/ocpi/2.2.1/credentials`, { authorization }))
    } finally {
      await partner.close()
    }
  })

  test('is replaced by the next one the administrator makes', async () => {
    const { id, token } = await hub.createPlatform({ name: 'replaced' })
    const made = await hub.admin('POST', `/platforms/${id}/registration`)
    expect(made.status).toBe(201)
    const statusOf = async (given: string) =>
      (await emsp.callUrl(hub.versionsUrl, { authorization: `Token ${base64(given)}` })).status
    expect(await statusOf(token)).toBe(401)
    expect(await statusOf(made.body.token)).toBe(200)
  })

  test('lasts 30 days', async () => {
    const made = await hub.admin('POST', '/platforms', { name: 'thirty days' })
    const days = (Date.parse(made.body.registration.expires_at) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(29.9)
    expect(days).toBeLessThanOrEqual(30)
  })

  test('is refused after it expired', async () => {
    const { id, token } = await hub.createPlatform({ name: 'too late' })
    const authorization = `Token ${base64(token)}`
    expect((await emsp.callUrl(hub.versionsUrl, { authorization })).status).toBe(200)
    await expireTokensOf(id)
    // Any change of the platform makes the hub read its row again.
    expect((await hub.admin('PATCH', `/platforms/${id}`, { name: 'later' })).status).toBe(200)
    expectRefusedLogin(await emsp.callUrl(hub.versionsUrl, { authorization }))
    expectRefusedLogin(await emsp.tryRegister({ versionsUrl: hub.versionsUrl, token }))
  })

  async function expireTokensOf(platformId: string): Promise<void> {
    const sql = postgres(hub.databaseUrl, { max: 1 })
    await sql`update credentials_tokens set expires_at = ${Date.now() - 1000} where platform_id = ${platformId}`
    await sql.end()
  }
})

describe('what the hub sends [Authorization header]', () => {
  test('base64 by default, to the handshake and to routed requests alike', async () => {
    cpo.requests.length = 0
    await emsp.call('locations', 'SENDER', { to: CPO })
    expect(cpo.requests.find(({ module }) => module === 'locations')?.header('authorization')).toBe(
      `Token ${base64(cpo.tokenForHub() as string)}`,
    )
  })

  test('from the next request on as the administrator sets it', async () => {
    const changing = { country_code: 'BE', party_id: 'CHA', role: 'CPO' } as const
    const partner = await hub.join({ name: 'changing', parties: [changing] })
    partner.onRequest(() => ({}))
    for (const token_encoding of ['raw', 'base64']) {
      await hub.admin('PATCH', `/platforms/${partner.platformId}`, { token_encoding })
      await emsp.call('locations', 'SENDER', { to: changing })
      const token = partner.tokenForHub() as string
      const sent = partner.requests.findLast(({ module }) => module === 'locations')?.header('authorization')
      expect(sent).toBe(`Token ${token_encoding === 'raw' ? token : base64(token)}`)
    }
  })

  test('raw to a platform that wants it raw', async () => {
    const raw = await hub.join(
      { name: 'raw', parties: [{ country_code: 'BE', party_id: 'RAW', role: 'CPO' }], tokenEncoding: 'raw' },
      { token_encoding: 'raw' },
    )
    expect(raw.requests.length).toBeGreaterThan(0)
    await emsp.call('locations', 'SENDER', { to: { country_code: 'BE', party_id: 'RAW' } })
    const sent = raw.requests.find(({ module }) => module === 'locations')?.header('authorization')
    expect(sent).toBe(`Token ${raw.tokenForHub()}`)
  })
})

test('the database holds no token, neither those the hub checks nor those it sends', async () => {
  const sql = postgres(hub.databaseUrl, { max: 1 })
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`
  const rows = await Promise.all(tables.map(({ name }) => sql`select * from ${sql(name)}`))
  await sql.end()
  const everything = JSON.stringify(rows)
  expect(everything).toContain('NL')
  for (const partner of [cpo, emsp, strict]) {
    for (const token of [partner.tokenAtHub(), partner.tokenForHub()] as string[]) {
      expect(everything).not.toContain(token)
      expect(everything).not.toContain(base64(token))
    }
  }
})
