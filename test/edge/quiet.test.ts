import { expect, test } from 'vitest'
import type { GainedLease, LeaseStore } from '../../src/hub/push/drain/leases.ts'
import { adoptLeases } from '../../src/runtime/workers/objects/adopted-leases.ts'
import { createQuiet } from '../../src/runtime/workers/objects/quiet.ts'

/** A queue waits for nothing when nobody has sent for this long. */
const RATE_WINDOW_MS = 1_080

test('a queue that came to rest sends at once when it is woken, however often it was opened since', () => {
  let at = 100
  const quiet = createQuiet(() => at)
  expect(quiet.freeForMs(Number.POSITIVE_INFINITY)).toBeGreaterThan(RATE_WINDOW_MS)
  quiet.noteSent()
  at += 2_000
  // Opened in vain, or opened anew to read for itself: nothing left meanwhile.
  for (let opened = 0; opened < 3; opened++) {
    at += 10
    expect(quiet.freeForMs(Number.POSITIVE_INFINITY)).toBeGreaterThan(RATE_WINDOW_MS)
  }
})

test('a queue that sent a moment ago, or whose object was ended while it ran, keeps to its rate', () => {
  let at = 5
  const quiet = createQuiet(() => at)
  quiet.noteSent()
  at += 300
  expect(quiet.freeForMs(Number.POSITIVE_INFINITY)).toBe(300)
  expect(quiet.freeForMs(20)).toBe(20)
})

test('leases that lapsed and were nobody else’s are free for long, others as long as the database says', async () => {
  const claims: GainedLease[][] = [
    [
      { shard: 1, epoch: 4, freeForMs: 50 },
      { shard: 2, epoch: 9, freeForMs: 60_000 },
    ],
    [
      { shard: 1, epoch: 5, freeForMs: 0 },
      { shard: 2, epoch: 11, freeForMs: 0 },
    ],
  ]
  const store: LeaseStore = {
    renew: async () => ({ processes: 1, held: [] }),
    claim: async () => claims.shift() ?? [],
    release: async () => {},
    leave: async () => {},
  }
  const leases = adoptLeases(store)
  await leases.renew('workers')
  expect((await leases.claim('workers', 2)).map(({ freeForMs }) => freeForMs)).toEqual([50, 60_000])
  // Shard 2 was another process' in between: its epoch went up twice.
  expect((await leases.claim('workers', 2)).map(({ freeForMs }) => freeForMs)).toEqual([Number.POSITIVE_INFINITY, 0])
})
