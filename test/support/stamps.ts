import type { RecordedRequest } from './partner-server.ts'

/** A setting of hubs in tests: each request that leaves says when it does, by the machine's clock. */
export const STAMPS = { STAMPS_REQUESTS: 'true' }

/**
 * What a second of a rate is on a busy machine: the hub counts a request when its turn comes, and it may stand still for two tenths until
 * that has left. Where two send at the same rate, or one begins anew, it is half a second or less.
 */
export const BUSY_SECOND_MS = 800

/**
 * Milliseconds in which the quickest `count` requests, one after the other, left the hub; infinite when there were fewer. A rate of
 * 20 a second is kept as long as 21 take more than `BUSY_SECOND_MS`. Those without a stamp are left out.
 */
export function shortestOf(count: number, requests: readonly RecordedRequest[]): number {
  const stamps = requests.flatMap((request) => request.header('x-test-sent-at') ?? [])
  const times = stamps.map(Number).toSorted((a, b) => a - b)
  if (times.length === 0) throw new Error('No request says when it left')
  return Math.min(...times.slice(count - 1).map((at, i) => at - (times[i] ?? 0)), Number.POSITIVE_INFINITY)
}
