import type { Delivery } from '../attempt/deliver.ts'
import { backoffMs } from '../attempt/verdict.ts'
import type { MissedCause, QueueCounts } from '../cursor.ts'
import { chainInLog, type Push } from '../push.ts'
import type { Doubt } from './doubt.ts'
import type { Entry } from './entry.ts'
import type { Lane } from './lane.ts'
import type { Standing } from './standing.ts'

/** What the outcome of an attempt changes in a queue. */
export type Attempted = {
  readonly platformId: string
  readonly counts: { -readonly [name in keyof QueueCounts]: number }
  readonly standing: Standing
  readonly ports: { readonly clock: () => number; readonly chance: () => number }
  /** How long an entry is tried, from its first failure on. */
  readonly maxAgeMs: () => number
  readonly noteMissed: (push: Push, cause: MissedCause) => void
  readonly doubt: Doubt
}

/** A Retry-After up to here is honoured, however low the maximum age of the platform's pushes. */
const LEAST_MOST_ASKED_MS = 60_000
/** A queue whose token is refused by a platform that is alive rests no longer: whatever is wrong there may be mended any moment. */
const LONGEST_REFUSED_MS = 5_000

/** Draws the consequences of an attempt: for its entry, for the circuit of its lane, and for the queue. */
export function conclude(queue: Attempted, lane: Lane, entry: Entry, delivery: Delivery): void {
  switch (delivery.kind) {
    case 'delivered':
      queue.counts.delivered++
      isWell(queue, lane)
      return lane.settle(entry)
    case 'refused':
      isWell(queue, lane)
      queue.noteMissed(entry.push, 'refused')
      return lane.settle(entry)
    case 'withheld':
      // Nothing was sent: that says nothing of the platform, nor of its lane.
      queue.counts.withheld++
      return lane.settle(entry)
    case 'not-converted':
      // As one that the partner fails to take, but for the circuit: others have their turn, and it is missed at its maximum age.
      forgetFailures(queue, entry)
      return retryLater(queue, lane, entry, queue.ports.clock(), null)
    case 'throttled':
      return throttled(queue, lane, entry, delivery.retryAfterMs)
    case 'token-refused':
      return tokenRefused(queue, lane, entry, delivery.reason)
    case 'failed':
      return failed(queue, lane, entry, delivery.retryAfterMs)
    case 'aborted':
    case 'token-replaced':
      return lane.putBack(entry, 0)
    case 'not-for-it':
      return lane.settle(entry)
    case 'not-connected':
      queue.noteMissed(entry.push, 'not-connected')
      return lane.settle(entry)
  }
}

/** The whole queue rests, and the entry is tried again when it goes on. */
function throttled(queue: Attempted, lane: Lane, entry: Entry, retryAfterMs: number | null): void {
  const { standing } = queue
  const { clock, chance } = queue.ports
  const now = clock()
  forgetFailures(queue, entry)
  // A Retry-After of zero, or a date that is over by the partner's clock, is no leave to go on at full rate.
  const backoff = backoffMs(standing.countRest(now), chance())
  const waitMs = Math.max(backoff, askedMs(queue, retryAfterMs) ?? 0)
  retry(queue, lane, entry, now, standing.restUntil(now + waitMs, 'throttled'))
}

/** The queue rests for a few seconds at most, each entry ever longer; unless others fare better: then it is a failure like any other. */
function tokenRefused(queue: Attempted, lane: Lane, entry: Entry, reason: string): void {
  const { standing, doubt } = queue
  const { clock, chance } = queue.ports
  const now = clock()
  if (!doubt.tokenRefused(now, `${reason} to a delivery`)) return failed(queue, lane, entry, null)
  forgetFailures(queue, entry)
  standing.restUntil(now + backoffMs(standing.countRest(now), chance(), LONGEST_REFUSED_MS), 'token-refused')
  retryLater(queue, lane, entry, now, null)
}

function failed(queue: Attempted, lane: Lane, entry: Entry, retryAfterMs: number | null): void {
  const now = queue.ports.clock()
  forgetFailures(queue, entry)
  if (lane.circuit.failed(chainInLog(entry.push), now)) queue.doubt.failing(now)
  retryLater(queue, lane, entry, now, retryAfterMs)
}

/** Tries an entry again after a while of its own, the last time at its maximum age. */
function retryLater(queue: Attempted, lane: Lane, entry: Entry, now: number, retryAfterMs: number | null): void {
  const backoff = now + backoffMs(entry.failures + 1, queue.ports.chance())
  const waitMs = askedMs(queue, retryAfterMs)
  const lastChance = lane.givesUp ? (entry.firstFailedAt ?? now) + queue.maxAgeMs() : Number.POSITIVE_INFINITY
  const dueAt = waitMs !== null ? Math.max(backoff, now + waitMs) : Math.min(backoff, lastChance)
  retry(queue, lane, entry, now, dueAt)
}

function isWell({ standing }: Attempted, lane: Lane): void {
  lane.circuit.succeeded()
  standing.answered()
}

/** The rest that a partner asks for, at most as long as entries are tried: a slip of its must not stop its queue for ever. */
function askedMs(queue: Attempted, retryAfterMs: number | null): number | null {
  return retryAfterMs === null ? null : Math.min(retryAfterMs, Math.max(queue.maxAgeMs(), LEAST_MOST_ASKED_MS))
}

/** Failures before the platform was away say nothing of how it is now: an entry of then is tried as long as a newer one. */
function forgetFailures({ standing }: Attempted, entry: Entry): void {
  if (entry.firstFailedAt === null || entry.firstFailedAt >= standing.backAt) return
  entry.firstFailedAt = null
  entry.failures = 0
}

function retry(queue: Attempted, lane: Lane, entry: Entry, now: number, dueAt: number): void {
  entry.firstFailedAt ??= now
  entry.failures++
  const isYoung = entry.failures === 1 || now - entry.firstFailedAt < queue.maxAgeMs()
  if (isYoung || !lane.givesUp) return lane.putBack(entry, dueAt)
  queue.noteMissed(entry.push, 'expired')
  lane.settle(entry)
}
