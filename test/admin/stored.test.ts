import { z } from '@hono/zod-openapi'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CreatedPlatformSchema, PlatformSchema, RegistrationSchema } from '../../src/admin/api/schemas.ts'
import { createTableSource, type TableSource } from '../../src/hub/network/table-source.ts'
import { createSecrets } from '../../src/runtime/shared/secrets.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { createRegistry, createTableReader } from '../../src/storage/network/registry.ts'
import { OPEN_ADMISSION } from '../support/admission.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type AdminHarness, asChanged, crawl, createAdminHarness, faultsIn, platformIn } from './admin-harness.ts'

const { digest, seal, open } = createSecrets({ current: new Uint8Array(32), previous: null })
const DELIVERY = {
  requestsPerSecond: 50,
  concurrency: 8,
  maxAgeSeconds: 900,
  afterOffline: 'none',
  broadcastTo: 'platform',
} as const

let test: TestDatabase
let database: Database
let source: TableSource
let hub: AdminHarness
let registry: ReturnType<typeof createRegistry>
let registered = 0

beforeAll(async () => {
  test = await createTestDatabase()
  database = openDatabase({ url: test.url, maxConnections: 3 })
  const ports = { orm: database.orm, now: Date.now, admission: OPEN_ADMISSION, noteBound: () => {} }
  registry = createRegistry(ports)
  const read = createTableReader(ports)
  source = createTableSource({ read, open, hub: { countryCode: 'NL', partyId: 'HUB' }, deliveryDefaults: DELIVERY })
  await source.refresh()
  hub = createAdminHarness({
    registry: asChanged(registry),
    currentTable: source.current,
    afterChange: source.refresh,
    now: Date.now,
    digest,
  })
})

afterAll(async () => {
  await database.close()
  await test.drop()
})

/** The handshake of a platform, as if its partner had come with the registration token. */
async function register(platformId: string, token: string, olderTokensExpireAt: number | 'now' = 'now') {
  const result = await registry.storeHandshake({
    platformId,
    version: '2.2.1',
    versionsUrl: 'https://cpo.example/versions',
    endpoints: [{ identifier: 'locations', role: 'SENDER', url: 'https://cpo.example/2.2.1/locations' }],
    roles: [{ countryCode: 'DE', partyId: `${++registered}`, role: 'CPO', businessDetails: { name: 'CPO' } }],
    sealedToken: seal('of-the-partner'),
    accessDigest: digest(token),
    consumesRegistrationDigest: null,
    olderTokensExpireAt,
    origin: { by: 'partner', correlationId: null },
  })
  expect(result).toMatchObject({ kind: 'stored' })
}

it('routes by a new platform, its token and its parties as soon as the answer is there', async () => {
  const { id, registration } = await hub.addPlatform({
    parties: [{ country_code: 'NL', party_id: 'One', role: 'CPO' }],
  })
  const table = source.current()
  expect(table.platforms.get(id)?.status).toBe('PLANNED')
  expect(table.credentials.get(digest(registration.token))).toMatchObject({ platformId: id, kind: 'registration' })
  const shown = platformIn(await hub.call('GET', `/platforms/${id}`))
  expect(shown.parties).toMatchObject([{ country_code: 'NL', party_id: 'One', role: 'CPO', status: 'PLANNED' }])
})

it('replaces a registration token: the one before is dead when the answer is there', async () => {
  const { id, registration } = await hub.addPlatform()
  const renewed = RegistrationSchema.parse((await hub.call('POST', `/platforms/${id}/registration`)).body)
  const { credentials } = source.current()
  expect(credentials.has(digest(registration.token))).toBe(false)
  expect(credentials.get(digest(renewed.token))?.platformId).toBe(id)
})

it('refuses a party that another platform holds, names the holder and stores nothing', async () => {
  const holder = await hub.addPlatform({ parties: [{ country_code: 'NL', party_id: 'TWO', role: 'CPO' }] })
  const parties = [{ country_code: 'nl', party_id: 'two', role: 'CPO' }]
  const before = source.current().platforms.size
  const answer = await hub.call('POST', '/platforms', { body: { name: 'Other', parties } })
  expect(answer.status).toBe(409)
  expect(answer.body).toMatchObject({ platform_id: holder.id })
  await source.refresh()
  expect(source.current().platforms.size).toBe(before)
})

it('keeps a setting that is left out and lets one go that is null', async () => {
  const { id } = await hub.addPlatform({ delivery: { requests_per_second: 5, concurrency: 2 } })
  const body = { delivery: { requests_per_second: null, max_age_seconds: 60 }, token_encoding: 'raw' }
  const { delivery, token_encoding } = platformIn(await hub.call('PATCH', `/platforms/${id}`, { body }))
  expect(delivery).toMatchObject({
    requests_per_second: 50,
    concurrency: 2,
    max_age_seconds: 60,
    after_offline: 'none',
  })
  expect(token_encoding).toBe('raw')
  expect(source.current().platforms.get(id)).toMatchObject({ tokenEncoding: 'raw', delivery: { concurrency: 2 } })
})

