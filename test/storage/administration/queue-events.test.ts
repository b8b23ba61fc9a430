import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEventStore } from '../../../src/storage/administration/events.ts'
import { noteQueues } from '../../../src/storage/administration/queue-events.ts'
import { createCursorStore } from '../../../src/storage/push/cursors.ts'
import { newPlatform, openTestRegistry } from '../../support/registry.ts'

const MINUTE_MS = 60_000

let hub: Awaited<ReturnType<typeof openTestRegistry>>
let id: string
let now: number

beforeEach(async () => {
  hub = await openTestRegistry()
  const platform = newPlatform()
  id = platform.id
  await hub.registry.createPlatform(platform)
  await createCursorStore(hub.database.sql).load([id])
  now = hub.clock.at
  await noteQueues(hub.database.orm, now)
})
afterEach(() => hub.close())

/** Looks at queues after a while, and gives what was told since the last look. */
async function lookAfter(ms: number) {
  const store = createEventStore(hub.database.orm)
  const before = await store.last()
  now += ms
  await noteQueues(hub.database.orm, now)
  const told = await store.after(before, { platformId: id, kinds: null }, 100)
  return told.map(({ kind, data }) => ({ kind, ...data }))
}

describe('An administrator is told', () => {
  test('once when a queue is paused, why, and once when it goes on', async () => {
    await hub.database.sql`update push_cursor set is_paused = true`
    expect(await lookAfter(1_000)).toEqual([{ kind: 'queue.paused', cause: 'administrator' }])
    expect(await lookAfter(1_000)).toEqual([])
    await hub.database.sql`update push_cursor set is_paused = false, pause_cause = 'failing'`
    expect(await lookAfter(1_000)).toEqual([{ kind: 'queue.paused', cause: 'failing' }])
    await hub.database.sql`update push_cursor set pause_cause = null`
    expect(await lookAfter(1_000)).toEqual([{ kind: 'queue.resumed', cause: 'failing' }])
  })

  test('not of a queue that rests for a moment since its partner asks for it', async () => {
    await hub.database.sql`update push_cursor set pause_cause = 'throttled'`
    expect(await lookAfter(1_000)).toEqual([])
  })

  test('of a queue that lags once, and again when it lags after it had caught up', async () => {
    const waits = (ms: number) =>
      hub.database.sql`update push_cursor set waiting = 7, oldest_at = ${now + 1_000 - ms}::bigint`
    await waits(5 * MINUTE_MS + 1_000)
    expect(await lookAfter(1_000)).toEqual([{ kind: 'queue.lags', oldest_seconds: 301, waiting: 7 }])
    await waits(4 * MINUTE_MS)
    expect(await lookAfter(1_000)).toEqual([])
    await waits(6 * MINUTE_MS)
    expect(await lookAfter(1_000)).toEqual([])
    await waits(MINUTE_MS)
    expect(await lookAfter(1_000)).toEqual([])
    await waits(6 * MINUTE_MS)
    expect(await lookAfter(1_000)).toMatchObject([{ kind: 'queue.lags' }])
  })

  test('how many objects a platform missed, at most once a minute and with none left out', async () => {
    const misses = () =>
      hub.database.sql`update push_cursor set failed = failed + 2, missed = missed + 3, cut = cut + 1`
    await misses()
    expect(await lookAfter(MINUTE_MS)).toEqual([{ kind: 'objects.missed', failed: 2, missed: 4 }])
    await misses()
    expect(await lookAfter(10_000)).toEqual([])
    await misses()
    await hub.database.sql`update push_cursor set is_paused = true`
    expect(await lookAfter(10_000)).toEqual([{ kind: 'queue.paused', cause: 'administrator' }])
    expect(await lookAfter(MINUTE_MS)).toEqual([{ kind: 'objects.missed', failed: 4, missed: 8 }])
    expect(await lookAfter(MINUTE_MS)).toEqual([])
  })

  test('by one of several processes that look in the same moment', async () => {
    const store = createEventStore(hub.database.orm)
    const before = await store.last()
    await hub.database.sql`update push_cursor set is_paused = true, missed = 5`
    now += MINUTE_MS
    await Promise.all([1, 2, 3].map(() => noteQueues(hub.database.orm, now)))
    const told = await store.after(before, { platformId: id, kinds: null }, 100)
    expect(told.map(({ kind }) => kind)).toEqual(['queue.paused', 'objects.missed'])
  })
})
