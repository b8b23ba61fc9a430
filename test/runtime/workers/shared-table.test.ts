import { expect, test } from 'vitest'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { createSharedTable } from '../../../src/runtime/workers/shared-table.ts'

/** A registry at some revision, which may be away, read by tables that hold nothing but that revision. */
function setUp() {
  const world = { now: 1_000_000, revision: 1, isAway: false, reads: 0, stale: 0 }
  const shared = createSharedTable({
    now: () => world.now,
    onStale: () => world.stale++,
    sourceFrom(start) {
      let revision = start?.revision ?? -1
      return {
        current: () => ({ revision }) as RoutingTable,
        isLoaded: () => revision >= 0,
        refresh: async () => {
          world.reads++
          if (world.isAway) throw new Error('away')
          revision = world.revision
        },
      }
    },
  })
  return { world, shared }
}

test('a change made elsewhere is in force within five seconds, and requests in between read nothing', async () => {
  const { world, shared } = setUp()
  await shared.keepFresh()
  expect(shared.current().revision).toBe(1)
  world.revision = 2
  await shared.keepFresh()
  expect(world.reads).toBe(1)
  world.now += 4_999
  await shared.keepFresh()
  expect(shared.current().revision).toBe(2)
})

test('a change made here is in force at once, and an older read does not undo it', async () => {
  const { world, shared } = setUp()
  await shared.keepFresh()
  world.revision = 5
  await shared.refresh()
  world.revision = 4
  await shared.refresh()
  expect(shared.current().revision).toBe(5)
})

test('the last table stays in force while the database is away, which is not asked by every request', async () => {
  const { world, shared } = setUp()
  await shared.keepFresh()
  world.isAway = true
  world.now += 10_000
  for (let i = 0; i < 5; i++) await shared.keepFresh()
  expect(shared.current().revision).toBe(1)
  expect(world.reads).toBe(2)
  expect(world.stale).toBe(1)
  world.isAway = false
  world.revision = 3
  world.now += 5_000
  await shared.keepFresh()
  expect(shared.current().revision).toBe(3)
})

test('without a first table no request is served', async () => {
  const { world, shared } = setUp()
  world.isAway = true
  await expect(shared.keepFresh()).rejects.toThrow('away')
  world.isAway = false
  await shared.keepFresh()
  expect(shared.isLoaded()).toBe(true)
})

test('a change made elsewhere is in force after the clock was put back, and requests in between read nothing again', async () => {
  const { world, shared } = setUp()
  await shared.keepFresh()
  world.now -= 600_000
  world.revision = 2
  await shared.keepFresh()
  expect(shared.current().revision).toBe(2)
  await shared.keepFresh()
  expect(world.reads).toBe(2)
})
