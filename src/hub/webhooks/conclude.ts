import { DAY_MS } from '../moments.ts'
import type { Tried } from './attempt.ts'
import type { DeliveryState, WhyOff } from './webhook.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** After the first failure, the second…; the last one goes for all that follow. */
const PAUSES_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  3 * HOUR_MS,
] as const

/** What is older is not told any more. */
export const GIVEN_UP_AFTER_MS = DAY_MS
/** A receiver that was away is found to be back within this time. */
const LONGEST_REST_MS = 10 * MINUTE_MS
/** A webhook that fails for so long is turned off. */
export const OFF_AFTER_MS = 5 * DAY_MS
/** Nothing may have happened since it failed: it is turned off only for what it was tried with for so long. */
const TRIED_FOR_MS = 6 * HOUR_MS
/** Failures in a row after which administrators are told: some ten minutes of them. */
export const ALARM_AFTER = 5

/** How a delivery and its webhook stand before an attempt. */
export type Standing = {
  readonly happenedAt: number
  /** Of this delivery, before. */
  readonly attempts: number
  /** Of the webhook, in a row. */
  readonly failures: number
  readonly failingSince: number | null
}

/** What an attempt comes to. Moments in milliseconds since the epoch. */
export type Conclusion = {
  readonly state: Exclude<DeliveryState, 'refused'>
  /** When this delivery is tried again; of no meaning where it is not. */
  readonly dueAt: number
  readonly failures: number
  readonly failingSince: number | null
  /** Until when nothing at all is sent to the webhook. */
  readonly restsUntil: number
  readonly whyOff: Exclude<WhyOff, 'administrator'> | null
}

/**
 * What follows from an attempt. A receiver that is away or overwhelmed has a rest from everything; one that answers no to one delivery
 * gets the others meanwhile, but those of the same platform, which keep their order.
 */
export function conclude(before: Standing, tried: Tried, now: number): Conclusion {
  if (tried.failure === null) {
    return { state: 'delivered', dueAt: now, failures: 0, failingSince: null, restsUntil: 0, whyOff: null }
  }
  const failures = before.failures + 1
  const failingSince = before.failingSince === null || before.failingSince > now ? now : before.failingSince
  const asked = Math.min(tried.retryAfterMs ?? 0, HOUR_MS)
  const isGone = tried.status === 410
  const isOver = isGone || now - before.happenedAt >= GIVEN_UP_AFTER_MS
  const hasFailed = now - failingSince >= OFF_AFTER_MS && now - before.happenedAt >= TRIED_FOR_MS
  const rest = Math.max(asked, Math.min(pauseAfter(failures), LONGEST_REST_MS))
  return {
    state: isOver ? 'given-up' : 'waits',
    dueAt: now + Math.max(asked, pauseAfter(before.attempts + 1)),
    failures,
    failingSince,
    restsUntil: isBusyOrAway(tried.status) ? now + rest : 0,
    whyOff: isGone ? 'gone' : hasFailed ? 'failing' : null,
  }
}

/** No answer, one of a server that fails, or one that asks for patience. */
function isBusyOrAway(status: number | null): boolean {
  return status === null || status >= 500 || status === 429 || status === 408
}

function pauseAfter(failures: number): number {
  return PAUSES_MS[Math.min(failures, PAUSES_MS.length) - 1] ?? 0
}
