import { afterEach, describe, expect, test, vi } from 'vitest'
import { earlierNow } from '../../../src/runtime/shared/earlier-now.ts'

const DAY_MS = 86_400_000

afterEach(() => vi.restoreAllMocks())

describe('What is deleted for its age', () => {
  test('gets no older by a wall clock that is put forward', () => {
    const before = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(before + 365 * DAY_MS)
    expect(earlierNow()).toBeLessThan(before + 60_000)
  })

  test('is judged by the wall clock that it was noted by, where that was put back', () => {
    const back = Date.now() - DAY_MS
    vi.spyOn(Date, 'now').mockReturnValue(back)
    expect(earlierNow()).toBe(back)
  })
})
