import { expect, test } from 'vitest'
import { Pace } from '../../../../src/hub/push/attempt/pace.ts'
import { backoffMs } from '../../../../src/hub/push/attempt/verdict.ts'
import { DELIVERED, emsp, holdQueues } from '../held.ts'
import { until } from '../receiver.ts'

function after(delayMs: number, callback: () => void) {
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}

test('No more than the rate begins in any second, also when the rate changes in between', async () => {
  const starts: number[] = []
  const task = async () => {
    starts.push(Date.now())
  }
  const pace = new Pace({ requestsPerSecond: 10, concurrency: 4 }, after, () => fill())
  const fill = () => {
    while (pace.waiting() < 4) pace.add(task)
  }
  const filling = setInterval(fill, 5)
  await until(() => starts.length >= 15, 'fifteen')
  pace.change({ requestsPerSecond: 5, concurrency: 4 })
  const changedAt = starts.length
  await until(() => starts.length >= changedAt + 6, 'six more')
  clearInterval(filling)
  for (let i = 10; i < starts.length; i++)
    expect((starts[i] as number) - (starts[i - 10] as number)).toBeGreaterThan(1_000)
  for (let i = changedAt + 5; i < starts.length; i++)
    expect((starts[i] as number) - (starts[i - 5] as number)).toBeGreaterThan(1_000)
})

test('A push whose body takes long to be read counts for the second in which it leaves', async () => {
  const held = await holdQueues([emsp(1, { requestsPerSecond: 5 })])
  held.answer = () => null
  await held.push(...Array.from({ length: 5 }, (_, i) => ({ path: `/NL/CPO/L${i}`, body: { state: i } })))
  await until(() => held.begun.length === 5, 'all are under way')
  const leftAt: number[] = []
  let reads = 0
  held.answer = () => {
    leftAt.push(Date.now())
    return DELIVERED
  }
  // What they are is read at once, their bodies come when the second is nearly over; what is pushed meanwhile is in memory.
  const { promise, resolve } = Promise.withResolvers<void>()
  held.untilRead = () => (reads++ === 0 ? Promise.resolve() : promise)
  await held.crash()
  await held.push(...Array.from({ length: 10 }, (_, i) => ({ path: `/NL/CPO/M${i}`, body: { state: i } })))
  await new Promise((passed) => setTimeout(passed, 700))
  await held.pass(700)
  resolve()
  await until(() => leftAt.length === 15, 'all are delivered')
  for (let i = 5; i < leftAt.length; i++)
    expect((leftAt[i] as number) - (leftAt[i - 5] as number)).toBeGreaterThan(1_000)
})

test('The wait between attempts grows, is bounded, and is never nothing', () => {
  expect(backoffMs(1, 0)).toBeGreaterThan(0)
  for (let failures = 1; failures < 30; failures++) {
    expect(backoffMs(failures, 1)).toBeLessThanOrEqual(60_000)
    expect(backoffMs(failures + 1, 0.5)).toBeGreaterThanOrEqual(backoffMs(failures, 0.5))
  }
})
