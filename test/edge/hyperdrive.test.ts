import postgres from 'postgres'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Hyperdrive, startHyperdrive } from '../support/hyperdrive.ts'

// What the hubs in workerd have for Hyperdrive has to refuse what the real one does, else nothing here would tell.

let database: TestDatabase
let hyperdrive: Hyperdrive
let sql: postgres.Sql

beforeEach(async () => {
  database = await createTestDatabase()
  hyperdrive = await startHyperdrive(database.url)
  sql = postgres(hyperdrive.url, { max: 1, prepare: false })
})
afterEach(async () => {
  await sql.end({ timeout: 1 })
  await hyperdrive.close()
  await database.drop()
})

test.each([
  'listen hub_routing',
  "set statement_timeout = '5s'",
  'select pg_advisory_lock(1)',
  'select pg_try_advisory_lock(1)',
])('%s is refused', async (statement) => {
  await expect(sql.unsafe(statement)).rejects.toThrow('CONNECTION_CLOSED')
  expect(hyperdrive.refused().map((refused) => refused.replace(/\0[^]*/, ''))).toEqual([statement])
})

test('what stays within a transaction is let through, on the connections that are counted', async () => {
  const long = 'x'.repeat(200_000)
  const told = await sql.begin(async (tx) => {
    await tx`set local statement_timeout = 5000`
    await tx`select pg_advisory_xact_lock(1)`
    await tx`select pg_notify('hub_routing', '1')`
    return await tx`select ${long} as text`
  })
  expect(told[0]?.['text']).toBe(long)
  expect(hyperdrive.refused()).toEqual([])
  expect(hyperdrive.opened()).toBe(1)
})
