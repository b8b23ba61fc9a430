import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogTrim, type LogBounds, type TrimStore } from '../../../../src/hub/push/drain/trim.ts'
import { supersedes } from '../../../../src/hub/push/log/superseded.ts'
import { bytesOf, type NewPush } from '../../../../src/hub/push/push.ts'
import { type Database, openDatabase } from '../../../../src/storage/database.ts'
import { createQueueAdmin } from '../../../../src/storage/push/admin.ts'
import { createCursorStore } from '../../../../src/storage/push/cursors.ts'
import { createPushLog } from '../../../../src/storage/push/log.ts'
import { createTrimStore } from '../../../../src/storage/push/trim.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { type Receiver, startReceiver, until } from '../receiver.ts'
import { newPush, openRig, platformOf, type RigPlatform, type RigPush, register, tableOf } from '../rig.ts'

const HOUR_MS = 3_600_000
const ALL_READ = { pushes: 100_000, bytes: 1_000_000_000 }

let testDatabase: TestDatabase
let database: Database
let receiver: Receiver
/** Platforms of this test, the senders among them. */
let platforms: RigPlatform[]
let cut: Record<string, number>
let met: string[]

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: 4 })
  receiver = await startReceiver()
  cut = {}
  met = []
  platforms = [
    { id: 'honest', party: 'NL*HON', roles: ['CPO'] },
    { id: 'flooder', party: 'NL*FLO', roles: ['CPO', 'OTHER'] },
    { id: 'behind', party: 'NL*MSP', roles: ['EMSP'], origin: receiver.origin },
    { id: 'up-to-date', party: 'DE*MSP', roles: ['EMSP'], origin: receiver.origin },
    { id: 'no-receiver', party: 'FR*CPO', roles: ['CPO'], origin: receiver.origin },
  ]
  await register(database, platforms)
  // These have read nothing of what follows.
  await createCursorStore(database.sql).load(['behind', 'no-receiver'])
})

afterEach(async () => {
  await database.close()
  await receiver.close()
  await testDatabase.drop()
})

function pushOf(from: string, push: RigPush): NewPush {
  const sender = platforms.find(({ id }) => id === from)
  if (!sender) throw new Error(`Expected ${from} among the platforms`)
  return newPush(platformOf(sender), push)
}

const append = (...pushes: readonly NewPush[]) => createPushLog(database.sql).append(pushes)

function flood(count: number, objects = count): NewPush[] {
  const body = { pad: 'x'.repeat(600) }
  return Array.from({ length: count }, (_, i) => pushOf('flooder', { path: `/NL/FLO/F${i % objects}`, body }))
}

function trimTo(bounds: Partial<LogBounds>, store: TrimStore = createTrimStore(database.sql)): Promise<void> {
  const table = tableOf(platforms.map(platformOf))
  const onCut = (sender: string, rows: number) => void (cut[sender] = (cut[sender] ?? 0) + rows)
  const most = { oldestAt: () => Date.now() - 24 * HOUR_MS, maxBytes: 1_000_000_000, ...bounds }
  return createLogTrim({
    store,
    table: () => table,
    now: Date.now,
    bounds: most,
    onCut,
    noteBound: (bound) => void met.push(bound),
  })()
}

async function left(): Promise<string[]> {
  const { pushes } = await createPushLog(database.sql).readAfter(0, ALL_READ)
  return pushes.map(({ path }) => path.split('/').slice(3).join('/'))
}

async function missed(platformId: string): Promise<string[]> {
  const all = await createQueueAdmin(database).missed(platformId, 10_000, null)
  return (all ?? []).map(({ path, cause }) => `${path.split('/').slice(3).join('/')} ${cause}`)
}

