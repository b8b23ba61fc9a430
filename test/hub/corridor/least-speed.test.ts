import { describe, expect, test } from 'vitest'
import { createSpeedometer } from '../../../src/hub/corridor/least-speed.ts'

const LEAST = { bytesPerSecond: 1_000, windowMs: 30_000 }

describe('the least speed of a streamed body', () => {
  test('a byte now and then is too slow after a window, not before', () => {
    const { isTooSlow } = createSpeedometer(LEAST)
    expect(isTooSlow(29_000, 1)).toBe(false)
    expect(isTooSlow(1_000, 1)).toBe(true)
  })

  test('a side that brings much at times is fast enough, however long it pauses in a window', () => {
    const { isTooSlow } = createSpeedometer(LEAST)
    for (let i = 0; i < 20; i++) expect([isTooSlow(29_000, 10), isTooSlow(1_000, 40_000)]).toEqual([false, false])
  })

  test('each window counts by itself: what came quickly at first does not pay for what trickles later', () => {
    const { isTooSlow } = createSpeedometer(LEAST)
    expect(isTooSlow(30_000, 10_000_000)).toBe(false)
    expect(isTooSlow(30_000, 10)).toBe(true)
  })

  test('0 lets a body be as slow as it likes', () => {
    const { isTooSlow } = createSpeedometer({ ...LEAST, bytesPerSecond: 0 })
    expect(isTooSlow(1_000_000, 0)).toBe(false)
  })
})
