import { expect, test } from 'vitest'
import { createLeases, LEASE_MS } from '../../../../src/hub/push/drain/leases.ts'

/** A holder of one shard, whose renewals are answered when the test says so, and under which epoch. */
async function setUp(keepsLapsed: boolean) {
  const timers: { readonly at: number; readonly callback: () => void }[] = []
  const lost: number[] = []
  let now = 0
  let answer: (epoch: number) => void = () => undefined
  let isFirst = true
  const leases = createLeases({
    owner: 'a',
    clock: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0)
    },
    store: {
      async renew() {
        if (isFirst) return { processes: 1, held: [] }
        const epoch = await new Promise<number>((resolve) => {
          answer = resolve
        })
        return { processes: 1, held: [{ shard: 7, epoch }] }
      },
      async claim() {
        if (!isFirst) return []
        isFirst = false
        return [{ shard: 7, epoch: 1, freeForMs: 0 }]
      },
      release: async () => {},
      leave: async () => {},
    },
    onGained: () => undefined,
    onLost: (shards) => lost.push(...shards),
    onGivingUp: async () => {},
    onTick: () => undefined,
    onAway: () => undefined,
    keepsLapsed,
  })
  await leases.start()
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  return {
    leases,
    lost,
    goOn: async (ms: number) => {
      now += ms
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1)
        timer.callback()
      }
      await settle()
    },
    answer: async (epoch: number) => {
      answer(epoch)
      await settle()
    },
  }
}

test('a renewal that is answered late stops the sending until then, and nothing that is under way', async () => {
  const { leases, lost, goOn, answer } = await setUp(true)
  await goOn(1_000)
  await goOn(LEASE_MS)
  expect(leases.isValid()).toBe(false)
  expect([leases.epochOf(7), lost]).toEqual([1, []])
  // Of what was granted so long ago nothing is left to begin by; the next answer is in time.
  await answer(1)
  expect(leases.isValid()).toBe(false)
  await goOn(1_000)
  await answer(1)
  expect(leases.isValid()).toBe(true)
  expect([leases.epochOf(7), lost]).toEqual([1, []])
})

test('what another had meanwhile is lost with the answer', async () => {
  const { leases, lost, goOn, answer } = await setUp(true)
  await goOn(1_000)
  await goOn(LEASE_MS)
  await answer(3)
  expect([leases.epochOf(7), lost]).toEqual([null, [7]])
})

test('a process of its own loses at once what lapses', async () => {
  const { leases, lost, goOn } = await setUp(false)
  await goOn(1_000)
  await goOn(LEASE_MS - 1_000)
  expect([leases.epochOf(7), lost]).toEqual([null, [7]])
})
