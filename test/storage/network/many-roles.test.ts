import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRegistry } from '../../../src/storage/network/registry.ts'
import * as schema from '../../../src/storage/schema.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { handshake, newPlatform, role } from '../../support/registry.ts'

let database: TestDatabase
let sql: postgres.Sql
/** By statement: how many parameters it had. */
let statements: number[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  sql = postgres(database.url, {
    max: 1,
    fetch_types: false,
    debug: (_connection, _query, parameters) => void statements.push(parameters.length),
  })
})
afterAll(async () => {
  await sql.end()
  await database.drop()
})

async function costOf(change: () => Promise<{ readonly kind: string }>): Promise<readonly number[]> {
  statements = []
  expect((await change()).kind).toMatch(/^(changed|stored)$/)
  return statements
}

/** A platform is announced, registers, is given other roles, announces others, and is deleted. */
async function costsOfALife(letter: string, count: number): Promise<readonly (readonly number[])[]> {
  const registry = createRegistry({ orm: drizzle(sql, { schema }), now: Date.now })
  const names = (first: string) =>
    Array.from({ length: count }, (_, i) => `${letter}${first}-${i.toString(36).toUpperCase().padStart(3, '0')} CPO`)
  const platform = newPlatform({ parties: names('A').map(role) })
  return [
    await costOf(() => registry.createPlatform(platform)),
    await costOf(() => registry.storeHandshake(handshake(platform.id, names('B')))),
    await costOf(() => registry.storeHandshake(handshake(platform.id, names('C')))),
    await costOf(() => registry.changePlatform(platform.id, { parties: names('D').map(role) })),
    await costOf(() => registry.deletePlatform(platform.id)),
  ]
}

test('A platform of 500 parties holds up other changes for no more statements than one of five', async () => {
  expect(await costsOfALife('N', 500)).toEqual(await costsOfALife('D', 5))
  const [left] = await sql`select (select count(*)::int from parties) as parties, count(*)::int from departed_roles`
  expect(left).toEqual({ parties: 0, count: 4 * 505 })
})
