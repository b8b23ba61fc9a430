import { afterEach, beforeEach, expect, test } from 'vitest'
import type { QueueSave } from '../../../src/hub/push/cursor.ts'
import { SHARDS, shardOf } from '../../../src/hub/push/drain/leases.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createQueueAdmin } from '../../../src/storage/push/admin.ts'
import { createCursorStore } from '../../../src/storage/push/cursors.ts'
import { createHeldCursors } from '../../../src/storage/push/held-cursors.ts'
import { createLeaseStore } from '../../../src/storage/push/leases.ts'
import { register } from '../../hub/push/rig.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const OWNER = 'workers'

let database: TestDatabase
let connection: Database
let epoch: number

beforeEach(async () => {
  database = await createTestDatabase()
  connection = openDatabase({ url: database.url, maxConnections: 1 })
  await register(connection, [{ id: 'emsp', party: 'NL*MSP', roles: ['EMSP'] }])
  const leases = createLeaseStore(connection.sql)
  await leases.renew(OWNER)
  epoch = (await leases.claim(OWNER, SHARDS)).find(({ shard }) => shard === shardOf('emsp'))?.epoch ?? -1
})
afterEach(async () => {
  await connection.close()
  await database.drop()
})

test('a queue object that another one took the place of saves nothing, though the shard is still its own', async () => {
  const held = createHeldCursors(connection.sql)
  const position = async (holder: string) =>
    (await held.load([{ platformId: 'emsp', holder }]))[0]?.saved.cursor.position
  expect(await position('first')).toBe(0)
  expect(await save('first', 5)).toEqual([])
  expect(await position('second')).toBe(5)
  expect(await save('second', 9)).toEqual([])
  expect(await save('first', 6)).toEqual(['emsp'])
  expect(await position('third')).toBe(9)
})

test('a platform that is a push behind is found behind a thousand that were away for days', async () => {
  const held = createHeldCursors(connection.sql)
  await held.load([{ platformId: 'emsp', holder: 'first' }])
  await save('first', 5)
  await connection.sql`
    insert into platforms select away.* from platforms, generate_series(1, 1000) as i,
      jsonb_populate_record(platforms, jsonb_build_object('id', 'away' || i, 'name', 'Away ' || i)) as away
    where platforms.id = 'emsp'`
  await connection.sql`
    insert into push_cursor (platform_id, position, lanes, needed, saved_at)
    select id, 0, '[]', 1, 0 from platforms where id like 'away%'`
  expect((await held.behind(6)).at(-1)).toBe('emsp')
  expect(await held.behind(5)).not.toContain('emsp')
})

test('the pace of a queue is that of the last minute: slower and faster as it goes on, and none once it rests', async () => {
  await createHeldCursors(connection.sql).load([{ platformId: 'emsp', holder: 'first' }])
  const delivered = (count: number) => save('first', count, count)
  const pass = (seconds: number) =>
    connection.sql`update push_cursor set pace_since = pace_since - ${seconds * 1000}::bigint, saved_at = 0`
  const pace = async () => (await createQueueAdmin(connection).find('emsp', Date.now()))?.perMinute
  // What is counted is a moment older by the time it is read.
  const near = (count: number) => expect.closeTo(count, -1)
  expect(await pace()).toBe(0)
  await delivered(1_000)
  expect(await pace()).toEqual(near(1_000))
  await pass(30)
  await delivered(1_500)
  expect(await pace()).toEqual(near(1_500))
  await pass(60)
  await delivered(1_500)
  expect(await pace()).toEqual(near(1_000))
  await pass(45)
  expect(await pace()).toEqual(near(250))
  await pass(3_600)
  expect(await pace()).toBe(0)
  await delivered(1_507)
  expect(await pace()).toBe(7)
})

/** Gives those that were not saved. */
function save(holder: string, position: number, delivered = 0): Promise<readonly string[]> {
  const saved = {
    ...{ platformId: 'emsp', shard: shardOf('emsp'), epoch, holder, cursor: { position, lanes: [] } },
    ...{ needed: position + 1, skippedTo: null, delivered, collapsed: 0, failed: 0, missed: 0, withheld: 0 },
    ...{ waiting: 0, unread: 0, inFlight: 0, oldestAt: null, pauseCause: null },
  } satisfies QueueSave & { holder: string }
  return createCursorStore(connection.sql).save(OWNER, [saved], [])
}