describe('A log that is beyond its bytes', () => {
  test('keeps an old push that waits, though another platform floods it with ten times the bytes', async () => {
    await append(...['L1', 'L2'].map((id) => pushOf('honest', { path: `/NL/HON/${id}` })))
    const flooding = flood(1_000)
    await append(...flooding)
    await append(pushOf('honest', { path: '/NL/HON/L3' }))
    await createCursorStore(database.sql).load(['up-to-date'])
    const maxBytes = bytesOf(flooding[0] as NewPush) * 100
    await trimTo({ maxBytes })

    const kept = await left()
    expect(kept.filter((id) => id.startsWith('L'))).toEqual(['L1', 'L2', 'L3'])
    // The newest of the flood, as many as there is room for.
    const firstKept = Number(kept[2]?.slice(1))
    expect(firstKept).toBeGreaterThan(1_000 - 100)
    expect(firstKept).toBeLessThan(1_000 - 80)
    const gone = Array.from({ length: firstKept }, (_, i) => `F${i} cut`)
    expect((await missed('behind')).sort()).toEqual(gone.sort())
    expect(await missed('up-to-date')).toEqual([])
    expect(await missed('no-receiver')).toEqual([])
    expect(cut).toEqual({ flooder: firstKept })

    const rig = openRig(testDatabase.url)
    await rig.put(...platforms)
    await rig.start()
    await receiver.waitFor(() => receiver.received.length === kept.length, 'the platform that was behind has the rest')
    expect(receiver.received.map(({ target }) => target.slice(target.lastIndexOf('/') + 1)).sort()).toEqual(
      [...kept].sort(),
    )
    await receiver.waitFor(() => receiver.inFlight() === 0, 'answered')
    const queue = () => rig.engine.states().find(({ platformId }) => platformId === 'behind')
    await until(() => queue()?.delivered === kept.length, 'delivered')
    expect(queue()).toMatchObject({ missed: 0, waiting: 0, unread: 0 })
    await rig.close()
  })

  test('is freed of pushes that newer ones replaced first, and nobody misses anything by that', async () => {
    await append(...flood(600, 20))
    const last = await append(pushOf('honest', { path: '/NL/HON/L1' }))
    await trimTo({ maxBytes: 100_000 })
    expect(await left()).toEqual([...Array.from({ length: 20 }, (_, i) => `F${i}`), 'L1'])
    const { pushes } = await createPushLog(database.sql).readAfter(0, ALL_READ)
    expect(pushes[0]?.number).toBe(last - 20)
    expect(await missed('behind')).toEqual([])
    expect(cut).toEqual({})
  })

  test('keeps of pushes to one object whatever some queue would have to send', async () => {
    platforms.push({ id: 'moved', party: 'NL*FLO', roles: ['OTHER'] })
    const paths = ['L1', 'L1/E1', 'L1/E1/C1', 'L1/E1/C2', 'L1/E10', 'L10', 'L%2F1/E1']
    let seed = 7
    const pick = <T>(list: readonly T[]): T => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return list[(seed >> 8) % list.length] as T
    }
    const pushes = Array.from({ length: 400 }, () => ({
      ...pushOf(pick(['flooder', 'moved']), {
        path: `/NL/FLO/${pick(paths)}`,
        method: pick(['PUT', 'PATCH', 'PATCH', 'PATCH']),
      }),
      senderClass: pick(['CPO', 'OTHER'] as const),
    }))
    const tariffs = ['PUT', 'DELETE', 'PATCH', 'PUT', 'PATCH'].map((method) =>
      pushOf('flooder', { module: 'tariffs', path: '/NL/FLO/T1', method }),
    )
    await append(...pushes, ...tariffs)
    const all = [...pushes, ...tariffs].map((push, index) => ({ ...push, number: index + 1 }))
    const needed = all.filter(
      (older) =>
        !all.some(
          (newer) =>
            newer.chainKey === older.chainKey &&
            newer.fromPlatformId === older.fromPlatformId &&
            newer.senderClass === older.senderClass &&
            supersedes(newer, older),
        ),
    )
    expect(needed.length).toBeLessThan(all.length)
    await createTrimStore(database.sql).deleteSuperseded(0)
    const { pushes: kept } = await createPushLog(database.sql).readAfter(0, ALL_READ)
    expect(kept.map(({ number }) => number)).toEqual(needed.map(({ number }) => number))
  })

  test('is not looked through again before it has grown', async () => {
    const real = createTrimStore(database.sql)
    let looks = 0
    const store: TrimStore = { ...real, deleteSuperseded: (after) => (looks++, real.deleteSuperseded(after)) }
    const table = tableOf(platforms.map(platformOf))
    const bounds = { oldestAt: () => Date.now() - HOUR_MS, maxBytes: 320_000 }
    const trim = createLogTrim({
      store,
      table: () => table,
      now: Date.now,
      bounds,
      onCut: () => undefined,
      noteBound: () => {},
    })
    await append(pushOf('honest', { path: '/NL/HON/L1' }))
    await append(...flood(500))
    await trim()
    const firstLooks = looks
    expect(firstLooks).toBeGreaterThan(0)
    await append(...flood(5))
    await trim()
    expect(looks).toBe(firstLooks)
    await append(...flood(50))
    await trim()
    expect(looks).toBeGreaterThan(firstLooks)
    expect((await left())[0]).toBe('L1')
  })
})

test('That missed objects of a platform went, since they are too many, is counted as a bound that was met', async () => {
  const store = createTrimStore(database.sql)
  await trimTo({}, { ...store, boundMissed: async () => 0 })
  expect(met).toEqual([])
  await trimTo({}, { ...store, boundMissed: async () => 3 })
  expect(met).toEqual(['missed-objects'])
})

test('Pushes beyond the maximum age are cut, whoever sent them, and listed as missed', async () => {
  const old = { at: Date.now() - 25 * HOUR_MS }
  await append(
    { ...pushOf('honest', { path: '/NL/HON/L1' }), ...old },
    { ...pushOf('flooder', { path: '/NL/FLO/F1' }), ...old },
    pushOf('honest', { path: '/NL/HON/L2' }),
  )
  await trimTo({})
  expect(await left()).toEqual(['L2'])
  expect((await missed('behind')).sort()).toEqual(['F1 cut', 'L1 cut'])
  expect(cut).toEqual({ honest: 1, flooder: 1 })
})
