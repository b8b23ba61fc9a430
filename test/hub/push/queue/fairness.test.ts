import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUnread, type QueueCursor } from '../../../../src/hub/push/cursor.ts'
import { covers } from '../../../../src/hub/push/log/superseded.ts'
import { DELIVERED, emsp, type Held, type HeldPush, holdQueues } from '../held.ts'

/** A push of the sender with this number, of an object of its own. */
const put = (sender: number, name: string): HeldPush => ({ from: `c${sender}0`, path: `/NL/C${sender}0/${name}` })
const patch = (sender: number, name: string): HeldPush => ({ ...put(sender, name), method: 'PATCH' })

async function flood(held: Held, sender: number, count: number): Promise<void> {
  for (let pushed = 0; pushed < count; pushed += 100) {
    const from = held.log.length
    await held.push(...Array.from({ length: 100 }, (_, i) => put(sender, `F${from + i}`)))
  }
}

/** How many requests begin after a push of a sender, one answered after the other, until that begins. */
async function turnsUntil(held: Held, sender: number, most: number, push?: () => Promise<void>): Promise<number> {
  const before = held.begun.length
  await push?.()
  for (let turns = 0; turns <= most; turns++) {
    const at = held.begun.findIndex(({ push }, i) => i >= before && push.fromPlatformId === `c${sender}0`)
    if (at !== -1) return at - before + 1
    held.underWay[0]?.end(DELIVERED)
    await held.pass(1)
  }
  return Number.POSITIVE_INFINITY
}

function stateOf(held: Held, platformId = 'emsp0') {
  const state = held
    .queues()
    .states()
    .find((each) => each.platformId === platformId)
  if (!state) throw new Error(`Expected a queue of ${platformId}`)
  return state
}

function cursorOf(held: Held, platformId = 'emsp0'): QueueCursor {
  const save = held.queues().snapshot(platformId)
  if (!save) throw new Error(`Expected a queue of ${platformId}`)
  return save.cursor
}

/** The cursor as a hub reads it that knows nothing of senders. */
function withoutSenders({ position, lanes }: QueueCursor): QueueCursor {
  return {
    position,
    lanes: lanes.map(({ module, watermark, unfinished, readTo }) => ({ module, watermark, unfinished, readTo })),
  }
}

async function deliverAll(held: Held): Promise<void> {
  held.answer = () => DELIVERED
  for (const sent of [...held.underWay]) sent.end(DELIVERED)
  for (let i = 0; i < 500 && stateOf(held).waiting + stateOf(held).unread > 0; i++) await held.pass(1_100)
}

function numbers(held: Held): number[] {
  return held.begun.map(({ push }) => push.number)
}

