import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listenForRouting } from '../../../src/storage/network/routing-listener.ts'
import { handshake, newPlatform, openTestRegistry, role } from '../../support/registry.ts'

let hub: Awaited<ReturnType<typeof openTestRegistry>>
beforeAll(async () => {
  hub = await openTestRegistry()
})
afterAll(() => hub.close())

test('the table learns of what changed since its revision, of removals too, and of nothing else', async () => {
  const { registry, readRows } = hub
  const [a, b, c] = [newPlatform({ name: 'a' }), newPlatform({ name: 'b' }), newPlatform({ name: 'c' })] as const
  for (const platform of [a, b, c]) await registry.createPlatform(platform)
  const all = await readRows(null)
  expect(all.platforms.map((platform) => platform.name).sort()).toEqual(['a', 'b', 'c'])
  expect(await readRows(all.revision)).toMatchObject({ revision: all.revision, platforms: [], removedPlatformIds: [] })

  await registry.storeHandshake(handshake(b.id, ['NL-BBB CPO', 'NL-BBB EMSP', 'nl-bb2 CPO']))
  await registry.deletePlatform(c.id)
  const changed = await readRows(all.revision)
  expect(changed).toMatchObject({ revision: all.revision + 2, removedPlatformIds: [c.id] })
  expect(changed.platforms).toHaveLength(1)
  expect(changed.platforms[0]).toMatchObject({
    id: b.id,
    status: 'CONNECTED',
    version: '2.2.1',
    revision: all.revision + 1,
    endpoints: [{ identifier: 'locations', role: 'SENDER' }],
    parties: [
      {
        key: 'NL*BB2',
        countryCode: 'nl',
        partyId: 'bb2',
        platformId: b.id,
        roles: [{ role: 'CPO', status: 'ACTIVE' }],
      },
      {
        key: 'NL*BBB',
        roles: [
          { role: 'CPO', status: 'ACTIVE' },
          { role: 'EMSP', status: 'ACTIVE' },
        ],
      },
    ],
    credentials: [{ kind: 'access', expiresAt: null, replacesOlder: false, platformId: b.id }],
  })
})

test('a revision is never visible before a lower one, however changes interleave', async () => {
  const { registry, readRows } = hub
  const seen = new Set<string>()
  let { revision } = await readRows(null)
  let isDone = false
  const reading = (async () => {
    while (!isDone) {
      const rows = await readRows(revision)
      expect(rows.revision).toBeGreaterThanOrEqual(revision)
      revision = rows.revision
      for (const platform of rows.platforms) seen.add(platform.id)
    }
  })()
  const platforms = Array.from({ length: 60 }, () => newPlatform())
  await Promise.all(platforms.map((platform) => registry.createPlatform(platform)))
  isDone = true
  await reading
  for (const platform of (await readRows(revision)).platforms) seen.add(platform.id)
  expect(platforms.filter((platform) => !seen.has(platform.id))).toEqual([])
})

test('other processes are told of every change, once it is there, and each time they connect', async () => {
  let told = 0
  let wake = () => {}
  const next = () => new Promise<void>((resolve) => (wake = resolve))
  const first = next()
  const stop = await listenForRouting(hub.database.sql, () => {
    told += 1
    wake()
  })
  await first
  const second = next()
  await hub.registry.createPlatform(newPlatform({ parties: [role('NL-TLD CPO')] }))
  await second
  const before = told
  await hub.registry.createPlatform(newPlatform({ parties: [role('NL-TLD CPO')] }))
  const third = next()
  await hub.database.orm.execute(sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen%'`)
  await third
  expect(told).toBe(before + 1)
  const fourth = next()
  await hub.registry.createPlatform(newPlatform())
  await fourth
  await stop()
})

test('ten thousand platforms of ten endpoints are read in one go', async () => {
  const { database, readRows } = hub
  await database.sql`
    insert into platforms (id, name, status, status_cause, status_since, version, endpoints, delivery, token_encoding,
      is_strict_about_tokens, created_at, revision)
    select 'many-' || n, 'Many', 'CONNECTED', '', 0, '2.2.1',
      (select jsonb_agg(jsonb_build_object('identifier', 'm' || e, 'role', 'SENDER', 'url', 'https://p.example/' || e))
        from generate_series(1, 10) e),
      '{}', 'base64', false, 0, 1
    from generate_series(1, 10000) n`
  await database.sql`
    insert into parties select 'XX*' || n, 'XX', n::text from generate_series(1, 10000) n`
  await database.sql`
    insert into party_roles (party_key, role, platform_id, state, status, last_updated)
    select 'XX*' || n, 'CPO', 'many-' || n, 'ACTIVE', 'CONNECTED', 0 from generate_series(1, 10000) n`
  await database.sql`
    insert into credentials_tokens select 'd' || n, 'many-' || n, 'access', 0, null from generate_series(1, 10000) n`
  const rows = (await readRows(null)).platforms.filter((platform) => platform.id.startsWith('many-'))
  expect(rows).toHaveLength(10_000)
  expect(
    rows.every((row) => row.endpoints.length === 10 && row.parties.length === 1 && row.credentials.length === 1),
  ).toBe(true)
})
