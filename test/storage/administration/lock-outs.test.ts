import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockOuts } from '../../../src/storage/administration/account-schema.ts'
import { createLockOutStore, deleteLockOutsEndedBy } from '../../../src/storage/administration/lock-outs.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: 2 })
})
afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

test('Who had to wait, and from where, is forgotten once they need not', async () => {
  const store = createLockOutStore(database.orm)
  const at = { since: 0, nextTryAt: 60, endsAt: 600 }
  await store.note({ id: 'one', address: '192.0.2.7', name: 'ada', ...at }, 0)
  await deleteLockOutsEndedBy(database.orm, 599)
  expect(await store.list(0)).toHaveLength(1)
  await deleteLockOutsEndedBy(database.orm, 600)
  expect(await database.orm.$count(lockOuts)).toBe(0)
})
