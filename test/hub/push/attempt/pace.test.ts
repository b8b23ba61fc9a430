import { expect, test } from 'vitest'
import { Pace } from '../../../../src/hub/push/attempt/pace.ts'
import { backoffMs } from '../../../../src/hub/push/attempt/verdict.ts'
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

test('The wait between attempts grows, is bounded, and is never nothing', () => {
  expect(backoffMs(1, 0)).toBeGreaterThan(0)
  for (let failures = 1; failures < 30; failures++) {
    expect(backoffMs(failures, 1)).toBeLessThanOrEqual(60_000)
    expect(backoffMs(failures + 1, 0.5)).toBeGreaterThanOrEqual(backoffMs(failures, 0.5))
  }
})
