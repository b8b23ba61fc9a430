import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Push } from '../../src/hub/push/push.ts'
import { createHanding, type HandOver } from '../../src/runtime/workers/objects/handing.ts'

/** Hand-overs to queues that hear of each push once, with calls and timers that end when the test says so. */
function setUp() {
  const timers: (() => void)[] = []
  const calls: { readonly to: string; readonly handOver: HandOver; readonly end: (isHeard: boolean) => void }[] = []
  const handing = createHanding(
    {
      hand: (to, handOver) =>
        new Promise((resolve, reject) => {
          calls.push({
            to,
            handOver,
            end: (isHeard) => (isHeard ? resolve({ isAtRest: false }) : reject(new Error('lost'))),
          })
        }),
      revision: () => 1,
      after: (_, callback) => {
        timers.push(callback)
        return () => undefined
      },
      onMoved: () => undefined,
    },
    100,
  )
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  return { handing, calls, timers, settle }
}

const push = (number: number) => ({ number, path: '', query: '', body: null }) as unknown as Push

test('the first push is handed over at once, and those that come while the queue is busy go together', async () => {
  const { handing, calls, timers, settle } = setUp()
  handing.add([push(101)], () => ['p'])
  await settle()
  expect(calls.map(({ handOver }) => handOver.rows.length)).toEqual([1])
  calls.shift()?.end(true)
  await settle()
  handing.add([push(102)], () => ['p'])
  handing.add([push(103)], () => ['other'])
  handing.add([push(104)], () => ['p'])
  await settle()
  expect(calls.map(({ to }) => to)).toEqual(['other'])
  timers.shift()?.()
  await settle()
  expect(calls.at(-1)?.handOver).toMatchObject({ after: 101, upTo: 104, rows: [{ number: 102 }, { number: 104 }] })
})

test('a queue that is to read for itself while it is told so is told once more, and nothing is taken for handed over until then', async () => {
  const { handing, calls, timers, settle } = setUp()
  handing.distrust(['p'])
  handing.add([push(101)], () => ['p'])
  await settle()
  // Its platform, or who holds its shard, has changed once more: it may have read already.
  handing.readAnew(['p'])
  calls.shift()?.end(true)
  await settle()
  timers.shift()?.()
  await settle()
  expect(calls.map(({ handOver }) => handOver.after)).toEqual([null])
  expect(handing.rested(() => true)).toEqual([])
  calls.shift()?.end(true)
  await settle()
  timers.shift()?.()
  handing.add([push(102)], () => ['p'])
  await settle()
  expect(calls.map(({ handOver }) => handOver.after)).toEqual([101])
})

test('no push is lost, each range follows the one before, and the mark never runs ahead of what was heard', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('add p', 'add q', 'add both', 'hear', 'lose', 'time'), { maxLength: 80 }),
      async (moves) => {
        const { handing, calls, timers, settle } = setUp()
        const wanted: Record<string, number[]> = { p: [], q: [] }
        const heard: Record<string, Set<number>> = { p: new Set(), q: new Set() }
        const upTo: Record<string, number> = { p: 100, q: 100 }
        let number = 100
        const take = (isHeard: boolean) => {
          const call = calls.shift()
          if (!call) return
          const { to, handOver } = call
          if (isHeard) {
            expect(handOver.after).not.toBeNull()
            expect(handOver.after).toBeLessThanOrEqual(upTo[to] ?? 0)
            for (const row of handOver.rows) heard[to]?.add(row.number)
            upTo[to] = handOver.upTo
          }
          call.end(isHeard)
        }
        const check = () => {
          for (const to of ['p', 'q']) {
            const missing = (wanted[to] ?? []).filter((each) => each <= handing.mark() && !heard[to]?.has(each))
            expect(missing).toEqual([])
          }
        }
        for (const move of moves) {
          if (move === 'hear' || move === 'lose') take(move === 'hear')
          else if (move === 'time') timers.shift()?.()
          else {
            const receivers = move === 'add both' ? ['p', 'q'] : [move.slice(4)]
            number++
            for (const to of receivers) wanted[to]?.push(number)
            handing.add([push(number)], () => receivers)
          }
          await settle()
          check()
        }
        for (let i = 0; i < 200 && handing.mark() < number; i++) {
          take(true)
          timers.shift()?.()
          await settle()
        }
        expect([...(heard['p'] ?? [])].toSorted((a, b) => a - b)).toEqual(wanted['p'])
        expect([...(heard['q'] ?? [])].toSorted((a, b) => a - b)).toEqual(wanted['q'])
        expect(handing.mark()).toBe(number)
      },
    ),
    { numRuns: 300 },
  )
})

test('a queue that fell behind while it was told to read for itself is told so once more', async () => {
  const { handing, calls, timers, settle } = setUp()
  handing.readAnew(['p'])
  await settle()
  expect(calls.at(0)?.handOver.after).toBeNull()
  const large = { ...push(101), body: new Uint8Array(5_000_000) }
  handing.add([large], () => ['p'])
  await settle()
  calls.shift()?.end(true)
  await settle()
  timers.shift()?.()
  await settle()
  expect(calls.at(0)?.handOver).toMatchObject({ after: null, upTo: 101, rows: [] })
})

test('queues that cannot be reached, or have just been asked, keep no other waiting', async () => {
  const { handing, calls, settle } = setUp()
  const ids = Array.from({ length: 40 }, (_, i) => `p${i}`)
  handing.look(ids)
  const asked: string[] = []
  for (let i = 0; i < ids.length; i++) {
    await settle()
    expect(calls.length).toBeLessThanOrEqual(5)
    const call = calls.shift()
    if (call) asked.push(call.to)
    call?.end(i % 3 === 0)
  }
  expect(asked).toEqual(ids)
})

test('however often the table changes, a queue that waits to be asked is asked once', async () => {
  const { handing, calls, settle } = setUp()
  const ids = Array.from({ length: 8 }, (_, i) => `p${i}`)
  for (let i = 0; i < 100; i++) handing.look(ids)
  const asked: string[] = []
  for (let i = 0; i < 20; i++) {
    await settle()
    const call = calls.shift()
    if (call) asked.push(call.to)
    call?.end(true)
  }
  expect(asked).toEqual(ids)
})