describe.each([16_000_000, 20_000, 0])(
  'While a partner gets what one sender flooded it with (%s bytes in memory)',
  (memory) => {
    async function flooded(concurrency = 4): Promise<Held> {
      const held = await holdQueues([emsp(0, { concurrency })], memory)
      held.answer = () => null
      await flood(held, 0, 2_500)
      // Some of it was sent.
      expect(await turnsUntil(held, 1, 50)).toBe(Number.POSITIVE_INFINITY)
      return held
    }

    test('it gets the push of another within a few turns', async () => {
      const held = await flooded()
      expect(await turnsUntil(held, 1, 100, () => held.push(put(1, 'L1')))).toBeLessThan(4)
      expect(await turnsUntil(held, 2, 100, () => held.push(put(1, 'L2'), put(2, 'L1')))).toBeLessThan(5)
      await flood(held, 0, 500)
      expect(await turnsUntil(held, 3, 100, () => held.push(put(3, 'L1')))).toBeLessThan(5)
      await deliverAll(held)
      expect(numbers(held).toSorted((a, b) => a - b)).toEqual(held.log.map(({ number }) => number))
    })

    test('it goes on with the turns after a restart, and gets nothing twice', async () => {
      const held = await flooded()
      await turnsUntil(held, 1, 100, () => held.push(put(1, 'L1')))
      const underWay = held.underWay.map(({ push }) => push.number)
      await held.crash()
      expect(await turnsUntil(held, 2, 1_000, () => held.push(put(2, 'L1')))).toBeLessThan(10)
      await deliverAll(held)
      const all = held.log.map(({ number }) => number)
      expect(numbers(held).toSorted((a, b) => a - b)).toEqual([...all, ...underWay].toSorted((a, b) => a - b))
    })

    test('and a hub of a former version goes on with it, nothing is lost', async () => {
      const held = await flooded()
      await turnsUntil(held, 1, 100, () => held.push(put(1, 'L1')))
      await held.crash(withoutSenders)
      await deliverAll(held)
      expect([...new Set(numbers(held))].toSorted((a, b) => a - b)).toEqual(held.log.map(({ number }) => number))
    })

    test('the saved cursor names few numbers', async () => {
      const held = await flooded()
      for (let i = 0; i < 20; i++) {
        await turnsUntil(held, 1, 100, () => held.push(put(1, `L${i}`)))
      }
      const [lane] = cursorOf(held).lanes
      expect(lane?.unfinished.length).toBeLessThan(10)
      expect(lane?.ahead?.unfinished.length).toBeLessThan(10)
      expect(Object.keys(lane?.ahead?.behind ?? {})).toEqual(['c00'])
    })

    test('an order to skip ends it for all senders', async () => {
      const held = await flooded()
      await held.push(put(1, 'L1'), put(2, 'L1'))
      held.queues().order('emsp0', { isPaused: false, skipTo: held.log.length })
      const sent = held.begun.length
      await deliverAll(held)
      expect(held.begun.length).toBe(sent)
      expect(held.missed).toHaveLength(held.log.length - sent)
      expect(held.queues().snapshot('emsp0')).toMatchObject({ skippedTo: held.log.length })
    })

    test('and is paused in between, nothing is lost, nor counted twice', async () => {
      const held = await flooded()
      await turnsUntil(held, 2, 100, () => held.push(put(1, 'L1'), put(2, 'L1')))
      held.queues().order('emsp0', { isPaused: true, skipTo: null })
      for (const sent of [...held.underWay]) sent.end(DELIVERED)
      await held.pass(1_000)
      await flood(held, 0, 500)
      await held.push(put(3, 'L1'))
      const resume = async () => held.queues().order('emsp0', { isPaused: false, skipTo: null })
      expect(await turnsUntil(held, 3, 1_000, resume)).toBeLessThan(15)
      await deliverAll(held)
      expect(numbers(held).toSorted((a, b) => a - b)).toEqual(held.log.map(({ number }) => number))
      expect(stateOf(held)).toMatchObject({ delivered: held.log.length, missed: 0, waiting: 0, unread: 0 })
    })
  },
)

test.each([16_000_000, 20_000])(
  'Of what came while a partner was away, it gets the push of a sender that made few before a flood is over (%s bytes in memory)',
  async (memory) => {
    const away = emsp(0, { concurrency: 4, afterOffline: 'resync' }, 'OFFLINE')
    const held = await holdQueues([away], memory)
    await flood(held, 0, 3_000)
    await held.push(put(1, 'L1'))
    await flood(held, 0, 1_000)
    await held.push(put(2, 'L1'))
    held.answer = () => null
    const comeBack = () => held.change({ ...away, status: 'CONNECTED' })
    expect(await turnsUntil(held, 2, 1_000, comeBack)).toBeLessThan(20)
    await deliverAll(held)
    expect(numbers(held).toSorted((a, b) => a - b)).toEqual(held.log.map(({ number }) => number))
  },
)

test('A thousand partners that one sender floods look at none of its pushes that they do not read', async () => {
  const held = await holdQueues(Array.from({ length: 1_000 }, (_, n) => emsp(n, { concurrency: 1 })))
  held.answer = () => null
  await flood(held, 0, 200)
  const looks = held.looks()
  await flood(held, 0, 1_000)
  await held.push(put(1, 'L1'))
  expect(held.looks()).toBe(looks)
  for (const sent of [...held.underWay]) sent.end(DELIVERED)
  await held.settle()
  // One of the newcomer for each, and at most a few of the other.
  expect(held.looks() - looks).toBeLessThan(1_000 * 6)
})

test('What hangs of one sender keeps another from nothing, however much of it there is', async () => {
  const held = await holdQueues([emsp(0)])
  const hangs = (path: string) => path.includes('/C00/')
  held.answer = ({ path }) => (hangs(path) ? null : DELIVERED)
  await held.push(...Array.from({ length: 3_000 }, (_, i) => patch(0, `HOT${i % 3}`)))
  for (let i = 0; i < 10; i++) {
    await held.push(put(1, `L${i}`))
    expect(held.begun.at(-1)?.push.path).toBe(`/NL/C10/L${i}`)
    await held.pass(1_000)
  }
})

test('Large pushes of one sender leave room for those of another', async () => {
  const held = await holdQueues([emsp(0, { concurrency: 2 })])
  held.answer = () => null
  await held.push(...Array.from({ length: 8 }, (_, i) => ({ ...put(0, `L${i}`), body: { text: 'x'.repeat(900_000) } })))
  expect(await turnsUntil(held, 1, 10, () => held.push(put(1, 'L1')))).toBeLessThan(4)
})

