import { backoffMs } from './verdict.ts'

/**
 * Stops a lane after a run of failures, as opposed to single objects that fail: 5 in a row, of 3 chains at least. Then one request
 * at a time is tried, ever more seldom, until one succeeds.
 */
export class Circuit {
  readonly #chance: () => number
  #failures = 0
  #chains: Set<string> | null = null
  #trips = 0
  #triesAt: number | null = null

  /** @param chance 0 up to 1, each time another */
  constructor(chance: () => number) {
    this.#chance = chance
  }

  /** How many more requests may begin. */
  allowed(now: number, inFlight: number): number {
    if (this.#triesAt === null) return Number.POSITIVE_INFINITY
    return now >= this.#triesAt && inFlight === 0 ? 1 : 0
  }

  /** When the next request may be tried; null while there is no run of failures. */
  triesAt(): number | null {
    return this.#triesAt
  }

  succeeded(): void {
    if (this.#failures === 0) return
    this.#failures = 0
    this.#chains = null
    this.#trips = 0
    this.#triesAt = null
  }

  /** True when the lane fails throughout: by this failure, or already before. */
  failed(chainKey: string, now: number): boolean {
    this.#failures++
    this.#chains ??= new Set()
    if (this.#chains.size < RUN_CHAINS) this.#chains.add(chainKey)
    if (this.#failures < RUN_FAILURES || this.#chains.size < RUN_CHAINS) return false
    // Requests that were in flight when the lane was stopped say nothing new.
    if (this.#triesAt !== null && now < this.#triesAt) return true
    this.#trips++
    this.#triesAt = now + backoffMs(this.#trips, this.#chance())
    return true
  }
}

const RUN_FAILURES = 5
const RUN_CHAINS = 3
