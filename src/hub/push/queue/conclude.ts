import type { Alarm } from '../../ports.ts'
import type { Delivery } from '../attempt/deliver.ts'
import { backoffMs } from '../attempt/verdict.ts'
import type { MissedCause, QueueCounts } from '../cursor.ts'
import type { Push } from '../push.ts'
import type { Entry } from './entry.ts'
import type { Lane } from './lane.ts'
import type { Standing } from './standing.ts'

/** What the outcome of an attempt changes in a queue. */
export type Attempted = {
  readonly platformId: string
  readonly counts: { -readonly [name in keyof QueueCounts]: number }
  readonly standing: Standing
  readonly ports: { readonly clock: () => number; readonly chance: () => number; readonly alarm: Alarm }
  /** How long an entry is tried, from its first failure on. */
  readonly maxAgeMs: () => number
  readonly noteMissed: (push: Push, cause: MissedCause) => void
  /** A lane fails throughout: the platform itself may be away. */
  readonly doubt: (now: number) => void
}

/** A Retry-After up to here is honoured, however low the maximum age of the platform's pushes. */
const LEAST_MOST_ASKED_MS = 60_000

/** Draws the consequences of an attempt: for its entry, for the circuit of its lane, and for the queue. */
export function conclude(queue: Attempted, lane: Lane, entry: Entry, delivery: Delivery): void {
  const { counts, standing, platformId } = queue
  const { clock, chance, alarm } = queue.ports
  switch (delivery.kind) {
    case 'delivered':
      counts.delivered++
      isWell(queue, lane)
      return lane.settle(entry)
    case 'rejected':
      counts.failed++
      isWell(queue, lane)
      if (delivery.isTokenRefused) {
        alarm({ kind: 'receiver-rejects-our-token', platformId, detail: `${delivery.reason} to a delivery` })
      }
      return lane.settle(entry)
    case 'throttled': {
      const now = clock()
      forgetFailures(queue, entry)
      // A Retry-After of zero, or a date that is over by the partner's clock, is no leave to go on at full rate.
      const backoff = backoffMs(standing.throttled(now), chance())
      const waitMs = Math.max(backoff, askedMs(queue, delivery.retryAfterMs) ?? 0)
      return retry(queue, lane, entry, now, standing.throttleUntil(now + waitMs))
    }
    case 'failed': {
      const now = clock()
      forgetFailures(queue, entry)
      if (lane.circuit.failed(entry.push.chainKey, now)) queue.doubt(now)
      const backoff = now + backoffMs(entry.failures + 1, chance())
      const waitMs = askedMs(queue, delivery.retryAfterMs)
      const lastChance = lane.givesUp ? (entry.firstFailedAt ?? now) + queue.maxAgeMs() : Number.POSITIVE_INFINITY
      const dueAt = waitMs !== null ? Math.max(backoff, now + waitMs) : Math.min(backoff, lastChance)
      return retry(queue, lane, entry, now, dueAt)
    }
    case 'aborted':
      return lane.putBack(entry, 0)
    case 'not-for-it':
      return lane.settle(entry)
    case 'not-connected':
      queue.noteMissed(entry.push, 'not-connected')
      return lane.settle(entry)
  }
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
