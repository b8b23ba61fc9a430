import { expect, test } from 'vitest'
import { createRateLimit } from '../../src/hub/limits.ts'

test('a platform within its rate is not refused when the clock is set back', () => {
  let now = 3_600_000
  const limit = createRateLimit(1000, () => now)
  expect(limit.take('platform').kind).toBe('taken')
  now = 0
  expect(limit.take('platform').kind).toBe('taken')
  for (let i = 0; i < 998; i++) limit.take('platform')
  expect(limit.take('platform')).toEqual({ kind: 'empty', retryAfterSeconds: 1 })
  now = 1_000
  expect(limit.take('platform').kind).toBe('taken')
})
