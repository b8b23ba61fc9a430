import { expect, test } from 'vitest'
import { createQueueWatch } from '../../src/runtime/workers/objects/queue-watch.ts'

const REST_AFTER_MS = 2_000

/** A queue that runs and has nothing to do, by a clock that the test moves on. */
function setUp() {
  let at = 0
  const queue = { isHeld: true, isLeased: true, isBusy: false, wantsToStop: false }
  const timers: (() => void)[] = []
  const watch = createQueueWatch({
    clock: () => at,
    after: (delayMs, callback) => {
      timers.push(() => {
        at += delayMs
        callback()
      })
      return () => undefined
    },
    state: () => (queue.isHeld ? ({} as never) : null),
    isLeased: () => queue.isLeased,
    isBusy: () => queue.isBusy,
    wantsToStop: () => queue.wantsToStop,
    onLook: () => undefined,
  })
  let endedAt: number | null = null
  void watch.untilQuiet().then(() => (endedAt = at))
  return {
    queue,
    watch,
    endedAt: () => endedAt,
    pass: async (ms: number) => {
      const until = at + ms
      while (at < until && endedAt === null) {
        timers.shift()?.()
        for (let i = 0; i < 5; i++) await Promise.resolve()
      }
    },
  }
}

test('a queue without work comes to rest, having done all that it was told', async () => {
  const { pass, endedAt, watch } = setUp()
  await pass(10_000)
  expect([endedAt(), watch.isQuiet()]).toEqual([REST_AFTER_MS, true])
})

test('a queue that is told of a new routing table as it comes to rest runs on, to find out what is due by it', async () => {
  const { pass, endedAt, watch } = setUp()
  await pass(REST_AFTER_MS - 250)
  watch.noteWoken()
  await pass(REST_AFTER_MS - 250)
  expect(endedAt()).toBeNull()
  await pass(250)
  expect(endedAt()).toBe(2 * REST_AFTER_MS - 250)
})

test('a queue that is told of a new routing table in the moment in which it ends has not done all that it was told', async () => {
  const { pass, watch } = setUp()
  await pass(10_000)
  watch.noteWoken()
  expect(watch.isQuiet()).toBe(false)
})

test.each([
  ['is to be opened anew', { wantsToStop: true }],
  ['is held by another object', { isHeld: false }],
  ['has had no lease for long', { isLeased: false }],
])('a queue that %s ends with work left, and is not taken for one at rest', async (_, change) => {
  const { pass, endedAt, queue, watch } = setUp()
  queue.isBusy = true
  await pass(3_000)
  expect(endedAt()).toBeNull()
  Object.assign(queue, change)
  await pass(10_000)
  expect(endedAt()).not.toBeNull()
  expect(watch.isQuiet()).toBe(false)
})
