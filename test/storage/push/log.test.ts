import postgres from 'postgres'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Senders } from '../../../src/hub/push/log/push-log.ts'
import { StoreUnavailable } from '../../../src/hub/store-unavailable.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createPushLog, createPushNotice, listenForPushes } from '../../../src/storage/push/log.ts'
import { startReceiver, until } from '../../hub/push/receiver.ts'
import { newPush, openRig, platformOf } from '../../hub/push/rig.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'

const LIMITS = { pushes: 1_000, bytes: 10_000_000 }
const cpo = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'] })

let testDatabase: TestDatabase
let database: Database

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: 6 })
})

afterEach(async () => {
  await database.close()
  await testDatabase.drop()
})

function pushOf(path: string, body: unknown = {}) {
  return newPush(cpo, { path, body })
}

describe('The push log', () => {
  test('gives back every byte and field as stored', async () => {
    const log = createPushLog(database.sql)
    const odd = {
      ...pushOf('/NL/CPO/L%C3%A9'),
      query: '?q=\'"\\u0000&x=\u00ff',
      body: Uint8Array.from([0, 255, 1, 39, 92]),
    }
    const empty = { ...newPush(cpo, { module: 'tariffs', method: 'DELETE', path: '/NL/CPO/T1' }), contentType: null }
    expect(await log.append([odd, empty])).toBe(1)
    const { pushes } = await log.readAfter(0, LIMITS)
    expect(pushes.map((push) => ({ ...push, body: push.body && [...push.body] }))).toEqual([
      { ...odd, number: 1, body: [0, 255, 1, 39, 92] },
      { ...empty, number: 2 },
    ])
    expect(await log.readNumbers([1, 77], true)).toEqual([pushes[0]])
    expect(await log.readNumbers([1, 2], false)).toEqual(pushes.map((push) => ({ ...push, body: null })))
  })

  test('lets nobody step over a row of a transaction that commits late', async () => {
    const log = createPushLog(database.sql)
    const slow = postgres(testDatabase.url, { max: 1, fetch_types: false })
    const slowLog = createPushLog(slow)
    try {
      await slow`begin`
      expect(await slowLog.append([pushOf('/NL/CPO/SLOW')])).toBe(1)
      let isLaterStored = false
      const later = log.append([pushOf('/NL/CPO/LATER')]).then((number) => {
        isLaterStored = true
        return number
      })
      await until(async () => {
        const [row] = await database.sql`select count(*)::int as count from pg_locks where not granted`
        return row?.count > 0
      }, 'the later one waits for the first')
      expect(isLaterStored).toBe(false)
      // A reader now sees neither; had it seen the later one, it would never come back for the first.
      expect((await log.readAfter(0, LIMITS)).pushes).toEqual([])
      await slow`commit`
      expect(await later).toBe(2)
      expect((await log.readAfter(0, LIMITS)).pushes.map((push) => push.number)).toEqual([1, 2])
    } finally {
      await slow.end({ timeout: 1 })
    }
  })

  test('leaves no gap where a transaction is undone', async () => {
    const log = createPushLog(database.sql)
    const other = postgres(testDatabase.url, { max: 1, fetch_types: false })
    await other`begin`
    expect(await createPushLog(other).append([pushOf('/NL/CPO/GONE')])).toBe(1)
    await other`rollback`
    await other.end()
    expect(await log.append([pushOf('/NL/CPO/L1')])).toBe(1)
  })

  test('is listened to no longer, once told so, also while the database does not answer', async () => {
    const proxy = await startTcpProxy(testDatabase.url)
    const behind = openDatabase({ url: proxy.url, maxConnections: 1 })
    let isHeard = false
    const stop = await listenForPushes(behind.sql, () => (isHeard = true))
    await until(() => isHeard, 'it listens')
    proxy.freeze()
    await stop()
    await behind.close()
    await proxy.close()
  })

  test('is told of in vain while the database is away, which is no fault of the hub', async () => {
    const proxy = await startTcpProxy(testDatabase.url)
    const behind = openDatabase({ url: proxy.url, maxConnections: 1 })
    const { notify } = createPushNotice(behind.sql)
    await notify()
    await proxy.cut()
    await expect(notify()).rejects.toBeInstanceOf(StoreUnavailable)
    await behind.close()
  })

  test('is read within bounds of rows and bytes, one row at least', async () => {
    const log = createPushLog(database.sql)
    await log.append(Array.from({ length: 10 }, (_, i) => pushOf(`/NL/CPO/L${i}`, { pad: 'x'.repeat(1_000) })))
    expect((await log.readAfter(0, { pushes: 3, bytes: 1_000_000 })).pushes).toHaveLength(3)
    expect((await log.readAfter(0, { pushes: 10, bytes: 3_000 })).pushes).toHaveLength(3)
    expect((await log.readAfter(0, { pushes: 10, bytes: 1 })).pushes).toHaveLength(1)
    const part = await log.readModule(
      'locations',
      { except: [] },
      { after: 2, upTo: 8 },
      { pushes: 4, bytes: 1_000_000 },
      false,
    )
    expect(part.pushes.map((push) => push.number)).toEqual([3, 4, 5, 6])
    expect(part.upTo).toBe(6)
    expect(part.pushes[0]?.body).toBe(null)
    const cut = await log.readModule(
      'locations',
      { except: [] },
      { after: 2, upTo: 8 },
      { pushes: 10, bytes: 3_000 },
      false,
    )
    expect([cut.pushes.length, cut.upTo]).toEqual([3, 5])
    expect(await log.readModule('tokens', { except: [] }, { after: 2, upTo: 8 }, LIMITS, true)).toEqual({
      pushes: [],
      upTo: 8,
    })
  })

  test('is read of one sender alone, or without some', async () => {
    const log = createPushLog(database.sql)
    const order = ['a', 'b', 'a', 'c', 'a', 'b']
    await log.append(order.map((fromPlatformId, i) => ({ ...pushOf(`/NL/CPO/L${i}`), fromPlatformId })))
    const read = async (senders: Senders, pushes = 10) => {
      const part = await log.readModule('locations', senders, { after: 1, upTo: 6 }, { ...LIMITS, pushes }, true)
      return [part.pushes.map(({ number }) => number), part.upTo]
    }
    expect(await read({ only: 'a' })).toEqual([[3, 5], 6])
    expect(await read({ only: 'a' }, 1)).toEqual([[3], 3])
    expect(await read({ only: 'd' })).toEqual([[], 6])
    expect(await read({ except: ['a'] })).toEqual([[2, 4, 6], 6])
    expect(await read({ except: ['a', 'b'] }, 1)).toEqual([[4], 4])
    expect(await read({ except: [] })).toEqual([[2, 3, 4, 5, 6], 6])
  })
})

