import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { startPartner } from '../support/partner.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMS = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const NEW = { country_code: 'DE', party_id: 'NEW', role: 'EMSP' } as const
const NCP = { country_code: 'FR', party_id: 'NCP', role: 'CPO' } as const
const SC1 = { country_code: 'XS', party_id: 'SC1' }
const SE1 = { country_code: 'XS', party_id: 'SE1' }
const TOKEN = { ...NEW, role: undefined, uid: 'CARD-1', type: 'RFID', contract_id: 'DE-NEW-C1', valid: true }
const LOCATION = { ...NCP, role: undefined, id: 'SITE', evses: [{ uid: 'E1', connectors: [{ id: '1' }] }] }

type Joined = Awaited<ReturnType<TestHub['join']>>

let hub: TestHub
let cpo: Joined
let emsp: Joined
/** An eMSP and a CPO that try the hub; the CPO is not released yet. */
let newcomer: Joined
let held: Joined
let sandboxCpo: string
let sandboxEmsp: string

async function attach(role: string): Promise<string> {
  const { status, body } = await hub.admin('POST', '/sandbox', { role })
  expect(status, JSON.stringify(body)).toBe(201)
  return body.id
}

const assign = (platformId: string, partners: readonly string[]) =>
  hub.admin('PUT', `/platforms/${platformId}/sandbox`, { partners })
const tryOut = async (platform: Joined, what: string) => {
  const partner = platform === newcomer ? sandboxCpo : sandboxEmsp
  const { status, body } = await hub.admin('POST', `/platforms/${platform.platformId}/sandbox/try`, { what, partner })
  expect(status, JSON.stringify(body)).toBe(200)
  return body
}
const behave = (misbehaviour: string) => hub.admin('PATCH', `/sandbox/${sandboxCpo}`, { misbehaviour })

async function seenBy(platform: Joined): Promise<string[]> {
  const { data } = await platform.call('hubclientinfo', 'SENDER', { to: null, from: null })
  return (data as { country_code: string; party_id: string }[]).map((p) => `${p.country_code}-${p.party_id}`)
}

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsp = await hub.join({ name: 'emsp', parties: [EMS] })
  newcomer = await hub.join({ name: 'newcomer', parties: [NEW] })
  held = await hub.join({ name: 'held', parties: [NCP] }, { hold: true })
  sandboxCpo = await attach('CPO')
  sandboxEmsp = await attach('EMSP')
  newcomer.on('tokens', 'SENDER', ({ method }) => ({ data: method === 'GET' ? [TOKEN] : { allowed: 'ALLOWED' } }))
  held.on('locations', 'SENDER', () => ({ data: [LOCATION] }))
  held.on('commands', 'RECEIVER', () => ({ data: { result: 'ACCEPTED', timeout: 30 } }))
})
afterAll(() => hub.close())

describe('Before anybody tries the hub with it, a sandbox partner', () => {
  test('stands in its own list and in no other', async () => {
    const { body } = await hub.admin('GET', '/sandbox')
    expect(body.map(({ name, role, party }: Record<string, unknown>) => ({ name, role, party }))).toEqual([
      { name: 'Sandbox CPO 1', role: 'CPO', party: SC1 },
      { name: 'Sandbox eMSP 1', role: 'EMSP', party: SE1 },
    ])
    expect((await hub.admin('GET', '/platforms')).body).toHaveLength(4)
    expect((await hub.admin('GET', '/overview')).body.platforms).toMatchObject({ total: 4, connected: 3, planned: 1 })
    expect(JSON.stringify((await hub.admin('GET', '/agreements/matrix')).body)).not.toContain('XS')
    expect(JSON.stringify((await hub.admin('GET', '/onboarding')).body)).not.toContain('Sandbox')
    expect(JSON.stringify((await hub.admin('GET', '/queues')).body)).not.toContain('Sandbox')
  })

  test('is as unknown to partners as a party that nobody ever had', async () => {
    const known = await newcomer.call('locations', 'SENDER', { to: SC1 })
    const never = await newcomer.call('locations', 'SENDER', { to: { country_code: 'XS', party_id: 'ZZZ' } })
    expect(known.statusCode).toBe(4001)
    expect(known.envelope?.status_message).toBe(never.envelope?.status_message?.replace('ZZZ', 'SC1'))
    expect(await seenBy(newcomer)).not.toContain('XS-SC1')
  })
})

