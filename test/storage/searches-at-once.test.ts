import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { SearchesBusy } from '../../src/hub/message/message-query.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { inTime } from '../../src/storage/in-time.ts'
import { createMessageSearch } from '../../src/storage/message-log/search.ts'
import { createSearchPlaces, MOST_SEARCHES } from '../../src/storage/search-places.ts'
import { ANY_MESSAGE } from '../support/any-message.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: MOST_SEARCHES + 2 })
})
afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

/** As many searches as may be at once, each of which lasts until they are let go. */
async function searchMuch(): Promise<() => Promise<unknown>> {
  const blocker = openDatabase({ url: testDatabase.url, maxConnections: 1 })
  await blocker.sql`select pg_advisory_lock(1)`
  const searches = Array.from({ length: MOST_SEARCHES }, () =>
    inTime(database.orm, (run) => run((tx) => tx.execute(sql`select pg_advisory_xact_lock_shared(1)`))),
  )
  return async () => {
    await blocker.close()
    await Promise.all(searches)
  }
}

const search = () =>
  createMessageSearch(database.orm, { countryCode: 'NL', partyId: 'HUB' }).find(ANY_MESSAGE, { limit: 1, before: null })

test('while many search one more is told so after a while, and whoever else needs the database is served', async () => {
  const letGo = await searchMuch()
  await expect(search()).rejects.toThrow(SearchesBusy)
  expect(await database.sql`select 1 as one`).toEqual([{ one: 1 }])
  await letGo()
  expect(await search()).toEqual([])
})

test('a search that comes while others end waits for them', async () => {
  const letGo = await searchMuch()
  const waiting = search()
  await letGo()
  expect(await waiting).toEqual([])
})

test('a place that nobody gives back is free after its time', async () => {
  const clock = vi.spyOn(performance, 'now')
  const places = createSearchPlaces(1, 0)
  await places.enter()
  await expect(places.enter()).rejects.toThrow(SearchesBusy)
  const now = performance.now()
  clock.mockReturnValue(now + 12_001)
  expect(await places.enter()).toBeTypeOf('function')
  clock.mockRestore()
})
