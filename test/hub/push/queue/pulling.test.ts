import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covers } from '../../../../src/hub/push/log/superseded.ts'
import { DELIVERED, emsp, type Held, holdQueues } from '../held.ts'

const path = (name: string) => `/NL/CPO/${name}`
const put = (name: string) => ({ path: path(name) })
const patch = (name: string) => ({ method: 'PATCH', path: path(name) })

function numbersTo(held: Held, to: string): number[] {
  return held.begun.filter((sent) => sent.to === to).map(({ push }) => push.number)
}

function numberOf({ number }: Held['log'][number]): number {
  return number
}

function stateOf(held: Held, platformId: string) {
  const state = held
    .queues()
    .states()
    .find((each) => each.platformId === platformId)
  if (!state) throw new Error(`Expected a queue of ${platformId}`)
  return state
}

function distinct(count: number, from = 0) {
  return Array.from({ length: count }, (_, i) => put(`L${from + i}`))
}

async function untilIdle(held: Held): Promise<void> {
  for (
    let i = 0;
    i < 500 &&
    held
      .queues()
      .states()
      .some(({ waiting, unread }) => waiting + unread > 0);
    i++
  ) {
    await held.pass(1_100)
  }
}

describe('A partner that is busy', () => {
  test('costs nothing for what is accepted meanwhile, and gets it all in the end', async () => {
    const held = await holdQueues(Array.from({ length: 1_000 }, (_, n) => emsp(n, { concurrency: 1 })))
    held.answer = () => null
    await held.push(...distinct(5))
    expect(held.underWay).toHaveLength(1_000)
    const before = held.looks()
    await held.push(...distinct(50, 5))
    expect(held.looks()).toBe(before)
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await untilIdle(held)
    const all = held.log.map(({ number }) => number)
    for (const to of ['emsp0', 'emsp499', 'emsp999']) expect(numbersTo(held, to)).toEqual(all)
    expect(held.begun).toHaveLength(1_000 * all.length)
  })

  test('and behind at its own place of the log, like a thousand others, gets every push once and in order', async () => {
    const held = await holdQueues(Array.from({ length: 1_000 }, (_, n) => emsp(n, { concurrency: 1 + (n % 3) })))
    // Each takes so many and then hangs.
    held.answer = ({ number }, to) => (number <= Number(to.slice(4)) % 40 ? DELIVERED : null)
    await held.push(...distinct(40))
    expect(
      new Set(
        held
          .queues()
          .states()
          .map((state) => state.delivered),
      ).size,
    ).toBe(40)
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await untilIdle(held)
    for (let n = 0; n < 1_000; n++) {
      expect([...numbersTo(held, `emsp${n}`)].sort((a, b) => a - b)).toEqual(held.log.map(({ number }) => number))
    }
    expect(held.reads()).toBe(0)
  })

  test('falls out of the rows in memory, reads them from the log, and takes them from memory again once it has caught up', async () => {
    const held = await holdQueues([emsp(0, { concurrency: 1 })], 20_000)
    held.answer = () => null
    await held.push(put('FIRST'))
    for (let i = 0; i < 30; i++) await held.push(...distinct(100, i * 100))
    expect(held.reads()).toBe(0)
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await untilIdle(held)
    expect(numbersTo(held, 'emsp0')).toEqual(held.log.map(({ number }) => number))
    const reads = held.reads()
    expect(reads).toBeGreaterThan(0)
    expect(reads).toBeLessThan(10)
    await held.push(...distinct(10, 5_000))
    await untilIdle(held)
    expect(numbersTo(held, 'emsp0')).toEqual(held.log.map(({ number }) => number))
    expect(held.reads()).toBe(reads)
  })

  test('and far behind, holds no more of the log than there is to hold for all who are', async () => {
    const held = await holdQueues(
      Array.from({ length: 1_000 }, (_, n) => emsp(n, { concurrency: 1 })),
      20_000,
    )
    held.answer = () => null
    await held.push(put('FIRST'))
    for (let i = 0; i < 20; i++) await held.push(...distinct(10, i * 10))
    const [one, ...others] = held.underWay
    one?.end(DELIVERED)
    await held.settle()
    expect(stateOf(held, 'emsp0').waiting).toBe(199)
    for (const sent of others) sent.end(DELIVERED)
    await held.settle()
    // Of 64 MB each of them has its thousandth part.
    const { waiting } = stateOf(held, 'emsp999')
    expect(waiting).toBeGreaterThan(100)
    expect(waiting).toBeLessThan(160)
  })

  test('and far behind, shares what is read with all who stand at nearly the same place', async () => {
    const held = await holdQueues(
      Array.from({ length: 100 }, (_, n) => emsp(n, { concurrency: 1 + (n % 3) })),
      20_000,
    )
    // Each takes so many and then hangs.
    held.answer = ({ number }, to) => (number <= Number(to.slice(4)) % 40 ? DELIVERED : null)
    for (let i = 0; i < 50; i++) await held.push(...distinct(100, i * 100))
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await untilIdle(held)
    const all = held.log.map(({ number }) => number)
    for (let n = 0; n < 100; n++) expect(numbersTo(held, `emsp${n}`).toSorted((a, b) => a - b)).toEqual(all)
    expect(held.reads()).toBeGreaterThan(3)
    expect(held.reads()).toBeLessThan(15)
  })

  test('and far behind, is not held up by those who stand there and hang', async () => {
    const held = await holdQueues(
      Array.from({ length: 100 }, (_, n) => emsp(n, { concurrency: 1 })),
      20_000,
    )
    held.answer = () => null
    await held.push(put('FIRST'))
    for (let i = 0; i < 20; i++) await held.push(...distinct(100, i * 100))
    held.answer = (_, to) => (to === 'emsp99' ? DELIVERED : null)
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await held.settle()
    for (let i = 0; i < 20; i++) await held.pass(1_100)
    expect(numbersTo(held, 'emsp99')).toEqual(held.log.map(({ number }) => number))
    expect(held.underWay).toHaveLength(99)
  })

  test('and paused, shows what waits for it also after a restart, and gets it once it is resumed', async () => {
    const held = await holdQueues([emsp(0, { concurrency: 2 })])
    held.answer = () => null
    await held.push(...Array.from({ length: 20 }, () => patch('L1')), ...distinct(2, 2))
    held.queues().order('emsp0', { isPaused: true, skipTo: null })
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await held.pass(1_000)
    const { waiting, unread, oldestAt } = stateOf(held, 'emsp0')
    expect(waiting + unread).toBe(20)
    await held.crash()
    const after = stateOf(held, 'emsp0')
    expect([after.waiting + after.unread, after.oldestAt]).toEqual([20, oldestAt])
    held.answer = () => DELIVERED
    held.queues().order('emsp0', { isPaused: false, skipTo: null })
    await untilIdle(held)
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 22, waiting: 0, oldestAt: null })
  })

  test('shows what waits for it, read or not, and nothing once it has it', async () => {
    const held = await holdQueues([emsp(0, { concurrency: 2 })], 20_000)
    held.answer = () => null
    await held.push(...distinct(300))
    const { waiting, unread, inFlight } = stateOf(held, 'emsp0')
    expect({ inFlight, behind: waiting + unread }).toEqual({ inFlight: 2, behind: 298 })
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await untilIdle(held)
    expect(stateOf(held, 'emsp0')).toMatchObject({ waiting: 0, unread: 0, inFlight: 0, oldestAt: null, delivered: 300 })
  })
})

