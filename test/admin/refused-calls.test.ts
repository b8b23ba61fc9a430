// Why did their first call fail? What administrators are told of calls that the hub refuses.
import postgres from 'postgres'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { type Partner, startPartner } from '../support/partner.ts'
import { until } from '../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const

type Refused = {
  readonly address: string
  readonly path: string
  readonly user_agent: string | null
  readonly platform_id: string | null
  readonly fingerprint: string | null
  readonly why: {
    readonly key: string
    readonly title: string
    readonly advice: string
    readonly chapter: string | null
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

let hub: TestHub
let sql: postgres.Sql
let callers = 0
const partners: Partner[] = []

beforeAll(async () => {
  hub = await startTestHub({ TRUSTED_PROXIES: '127.0.0.1/32', FAILED_LOGINS_PER_MINUTE: '0' })
  sql = postgres(hub.databaseUrl, { onnotice: () => {} })
})
afterAll(async () => {
  await sql.end()
  await hub.close()
  await Promise.all(partners.map((partner) => partner.close()))
})

/** Calls the hub from an address that nobody else has in these tests, and tells which. */
async function call(path: string, authorization: string | null, more: { method?: string; address?: string } = {}) {
  const { method = 'GET', address = `198.51.100.${++callers}` } = more
  const answer = await request(`${hub.url}${path}`, {
    method: method as 'GET',
    headers: {
      'x-forwarded-for': address,
      'cf-connecting-ip': address,
      'user-agent': 'partner/1.0',
      ...(authorization !== null && { authorization }),
    },
  })
  return { address, status: answer.statusCode, text: await answer.body.text() }
}

/** The refused calls from an address, once there is one. */
async function refusedFrom(address: string): Promise<Refused[]> {
  let found: Refused[] = []
  await until(async () => {
    found = (await hub.admin('GET', `/refused-calls?address=${address}`)).body as Refused[]
    return found.length > 0
  }, `Expected a refused call from ${address}`)
  return found
}

async function events(): Promise<{ kind: string; platform_id: string | null; data: Record<string, unknown> }[]> {
  return sql`select kind, platform_id, data from events`
}

async function newPlatform(name: string) {
  const { body } = await hub.admin('POST', '/platforms', { name })
  return { id: body.id as string, token: body.registration.token as string, registration: body.registration }
}

async function joined(name: string, party: string): Promise<Partner & { platformId: string }> {
  return hub.join({ name, parties: [{ ...CPO, party_id: party }] })
}

describe('why did their first call fail', () => {
  test.each<[key: string, how: string, header: (token: string) => string]>([
    ['token-base64-twice', 'encodes it twice', (token) => `Token ${base64(base64(token))}`],
    ['token-base64-twice', 'encodes it three times', (token) => `Token ${base64(base64(base64(token)))}`],
    ['token-scheme', 'writes Bearer', (token) => `Bearer ${token}`],
    ['token-scheme', 'writes Bearer and encodes it', (token) => `Bearer ${base64(token)}`],
    ['token-scheme', 'writes Basic with the token as user', (token) => `Basic ${base64(`${token}:`)}`],
    ['token-decorated', 'keeps the quotes', (token) => `Token ${base64(`"${token}"`)}`],
    ['token-decorated', 'has spaces and a line end in what it encodes', (token) => `Token ${base64(` ${token} \n`)}`],
    ['token-decorated', 'keeps the quotes and does not encode it', (token) => `Token "${token}"`],
    ['token-cut', 'loses the end of the token', (token) => `Token ${base64(token.slice(0, 32))}`],
    ['token-cut', 'loses the end of the encoded token', (token) => `Token ${base64(token).slice(0, 45)}`],
  ])('%s: it %s', async (key, _how, header) => {
    const { id, token } = await newPlatform('newcomer')
    const { address, status } = await call('/ocpi/versions', header(token))
    expect(status).toBe(401)
    const [refused] = await refusedFrom(address)
    expect(refused).toMatchObject({ platform_id: id, path: '/ocpi/versions', user_agent: 'partner/1.0', why: { key } })
    expect(refused?.why.title).toBeTruthy()
    expect(refused?.why.advice).not.toMatch(/[{}]|unknown/)
  })

  test('a registration token that was made anew is known by its beginning and its fingerprint, too', async () => {
    const { id } = await newPlatform('newcomer')
    const { body: made } = await hub.admin('POST', `/platforms/${id}/registration`)
    const { body: platform } = await hub.admin('GET', `/platforms/${id}`)
    expect(platform.registration.fingerprint).toBe(made.fingerprint)
    const { address } = await call('/ocpi/versions', `Token ${base64(made.token.slice(0, 32))}`)
    expect((await refusedFrom(address))[0]).toMatchObject({ platform_id: id, why: { key: 'token-cut' } })
  })

  test('token-missing: it sends none', async () => {
    const { address } = await call('/ocpi/versions', null)
    expect((await refusedFrom(address))[0]).toMatchObject({
      platform_id: null,
      fingerprint: null,
      why: { key: 'token-missing' },
    })
  })

  test('token-unknown: both sides compare the fingerprint of the token with that of the one that was made', async () => {
    const { token, id, registration } = await newPlatform('newcomer')
    const { address } = await call('/ocpi/versions', `Token ${base64('another-token-that-nobody-ever-made-0123456')}`)
    const [unknown] = await refusedFrom(address)
    expect(unknown).toMatchObject({ platform_id: null, why: { key: 'token-unknown' } })
    expect(unknown?.fingerprint).toMatch(/^[0-9a-f]{8}$/)
    expect(unknown?.fingerprint).not.toBe(registration.fingerprint)
    // The right token, whatever is wrong with how it comes, has the fingerprint that the administrator saw.
    const right = await call('/ocpi/versions', `Bearer ${base64(token)}`)
    expect((await refusedFrom(right.address))[0]?.fingerprint).toBe(registration.fingerprint)
    expect((await hub.admin('GET', `/platforms/${id}`)).body.registration.fingerprint).toBe(registration.fingerprint)
    expect((await hub.admin('GET', `/refused-calls?fingerprint=${registration.fingerprint}`)).body).toHaveLength(1)
  })

  test('token-strict: the platform is held to the spelling of the specification', async () => {
    const { id, token } = await newPlatform('strict')
    await hub.admin('PATCH', `/platforms/${id}`, { strict_authorization: true })
    const { address } = await call('/ocpi/versions', `Token ${token}`)
    expect((await refusedFrom(address))[0]).toMatchObject({ platform_id: id, why: { key: 'token-strict' } })
  })

  test('token-used, token-swapped and token-replaced: it calls with another of the tokens of its registration', async () => {
    const partner = await startPartner({ name: 'swaps', parties: [{ ...CPO, party_id: 'SWP' }] })
    partners.push(partner)
    const { id, token } = await newPlatform('swaps')
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    const first = partner.tokenAtHub()
    const used = await call('/ocpi/2.2.1/credentials', `Token ${base64(token)}`)
    expect((await refusedFrom(used.address))[0]).toMatchObject({ platform_id: id, why: { key: 'token-used' } })
    const theirs = await call('/ocpi/2.2.1/credentials', `Token ${base64(partner.tokenForHub() ?? '')}`)
    expect((await refusedFrom(theirs.address))[0]).toMatchObject({ platform_id: id, why: { key: 'token-swapped' } })
    expect((await partner.rotate()).statusCode).toBe(1000)
    await hub.admin('POST', `/platforms/${id}/older-tokens/end`)
    const replaced = await call('/ocpi/2.2.1/credentials', `Token ${base64(first ?? '')}`)
    expect((await refusedFrom(replaced.address))[0]).toMatchObject({ platform_id: id, why: { key: 'token-replaced' } })
  })

  test('token-replaced: the registration token was made anew', async () => {
    const { id, token } = await newPlatform('newcomer')
    await hub.admin('POST', `/platforms/${id}/registration`)
    const { address } = await call('/ocpi/versions', `Token ${base64(token)}`)
    expect((await refusedFrom(address))[0]).toMatchObject({ platform_id: id, why: { key: 'token-replaced' } })
  })

  test('token-ended: the connection was ended', async () => {
    const partner = await joined('leaver', 'LEA')
    const last = partner.tokenAtHub() ?? ''
    await partner.unregister()
    const { address } = await call('/ocpi/versions', `Token ${base64(last)}`)
    expect((await refusedFrom(address))[0]).toMatchObject({
      platform_id: partner.platformId,
      why: { key: 'token-ended' },
    })
  })

  test('token-admin: somebody sends a token of the administrators to the partners’ side', async () => {
    const { address } = await call('/ocpi/versions', `Token ${base64(hub.adminToken)}`)
    expect((await refusedFrom(address))[0]).toMatchObject({ platform_id: null, why: { key: 'token-admin' } })
  })

  test.each([
    ['too-early', 'GET', '/ocpi/2.2.1/receiver/locations/NL/CPO/LOC1', 401],
    ['too-early', 'GET', '/ocpi/2.2.1/hubclientinfo', 401],
    ['path-version', 'GET', '/ocpi/2.2', 200],
    ['path-version', 'POST', '/ocpi/2.1.1/credentials', 200],
    ['path-unknown', 'GET', '/ocpi/2.2.1/nothing/here', 404],
    ['method-405', 'PUT', '/ocpi/2.2.1/credentials', 405],
  ])('%s: it calls %s %s with its registration token', async (key, method, path, status) => {
    const { id, token } = await newPlatform('newcomer')
    const answer = await call(path, `Token ${base64(token)}`, { method })
    expect(answer.status).toBe(status)
    expect((await refusedFrom(answer.address))[0]).toMatchObject({ platform_id: id, path, why: { key } })
  })

  test('method-405: it registers when it is registered', async () => {
    const partner = await joined('twice', 'TWI')
    const { address, status } = await call('/ocpi/2.2.1/credentials', `Token ${base64(partner.tokenAtHub() ?? '')}`, {
      method: 'POST',
    })
    expect(status).toBe(405)
    expect((await refusedFrom(address))[0]).toMatchObject({
      platform_id: partner.platformId,
      why: { key: 'method-405' },
    })
  })

  test('each is a handshake that failed, and an event with the fingerprint, for who follows them', async () => {
    const { address } = await call('/ocpi/versions', `Token ${base64('a-token-that-nobody-made')}`)
    const [refused] = await refusedFrom(address)
    const handshake = async () => {
      const { body } = await hub.admin('GET', '/handshakes')
      return (body as { client_address: string | null; why: { advice: string } }[]).find(
        ({ client_address }) => client_address === address,
      )
    }
    await until(async () => (await handshake()) !== undefined, 'Expected a handshake')
    expect(await handshake()).toMatchObject({
      client_address: address,
      platform_id: null,
      outcome: 'refused',
      why: { key: 'token-unknown' },
      calls: [{ step: 1, direction: 'in', method: 'GET', url: '/ocpi/versions', http_status: 401, ocpi_status: 2000 }],
    })
    expect((await handshake())?.why.advice).toContain(refused?.fingerprint)
    await until(async () => (await events()).some(({ data }) => data['address'] === address), 'Expected an event')
    const event = (await events()).find(({ data }) => data['address'] === address)
    expect(event).toMatchObject({
      kind: 'handshake.unknown-token',
      platform_id: null,
      data: { path: '/ocpi/versions', method: 'GET', why: 'token-unknown', fingerprint: refused?.fingerprint },
    })
  })
})

describe('who floods the hub with refused calls', () => {
  test('is written down five times a minute, gets the same answers, and leaves others their place', async () => {
    const address = '203.0.113.99'
    const answers = []
    for (let i = 0; i < 40; i++) answers.push(await call('/ocpi/versions', `Token guess${i}`, { address }))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    const { address: other } = await call('/ocpi/versions', 'Token of-somebody-else')
    await refusedFrom(other)
    expect(await refusedFrom(address)).toHaveLength(5)
  })

  test('from many addresses at once leaves each its first call, and others theirs', async () => {
    const flood = Array.from({ length: 14 }, (_, i) => `203.0.113.${i + 1}`)
    for (let i = 0; i < 5; i++)
      await Promise.all(flood.map((address) => call('/ocpi/versions', `Token guess${i}`, { address })))
    const { address: other } = await call('/ocpi/versions', 'Token of-somebody-else')
    await refusedFrom(other)
    const kept = await Promise.all(flood.map(refusedFrom))
    expect(kept.flat().length).toBeLessThan(5 * flood.length)
  })

  test('finds no token, nor a part of one, in anything that the hub tells', async () => {
    const { token } = await newPlatform('newcomer')
    const secret = 'this-very-secret-token-of-theirs'
    const addresses = []
    for (const [path, header] of [
      [`/ocpi/${secret}?token=${secret}`, `Token ${secret}`],
      [`/ocpi/2.2.1/${token}`, `Bearer ${token}`],
      ['/ocpi/versions', `Token ${base64(token.slice(0, 30))}`],
    ] as const)
      addresses.push((await call(path, header)).address)
    for (const address of addresses) await refusedFrom(address)
    const told = JSON.stringify([
      (await hub.admin('GET', '/refused-calls')).body,
      (await hub.admin('GET', '/handshakes')).body,
      await events(),
    ])
    for (const part of [secret, token, token.slice(0, 12), base64(token).slice(0, 12)]) expect(told).not.toContain(part)
  })
})

describe('what is kept of refused calls and of ended tokens', () => {
  test('are the newest ten thousand', async () => {
    await sql`
      insert into refused_calls (at, address, method, path, http_status, ocpi_status, why, told)
      select 1, '192.0.2.1', 'GET', '/ocpi/versions', 401, 2000, 'token-unknown', '{}' from generate_series(1, 10000)`
    await refusedFrom((await call('/ocpi/versions', 'Token one-more')).address)
    await until(async () => (await sql`select count(*)::int as n from refused_calls`)[0]?.['n'] === 10_000)
    await sql`delete from refused_calls where address = '192.0.2.1'`
  })

  test('is forgotten thirty days after the end of a token', async () => {
    const { id, token } = await newPlatform('newcomer')
    await hub.admin('POST', `/platforms/${id}/registration`)
    await sql`update retired_tokens set ended_at = ended_at - ${30 * 24 * 3_600_000} where platform_id = ${id}`
    await hub.admin('POST', `/platforms/${id}/registration`)
    const { address } = await call('/ocpi/versions', `Token ${base64(token)}`)
    expect((await refusedFrom(address))[0]).toMatchObject({ platform_id: null, why: { key: 'token-unknown' } })
  })
})

test('refused calls are read by pages, by platform and by why', async () => {
  const { id, token } = await newPlatform('newcomer')
  const first = await call('/ocpi/versions', `Bearer ${token}`)
  await refusedFrom(first.address)
  const second = await call('/ocpi/versions', `Token ${base64(base64(token))}`)
  await refusedFrom(second.address)
  const page = await hub.admin('GET', `/refused-calls?platform=${id}&limit=1`)
  expect(page.body).toMatchObject([{ address: second.address }])
  const next = /<\/admin\/api([^>]+)>; rel="next"/.exec(String(page.headers['link']))?.[1] ?? ''
  expect((await hub.admin('GET', next)).body).toMatchObject([{ address: first.address }])
  expect((await hub.admin('GET', `/refused-calls?platform=${id}&why=token-scheme`)).body).toMatchObject([
    { address: first.address },
  ])
  expect((await hub.admin('GET', `/refused-calls?platform=${id}&until=2020-01-01T00:00:00Z`)).body).toEqual([])
  expect((await hub.admin('GET', '/refused-calls?why=nothing')).status).toBe(400)
})