describe('The log is shortened', () => {
  test('once every platform has passed its rows', async () => {
    const receiver = await startReceiver()
    const rig = openRig(testDatabase.url)
    await rig.put(
      { id: 'cpo', party: 'NL*CPO', roles: ['CPO'] },
      { id: 'emsp', party: 'NL*MSP', roles: ['EMSP'], origin: receiver.origin },
    )
    await rig.start()
    for (let i = 0; i < 20; i++) await rig.push('cpo', { path: `/NL/CPO/L${i}` })
    await receiver.waitFor(() => receiver.received.length === 20, 'all delivered')
    await until(async () => (await rowsLeft()) === 0, 'no row is left', 30_000)
    await rig.push('cpo', { path: '/NL/CPO/L1' })
    await receiver.waitFor(() => receiver.received.length === 21, 'the log goes on')
    await rig.close()
    await receiver.close()
  })

  test('by its bounds though a paused platform has not passed, for which the cut is listed as missed', async () => {
    const receiver = await startReceiver()
    const rig = openRig(testDatabase.url, { bounds: { oldestAt: () => Date.now() - 86_400_000, maxBytes: 5_000 } })
    await rig.put(
      { id: 'cpo', party: 'NL*CPO', roles: ['CPO'] },
      { id: 'emsp', party: 'NL*MSP', roles: ['EMSP'], origin: receiver.origin },
    )
    await rig.start()
    await rig.engine.admin.setPaused('emsp', true)
    for (let i = 0; i < 30; i++) await rig.push('cpo', { path: `/NL/CPO/L${i}`, body: { pad: 'x'.repeat(600) } })
    await until(async () => (await rowsLeft()) < 10, 'the log fits')
    const missed = await rig.engine.admin.missed('emsp', 100, null)
    expect(missed?.length).toBe(30 - (await rowsLeft()))
    expect(missed?.every((each) => each.cause === 'cut')).toBe(true)
    const [queue] = await rig.engine.admin.list(
      { limit: 10, after: { rank: 0, platformId: 'cpo' }, sort: 'platform', state: null },
      Date.now(),
    )
    expect(queue?.missed).toBe(missed?.length)
    await rig.close()
    await receiver.close()
  })

  async function rowsLeft(): Promise<number> {
    const [row] = await database.sql<{ count: number }[]>`select count(*)::int as count from push_log`
    return row?.count ?? 0
  }
})
