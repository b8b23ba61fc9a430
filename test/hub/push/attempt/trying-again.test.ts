import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../../../src/hub/push/attempt/deliver.ts'
import { DELIVERED, emsp, holdQueues, MEMORY_BYTES } from '../held.ts'

const FAILED: Delivery = { kind: 'failed', retryAfterMs: null, reason: 'HTTP 503' }
const PUT = { path: '/NL/CPO/L1' }

function throttled(retryAfterMs: number | null): Delivery {
  return { kind: 'throttled', retryAfterMs, reason: 'HTTP 429' }
}

describe('A partner that is asked too much', () => {
  test('and says that it need not be waited for, is not asked at full rate', async () => {
    const held = await holdQueues([emsp(0)])
    held.answer = () => (held.begun.length < 50 ? throttled(0) : null)
    await held.push(PUT)
    for (let i = 0; i < 100; i++) await held.pass(10)
    expect(held.begun.length).toBeGreaterThan(1)
    expect(held.begun.length).toBeLessThan(12)
  })

  test('and says when, is asked then, however many requests it refused together', async () => {
    const held = await holdQueues([emsp(0)], MEMORY_BYTES, () => 0.99)
    held.answer = () => null
    await held.push(...Array.from({ length: 8 }, (_, i) => ({ path: `/NL/CPO/L${i}` })))
    expect(held.underWay).toHaveLength(8)
    for (const sent of [...held.underWay]) sent.end(throttled(1_000))
    await held.settle()
    await held.pass(999)
    expect(held.begun).toHaveLength(8)
    await held.pass(1)
    expect(held.begun).toHaveLength(16)
  })
})

test('What failed before an outage is tried as long after it as what came later', async () => {
  const delivery = { afterOffline: 'resync', maxAgeSeconds: 60 } as const
  const held = await holdQueues([emsp(0, delivery)])
  held.answer = () => FAILED
  await held.push(PUT)
  await held.change(emsp(0, delivery, 'OFFLINE'))
  await held.push({ path: '/NL/CPO/L2' })
  await held.pass(3_600_000)
  await held.change(emsp(0, delivery))
  expect(held.begun.map(({ push }) => push.number).sort((a, b) => a - b)).toEqual([1, 1, 2])
  held.answer = () => DELIVERED
  await held.pass(5_000)
  expect(held.missed).toEqual([])
  expect(held.begun.map(({ push }) => push.number).sort((a, b) => a - b)).toEqual([1, 1, 1, 2, 2])
})
