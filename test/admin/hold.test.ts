import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { startPartner } from '../support/partner.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const OTHER = { country_code: 'DE', party_id: 'OTH', role: 'EMSP' } as const
const NEW = { country_code: 'DE', party_id: 'NEW', role: 'EMSP' } as const

type Joined = Awaited<ReturnType<TestHub['join']>>

let hub: TestHub
let cpo: Joined
let other: Joined
let newcomer: Joined

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  other = await hub.join({ name: 'other', parties: [OTHER] })
  newcomer = await hub.join({ name: 'newcomer', parties: [NEW] }, { hold: true })
})
afterAll(() => hub.close())

async function toldOf(party: string): Promise<string | undefined> {
  const { envelope } = await cpo.call('hubclientinfo', 'SENDER', { to: null, from: null })
  const infos = envelope?.data as { party_id: string; status: string }[]
  return infos.find(({ party_id }) => party_id === party)?.status
}

function push(id: string) {
  return cpo.call('locations', 'RECEIVER', { method: 'PUT', path: `/NL/CPO/${id}`, to: HUB, body: `{"id":"${id}"}` })
}

describe('A platform that is held', () => {
  test('is PLANNED after its handshake, and the reason says what it waits for', async () => {
    const { body } = await hub.admin('GET', `/platforms/${newcomer.platformId}`)
    expect(body).toMatchObject({ status: 'PLANNED', hold: true, version: '2.2.1' })
    expect(body.status_cause).toContain('released')
  })

  test('others are told that it is PLANNED, and get 4003 when they address it', async () => {
    expect(await toldOf('NEW')).toBe('PLANNED')
    expect((await cpo.call('tokens', 'SENDER', { to: NEW })).statusCode).toBe(4003)
  })

  test('its own requests to others and to all are answered 4003, and say why', async () => {
    const answer = await newcomer.call('locations', 'SENDER', { to: CPO })
    expect(answer.statusCode).toBe(4003)
    expect(answer.envelope?.status_message).toContain('not released')
    expect((await newcomer.call('locations', 'SENDER', { to: HUB })).statusCode).toBe(4003)
  })

  test('versions, credentials and HubClientInfo stay open to it, new credentials too', async () => {
    expect((await newcomer.callUrl(hub.versionsUrl, { to: null, from: null })).statusCode).toBe(1000)
    expect((await newcomer.call('hubclientinfo', 'SENDER', { to: null, from: null })).statusCode).toBe(1000)
    expect((await newcomer.rotate()).statusCode).toBe(1000)
    expect((await hub.admin('GET', `/platforms/${newcomer.platformId}`)).body.status).toBe('PLANNED')
  })

  test('stays PLANNED over a suspension', async () => {
    await hub.admin('POST', `/platforms/${newcomer.platformId}/suspend`)
    expect((await hub.admin('POST', `/platforms/${newcomer.platformId}/resume`)).body.status).toBe('PLANNED')
  })

  test('goes live with its release: it is CONNECTED to all, and gets what is pushed from then on', async () => {
    expect((await push('BEFORE')).statusCode).toBe(1000)
    // By then it is decided whom it goes to.
    await other.waitForRequest(({ path }) => path.includes('BEFORE'))
    const { status, body } = await hub.admin('POST', `/platforms/${newcomer.platformId}/release`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'CONNECTED', hold: false })
    expect(await toldOf('NEW')).toBe('CONNECTED')
    expect((await newcomer.call('locations', 'SENDER', { to: CPO })).statusCode).toBe(1000)
    await push('AFTER')
    await newcomer.waitForRequest(({ path }) => path.includes('AFTER'))
    expect(newcomer.requests.some(({ path }) => path.includes('BEFORE'))).toBe(false)
    expect((await hub.admin('POST', `/platforms/${newcomer.platformId}/release`)).status).toBe(200)
  })
})

async function auditOf(platformId: string): Promise<Record<string, unknown>[]> {
  const { body } = await hub.admin('GET', `/audit?platform=${platformId}`)
  return body as Record<string, unknown>[]
}

test('what is live cannot be held, and what is not there cannot be released', async () => {
  const answer = await hub.admin('PATCH', `/platforms/${cpo.platformId}`, { hold: true, name: 'other' })
  expect(answer).toMatchObject({ status: 409, body: { type: 'urn:ocpi-hub:problem:wrong-status' } })
  expect((await hub.admin('GET', `/platforms/${cpo.platformId}`)).body.name).toBe('cpo')
  expect((await auditOf(cpo.platformId)).map(({ action }) => action)).toEqual(['platform.create'])
  const nobody = '6f2b2c64-6f0c-4f3e-9d3c-0c6d2f6f1a01'
  expect((await hub.admin('POST', `/platforms/${nobody}/release`)).status).toBe(404)
})

test('what is changed of a platform together with its release happens with that or not at all, each with its row in the audit trail', async () => {
  const { id } = await hub.createPlatform({ name: 'both', hold: true })
  const taken = await hub.admin('PATCH', `/platforms/${id}`, { hold: false, name: 'never', parties: [CPO] })
  expect(taken).toMatchObject({ status: 409, body: { type: 'urn:ocpi-hub:problem:party-taken' } })
  expect((await hub.admin('GET', `/platforms/${id}`)).body).toMatchObject({ name: 'both', hold: true })
  expect((await hub.admin('PATCH', `/platforms/${id}`, { hold: false, name: 'other' })).body).toMatchObject({
    name: 'other',
    hold: false,
  })
  expect((await hub.admin('PATCH', `/platforms/${id}`, { hold: true, reason: 'again' })).status).toBe(200)
  const rows = (await auditOf(id)).map(({ action, before, after }) => ({ action, before, after }))
  expect(rows.slice(0, -1)).toEqual([
    { action: 'platform.hold', before: { hold: false }, after: { hold: true } },
    { action: 'platform.release', before: { hold: true }, after: { hold: false } },
    { action: 'platform.change', before: { name: 'both' }, after: { name: 'other' } },
  ])
})

test('a platform that is released before its handshake goes live with that', async () => {
  const { id, token } = await hub.createPlatform({ name: 'early', hold: true })
  const { body } = await hub.admin('PATCH', `/platforms/${id}`, { hold: false })
  expect(body).toMatchObject({ status: 'PLANNED', hold: false })
  const partner = await startPartner({
    name: 'early',
    parties: [{ country_code: 'FR', party_id: 'ERL', role: 'EMSP' }],
  })
  try {
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    expect((await hub.admin('GET', `/platforms/${id}`)).body.status).toBe('CONNECTED')
  } finally {
    await partner.close()
  }
})

test('where new platforms are held by a setting, each is that does not say otherwise', async () => {
  const strict = await startTestHub({ HOLD_NEW_PLATFORMS: 'true' })
  try {
    const { id } = await strict.createPlatform({ name: 'any' })
    expect((await strict.admin('GET', `/platforms/${id}`)).body.hold).toBe(true)
    const other = await strict.createPlatform({ name: 'trusted', hold: false })
    expect((await strict.admin('GET', `/platforms/${other.id}`)).body.hold).toBe(false)
  } finally {
    await strict.close()
  }
})
