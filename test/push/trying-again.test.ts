import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/hub/push/partner-queue-deliver.ts'
import { emsp, holdQueues, MEMORY_BYTES } from './held.ts'

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
