import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventFilter, HubEvent } from '../../../src/hub/administration/events.ts'
import {
  appendEvents,
  createEventStore,
  deleteEventsBefore,
  deleteEventsBeyond,
} from '../../../src/storage/administration/events.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const ALL: EventFilter = { platformId: null, kinds: null }

let testDatabase: TestDatabase
let database: Database

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: 4 })
})

afterEach(async () => {
  await database.close()
  await testDatabase.drop()
})

function eventOf(fields: Partial<HubEvent> = {}): HubEvent {
  return { at: 1_000, kind: 'platform.status', platformId: 'p1', correlationId: null, data: {}, ...fields }
}

describe('Stored events', () => {
  test('come back whole, in the order in which they were told', async () => {
    const store = createEventStore(database.orm)
    const odd = eventOf({ correlationId: 'c1', data: { cause: 'a NUL \u0000, a quote " and é' } })
    await store.append([odd, eventOf({ kind: 'alarm', platformId: null, at: 2_000 })])
    await store.append([eventOf({ at: 500 })])
    const read = await store.after(0, ALL, 10)
    expect(read.map(({ number }) => number)).toEqual([1, 2, 3])
    expect(read[0]).toEqual({ ...odd, number: 1 })
    expect((await store.before(3, ALL, 1)).map(({ number }) => number)).toEqual([2])
    expect(await store.last()).toBe(3)
  })

  test('are found by platform and by kind', async () => {
    const store = createEventStore(database.orm)
    await store.append([eventOf(), eventOf({ platformId: 'p2' }), eventOf({ kind: 'queue.paused' })])
    const numbers = async (filter: EventFilter) => (await store.after(0, filter, 10)).map(({ number }) => number)
    expect(await numbers({ platformId: 'p1', kinds: null })).toEqual([1, 3])
    expect(await numbers({ platformId: 'p1', kinds: ['queue.paused', 'alarm'] })).toEqual([3])
  })

  test('of a change are seen by nobody before those of a change that was told of earlier', async () => {
    const store = createEventStore(database.orm)
    const later: Promise<void>[] = []
    await database.orm.transaction(async (tx) => {
      await appendEvents(tx, [eventOf({ platformId: 'first' })])
      later.push(store.append([eventOf({ platformId: 'second' })]))
      expect(await store.after(0, ALL, 10)).toEqual([])
    })
    await Promise.all(later)
    const read = await store.after(0, ALL, 10)
    expect(read.map(({ number, platformId }) => `${number} ${platformId}`)).toEqual(['1 first', '2 second'])
  })

  test('of an undone change leave no trace', async () => {
    const store = createEventStore(database.orm)
    const undone = database.orm.transaction(async (tx) => {
      await appendEvents(tx, [eventOf()])
      tx.rollback()
    })
    await expect(undone).rejects.toThrow()
    await store.append([eventOf({ platformId: 'kept' })])
    expect((await store.after(0, ALL, 10)).map(({ platformId }) => platformId)).toEqual(['kept'])
  })

  test('of one kind in great numbers drive none of another out', async () => {
    const store = createEventStore(database.orm)
    await store.append([eventOf(), ...Array.from({ length: 5 }, () => eventOf({ kind: 'handshake.unknown-token' }))])
    expect(await deleteEventsBeyond(database.orm, { ofKind: 3, ofPlatform: 9 })).toBe(true)
    expect((await store.after(0, ALL, 10)).map(({ number }) => number)).toEqual([1, 4, 5, 6])
    expect(await deleteEventsBeyond(database.orm, { ofKind: 3, ofPlatform: 9 })).toBe(false)
  })

  test('of one platform in great numbers drive out its own of that kind, and none of others', async () => {
    const store = createEventStore(database.orm)
    const busy = Array.from({ length: 5 }, () => eventOf({ platformId: 'busy' }))
    await store.append([eventOf(), eventOf({ platformId: 'busy', kind: 'queue.paused' }), ...busy])
    expect(await deleteEventsBeyond(database.orm, { ofKind: 9, ofPlatform: 2 })).toBe(true)
    expect((await store.after(0, ALL, 10)).map(({ number }) => number)).toEqual([1, 2, 6, 7])
  })

  test('are forgotten from before a moment', async () => {
    const store = createEventStore(database.orm)
    await store.append([eventOf({ at: 1 }), eventOf({ at: 2 })])
    await deleteEventsBefore(database.orm, 2)
    expect((await store.before(null, ALL, 10)).map(({ at }) => at)).toEqual([2])
  })
})