describe('A platform that tries the hub with sandbox partners', () => {
  beforeAll(async () => {
    await assign(newcomer.platformId, [sandboxCpo])
    await assign(held.platformId, [sandboxEmsp])
  })

  test('sees them in HubClientInfo, and nobody else does', async () => {
    expect(await seenBy(newcomer)).toContain('XS-SC1')
    expect(await seenBy(newcomer)).not.toContain('XS-SE1')
    expect(await seenBy(held)).toContain('XS-SE1')
    for (const other of [cpo, emsp]) expect((await seenBy(other)).filter((party) => party.startsWith('XS'))).toEqual([])
  })

  test('reads their lists page by page, over next links that lead through the hub', async () => {
    const first = await newcomer.call('locations', 'SENDER', { to: SC1 })
    expect(first.statusCode).toBe(1000)
    expect(first.header('x-total-count')).toBe('8')
    const [, next = ''] = /<([^>]+)>/.exec(first.header('link') ?? '') ?? []
    expect(next).toContain(hub.url)
    const second = await newcomer.callUrl(next, { to: SC1 })
    expect((second.data as { id: string }[]).map(({ id }) => id)).toEqual(['LOC4', 'LOC5', 'LOC6'])
  })

  test('finds their objects in GET All; others do not', async () => {
    const all = await newcomer.call('tariffs', 'SENDER', { to: HUB, query: '?limit=50' })
    expect((all.data as { country_code: string }[]).filter((t) => t.country_code === 'XS')).toHaveLength(5)
    const others = await emsp.call('tariffs', 'SENDER', { to: HUB, query: '?limit=50' })
    expect(others.statusCode).toBe(1000)
    expect(others.envelope?.data).toEqual([])
  })

  test('starts and stops a session, and is told what came of it', async () => {
    const token = { ...TOKEN, issuer: 'n', whitelist: 'NEVER', last_updated: '2026-11-29T12:00:00Z' }
    const command = (name: string, body: object) =>
      newcomer.call('commands', 'RECEIVER', {
        method: 'POST',
        path: `/${name}`,
        to: SC1,
        body: { response_url: `${newcomer.endpointUrl('commands', 'SENDER')}/result/${name}`, ...body },
      })
    const started = await command('START_SESSION', { token, location_id: 'LOC1' })
    expect(started.envelope?.data).toMatchObject({ result: 'ACCEPTED' })
    const result = await newcomer.waitForRequest(({ path }) => path.endsWith('/result/START_SESSION'))
    expect(JSON.parse(result.body.toString())).toEqual({ result: 'ACCEPTED' })
    const put = await newcomer.waitForRequest(
      ({ path, method }) => method === 'PUT' && path.includes('/sessions/XS/SC1/'),
    )
    const session = JSON.parse(put.body.toString())
    expect(session).toMatchObject({ status: 'ACTIVE', cdr_token: { uid: 'CARD-1' } })
    await command('STOP_SESSION', { session_id: session.id })
    await newcomer.waitForRequest(({ body }) => body.toString().includes('"COMPLETED"'))
    const listed = await newcomer.call('sessions', 'SENDER', { to: SC1 })
    expect(listed.envelope?.data).toMatchObject([{ id: session.id, status: 'COMPLETED' }])
  })

  test('has a sandbox CPO put a location, authorise a token, begin, end and bill a session', async () => {
    const posted = newcomer.on('cdrs', 'RECEIVER', ({ method }) =>
      method === 'POST'
        ? { status: 201, headers: ['Location', `${newcomer.endpointUrl('cdrs', 'RECEIVER')}/1`] }
        : { data: {} },
    )
    for (const what of ['locations', 'token', 'start-session', 'stop-session', 'cdr']) {
      const told = await tryOut(newcomer, what)
      expect(told, what).toMatchObject({ is_good: true })
      expect(told.exchanges.length).toBeGreaterThan(0)
    }
    posted()
    expect(newcomer.requests.filter(({ module, method }) => module === 'cdrs' && method === 'POST')).toHaveLength(1)
  })

  test('that answers with what nobody could use is told so', async () => {
    for (const [what, uid] of [
      ['start-session', 'x'.repeat(100_000)],
      ['start-session', 7],
      ['token', '\ud800'],
    ] as const) {
      const back = newcomer.on('tokens', 'SENDER', () => ({ data: [null, { ...TOKEN, uid }] }))
      const { is_good, detail } = await tryOut(newcomer, what)
      expect([is_good, detail.length < 301]).toEqual([false, true])
      back()
    }
  })

  test('sees nothing of what another newcomer did with the same partner', async () => {
    const card = { method: 'PUT', path: '/DE/NEW/CARD-1', to: SC1, body: { ...TOKEN, valid: true } }
    expect((await newcomer.call('tokens', 'RECEIVER', card)).statusCode).toBe(1000)
    await assign(emsp.platformId, [sandboxCpo])
    for (const module of ['sessions', 'cdrs']) {
      expect((await newcomer.call(module, 'SENDER', { to: SC1 })).envelope?.data).not.toEqual([])
      expect((await emsp.call(module, 'SENDER', { to: SC1 })).envelope?.data, module).toEqual([])
    }
    const read = { path: '/DE/NEW/CARD-1', to: SC1 }
    expect((await newcomer.call('tokens', 'RECEIVER', read)).statusCode).toBe(1000)
    expect((await emsp.call('tokens', 'RECEIVER', read)).status).toBe(404)
    await assign(emsp.platformId, [])
  })

  test('may do so before it is released, and nothing else', async () => {
    expect((await hub.admin('GET', `/platforms/${held.platformId}`)).body.status).toBe('PLANNED')
    const list = await held.call('tokens', 'SENDER', { to: SE1 })
    expect(list.envelope?.data).toHaveLength(2)
    const answer = await held.call('tokens', 'SENDER', { to: EMS })
    expect(answer.statusCode).toBe(4003)
    expect(answer.envelope?.status_message).toContain('not released')
    expect((await held.call('tokens', 'SENDER', { to: HUB })).statusCode).toBe(4003)
    expect((await tryOut(held, 'locations')).detail).toContain('1 locations')
    expect(await tryOut(held, 'token')).toMatchObject({ is_good: true })
    expect(await tryOut(held, 'stop-session')).toMatchObject({ is_good: false, exchanges: [] })
  })

  test('answers a START_SESSION of a sandbox eMSP over a response_url of the hub, and its session and CDR are taken', async () => {
    expect(await tryOut(held, 'start-session')).toMatchObject({ is_good: true })
    const command = await held.waitForRequest(({ path }) => path.endsWith('/START_SESSION'))
    const { response_url, token } = JSON.parse(command.body.toString())
    expect(response_url).toContain(`${hub.url}/ocpi/via/`)
    const result = await held.callUrl(response_url, { method: 'POST', body: { result: 'ACCEPTED' }, to: SE1 })
    expect(result.statusCode).toBe(1000)
    const session = { ...NCP, role: undefined, id: 'S1', status: 'ACTIVE', cdr_token: token }
    const push = { method: 'PUT', path: '/FR/NCP/S1', to: SE1 }
    expect((await held.call('sessions', 'RECEIVER', { ...push, body: session })).statusCode).toBe(1000)
    expect((await tryOut(held, 'stop-session')).detail).toContain('S1')
    const cdr = { ...NCP, role: undefined, id: 'C1' }
    const billed = await held.call('cdrs', 'RECEIVER', { method: 'POST', to: SE1, body: cdr })
    expect(billed.header('location')).toContain(`${hub.url}/ocpi/via/`)
    const read = await held.callUrl(billed.header('location') ?? '', { to: SE1 })
    expect(read.envelope?.data).toEqual({ country_code: 'FR', party_id: 'NCP', id: 'C1' })
  })

  test('finds each call as an exchange in the message log, which counts nowhere else', async () => {
    const { exchanges } = await tryOut(newcomer, 'locations')
    const { correlation_id } = exchanges[0]
    await expect
      .poll(async () => (await hub.admin('GET', `/messages?correlation_id=${correlation_id}`)).body)
      .toMatchObject([{ from_platform_id: sandboxCpo, to_platform_id: newcomer.platformId, http_status: 200 }])
    const metrics = await fetch(`${hub.url}/metrics`, { headers: { authorization: `Bearer ${hub.adminToken}` } })
    const text = await metrics.text()
    expect(text).toContain(cpo.platformId)
    for (const id of [sandboxCpo, sandboxEmsp]) expect(text).not.toContain(id)
  })

  test('that is addressed by nobody broadcasts to real partners alone', async () => {
    const put = {
      method: 'PUT',
      path: '/DE/NEW/CARD-1',
      to: HUB,
      body: { ...TOKEN, last_updated: '2026-11-29T12:00:00Z' },
    }
    expect((await newcomer.call('tokens', 'RECEIVER', put)).statusCode).toBe(1000)
    await cpo.waitForRequest(({ path }) => path.includes('/tokens/DE/NEW/CARD-1'))
    expect((await hub.admin('GET', '/queues')).body.map((q: { platform_id: string }) => q.platform_id)).not.toContain(
      sandboxCpo,
    )
  })
})