describe('An object that is pushed to over and over while a request of it hangs', () => {
  const hot = (count: number) => Array.from({ length: count }, () => patch('HOT'))

  async function hang(count: number, memoryBytes?: number): Promise<Held> {
    const held = await holdQueues([emsp(0)], memoryBytes)
    held.answer = ({ path }) => (path.endsWith('HOT') ? null : DELIVERED)
    for (let pushed = 0; pushed < count; pushed += 500) await held.push(...hot(500))
    await held.push(...distinct(100))
    return held
  }

  test.each([16_000_000, 20_000])('keeps no other from the partner for long (%s bytes in memory)', async (memory) => {
    const held = await hang(1_500, memory)
    for (let i = 0; i < 4; i++) await held.pass(1_000)
    const all = held.log.map(numberOf)
    expect(numbersTo(held, 'emsp0')).toEqual([1, ...all.slice(1_500)])
    held.answer = () => DELIVERED
    held.underWay[0]?.end(DELIVERED)
    await untilIdle(held)
    expect(numbersTo(held, 'emsp0')).toEqual([1, ...all.slice(1_500), ...all.slice(1, 1_500)])
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 1_600, missed: 0 })
  })

  test('is neither lost with a process that dies nor sent again', async () => {
    const held = await hang(1_500)
    for (let i = 0; i < 4; i++) await held.pass(1_000)
    const all = held.log.map(numberOf)
    await held.crash()
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await untilIdle(held)
    // Number 1 was under way at its end.
    expect(numbersTo(held, 'emsp0')).toEqual([1, ...all.slice(1_500), ...all.slice(0, 1_500)])
  })

  test('is not taken into memory by the process that goes on with it, only what goes out', async () => {
    const held = await hang(1_500)
    for (let i = 0; i < 4; i++) await held.pass(1_000)
    held.answer = () => null
    await held.crash()
    expect(stateOf(held, 'emsp0')).toMatchObject({ inFlight: 1, waiting: 1_499 })
    expect(held.bodies()).toBe(1)
  })

  test('takes some thousands of places and no more, and goes out whole and in order in the end', async () => {
    const held = await hang(10_000)
    for (let i = 0; i < 20; i++) await held.pass(1_000)
    expect(stateOf(held, 'emsp0').waiting).toBeGreaterThan(2_000)
    expect(stateOf(held, 'emsp0').waiting).toBeLessThan(4_000)
    held.answer = () => DELIVERED
    held.underWay[0]?.end(DELIVERED)
    await untilIdle(held)
    const ofHot = numbersTo(held, 'emsp0').filter((number) => number <= 10_000)
    expect(ofHot).toEqual(held.log.slice(0, 10_000).map(numberOf))
  })
})

