import PQueue from 'p-queue'
import type { DeliverySettings } from '../../network/routing-table.ts'
import type { After } from '../../ports.ts'

export type PaceSettings = Pick<DeliverySettings, 'requestsPerSecond' | 'concurrency'>

/**
 * A second as the pace counts it: a little longer, so that requests which are held up on their way and then meet the next
 * ones still make no more than the rate in any second of the partner's.
 */
export const RATE_WINDOW_MS = 1_080

/** At this rate and beyond nothing is counted. */
const UNLIMITED_PER_SECOND = 10_000

/** Starts tasks no faster than a partner's rate, and no more at once than it allows. */
export class Pace {
  #settings: PaceSettings
  readonly #after: After
  readonly #onRoom: () => void
  #queue: PQueue | null

  /** @param onRoom tasks that waited were forgotten, or more may wait: to be added anew */
  constructor(settings: PaceSettings, after: After, onRoom: () => void) {
    this.#settings = settings
    this.#after = after
    this.#onRoom = onRoom
    this.#queue = build(settings, true)
  }

  /** Tasks that wait for their turn. */
  waiting(): number {
    return this.#queue?.size ?? 0
  }

  /** How many milliseconds a task counts for the rate after its start, also for a rate that is set later. */
  windowMs(): number {
    return windowMs(this.#settings.requestsPerSecond)
  }

  /** Runs a task when it is its turn, at once where there is room. Tasks do not reject, and are no more than may run at once. */
  add(task: () => Promise<void>): void {
    if (this.#queue) void this.#queue.add(task)
    else void task()
  }

  /** Tasks that wait are forgotten when the rate changes: whoever added them adds them again. */
  change(next: PaceSettings): void {
    const { requestsPerSecond, concurrency } = this.#settings
    if (next.requestsPerSecond !== requestsPerSecond) return this.#rebuild(next)
    if (next.concurrency === concurrency) return
    this.#settings = next
    if (this.#queue) this.#queue.concurrency = Math.max(1, next.concurrency)
    this.#onRoom()
  }

  /** Begins anew with an empty window: to be called when the wall clock was put back, by which p-queue counts. */
  restart(): void {
    if (this.#queue) this.#rebuild(this.#settings)
  }

  #rebuild(next: PaceSettings): void {
    this.#settings = next
    this.#queue?.clear()
    // What the old one sent within the last window counts against the new rate, so the new one waits.
    const rebuilt = build(next, false)
    this.#queue = rebuilt
    if (!rebuilt) return this.#onRoom()
    this.#after(RATE_WINDOW_MS, () => {
      rebuilt.start()
      this.#onRoom()
    })
  }
}

/** Null where nothing is counted: whoever adds tasks minds the concurrency, and p-queue would cost more than the rest of a queue. */
function build({ requestsPerSecond, concurrency }: PaceSettings, autoStart: boolean): PQueue | null {
  if (requestsPerSecond >= UNLIMITED_PER_SECOND) return null
  return new PQueue({
    concurrency: Math.max(1, concurrency),
    autoStart,
    strict: true,
    intervalCap: Math.max(1, Math.floor(requestsPerSecond)),
    interval: windowMs(requestsPerSecond),
  })
}

function windowMs(requestsPerSecond: number): number {
  return requestsPerSecond < 1 ? RATE_WINDOW_MS / requestsPerSecond : RATE_WINDOW_MS
}
