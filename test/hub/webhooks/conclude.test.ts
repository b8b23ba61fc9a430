import { describe, expect, it } from 'vitest'
import type { Tried } from '../../../src/hub/webhooks/attempt.ts'
import { conclude, type Standing } from '../../../src/hub/webhooks/conclude.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const FRESH: Standing = { happenedAt: NOW, attempts: 0, failures: 0, failingSince: null }

function tried(status: number | null, retryAfterMs: number | null = null): Tried {
  const isTaken = status !== null && status >= 200 && status < 300
  return { at: NOW, ms: 5, status, failure: isTaken ? null : `HTTP ${status}`, answer: '', retryAfterMs }
}

describe('What an attempt to tell a webhook comes to', () => {
  it('is taken by any answer of success, and all that failed before is forgotten', () => {
    const before = { ...FRESH, attempts: 3, failures: 9, failingSince: NOW - HOUR_MS }
    for (const status of [200, 202, 204])
      expect(conclude(before, tried(status), NOW)).toMatchObject({
        state: 'delivered',
        failures: 0,
        failingSince: null,
      })
  })

  it('is tried again after pauses that grow, up to a day after it happened, and then given up', () => {
    let now = NOW
    let before = FRESH
    const pauses: number[] = []
    for (;;) {
      const came = conclude(before, tried(400), now)
      if (came.state === 'given-up') break
      pauses.push(came.dueAt - now)
      now = came.dueAt
      before = { ...before, attempts: before.attempts + 1, failures: came.failures, failingSince: came.failingSince }
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
    expect(pauses[0]).toBe(5_000)
    expect(pauses.length).toBeGreaterThan(10)
    expect(pauses.length).toBeLessThan(20)
    expect(now - NOW).toBeGreaterThanOrEqual(24 * HOUR_MS)
    expect(now - NOW).toBeLessThan(28 * HOUR_MS)
  })

  it('lets one that is away rest from everything, for ten minutes at the most', () => {
    for (const status of [null, 500, 503, 429]) {
      expect(conclude(FRESH, tried(status), NOW).restsUntil).toBe(NOW + 5_000)
      const long = { ...FRESH, attempts: 1, failures: 50 }
      expect(conclude(long, tried(status), NOW).restsUntil).toBe(NOW + 10 * MINUTE_MS)
    }
  })

  it('keeps nothing else back where the receiver says no to this one', () => {
    for (const status of [302, 400, 401, 404, 422]) {
      const came = conclude(FRESH, tried(status), NOW)
      expect(came).toMatchObject({ state: 'waits', restsUntil: 0, failures: 1, failingSince: NOW })
    }
  })

  it('waits for as long as the receiver asks, and for an hour at the most', () => {
    expect(conclude(FRESH, tried(429, 20 * MINUTE_MS), NOW)).toMatchObject({
      dueAt: NOW + 20 * MINUTE_MS,
      restsUntil: NOW + 20 * MINUTE_MS,
    })
    expect(conclude(FRESH, tried(503, 9 * HOUR_MS), NOW).restsUntil).toBe(NOW + HOUR_MS)
  })

  it('turns off one that failed for five days, and one that says it is gone', () => {
    const DAY_MS = 24 * HOUR_MS
    const whyOff = (failingSince: number, status: number) =>
      conclude({ ...FRESH, happenedAt: NOW - 6 * HOUR_MS, failingSince }, tried(status), NOW).whyOff
    expect(whyOff(NOW - 5 * DAY_MS + 1, 500)).toBeNull()
    expect(whyOff(NOW - 5 * DAY_MS, 500)).toBe('failing')
    expect(conclude(FRESH, tried(410), NOW)).toMatchObject({ state: 'given-up', whyOff: 'gone' })
    // Nothing happened for long, and what happens now finds the receiver away for a moment.
    expect(conclude({ ...FRESH, failingSince: NOW - 9 * DAY_MS }, tried(500), NOW).whyOff).toBeNull()
    // A clock that was put back says nothing of how long it fails.
    expect(whyOff(NOW + HOUR_MS, 500)).toBeNull()
  })
})
