import { expect, test } from 'vitest'
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