describe('A sandbox partner that misbehaves', () => {
  const list = () => newcomer.call('locations', 'SENDER', { to: SC1 })

  test.each([
    ['429', 2000],
    ['5xx', 4000],
    ['malformed', 4000],
    ['lost-answers', 4000],
  ])('%s: what becomes of it is what becomes of any partner that does so', async (how, code) => {
    expect((await behave(how)).body.misbehaviour).toBe(how)
    const answer = await list()
    expect(answer.statusCode, JSON.stringify(answer.envelope)).toBe(code)
  })

  test('tiny-pages: one object a page', async () => {
    await behave('tiny-pages')
    expect((await list()).envelope?.data).toHaveLength(1)
  })

  test('stays CONNECTED to those who see it, and behaves again when told to', async () => {
    await behave('none')
    expect((await list()).envelope?.data).toHaveLength(3)
    expect((await hub.admin('PATCH', `/sandbox/${sandboxCpo}`, { misbehaviour: 'rude' })).status).toBe(400)
  })
})

describe('A real partner', () => {
  test('cannot become one: its parties are nobody’s', async () => {
    const { id, token } = await hub.createPlatform({ name: 'poser' })
    const poser = await startPartner({ name: 'poser', parties: [{ ...SC1, role: 'CPO' }] })
    const answer = await poser.tryRegister({ versionsUrl: hub.versionsUrl, token })
    expect(answer.statusCode).toBe(2001)
    expect(answer.envelope?.status_message).toContain('kept for sandbox partners')
    await poser.close()
    const reserved = await hub.admin('PATCH', `/platforms/${id}`, { parties: [{ ...SC1, role: 'EMSP' }] })
    expect(reserved.status).toBe(400)
    await hub.admin('DELETE', `/platforms/${id}`)
  })

  test('cannot lead the hub to one by a URL of its own', async () => {
    const command = await emsp.call('commands', 'RECEIVER', {
      method: 'POST',
      path: '/STOP_SESSION',
      to: CPO,
      body: { response_url: `https://Sandbox.invalid/${sandboxCpo}/commands`, session_id: 'S' },
    })
    expect(command.statusCode).toBe(2001)
    expect(command.envelope?.status_message).toContain('kept for sandbox partners')
    const url = `https://sandbox.invalid/${sandboxCpo}/locations`
    const endpoint_overrides = [{ identifier: 'locations', role: 'SENDER', url }]
    expect((await hub.admin('PATCH', `/platforms/${cpo.platformId}`, { endpoint_overrides })).status).toBe(422)
  })

  test('learns nothing of them by a token that nobody knows, nor by name', async () => {
    const asked = newcomer.requests.length
    const at = { method: 'POST', path: '/UNKNOWN/authorize', to: null, from: CPO, body: { location_id: 'L' } }
    const { envelope } = await cpo.call('tokens', 'SENDER', at)
    expect(JSON.stringify(envelope)).not.toContain('XS')
    expect(newcomer.requests.length).toBeGreaterThanOrEqual(asked)
    expect((await cpo.call('tokens', 'SENDER', { to: SE1 })).statusCode).toBe(4001)
    expect((await emsp.call('locations', 'SENDER', { to: SC1 })).statusCode).toBe(4001)
  })
})