test.each([16_000_000, 20_000])(
  'A large push that hangs keeps no other from the partner for long, and goes out whole in the end (%s bytes in memory)',
  async (memory) => {
    const held = await holdQueues([emsp(0)], memory)
    held.answer = ({ path }) => (path.endsWith('LARGE') ? null : DELIVERED)
    const body = { text: 'x'.repeat(1_000_000) }
    await held.push({ ...put('LARGE'), body })
    await held.push(...distinct(100))
    for (let i = 0; i < 4; i++) await held.pass(1_000)
    expect(numbersTo(held, 'emsp0')).toEqual(held.log.map(numberOf))
    held.answer = () => DELIVERED
    held.underWay[0]?.end({ kind: 'failed', retryAfterMs: null, reason: 'timeout' })
    await held.pass(60_000)
    await untilIdle(held)
    expect(held.begun.filter(({ push }) => push.number === 1).map(({ push }) => push.body?.length)).toEqual([
      JSON.stringify(body).length,
      JSON.stringify(body).length,
    ])
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 101 })
  },
)

describe('A newer PUT or DELETE makes superfluous what waits of its object', () => {
  test.each([
    ['with thousands of other pushes in between', 16_000_000],
    ['of which the older left memory long ago', 20_000],
  ])('%s', async (_, memoryBytes) => {
    const held = await holdQueues([emsp(0, { concurrency: 1 })], memoryBytes)
    held.answer = () => null
    await held.push(put('FIRST'))
    await held.push(put('HOT'), patch('HOT/E1'), put('COLD'), patch('COLD/E1'))
    await held.push(...distinct(3_000))
    await held.push(put('HOT'), patch('HOT/E1'))
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await untilIdle(held)
    const ofHot = held.begun.filter(({ push }) => push.path.includes('HOT')).map(({ push }) => push.number)
    expect(ofHot).toEqual([3_006, 3_007])
    const ofCold = held.begun.filter(({ push }) => push.path.includes('COLD')).map(({ push }) => push.number)
    expect(ofCold).toEqual([4, 5])
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 3_005, collapsed: 2 })
  })

  test('also of one that was read already, or waits for another try', async () => {
    const held = await holdQueues([emsp(0, { concurrency: 1 })])
    held.answer = () => null
    await held.push(put('A'), put('B'), put('C'))
    // B and C are read and wait; A fails and waits for its next try.
    held.underWay[0]?.end({ kind: 'failed', retryAfterMs: 60_000, reason: 'HTTP 503' })
    await held.settle()
    expect(held.underWay.map(({ push }) => push.path)).toEqual([path('B')])
    await held.push(...distinct(50), put('A'), put('C'))
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await held.settle()
    await held.pass(60_000)
    await untilIdle(held)
    const last = held.log.length
    const ofThese = numbersTo(held, 'emsp0').filter((number) => [1, 3, last - 1, last].includes(number))
    // The object that failed keeps its rest.
    expect(ofThese).toEqual([1, last, last - 1])
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 53, collapsed: 2 })
  })

  test('also of one whose request was ended by the hub itself, and each is counted', async () => {
    const held = await holdQueues([emsp(0)])
    held.answer = () => null
    await held.push(put('L1'))
    await held.push(put('L1'))
    held.answer = () => DELIVERED
    held.underWay[0]?.end({ kind: 'aborted' })
    await untilIdle(held)
    expect(numbersTo(held, 'emsp0')).toEqual([1, 2])
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 1, collapsed: 1 })
  })

  test.each(['pause', 'crash'] as const)('which is counted once, whatever is read again after a %s', async (event) => {
    const held = await holdQueues([emsp(0, { concurrency: 2 })])
    held.answer = () => null
    for (const name of ['A', 'B', 'C', 'B', 'B']) await held.push(put(name))
    expect(stateOf(held, 'emsp0')).toMatchObject({ inFlight: 2, collapsed: 1 })
    held.queues().order('emsp0', { isPaused: true, skipTo: null })
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await held.pass(1_000)
    held.answer = () => DELIVERED
    if (event === 'crash') await held.crash()
    held.queues().order('emsp0', { isPaused: false, skipTo: null })
    await untilIdle(held)
    expect(numbersTo(held, 'emsp0').toSorted((a, b) => a - b)).toEqual([1, 2, 3, 5])
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 4, collapsed: 1 })
  })

  test('but a PATCH replaces nothing, nor does a PUT of something beside or beneath it', async () => {
    const held = await holdQueues([emsp(0, { concurrency: 1 })])
    held.answer = () => null
    await held.push(put('FIRST'), put('L1'), patch('L1/E1'), put('L10'), put('L1/E2'), patch('L1'))
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await untilIdle(held)
    expect(numbersTo(held, 'emsp0').toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('but one that the partner was not to get replaces none that it was to get', async () => {
    const held = await holdQueues([emsp(0)])
    held.answer = () => null
    await held.push(put('L1'))
    held.underWay[0]?.end({ kind: 'failed', retryAfterMs: 60_000, reason: 'HTTP 503' })
    await held.settle()
    await held.change({ ...emsp(0), modules: ['tariffs'] })
    await held.push(put('L1'))
    await held.change(emsp(0))
    held.answer = () => DELIVERED
    await held.pass(60_000)
    expect(numbersTo(held, 'emsp0')).toEqual([1, 1])
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 1, collapsed: 0 })
  })

  test('so a partner that gets one push a second is not told old states of objects that change all the time', async () => {
    const held = await holdQueues([emsp(0, { concurrency: 1 })])
    held.answer = () => null
    await held.push(put('FIRST'))
    for (let i = 0; i < 100; i++) await held.push(...distinct(50))
    held.answer = () => DELIVERED
    for (const sent of [...held.underWay]) sent.end(DELIVERED)
    await untilIdle(held)
    expect(numbersTo(held, 'emsp0')).toEqual([1, ...Array.from({ length: 50 }, (_, i) => 4_952 + i)])
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 51, collapsed: 4_950 })
  })
})

