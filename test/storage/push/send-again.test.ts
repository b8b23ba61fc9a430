import { afterAll, beforeAll, expect, test } from 'vitest'
import { BY_COMMAND } from '../../../src/hub/administration/audit.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { summariseNewRows } from '../../../src/storage/message-log/segments.ts'
import { createPushLog } from '../../../src/storage/push/log.ts'
import { createSendAgainStore } from '../../../src/storage/push/send-again.ts'
import { createTrimStore } from '../../../src/storage/push/trim.ts'
import { newPush, platformOf } from '../../hub/push/rig.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const cpo = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'] })

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: 8 })
})
afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

/** A push of its own IDs, by which it is found again. */
function pushOf(path: string, requestId: string) {
  return { ...newPush(cpo, { path, body: { from: requestId } }), requestId }
}

test('an old state never gets a number behind a newer one, whichever is stored first', async () => {
  const log = createPushLog(database.sql)
  const store = createSendAgainStore({ orm: database.orm, now: Date.now }, BY_COMMAND)
  for (let round = 0; round < 40; round++) {
    const path = `/NL/CPO/R${round}`
    const old = pushOf(path, `old ${round}`)
    const after = await log.append([old])
    const again = store.append({ ...old, onlyTo: 'emsp' }, after)
    const [stored, newer] = await Promise.all([again, log.append([pushOf(path, `newer ${round}`)])])
    if (stored.kind === 'stored') expect(stored.number).toBeLessThan(newer)
    else expect(stored.push.number).toBe(newer)
    expect(await store.append({ ...old, onlyTo: 'emsp' }, after)).toMatchObject({
      kind: 'newer',
      push: { number: newer },
    })
  }
})

test('numbers stay without gaps, also where a push was refused', async () => {
  const log = createPushLog(database.sql)
  const before = await log.lastNumber()
  expect(await log.append([pushOf('/NL/CPO/NEXT', 'next')])).toBe(before + 1)
})

test('a push is found by the IDs of its message, and itself sent again is no newer state', async () => {
  const store = createSendAgainStore({ orm: database.orm, now: Date.now }, BY_COMMAND)
  const push = pushOf('/NL/CPO/FOUND', 'found')
  const number = await createPushLog(database.sql).append([push])
  const found = await store.find(push)
  expect({ ...found, body: [...(found?.body ?? [])] }).toEqual({ ...push, number, body: [...(push.body ?? [])] })
  expect((await store.append({ ...push, onlyTo: 'one' }, number)).kind).toBe('stored')
  expect((await store.append({ ...push, onlyTo: 'two' }, number)).kind).toBe('stored')
  expect(await store.find({ ...push, requestId: 'none' })).toBeNull()
})

test('newer pushes of an object are found by its ID in any letter case, and without reading the log of all others', async () => {
  const one = openDatabase({ url: testDatabase.url, maxConnections: 1 })
  try {
    await one.sql`
      insert into message_log (at, kind, correlation_id, request_id, from_platform_id, to_platform_id, module, interface_role, method,
          path, http_status, ocpi_status, duration_ms, request_bytes, response_bytes, object_key, request_body, request_headers, response_headers)
        select n, 'direct', n, n, 'cpo', 'emsp', 'locations', 'RECEIVER', 'PUT', '/ocpi/2.2.1/receiver/locations/NL/CPO/' || id,
            200, 1000, 1, 1, 1, id, decode(repeat('00', 1200), 'hex'), '', ''
          from generate_series(1, 10000) as n, lateral (select case n when 5000 then 'Loc-1' else 'loc-' || n end as id) as named`
    await summariseNewRows(one.orm)
    await one.sql`analyze message_log`
    const store = createSendAgainStore({ orm: one.orm, now: Date.now }, BY_COMMAND)
    const asked = { module: 'locations', since: 1, toPlatformId: 'emsp', broadcastBy: null }
    const scans = () => one.sql<{ of_objects: number; rows: number }[]>`
      select sum(idx_scan)::int as of_objects, (select sum(seq_tup_read + idx_tup_fetch)::int from pg_stat_user_tables
          where relname ~ '^message_log_[0-9]+$') as rows
        from pg_stat_user_indexes where indexrelid in
          (select inhrelid from pg_inherits where inhparent = 'message_log_object'::regclass)`
    await one.sql`select pg_stat_force_next_flush()`
    const [before] = await scans()
    expect((await store.pushedSince({ ...asked, objectId: 'loc-1' })).map(({ at }) => at)).toEqual([5_000])
    await one.sql`select pg_stat_force_next_flush()`
    const [after] = await scans()
    expect(after?.of_objects).toBe((before?.of_objects ?? 0) + 1)
    expect((after?.rows ?? 0) - (before?.rows ?? 0)).toBeLessThan(2_000)
    expect(await store.pushedSince({ ...asked, objectId: 'loc-1', since: 5_000 })).toEqual([])
    expect(await store.pushedSince({ ...asked, objectId: 'loc-1', toPlatformId: 'other' })).toEqual([])
    expect(await store.pushedSince({ ...asked, objectId: 'a\0b' })).toEqual([])
  } finally {
    await one.close()
  }
})

test('of pushes with the same IDs the one is found that came with the message, however many the log holds', async () => {
  await database.sql`
    insert into push_log (number, at, from_platform_id, from_country_code, from_party_id, owner_country_code, owner_party_id, sender_class,
        module, method, path, query, chain_key, path_key, correlation_id, request_id, bytes, bytes_end)
      select number + n, at + n * 20000, from_platform_id, from_country_code, from_party_id, owner_country_code, owner_party_id,
          sender_class, module, method, path, query, chain_key, path_key, 'same', 'same', 1, 1
        from (select * from push_log order by number limit 1) as one, generate_series(100000, 101000) as n`
  await database.sql`delete from push_log where number % 7 = 3 and correlation_id = 'same'`
  const rows = await database.sql<{ number: number; at: number; path: string }[]>`
    select number::float8, at::float8, path from push_log where correlation_id = 'same' order by number`
  const store = createSendAgainStore({ orm: database.orm, now: Date.now }, BY_COMMAND)
  for (const { number, at, path } of [rows[0], rows[500], rows.at(-1)].filter((row) => row !== undefined)) {
    await database.sql`
      insert into message_log (at, kind, correlation_id, request_id, from_platform_id, module, method, path, http_status, duration_ms,
          request_bytes, response_bytes, request_headers, response_headers)
        values (${at - 5_000}, 'broadcast', 'same', 'same', 'cpo', 'locations', 'PUT', ${`/ocpi/2.2.1/receiver/locations${path}?a=b`},
          200, 1, 1, 1, '', '')`
    const ids = {
      correlationId: 'same',
      requestId: 'same',
      fromPlatformId: 'cpo',
      module: 'locations',
      method: 'PUT',
      path,
    }
    expect(await store.find(ids)).toMatchObject({ number, at })
  }
})

test('a full log gives up no push for what was sent again to one platform', async () => {
  const log = createPushLog(database.sql)
  const store = createSendAgainStore({ orm: database.orm, now: Date.now }, BY_COMMAND)
  const push = pushOf('/NL/CPO/KEPT', 'kept')
  const number = await log.append([push])
  await store.append({ ...push, onlyTo: 'emsp' }, number)
  const trim = createTrimStore(database.sql)
  await trim.deleteSuperseded(number - 1)
  expect(await log.readNumbers([number], true)).toHaveLength(1)
  await log.append([pushOf('/NL/CPO/KEPT', 'newer')])
  await trim.deleteSuperseded(number - 1)
  expect(await log.readNumbers([number, number + 1], true)).toHaveLength(0)
})
