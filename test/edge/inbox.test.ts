import { expect, test } from 'vitest'
import type { Push } from '../../src/hub/push/push.ts'
import type { HandOver } from '../../src/runtime/workers/objects/handing.ts'
import { createInbox } from '../../src/runtime/workers/objects/inbox.ts'

const LIMITS = { pushes: 100, bytes: 1_000_000 }

function handOver(after: number | null, upTo: number, ...numbers: number[]): HandOver {
  return { after, upTo, rows: numbers.map((number) => ({ number }) as Push), isToLook: false, revision: 1 }
}

const numbersOf = ({ pushes }: { readonly pushes: readonly Push[] }) => pushes.map(({ number }) => number)

test('a queue takes what was handed to it once, and knows what others were for', async () => {
  const inbox = createInbox()
  expect(inbox.add(handOver(40, 47, 42, 47))).toBe(true)
  inbox.openAt(40)
  const { tail } = inbox
  expect(await tail.lastNumber()).toBe(47)
  const read = await tail.readAfter(40, LIMITS)
  expect([numbersOf(read), read.upTo]).toEqual([[42, 47], 47])
  expect(numbersOf(await tail.readAfter(47, LIMITS))).toEqual([])
})

test('what is handed over while the queue comes to rest is not taken by it, and stays for the one that follows', async () => {
  const inbox = createInbox()
  inbox.add(handOver(40, 41, 41))
  inbox.openAt(40)
  await inbox.tail.readAfter(40, LIMITS)
  inbox.shut()
  inbox.add(handOver(41, 43, 42))
  // Were its cursor saved from here on, it would not say that 42 and 43 are done.
  expect(await inbox.tail.lastNumber()).toBeLessThanOrEqual(41)
  expect(await inbox.tail.readAfter(41, LIMITS)).toEqual({ pushes: [], upTo: 41 })
  expect(inbox.hasRows()).toBe(true)
  inbox.openAt(41)
  const read = await inbox.tail.readAfter(41, LIMITS)
  expect([numbersOf(read), read.upTo]).toEqual([[42], 43])
})

test('a queue that misses what came before a hand-over does not take it for known until it has read for itself', async () => {
  const inbox = createInbox()
  inbox.add(handOver(40, 41, 41))
  inbox.openAt(40)
  await inbox.tail.readAfter(40, LIMITS)
  for (const missing of [handOver(null, 47, 47), handOver(45, 46, 46)]) {
    expect(inbox.add(missing)).toBe(false)
    // Its cursor is saved once more, before it reads.
    expect([await inbox.tail.lastNumber(), inbox.hasRows()]).toEqual([41, false])
    expect(await inbox.tail.readAfter(41, LIMITS)).toEqual({ pushes: [], upTo: 41 })
  }
  inbox.clear()
  inbox.openAt(47)
  expect(inbox.add(handOver(47, 48, 48))).toBe(true)
  expect(numbersOf(await inbox.tail.readAfter(47, LIMITS))).toEqual([48])
})

test('a queue that misses what came before a hand-over has to read for itself', () => {
  const inbox = createInbox()
  inbox.add(handOver(40, 41))
  expect(inbox.add(handOver(45, 46, 46))).toBe(false)
  expect(inbox.add(handOver(null, 47))).toBe(false)
})