describe('A partner in doubt', () => {
  test('is asked again also when its check took long and found nothing, and gets everything once it answers', async () => {
    const held = await holdQueues([emsp(0)])
    let end = (_isAlive: boolean) => {}
    let checks = 0
    held.isAlive = () => {
      checks++
      return new Promise((resolve) => (end = resolve))
    }
    held.answer = () => ({ kind: 'failed', retryAfterMs: null, reason: 'HTTP 502' })
    await held.push(...distinct(6))
    expect(checks).toBe(1)
    await held.pass(8_000)
    end(false)
    await held.settle()
    held.answer = () => DELIVERED
    await held.pass(5_000)
    expect(checks).toBe(2)
    end(true)
    await untilIdle(held)
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 6, waiting: 0 })
  })
})

describe('A platform with nothing to get', () => {
  test('gets what comes after a long time, and its numbers go on', async () => {
    const held = await holdQueues([emsp(0)])
    await held.push(put('L1'))
    await held.pass(3_600_000)
    await held.push(put('L1'))
    expect(numbersTo(held, 'emsp0')).toEqual([1, 2])
    expect(held.queues().snapshot('emsp0')).toMatchObject({
      delivered: 2,
      cursor: { position: 2, lanes: [] },
      needed: 3,
    })
  })

  test('that goes OFFLINE misses what comes then, and gets the next after its return', async () => {
    const held = await holdQueues([emsp(0)])
    await held.pass(60_000)
    await held.change(emsp(0, {}, 'OFFLINE'))
    await held.push(put('L1'))
    expect(held.missed).toEqual([{ to: 'emsp0', path: path('L1') }])
    await held.change(emsp(0))
    await held.push(put('L2'))
    expect(numbersTo(held, 'emsp0')).toEqual([2])
  })

  test('has an order to skip carried out that reaches beyond what this process has read', async () => {
    const held = await holdQueues([emsp(0)])
    held.queues().order('emsp0', { isPaused: false, skipTo: 1 })
    expect(held.queues().snapshot('emsp0')).toMatchObject({ skippedTo: null })
    await held.push(put('L1'))
    await held.push(put('L2'))
    expect(numbersTo(held, 'emsp0')).toEqual([2])
    expect(held.queues().snapshot('emsp0')).toMatchObject({ skippedTo: 1, missed: 1 })
  })

  test('is not sent again what was under way when it was skipped, and failed', async () => {
    const held = await holdQueues([emsp(0)])
    held.answer = () => null
    await held.push(put('L1'))
    held.queues().order('emsp0', { isPaused: false, skipTo: 1 })
    held.underWay[0]?.end({ kind: 'failed', retryAfterMs: null, reason: 'HTTP 502' })
    await held.pass(2_000)
    expect(numbersTo(held, 'emsp0')).toEqual([1])
    expect(held.missed).toEqual([{ to: 'emsp0', path: path('L1') }])
  })

  test('is not sent what was skipped while it was read for another try', async () => {
    const held = await holdQueues([emsp(0)], 0)
    held.answer = () => ({ kind: 'failed', retryAfterMs: null, reason: 'HTTP 502' })
    await held.push(put('L1'))
    const { promise, resolve } = Promise.withResolvers<void>()
    held.untilRead = () => promise
    await held.pass(2_000)
    held.queues().order('emsp0', { isPaused: true, skipTo: 1 })
    resolve()
    await held.settle()
    held.queues().order('emsp0', { isPaused: false, skipTo: null })
    await held.pass(2_000)
    expect(numbersTo(held, 'emsp0')).toEqual([1])
    expect(held.missed).toEqual([{ to: 'emsp0', path: path('L1') }])
  })

  test('ends for all who wait for its end: it is stopped and then dropped', async () => {
    const held = await holdQueues([emsp(0)])
    held.answer = () => null
    await held.push(put('L1'))
    const first = held.queues().stop(['emsp0'])
    const second = held.queues().stop(['emsp0'])
    held.underWay[0]?.end(DELIVERED)
    await Promise.all([first, second])
    expect(stateOf(held, 'emsp0')).toMatchObject({ delivered: 1, inFlight: 0 })
  })

  test('takes nothing for done that comes while its queue ends', async () => {
    const held = await holdQueues([emsp(0)])
    await held.queues().stop(['emsp0'])
    await held.push(put('L1'))
    expect(held.begun).toEqual([])
    expect(held.queues().snapshot('emsp0')).toMatchObject({ needed: 1 })
  })
})

