import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../src/runtime/node/log.ts'
import { type Partner, startPartner } from '../support/partner.ts'
import { CPO, EMSP, eventually, metric, type Pair, startPair } from './pair.ts'

// One day in the life of a hub, told apart by its correlation IDs; then everything it wrote anywhere is looked through.

const tokens = new Set<string>()
let pair: Pair
/** One whose handshakes the hub starts. */
let dialled: Partner & { platformId: string }
let folder: string
let logFile: string
let descriptor: Awaited<ReturnType<typeof open>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocpi-hub-log-'))
  logFile = join(folder, 'log')
  descriptor = await open(logFile, 'a')
  pair = await startPair({ LOG_LEVEL: 'debug' }, { log: createLog('debug', descriptor.fd) })
  await live()
})
afterAll(async () => {
  await dialled.close()
  await pair.hub.close()
  await descriptor.close()
  await rm(folder, { recursive: true })
})

function note(...found: (string | null)[]): void {
  for (const token of found) if (token) tokens.add(token)
}

/** What people and programs come with: right, and nearly right, which is what a log would tell of. */
async function administer(): Promise<void> {
  const { hub } = pair
  const url = `${hub.url}/admin/api/session`
  const made = await hub.admin('POST', '/keys', { name: 'a program', role: 'read-only' })
  const password = 'password-of-a-person'
  await hub.admin('POST', '/admins', { name: 'a person', role: 'read-only', password })
  note(made.body.key, password)
  const signIn = (given: string) =>
    fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'a person', password: given }),
    })
  const [session = ''] = (await signIn(password)).headers.getSetCookie()
  note(/session=([\w-]+)/.exec(session)?.[1] ?? 'no session was opened')
  await signIn(`${password}-mistyped`)
  for (const token of [made.body.key, `${made.body.key}x`]) {
    await fetch(`${hub.url}/admin/api/keys`, { headers: { Authorization: `Bearer ${token}` } })
  }
  await fetch(`${url}/unknown`, { headers: { Cookie: session.split(';')[0] ?? '' } })
}

async function live(): Promise<void> {
  const { hub, cpo, emsp } = pair
  note(cpo.tokenAtHub(), cpo.tokenForHub(), emsp.tokenAtHub(), emsp.tokenForHub(), hub.adminToken)
  await pair.ask({ correlationId: 'a-list', query: '?limit=2' })
  note('secret-in-a-header', 'secret-in-an-answer', 'secret-in-a-query')
  const invented = cpo.on('locations', 'SENDER', () => ({ data: [], headers: ['X-Auth-Token', 'secret-in-an-answer'] }))
  await pair.ask({
    query: '?limit=2&access_token=secret-in-a-query',
    headers: ['Ocp-Apim-Subscription-Key', 'secret-in-a-header'],
  })
  invented()
  await pair.put({ id: 'LOC1', name: 'kept as it is' }, { correlationId: 'a-put' })
  const command = { response_url: `${emsp.origin}/results/1`, location_id: 'LOC1' }
  await emsp.call('commands', 'RECEIVER', { method: 'POST', path: '/START_SESSION', to: CPO, body: command })
  await emsp.rotate()
  note(emsp.tokenAtHub(), emsp.tokenForHub())
  await pair.ask({ correlationId: 'after-rotation' })
  // What goes wrong is what gets logged.
  await emsp.callUrl(hub.versionsUrl, {
    authorization: `Token ${Buffer.from(`${emsp.tokenAtHub()}x`).toString('base64')}`,
  })
  const undo = cpo.on('locations', 'SENDER', () => ({ status: 401, statusCode: 2001 }))
  await pair.ask({ correlationId: 'token-refused' })
  undo()
  const platform = await hub.createPlatform({ name: 'outward' })
  note(platform.token)
  note('token-of-the-partner-A')
  await hub.admin('POST', `/platforms/${platform.id}/connect`, {
    versions_url: `${cpo.origin}/nowhere`,
    token: 'token-of-the-partner-A',
  })
  const credentials = emsp.hubEndpoints.get('credentials/RECEIVER') as string
  note('token-in-broken-json', 'token-in-odd-credentials', 'token-given-first', 'token-given-then')
  for (const body of [
    '{"token":"token-in-broken-json"',
    '{"token":"token-in-odd-credentials","url":1}',
    '{"token":"token-given-first","url":1,"token":"token-given-then"}',
  ]) {
    await emsp.callUrl(credentials, { method: 'PUT', body })
  }
  await administer()
  // The URL that a partner has first is that of the versions, and some send their credentials there.
  for (const url of [
    hub.versionsUrl,
    credentials.replace('/credentials', ''),
    emsp.hubEndpoints.get('hubclientinfo/SENDER') as string,
  ]) {
    const token = `token-sent-astray-${tokens.size}`
    note(token)
    const astray = await emsp.callUrl(url, {
      method: 'POST',
      correlationId: 'astray',
      body: { token, url: emsp.versionsUrl, roles: [] },
    })
    expect(astray.status).toBe(405)
  }
  await emsp.callUrl(credentials, { correlationId: 'own-credentials' })
  await dial()
  await eventually(
    () => metric(hub, 'ocpi_hub_message_log_waiting'),
    (waiting) => waiting === 0,
  )
}

