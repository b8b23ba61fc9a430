import type { RecordedRequest } from './partner-server.ts'

/** A setting of hubs in tests: each request that leaves says when it does, by the machine's clock. */
export const STAMPS = { STAMPS_REQUESTS: 'true' }

/**
 * Milliseconds in which the quickest `count` requests, one after the other, left the hub; infinite when there were fewer. A rate of
 * 20 a second is kept as long as 21 take more than 1,000. Those without a stamp are left out.
 */
export function shortestOf(count: number, requests: readonly RecordedRequest[]): number {
  const stamps = requests.flatMap((request) => request.header('x-test-sent-at') ?? [])
  const times = stamps.map(Number).toSorted((a, b) => a - b)
  if (times.length === 0) throw new Error('No request says when it left')
  return Math.min(...times.slice(count - 1).map((at, i) => at - (times[i] ?? 0)), Number.POSITIVE_INFINITY)
}
