/*
 * Moments by the wall clock, in milliseconds since the epoch, are compared with a clock that may be put back or forward meanwhile. One
 * that lies ahead says how late it was by another clock, and nothing of how long ago it was: it counts as long ago. Otherwise whatever
 * waits for a time to pass would wait until it is as late again.
 */

/** Clocks of processes that share a database may be apart by so much: stored moments that lie ahead by no more count as now. */
export const CLOCKS_APART_MS = 10_000

/** A stored moment as it counts: -Infinity where it lies further ahead than clocks are apart. */
export function asPast(moment: number, now: number): number {
  return moment > now + CLOCKS_APART_MS ? Number.NEGATIVE_INFINITY : moment
}

/** Whether `ms` have passed since a moment that this process noted. */
export function hasPassed(ms: number, moment: number, now: number): boolean {
  return now - moment >= ms || moment > now
}

export const DAY_MS = 86_400_000