test.each([16_000_000, 0])(
  'Large pushes of four senders that wait for the small ones before them keep a newcomer from nothing (%s bytes in memory)',
  async (memory) => {
    const held = await holdQueues([emsp(0, { concurrency: 2 })], memory)
    held.answer = () => null
    for (let i = 0; i < 40; i++) await held.push(...[0, 1, 2, 3].map((sender) => put(sender, `S${i}`)))
    const large = (sender: number, i: number) => ({ ...put(sender, `L${i}`), body: { text: 'x'.repeat(300_000) } })
    for (let i = 0; i < 6; i++) await held.push(...[0, 1, 2, 3].map((sender) => large(sender, i)))
    expect(await turnsUntil(held, 9, 200, () => held.push(put(9, 'L1')))).toBeLessThan(8)
  },
)

test.each([16_000_000, 0])(
  'Senders that push in turn, a few at a time, keep a newcomer from nothing (%s bytes in memory)',
  async (memory) => {
    const held = await holdQueues([emsp(0, { concurrency: 2 })], memory)
    held.answer = () => null
    const large = (sender: number, i: number) => ({ ...put(sender, `L${i}`), body: { text: 'x'.repeat(300_000) } })
    for (let i = 0; i < 20; i++)
      await held.push(large(0, 2 * i), large(0, 2 * i + 1), large(1, 2 * i), large(1, 2 * i + 1))
    expect(await turnsUntil(held, 9, 200, () => held.push(put(9, 'L1')))).toBeLessThan(6)
  },
)

test('Thousands of pushes of several senders that are to be tried again keep a newcomer from nothing', async () => {
  const held = await holdQueues([emsp(0, { concurrency: 2 })], 0)
  held.answer = () => null
  for (const sender of [0, 1, 2]) await flood(held, sender, 4_000)
  const end = held.log.length
  const unfinished = held.log.map(({ number }) => number)
  // As if all of them had failed once.
  await held.crash(() => ({
    position: end,
    lanes: [{ module: 'locations', watermark: end, unfinished, readTo: end }],
  }))
  expect(await turnsUntil(held, 9, 200, () => held.push(put(9, 'L1')))).toBeLessThan(8)
})

test('What fails of one sender keeps another from nothing, however much of it there is', async () => {
  const held = await holdQueues([emsp(0)])
  held.answer = ({ path }) =>
    path.includes('/C00/') ? { kind: 'failed', retryAfterMs: 3_600_000, reason: 'HTTP 500' } : DELIVERED
  for (let i = 0; i < 120; i++) {
    await flood(held, 0, 100)
    await held.push(...Array.from({ length: 5 }, (_, k) => put(1, `L${i}-${k}`)))
    await held.pass(10)
  }
  for (let i = 0; i < 20; i++) await held.pass(60_000)
  expect(held.begun.filter(({ push }) => push.fromPlatformId === 'c10')).toHaveLength(600)
})

test('Senders that all push more than a partner takes have the same part of its turns', async () => {
  const held = await holdQueues([emsp(0, { concurrency: 1 })])
  held.answer = () => null
  for (let i = 0; i < 10; i++) {
    await flood(held, 0, 300)
    await flood(held, 1, 100)
    await held.push(...Array.from({ length: 20 }, (_, k) => put(2, `L${i}-${k}`)))
  }
  const before = held.begun.length
  for (let i = 0; i < 300; i++) {
    held.underWay[0]?.end(DELIVERED)
    await held.settle()
  }
  for (const sender of ['c00', 'c10', 'c20']) {
    const { length } = held.begun.slice(before).filter(({ push }) => push.fromPlatformId === sender)
    expect(length, sender).toBeGreaterThan(95)
  }
})

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      sender: fc.nat(3),
      object: fc.constantFrom('L1', 'L1/E1', 'L2', 'L2/E1', 'L3', 'L4'),
      method: fc.constantFrom('PUT' as const, 'PATCH' as const),
      size: fc.constantFrom(1, 1, 1, 1_000, 300_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('flood' as const),
      sender: fc.nat(3),
      count: fc.integer({ min: 5, max: 40 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(5), fails: fc.constantFrom(0, 0, 0, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(50, 1_000, 30_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), isPaused: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('away' as const), isAway: fc.boolean() }) },
)

