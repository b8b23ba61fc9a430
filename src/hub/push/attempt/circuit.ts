import { backoffMs } from './verdict.ts'

/**
 * Notices a run of failures, as opposed to single objects that fail: after it one request at a time is tried, ever more
 * seldom, until one succeeds.
 */
export type Circuit = {
  /** How many more requests may begin. */
  readonly room: (now: number, inFlight: number) => number
  /** When it may be tried again; null while closed. */
  readonly triesAt: () => number | null
  readonly succeeded: () => void
  /** True when this failure opens it, or keeps it open. */
  readonly failed: (chainKey: string, now: number) => boolean
}

const RUN_FAILURES = 5
const RUN_CHAINS = 3

/** @param chance 0 up to 1, each time another */
export function createCircuit(chance: () => number): Circuit {
  let failures = 0
  let chains: Set<string> | null = null
  let trips = 0
  let triesAt: number | null = null

  return {
    room(now, inFlight) {
      if (triesAt === null) return Number.POSITIVE_INFINITY
      return now >= triesAt && inFlight === 0 ? 1 : 0
    },
    triesAt: () => triesAt,
    succeeded() {
      if (failures === 0) return
      failures = 0
      chains = null
      trips = 0
      triesAt = null
    },
    failed(chainKey, now) {
      failures++
      chains ??= new Set()
      if (chains.size < RUN_CHAINS) chains.add(chainKey)
      if (failures < RUN_FAILURES || chains.size < RUN_CHAINS) return false
      // Requests that were under way when it opened say nothing new.
      if (triesAt !== null && now < triesAt) return true
      trips++
      triesAt = now + backoffMs(trips, chance())
      return true
    },
  }
}
