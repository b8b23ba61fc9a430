import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrateDatabase } from '../../src/storage/migrate.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

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

test('a database that is away refuses within seconds', async () => {
  const away = new URL(database.url)
  away.port = '1'
  await expect(migrateDatabase({ url: away.href, folder })).rejects.toThrow(/ECONNREFUSED/)
})