it('lets announced parties go that are no longer listed', async () => {
  const party = (party_id: string) => ({ country_code: 'BE', party_id, role: 'EMSP' })
  const { id } = await hub.addPlatform({ parties: [party('A'), party('B')] })
  const answer = await hub.call('PATCH', `/platforms/${id}`, { body: { parties: [party('B'), party('C')] } })
  expect(platformIn(answer).parties.map((p) => p.party_id)).toEqual(['B', 'C'])
  await hub.addPlatform({ parties: [party('A')] })
})

it('shows what a handshake agreed; suspends and resumes with the credentials kept', async () => {
  const { id } = await hub.addPlatform()
  await register(id, 'first')
  const connected = platformIn(await hub.call('GET', `/platforms/${id}`))
  expect(connected).toMatchObject({
    status: 'CONNECTED',
    version: '2.2.1',
    versions_url: 'https://cpo.example/versions',
    parties: [{ country_code: 'DE', role: 'CPO', status: 'CONNECTED' }],
    endpoints: [{ identifier: 'locations', role: 'SENDER', url: 'https://cpo.example/2.2.1/locations' }],
  })
  const suspended = platformIn(await hub.call('POST', `/platforms/${id}/suspend`))
  expect(suspended).toMatchObject({ status: 'SUSPENDED', status_cause: 'suspended by an administrator' })
  expect(suspended.parties).toMatchObject([{ status: 'SUSPENDED' }])
  expect(source.current().platforms.get(id)?.status).toBe('SUSPENDED')
  expect(platformIn(await hub.call('POST', `/platforms/${id}/resume`)).status).toBe('CONNECTED')
  expect((await hub.call('POST', `/platforms/${id}/resume`)).status).toBe(409)
})

it('ends the replaced token of a partner and keeps the newest', async () => {
  const { id } = await hub.addPlatform()
  await register(id, 'older')
  await register(id, 'newer', Date.now() + 3_600_000)
  expect(platformIn(await hub.call('GET', `/platforms/${id}`)).has_older_token).toBe(true)
  expect(platformIn(await hub.call('POST', `/platforms/${id}/older-tokens/end`)).has_older_token).toBe(false)
  expect(source.current().credentials.has(digest('older'))).toBe(false)
  expect(source.current().credentials.has(digest('newer'))).toBe(true)
})

it('moves a party with its roles; the table follows before the answer', async () => {
  const roles = ['CPO', 'EMSP'].map((role) => ({ country_code: 'FR', party_id: 'MOV', role }))
  const from = await hub.addPlatform({ parties: roles })
  const to = await hub.addPlatform()
  const answer = await hub.call('POST', '/parties/fr/mov/move', { body: { platform_id: to.id } })
  expect(platformIn(answer).parties).toMatchObject(roles)
  expect(source.current().platforms.get(from.id)?.parties).toEqual([])
  expect(source.current().platforms.get(to.id)?.parties).toMatchObject([{ key: 'FR*MOV' }])
  const nowhere = { platform_id: '2b6f0cc9-04d2-4a1b-9d3e-3f6f1f8f0a11' }
  expect(faultsIn(await hub.call('POST', '/parties/FR/MOV/move', { body: nowhere }))).toMatchObject([
    { pointer: '#/platform_id' },
  ])
})

it('forgets a platform: its token and parties are gone when the answer is there', async () => {
  const party = { country_code: 'LU', party_id: 'BYE', role: 'CPO' }
  const { id, registration } = await hub.addPlatform({ parties: [party] })
  expect((await hub.call('DELETE', `/platforms/${id}`)).status).toBe(204)
  expect(source.current().credentials.has(digest(registration.token))).toBe(false)
  expect((await hub.call('GET', `/platforms/${id}`)).status).toBe(404)
  await hub.addPlatform({ parties: [party] })
})

it('pages through all platforms once, also when the one at the cursor is deleted meanwhile', async () => {
  const ids = async (first: string) => {
    const pages = await crawl((path) => hub.call('GET', path), first)
    return pages.flatMap(({ body }) =>
      z
        .array(PlatformSchema)
        .parse(body)
        .map((platform) => platform.id),
    )
  }
  for (let i = 0; i < 6; i++) await hub.addPlatform()
  const all = await ids('/platforms')
  expect(await ids('/platforms?limit=3')).toEqual(all)
  await hub.call('DELETE', `/platforms/${all[2]}`)
  expect(await ids(`/platforms?limit=3&cursor=${all[2]}`)).toEqual(all.slice(3))
})

it('keeps a name of any language and length allowed as it is', async () => {
  const name = '“Ladesäulen” 充電 🔌 \\ \' " $1 '.repeat(3).trim()
  const answer = await hub.call('POST', '/platforms', { body: { name } })
  expect(CreatedPlatformSchema.parse(answer.body).name).toBe(name)
})