/** The hub registers, rotates, asks whether the partner is alive, is told that its token is unknown, and ends the connection. */
async function dial(): Promise<void> {
  const { hub } = pair
  const partner = await startPartner({
    name: 'dialled',
    parties: [{ country_code: 'FI', party_id: 'DIA', role: 'CPO' }],
  })
  const { id, token } = await hub.createPlatform({ name: 'dialled' })
  dialled = { ...partner, platformId: id }
  const given = partner.issueRegistrationToken()
  const act = (action: string, body?: unknown) => hub.admin('POST', `/platforms/${id}/${action}`, body)
  note(token, given)
  const statuses = [(await act('connect', { versions_url: partner.versionsUrl, token: given })).status]
  note(partner.tokenAtHub(), partner.tokenForHub())
  statuses.push((await act('rotate')).status)
  note(partner.tokenAtHub(), partner.tokenForHub())
  statuses.push((await act('check')).status)
  const undo = partner.onRequest((request) => {
    const statusMessage = `Unknown: ${request.header('authorization')}, which is ${partner.tokenForHub()}`
    const headers = ['WWW-Authenticate', `${request.header('authorization')} is unknown`]
    return request.path === '/versions' ? { status: 401, statusCode: 2001, statusMessage, headers } : 'pass'
  })
  statuses.push((await act('check')).status)
  undo()
  statuses.push((await act('disconnect')).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200])
}

/** A token as it is, and as the Authorization header spells it. */
function spellings(): [string, string][] {
  return [...tokens].flatMap((token) => [
    [token, token],
    [token, Buffer.from(token).toString('base64').replace(/=+$/, '')],
  ])
}

function expectNoTokenIn(text: string): void {
  for (const [token, spelling] of spellings()) {
    if (text.includes(spelling)) throw new Error(`${token} stands in the clear: ...${around(text, spelling)}...`)
  }
}

