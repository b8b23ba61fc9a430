import { expect, test } from 'vitest'
import { Backlog, type BacklogRange } from '../../../../src/hub/push/log/backlog.ts'
import type { LogPart, PushLog, ReadLimits } from '../../../../src/hub/push/log/push-log.ts'
import { bytesOf, type Push } from '../../../../src/hub/push/push.ts'
import { newPush, platformOf } from '../rig.ts'

const CPO = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: 'http://cpo' })
const ROOM: ReadLimits = { pushes: 1_000, bytes: 1_000_000 }

type Read = {
  readonly range: Parameters<PushLog['readModule']>[2]
  readonly withBodies: boolean
  readonly end: () => Promise<void>
  readonly fail: () => Promise<void>
}

/** A log whose reads end when the test says so. */
function openLog(rows: number, body = {}) {
  const log = Array.from(
    { length: rows },
    (_, i): Push => ({ ...newPush(CPO, { path: `/NL/CPO/L${i}`, body }), number: i + 1 }),
  )
  const underWay: Read[] = []
  let reads = 0
  const backlog = new Backlog({
    readModule(_module, _senders, range, limits, withBodies) {
      reads++
      const fitting = log.filter(({ number }) => number > range.after && number <= range.upTo)
      const most = Math.min(limits.pushes, Math.ceil(limits.bytes / bytesOf(log[0] as Push)))
      const pushes = fitting.slice(0, most).map((push) => (withBodies ? push : { ...push, body: null }))
      const upTo = fitting.length > most ? (pushes.at(-1) as Push).number : range.upTo
      const { promise, resolve, reject } = Promise.withResolvers<LogPart>()
      underWay.push({
        ...{ range, withBodies },
        end() {
          resolve({ pushes, upTo })
          return done()
        },
        fail() {
          reject(new Error('The log cannot be read'))
          return done()
        },
      })
      return promise
    },
  })
  async function done(): Promise<void> {
    underWay.shift()
    await settle()
  }
  const range = (after: number, rest: Partial<BacklogRange> = {}): BacklogRange => ({
    ...{ module: 'locations', senders: { except: [] }, after, upTo: rows, withBodies: true },
    ...rest,
  })
  /** What a reader gets that comes here. */
  function ask(after: number, rest: Partial<BacklogRange> = {}, reader = {}) {
    const asked: { part: LogPart | null; error: unknown } = { part: null, error: null }
    backlog.read(range(after, rest), ROOM, reader).then(
      (part) => (asked.part = part),
      (error: unknown) => (asked.error = error),
    )
    return asked
  }
  return { backlog, underWay, ask, reads: () => reads }
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

function numbersOf(part: LogPart | null): number[] {
  return part?.pushes.map(({ number }) => number) ?? []
}

function from(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

test('A hundred that ask at once for what lies behind nearly the same place get it from one read', async () => {
  const { underWay, ask, reads } = openLog(100)
  const asked = Array.from({ length: 100 }, (_, n) => ask(n % 10))
  await settle()
  expect(underWay).toHaveLength(1)
  await underWay[0]?.end()
  expect(reads()).toBe(1)
  for (const [n, { part }] of asked.entries()) expect(numbersOf(part)).toEqual(from((n % 10) + 1, 100))
})

test('Places far apart are read one after the other, and each has its turn', async () => {
  const { underWay, ask } = openLog(3_000)
  const places = [0, 1_000, 2_000].map((after) => ({ after, asked: ask(after) }))
  for (const { after, asked } of places) {
    await settle()
    expect(underWay.map(({ range }) => range.after)).toEqual([after])
    await underWay[0]?.end()
    expect(numbersOf(asked.part)).toEqual(from(after + 1, after + 1_000))
  }
})

test('What is known is had at once, whoever waits for a read', async () => {
  const { underWay, ask } = openLog(3_000)
  ask(0)
  await settle()
  await underWay[0]?.end()
  ask(2_000)
  await settle()
  const known = ask(500)
  await settle()
  expect(underWay).toHaveLength(1)
  expect(numbersOf(known.part)).toEqual(from(501, 1_000))
})

test('A read that fails fails for whom it was made, and the next in line has its turn', async () => {
  const { underWay, ask } = openLog(100)
  const [first, second] = [ask(0), ask(0)]
  await settle()
  await underWay[0]?.fail()
  expect(first.error).toBeInstanceOf(Error)
  await underWay[0]?.end()
  expect(numbersOf(second.part)).toHaveLength(100)
})

test('Nothing is read for one that ended before its turn', async () => {
  const { backlog, underWay, ask, reads } = openLog(3_000)
  ask(0)
  const reader = {}
  const ended = ask(2_000, {}, reader)
  backlog.leave(reader)
  await settle()
  await underWay[0]?.end()
  expect(reads()).toBe(1)
  expect(ended.part).toEqual({ pushes: [], upTo: 2_000 })
})

test('One that drops what it reads, up to a number, gets no bodies and no more than that, and those who send get bodies', async () => {
  const { underWay, ask, reads } = openLog(100)
  const dropping = ask(0, { withBodies: false, upTo: 40 })
  const sending = ask(0)
  await settle()
  await underWay[0]?.end()
  await underWay[0]?.end()
  const alsoDropping = ask(10, { withBodies: false, upTo: 20 })
  await settle()
  expect(reads()).toBe(2)
  expect(dropping.part?.upTo).toBe(40)
  expect(dropping.part?.pushes.every(({ body }) => body === null)).toBe(true)
  expect([numbersOf(alsoDropping.part), alsoDropping.part?.upTo]).toEqual([from(11, 20), 20])
  expect(sending.part?.pushes.every(({ body }) => body !== null)).toBe(true)
})

test('What was read is kept as long as it is little', async () => {
  const { underWay, ask, reads } = openLog(60, { text: 'x'.repeat(500_000) })
  for (let place = 0; place < 60; place += 2) {
    ask(place)
    await settle()
    await underWay[0]?.end()
  }
  expect(reads()).toBe(30)
  ask(58)
  ask(40)
  await settle()
  expect(reads()).toBe(30)
  ask(0)
  await settle()
  expect(reads()).toBe(31)
})

test('and none of it once nobody is left who is so far behind', async () => {
  const { backlog, underWay, ask, reads } = openLog(100)
  const reader = {}
  ask(0, {}, reader)
  await settle()
  await underWay[0]?.end()
  backlog.leave(reader)
  ask(0)
  await settle()
  expect(reads()).toBe(2)
})

test('Reads for some senders share what is read with those for the same ones, and end now and then though they find nothing', async () => {
  const { underWay, ask, reads } = openLog(120_000)
  const only = { senders: { only: 'a' } }
  const except = { senders: { except: ['a'] } }
  const asked = [ask(10, only), ask(20, only), ask(10, except), ask(20, { senders: { except: ['b'] } })]
  await settle()
  while (underWay.length > 0) await underWay[0]?.end()
  expect(reads()).toBe(3)
  expect(asked.every(({ part }) => part !== null)).toBe(true)
  ask(60_000, only)
  ask(60_000)
  await settle()
  expect(underWay[0]?.range).toEqual({ after: 60_000, upTo: 100_000 })
  await underWay[0]?.end()
  expect(underWay[0]?.range).toEqual({ after: 60_000, upTo: 120_000 })
})
