import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../src/runtime/node/log.ts'
import { migrateDatabase } from '../../src/storage/migrate.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startTestHub } from '../support/hub.ts'

const folder = fileURLToPath(new URL('../../migrations', import.meta.url))
let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase({ isEmpty: true })
})
afterAll(() => database.drop())

test('hubs that start together on an empty database, and again later, leave one schema', async () => {
  await Promise.all([1, 2, 3].map(() => migrateDatabase({ url: database.url, folder })))
  await migrateDatabase({ url: database.url, folder })
  const sql = postgres(database.url, { max: 1 })
  expect(await sql`select revision::int from routing_revision`).toEqual([{ revision: 0 }])
  expect(await sql`select segment from message_log_segments`).toEqual([{ segment: 1 }])
  await sql.end()
})

test('a hub that starts while another migrates says so, and goes on once that is done', async () => {
  const other = postgres(database.url, { max: 1 })
  const key = 5_270_221
  await other`select pg_advisory_lock(${key})`
  let migrated: Promise<unknown> = Promise.resolve()
  await new Promise<void>((resolve) => {
    migrated = migrateDatabase({ url: database.url, folder, onWait: resolve })
  })
  await other`select pg_advisory_unlock(${key})`
  expect(await migrated).toEqual({ isOfNewerHub: false })
  await other.end()
})

test('a hub on a database that a newer one has migrated says so in one line and goes on', async () => {
  expect(await migrateDatabase({ url: database.url, folder })).toEqual({ isOfNewerHub: false })
  const sql = postgres(database.url, { max: 1 })
  await sql`insert into drizzle.__drizzle_migrations (hash, created_at)
    select 'of a newer hub', max(created_at) + 1 from drizzle.__drizzle_migrations`
  await sql.end()
  const warnings: unknown[][] = []
  const log = { ...createLog('silent'), warn: (...entry: unknown[]) => warnings.push(entry) }
  const hub = await startTestHub({}, { databaseUrl: database.url, log })
  expect((await hub.admin('GET', '/platforms')).status).toBe(200)
  await hub.close()
  expect(warnings).toEqual([[expect.stringContaining('a newer hub has changed the schema')]])
})

test('a database that is away refuses within seconds', async () => {
  const away = new URL(database.url)
  away.port = '1'
  await expect(migrateDatabase({ url: away.href, folder })).rejects.toThrow(/ECONNREFUSED/)
})
