import { expect, test } from 'vitest'
import { retryAfterMs } from '../../src/ocpi/retry-after.ts'

test('Retry-After is understood as seconds and as a date, and nothing else [RFC 9110, 10.2.3]', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  const read = (value: string) => retryAfterMs(['retry-after', value], now)
  expect(read('120')).toBe(120_000)
  expect(read('0')).toBe(0)
  expect(read('Thu, 01 Jan 2026 00:00:30 GMT')).toBe(30_000)
  expect(read('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0)
  expect(read('soon')).toBe(null)
  expect(read('-1')).toBe(null)
  expect(retryAfterMs([], now)).toBe(null)
})

test("A date in Retry-After is reckoned from the answer's own Date: a clock that is wrong asks for no longer wait", () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  const answer = ['Date', 'Thu, 01 Jan 2026 05:00:00 GMT', 'Retry-After', 'Thu, 01 Jan 2026 05:00:30 GMT']
  expect(retryAfterMs(answer, now)).toBe(30_000)
  expect(retryAfterMs(['Date', 'nonsense', 'Retry-After', 'Thu, 01 Jan 2026 00:00:30 GMT'], now)).toBe(30_000)
})