describe('An administrator', () => {
  test('changes sandbox partners at their own place, and not as a platform', async () => {
    const at = `/platforms/${sandboxCpo}`
    expect((await hub.admin('GET', at)).body).toMatchObject({ is_sandbox: true, name: 'Sandbox CPO 1' })
    for (const [method, path, body] of [
      ['PATCH', at, { name: 'mine' }],
      ['DELETE', at, undefined],
      ['POST', `${at}/registration`, {}],
      ['POST', `${at}/suspend`, undefined],
      ['POST', `${at}/rotate`, undefined],
      ['PUT', `${at}/sandbox`, { partners: [] }],
    ] as const)
      expect(await hub.admin(method, path, body), path).toMatchObject({
        status: 409,
        body: { type: 'urn:ocpi-hub:problem:is-sandbox-partner' },
      })
    const move = { platform_id: sandboxCpo }
    expect((await hub.admin('POST', '/parties/NL/CPO/move', move)).status).toBe(400)
    expect((await hub.admin('POST', '/parties/XS/SC1/move', { platform_id: cpo.platformId })).status).toBe(404)
    const rule = { a: SC1, b: { country_code: 'DE', party_id: 'EMS' }, effect: 'allow' }
    expect((await hub.admin('POST', '/agreements', rule)).status).toBe(400)
  })

  test('takes one away: it is unknown to who saw it, and others never hear of it', async () => {
    expect((await hub.admin('DELETE', `/sandbox/${sandboxCpo}`)).status).toBe(204)
    expect((await newcomer.call('locations', 'SENDER', { to: SC1 })).statusCode).toBe(4001)
    expect((await hub.admin('GET', `/platforms/${newcomer.platformId}`)).body.sandbox_partners).toEqual([])
    for (const each of [cpo, emsp, newcomer]) expect(await seenBy(each)).not.toContain('XS-SC1')
    for (const each of [cpo, emsp, newcomer]) expect(each.told.filter(({ path }) => path.includes('/XS'))).toEqual([])
  })
})