const OBJECTS = ['L1', 'L1/E1', 'L1/E1/C1', 'L2', 'L2/E1', 'L3', 'L4', 'L5', 'L6']

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      object: fc.constantFrom(...OBJECTS),
      method: fc.constantFrom('PUT' as const, 'PATCH' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(5), isDelivered: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(50, 1_000, 30_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), isPaused: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('away' as const), isAway: fc.boolean() }) },
)

describe('Whatever fails, waits, is paused or dies, wherever the rows are', () => {
  test.each([16_000_000, 3_000, 0])(
    'a partner ends in the state it would have with all pushes (%s bytes in memory)',
    async (memory) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
          const partner = (status: 'CONNECTED' | 'OFFLINE') =>
            emsp(0, { concurrency: 2, afterOffline: 'resync' }, status)
          const held = await holdQueues([partner('CONNECTED')], memory)
          const applied: number[] = []
          const apply = (number: number) => {
            // Nothing that was done with when a process died is sent again by the next one.
            expect(applied).not.toContain(number)
            applied.push(number)
          }
          held.answer = () => null
          for (const each of steps) {
            if (each.kind === 'push') await held.push({ method: each.method, path: path(each.object) })
            else if (each.kind === 'pass') await held.pass(each.ms)
            else if (each.kind === 'crash') await held.crash()
            else if (each.kind === 'away') await held.change(partner(each.isAway ? 'OFFLINE' : 'CONNECTED'))
            else if (each.kind === 'pause') held.queues().order('emsp0', { isPaused: each.isPaused, skipTo: null })
            else {
              const sent = held.underWay[each.which % Math.max(1, held.underWay.length)]
              if (sent && each.isDelivered) apply(sent.push.number)
              sent?.end(each.isDelivered ? DELIVERED : { kind: 'failed', retryAfterMs: null, reason: 'HTTP 503' })
            }
            await held.settle()
            const chains = held.underWay.map(({ push }) => push.chainKey)
            expect(new Set(chains).size).toBe(chains.length)
          }
          held.queues().order('emsp0', { isPaused: false, skipTo: null })
          await held.change(partner('CONNECTED'))
          held.answer = ({ number }) => {
            apply(number)
            return DELIVERED
          }
          for (const sent of [...held.underWay]) {
            apply(sent.push.number)
            sent.end(DELIVERED)
          }
          for (let i = 0; i < 5; i++) await held.pass(120_000)
          expect(stateOf(held, 'emsp0')).toMatchObject({ waiting: 0, unread: 0, inFlight: 0, missed: 0 })
          const all = held.log.map(({ number }) => number)
          const { delivered, collapsed } = stateOf(held, 'emsp0')
          expect(delivered + collapsed).toBe(all.length)
          expect(stateAfter(held, applied)).toEqual(stateAfter(held, all))
          for (const chain of ['l1', 'l2', 'l3', 'l4', 'l5', 'l6']) {
            const ofChain = applied.filter((number) => held.log[number - 1]?.chainKey.endsWith(` ${chain}`))
            expect(ofChain).toEqual(ofChain.toSorted((a, b) => a - b))
          }
        }),
        { numRuns: 200 },
      )
    },
  )
})

/** What was last said of each path, PATCHes since then included. A PUT ends all that was said beneath. */
function stateAfter({ log }: Held, numbers: readonly number[]): Record<string, number[]> {
  const state: Record<string, number[]> = {}
  for (const number of numbers) {
    const { pathKey, method } = log[number - 1] as Held['log'][number]
    if (method === 'PUT') {
      for (const known of Object.keys(state)) if (covers(pathKey, known)) delete state[known]
      state[pathKey] = [number]
    } else (state[pathKey] ??= []).push(number)
  }
  return state
}