describe('Whoever sends how much, whatever fails, waits, is paused or dies', () => {
  const partner = (status: 'CONNECTED' | 'OFFLINE') => emsp(0, { concurrency: 2, afterOffline: 'resync' }, status)

  async function play(held: Held, steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) {
    const applied: number[] = []
    const apply = (number: number) => {
      expect(applied, 'sent again').not.toContain(number)
      applied.push(number)
    }
    let floods = 0
    held.answer = () => null
    for (const each of steps) {
      if (each.kind === 'push') {
        const { sender, object, method, size } = each
        await held.push({ ...put(sender, object), method, body: { text: 'x'.repeat(size) } })
      } else if (each.kind === 'flood') {
        floods++
        await held.push(...Array.from({ length: each.count }, (_, i) => put(each.sender, `F${floods}-${i}`)))
      } else if (each.kind === 'pass') await held.pass(each.ms)
      else if (each.kind === 'crash') await held.crash()
      else if (each.kind === 'away') await held.change(partner(each.isAway ? 'OFFLINE' : 'CONNECTED'))
      else if (each.kind === 'pause') held.queues().order('emsp0', { isPaused: each.isPaused, skipTo: null })
      else {
        const sent = held.underWay[each.which % Math.max(1, held.underWay.length)]
        if (sent && !each.fails) apply(sent.push.number)
        sent?.end(each.fails ? { kind: 'failed', retryAfterMs: null, reason: 'HTTP 503' } : DELIVERED)
      }
      await held.settle()
      const chains = held.underWay.map(({ push }) => push.chainKey)
      expect(new Set(chains).size).toBe(chains.length)
    }
    held.queues().order('emsp0', { isPaused: false, skipTo: null })
    await held.change(partner('CONNECTED'))
    return { applied, apply }
  }

  test.each([16_000_000, 3_000, 0])(
    'a partner ends in the state it would have with all pushes (%s bytes in memory)',
    async (memory) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
          const held = await holdQueues([partner('CONNECTED')], memory)
          const { applied, apply } = await play(held, steps)
          // What is done is not missed when it is cut from the log now, and what may be cut is done.
          const { needed, cursor } = held.queues().snapshot('emsp0') as { needed: number; cursor: QueueCursor }
          for (const push of held.log) {
            if (applied.includes(push.number) || push.number < needed) expect(isUnread(cursor, push)).toBe(false)
          }
          held.answer = ({ number }) => {
            apply(number)
            return DELIVERED
          }
          for (const sent of [...held.underWay]) {
            apply(sent.push.number)
            sent.end(DELIVERED)
          }
          for (let i = 0; i < 5; i++) await held.pass(120_000)
          expect(stateOf(held)).toMatchObject({ waiting: 0, unread: 0, inFlight: 0, missed: 0 })
          expect(cursorOf(held)).toEqual({ position: held.log.length, lanes: [] })
          const all = held.log.map(({ number }) => number)
          const { delivered, collapsed } = stateOf(held)
          expect(delivered + collapsed).toBe(all.length)
          expect(stateAfter(held, applied)).toEqual(stateAfter(held, all))
          for (const chain of new Set(held.log.map(({ chainKey }) => chainKey))) {
            const ofChain = applied.filter((number) => held.log[number - 1]?.chainKey === chain)
            expect(ofChain).toEqual(ofChain.toSorted((a, b) => a - b))
          }
        }),
        { numRuns: 100 },
      )
    },
  )

  test.each([16_000_000, 3_000, 0])(
    'a newcomer has its turn soon, and what waits is counted right (%s bytes in memory)',
    async (memory) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
          const held = await holdQueues([partner('CONNECTED')], memory)
          await play(held, steps)
          // Failures are over: what is left is to be sent.
          await held.pass(120_000)
          // Two under way and two that were about to begin, then the other four senders.
          const turns = await turnsUntil(held, 9, 200, () => held.push(put(9, 'L1')))
          expect(turns).toBeLessThanOrEqual(8)
          const isInMemory = memory === 16_000_000 && !steps.some(({ kind }) => kind === 'crash')
          if (!isInMemory) return
          const { delivered, collapsed, inFlight, waiting, unread } = stateOf(held)
          expect(delivered + collapsed + inFlight + waiting + unread).toBe(held.log.length)
        }),
        { numRuns: 40 },
      )
    },
  )
})

/** What was last said of each path, PATCHes since then included. A PUT ends all that was said beneath. */
function stateAfter({ log }: Held, numbers: readonly number[]): Record<string, number[]> {
  const state: Record<string, number[]> = {}
  for (const number of numbers) {
    const { fromPlatformId, pathKey, method } = log[number - 1] as Held['log'][number]
    const path = `${fromPlatformId} ${pathKey}`
    if (method === 'PUT') {
      for (const known of Object.keys(state)) if (covers(path, known)) delete state[known]
      state[path] = [number]
    } else (state[path] ??= []).push(number)
  }
  return state
}
