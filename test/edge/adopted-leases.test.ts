import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LeaseStore } from '../../src/hub/push/drain/leases.ts'
import { adoptLeases } from '../../src/runtime/workers/objects/adopted-leases.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { createLeaseStore } from '../../src/storage/push/leases.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let connection: Database
let store: LeaseStore
let leases: LeaseStore

beforeEach(async () => {
  database = await createTestDatabase()
  connection = openDatabase({ url: database.url, maxConnections: 2 })
  store = createLeaseStore(connection.sql)
  leases = adoptLeases(store)
  await leases.renew('workers')
  await leases.claim('workers', 64)
})
afterEach(async () => {
  await connection.close()
  await database.drop()
})

/** As when nothing is heard of the holder for a minute. */
async function lapse(): Promise<void> {
  await connection.sql`update push_shard set expires_at = now() - interval '1 minute'`
}

test('leases that lapsed while a Log object was held up, and that nobody has claimed, are its own by the same epoch', async () => {
  const { held } = await leases.renew('workers')
  await lapse()
  expect(held.length).toBe(64)
  expect(sorted((await leases.renew('workers')).held)).toEqual(sorted(held))
  // They last again.
  expect(await store.claim('node', 1)).toEqual([])
})

test('those that another process has claimed meanwhile are the other’s', async () => {
  await lapse()
  const [taken] = await store.claim('node', 1)
  const { held } = await leases.renew('workers')
  expect(held.length).toBe(63)
  expect(held.map(({ shard }) => shard)).not.toContain(taken?.shard)
})

test('a Log object that follows another takes what that one held, and not what lapsed before it began', async () => {
  const next = adoptLeases(store)
  expect((await next.renew('workers')).held).toEqual([])
  const adopted = await next.claim('workers', 64)
  expect(adopted.every(({ epoch, freeForMs }) => epoch === 1 && freeForMs === Number.POSITIVE_INFINITY)).toBe(true)
  await lapse()
  const third = adoptLeases(store)
  await third.renew('workers')
  const claimed = await third.claim('workers', 64)
  expect(claimed.every(({ epoch, freeForMs }) => epoch === 2 && freeForMs >= 60_000)).toBe(true)
})

function sorted(held: readonly { readonly shard: number; readonly epoch: number }[]) {
  return held.toSorted((a, b) => a.shard - b.shard)
}
