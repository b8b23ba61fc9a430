import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { createPlatformFigures } from '../../src/storage/network/platform-figures.ts'
import { createRegistry } from '../../src/storage/network/registry.ts'
import { OPEN_ADMISSION } from '../support/admission.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type AdminHarness, asChanged, crawl, createAdminHarness, type PlatformBody } from './admin-harness.ts'

let test: TestDatabase
let database: Database
let hub: AdminHarness

beforeAll(async () => {
  test = await createTestDatabase()
  database = openDatabase({ url: test.url, maxConnections: 3 })
  const registry = createRegistry({ orm: database.orm, now: Date.now, admission: OPEN_ADMISSION, noteBound: () => {} })
  hub = createAdminHarness({
    registry: asChanged(registry),
    now: Date.now,
    platformFigures: createPlatformFigures(database.orm),
  })
  const add = (name: string, party_id: string, role: string) =>
    hub.addPlatform({ name, parties: [{ country_code: 'NL', party_id, role }] })
  await add('delta 100%', 'AAA', 'CPO')
  await add('Alpha', 'ABC', 'EMSP')
  await add('charlie', 'CHA', 'CPO')
  await add('Bravo', 'BRV', 'NSP')
  await database.sql`update platforms set status = 'OFFLINE', status_since = 1000 where name = 'charlie'`
  await database.sql`update platforms set status_since = 2000 where name = 'Bravo'`
  await database.sql`insert into platform_seen select id, 5000 from platforms where name = 'Alpha'`
})
afterAll(async () => {
  await database.close()
  await test.drop()
})

async function names(query: string): Promise<string[]> {
  const pages = await crawl((path) => hub.call('GET', path), `/platforms?${query}`)
  return pages.flatMap(({ body }) => (body as PlatformBody[]).map(({ name }) => name))
}

it.each([
  ['part of its name, in any letter case', 'q=RAV', ['Bravo']],
  ['what a pattern would take for anything', 'q=%25', ['delta 100%']],
  ['a party, or part of one', 'q=nl-ab', ['Alpha']],
  ['its status', 'status=OFFLINE', ['charlie']],
  ['a party that it has', 'party=nl-brv', ['Bravo']],
  ['a role', 'role=CPO', ['delta 100%', 'charlie']],
  ['a role of a party', 'role=CPO&party=NL-ABC', []],
  ['all of it together', 'q=a&role=CPO&status=PLANNED', ['delta 100%']],
])('a platform is found by %s', async (_, query, expected) => {
  expect(await names(query)).toEqual(expected)
})

it.each([
  ['in order of creation', '', ['delta 100%', 'Alpha', 'charlie', 'Bravo']],
  ['the latest first', '&sort=-created', ['Bravo', 'charlie', 'Alpha', 'delta 100%']],
  ['by name', '&sort=name', ['Alpha', 'Bravo', 'charlie', 'delta 100%']],
  ['by name backwards', '&sort=-name', ['delta 100%', 'charlie', 'Bravo', 'Alpha']],
  ['by how long they stand as they do', '&sort=status_since', ['charlie', 'Bravo', 'delta 100%', 'Alpha']],
])('platforms come %s, page by page', async (_, query, expected) => {
  expect(await names(`limit=1${query}`)).toEqual(expected)
  expect(await names(`limit=3${query}`)).toEqual(expected)
})

it('platforms come by when they were last heard of, whoever never was before all others', async () => {
  expect((await names('limit=1&sort=last_seen')).at(-1)).toBe('Alpha')
  expect((await names('limit=2&sort=-last_seen'))[0]).toBe('Alpha')
  expect(new Set(await names('limit=1&sort=last_seen')).size).toBe(4)
})

it('a cursor of another order is refused, and so is a sort that there is not', async () => {
  const { headers } = await hub.call('GET', '/platforms?limit=1')
  const cursor = /cursor=([^&>]+)/.exec(headers.get('Link') ?? '')?.[1]
  expect((await hub.call('GET', `/platforms?limit=1&sort=name&cursor=${cursor}`)).status).toBe(400)
  expect((await hub.call('GET', '/platforms?sort=weight')).status).toBe(400)
})

it('how each fares stands beside it where that is asked for: what waits, and how much of a day failed', async () => {
  const { body: before } = await hub.call('GET', '/platforms')
  const [delta, alpha] = before as PlatformBody[]
  expect(delta).not.toHaveProperty('figures')
  const hour = (ago: number) => Math.floor((Date.now() - ago * 3_600_000) / 3_600_000) * 3_600_000
  for (const [ago, outcome, n] of [
    [0, 'ok', 90],
    [23, 'failed', 10],
    [30, 'failed', 500],
  ] as const)
    await database.sql`
      insert into traffic_hour (platform, hour, is_caller, module, outcome, n, ms)
      values (${delta?.id ?? ''}, ${hour(ago)}, true, 'tokens', ${outcome}, ${n}, 1)`
  await database.sql`
    insert into push_cursor (platform_id, position, lanes, needed, waiting, saved_at)
    values (${alpha?.id ?? ''}, 0, '[]'::jsonb, 0, 7, 0)`
  const { body } = await hub.call('GET', '/platforms?figures=true')
  expect((body as { name: string; figures: object }[]).map(({ name, figures }) => [name, figures])).toEqual([
    ['delta 100%', { waiting: null, exchanges_24h: 100, failed_24h: 10 }],
    ['Alpha', { waiting: 7, exchanges_24h: 0, failed_24h: 0 }],
    ['charlie', { waiting: null, exchanges_24h: 0, failed_24h: 0 }],
    ['Bravo', { waiting: null, exchanges_24h: 0, failed_24h: 0 }],
  ])
})