function around(text: string, part: string): string {
  const at = text.indexOf(part)
  return text.slice(Math.max(0, at - 200), at + part.length + 50)
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers of the admin API, asserted on below
async function messagesOf(query: string): Promise<any[]> {
  return (await pair.hub.admin('GET', `/messages?${query}`)).body
}

describe('no token stands in the clear', () => {
  test('in the log lines', async () => {
    const text = await readFile(logFile, 'utf8')
    expect(text).toContain('receiver-rejects-our-token')
    expectNoTokenIn(text)
    for (const line of text.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  })

  test('in the database, in any column of any table', async () => {
    const sql = postgres(pair.hub.databaseUrl, { max: 1, onnotice: () => undefined })
    const tables = await sql<{ name: string }[]>`
      select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`
    let text = ''
    for (const { name } of tables) {
      const rows = await sql.unsafe(`select * from ${name}`)
      for (const row of rows)
        for (const value of Object.values(row))
          text +=
            value instanceof Uint8Array ? `${Buffer.from(value).toString('latin1')}\n` : `${JSON.stringify(value)}\n`
    }
    await sql.end()
    expect(text).toContain('kept as it is')
    expectNoTokenIn(text)
  })

  test('in the metrics', async () => {
    const text = await (await fetch(`${pair.hub.url}/metrics`)).text()
    expectNoTokenIn(text)
  })

  test('in what administrators see of messages', async () => {
    const found = await messagesOf('limit=100')
    expect(found.length).toBeGreaterThan(8)
    for (const { id } of found) {
      const { status, body } = await pair.hub.admin('GET', `/messages/${id}`)
      expect(status).toBe(200)
      expectNoTokenIn(JSON.stringify(body))
    }
  })
})

describe('the message log', () => {
  test('shows both legs of an exchange', async () => {
    const [message] = await messagesOf('correlation_id=a-list')
    expect(message).toMatchObject({ module: 'locations', method: 'GET' })
    const { body } = await pair.hub.admin('GET', `/messages/${message.id}`)
    expect(body).toMatchObject({
      from_platform_id: pair.emsp.platformId,
      to_platform_id: pair.cpo.platformId,
      from_party: 'DE-EMS',
      to_party: 'NL-CPO',
      interface_role: 'SENDER',
      path: '/ocpi/2.2.1/sender/locations?limit=2',
      forwarded_url: `${pair.cpo.endpointUrl('locations', 'SENDER')}?limit=2`,
      http_status: 200,
      ocpi_status: 1000,
    })
    expect(body.forwarded_request_id).not.toBe(body.request_id)
    expect(body.request.headers).toContainEqual({ name: 'Authorization', value: '[redacted]' })
    expect(JSON.parse(body.response.body)).toMatchObject({ status_code: 1000 })
  })

  test('shows what the hub calls in a handshake that a partner starts, under its correlation ID', async () => {
    const rotations = await messagesOf(`platform_id=${pair.emsp.platformId}&module=credentials&limit=100`)
    const rotation = rotations.find(({ method, ocpi_status }) => method === 'PUT' && ocpi_status === 1000)
    const found = await messagesOf(`correlation_id=${rotation.correlation_id}`)
    const calls = found.filter(({ kind }) => kind === 'hub-call')
    expect(calls).toHaveLength(2)
    expect(new Set(calls.map(({ forwarded_url }) => forwarded_url))).toEqual(
      new Set([pair.emsp.versionsUrl, `${pair.emsp.origin}/v/2.2.1`]),
    )
    for (const call of calls) {
      expect(call).toMatchObject({
        from_platform_id: null,
        to_platform_id: pair.emsp.platformId,
        request_id: rotation.request_id,
        module: 'versions',
        method: 'GET',
        http_status: 200,
        ocpi_status: 1000,
        failure: null,
      })
      const sent = pair.emsp.requests.find((each) => each.header('x-request-id') === call.forwarded_request_id)
      expect(sent?.header('x-correlation-id')).toBe(rotation.correlation_id)
      const { body } = await pair.hub.admin('GET', `/messages/${call.id}`)
      expect(body.request.headers).toContainEqual({ name: 'Authorization', value: '[redacted]' })
      expect(JSON.parse(body.response.body)).toMatchObject({ status_code: 1000 })
    }
  })

  test('shows each handshake that the hub starts under an ID of its own, with tokens starred out', async () => {
    const found = await messagesOf(`platform_id=${dialled.platformId}&limit=100`)
    const calls = found.filter(
      ({ kind, module }) => kind === 'hub-call' && ['versions', 'credentials'].includes(module),
    )
    expect(calls).toHaveLength(9)
    const handshakes = new Map<string, string[]>()
    for (const { correlation_id, method, module } of calls.reverse())
      handshakes.set(correlation_id, [...(handshakes.get(correlation_id) ?? []), `${method} ${module}`].sort())
    const reads = ['GET versions', 'GET versions']
    expect([...handshakes.values()]).toEqual([
      [...reads, 'POST credentials'],
      [...reads, 'PUT credentials'],
      // Of the checks only the one that failed, and was repeated.
      ['GET versions'],
      ['GET versions'],
      ['DELETE credentials'],
    ])
    const { body } = await pair.hub.admin('GET', `/messages/${calls.find(({ method }) => method === 'POST').id}`)
    for (const part of [JSON.parse(body.request.body), JSON.parse(body.response.body).data]) {
      expect(part.token).toMatch(/^\*{20,}$/)
      expect(part.roles).toHaveLength(1)
    }
  })

  test('is found by platform, party, module, status and time', async () => {
    const all = (await messagesOf('limit=100')).length
    expect((await messagesOf(`platform_id=${pair.cpo.platformId}&limit=100`)).length).toBeGreaterThan(3)
    expect((await messagesOf('party=nl-cpo&module=commands')).length).toBe(1)
    expect((await messagesOf('party=nl-xyz')).length).toBe(0)
    expect((await messagesOf('module=credentials&limit=100')).length).toBeGreaterThanOrEqual(4)
    expect((await messagesOf('correlation_id=token-refused'))[0]).toMatchObject({ http_status: 200 })
    expect((await messagesOf(`since=${new Date(Date.now() + 60_000).toISOString()}`)).length).toBe(0)
    expect((await messagesOf(`until=${new Date(Date.now() + 60_000).toISOString()}&limit=100`)).length).toBe(all)
  })

  test('keeps no bodies when told so', async () => {
    const bodiless = await startPair({ MESSAGE_LOG_BODY_BYTES: '0' })
    await bodiless.put({ id: 'a-body-to-be-left-out' }, { correlationId: 'bodiless' })
    const find = async () => (await bodiless.hub.admin('GET', '/messages?correlation_id=bodiless')).body
    const [message] = await eventually(find, (items) => items.length > 0)
    const { body } = await bodiless.hub.admin('GET', `/messages/${message.id}`)
    expect(body.request).toMatchObject({ body: null })
    expect(body.response).toMatchObject({ body: null })
    expect(body.request_bytes).toBeGreaterThan(0)
    await bodiless.hub.close()
  })
})

describe('the metrics', () => {
  test('count by module, outcome and receiving platform, and time by module and outcome', async () => {
    const labels = `kind="direct",module="locations",outcome="1xxx",platform="${pair.cpo.platformId}"`
    expect(await metric(pair.hub, 'ocpi_hub_requests_total', labels)).toBeGreaterThanOrEqual(2)
    const text = await (await fetch(`${pair.hub.url}/metrics`)).text()
    expect(text).toMatch(/ocpi_hub_request_duration_seconds_bucket\{module="locations",outcome="1xxx",le="0.1"\} \d/)
    expect(await metric(pair.hub, 'ocpi_hub_alarms_total', 'kind="receiver-rejects-our-token"')).toBeGreaterThanOrEqual(
      1,
    )
    expect(await metric(pair.hub, 'ocpi_hub_refused_logins_total')).toBeGreaterThanOrEqual(1)
    expect(await metric(pair.hub, 'ocpi_hub_platforms', 'status="CONNECTED"')).toBe(2)
    expect(await metric(pair.hub, 'ocpi_hub_message_log_dropped')).toBe(0)
  })

  test('do not grow with whatever names a partner calls', async () => {
    const series = async () =>
      (await (await fetch(`${pair.hub.url}/metrics`)).text())
        .split('\n')
        .filter((line) => line.startsWith('ocpi_hub_req')).length
    const base = (pair.emsp.hubEndpoints.get('locations/SENDER') as string).replace(/locations$/, '')
    const call = (i: number) => pair.emsp.callUrl(`${base}made-up-${i}`, { to: CPO, from: EMSP })
    await call(0)
    const before = await series()
    for (let i = 1; i < 10; i++) await call(i)
    expect(await series()).toBe(before)
  })
})
