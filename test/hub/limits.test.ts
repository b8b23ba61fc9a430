import { describe, expect, test } from 'vitest'
import { createPlaces, createRateLimit, createRoom } from '../../src/hub/limits.ts'

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

/** How much of one each a caller gets before it is refused. */
function takeAll(take: () => boolean): number {
  let taken = 0
  while (taken < 1_000 && take()) taken++
  return taken
}

describe('room that callers share', () => {
  test('one caller alone gets three quarters, and each that comes beside it three quarters of what is left', () => {
    const room = createRoom(64)
    const got = ['a', 'b', 'c', 'd'].map((caller) => takeAll(() => room.take(caller, 1)))
    expect(got).toEqual([48, 12, 3, 1])
    room.give('a', 1)
    expect(room.take('a', 1)).toBe(false)
    expect(room.take('e', 1)).toBe(true)
  })

  test.each([1, 2, 3])('where there is hardly any, %i, one caller may have all of it', (most) => {
    const room = createRoom(most)
    expect(takeAll(() => room.take('a', 1))).toBe(most)
  })

  test('is all there again once everybody gave back what it had', () => {
    const room = createRoom(100)
    expect([room.take('a', 60), room.take('b', 30), room.take('c', 11)]).toEqual([true, true, false])
    room.give('a', 60)
    room.give('b', 30)
    expect(room.take('c', 100)).toBe(true)
  })

  test('is counted for each receiver by itself', () => {
    const { enter, leave } = createPlaces(4)
    expect(takeAll(() => enter('cpo', 'emsp'))).toBe(3)
    expect(takeAll(() => enter('other', 'emsp'))).toBe(3)
    leave('cpo', 'emsp')
    expect([enter('cpo', 'emsp'), enter('cpo', 'emsp'), enter('cpo', 'newcomer')]).toEqual([true, false, true])
  })
})
