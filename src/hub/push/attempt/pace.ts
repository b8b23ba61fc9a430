import PQueue from 'p-queue'
import type { DeliverySettings } from '../../network/routing-table.ts'
import type { After } from '../../ports.ts'

/** Starts tasks no faster than a partner's rate, and no more at once than it allows. */
export type Pace = {
  /** Tasks that wait for their turn. */
  readonly waiting: () => number
  /** How long what was started counts, also towards a rate that is set later, in milliseconds. */
  readonly windowMs: () => number
  /** Runs a task when it is its turn, at once where there is room. Tasks do not reject, and are no more than may run at once. */
  readonly add: (task: () => Promise<void>) => void
  /** Tasks that wait are forgotten when the rate changes: whoever added them adds them again. */
  readonly change: (settings: PaceSettings) => void
  /** Forgets what is known of time: to be called when the clock was put back. */
  readonly restart: () => void
}

export type PaceSettings = Pick<DeliverySettings, 'requestsPerSecond' | 'concurrency'>

/**
 * A second as the pace counts it: a little longer, so that requests which are held up on their way and then meet the next
 * ones still make no more than the rate in any second of the partner's.
 */
export const RATE_WINDOW_MS = 1_080

/** At this rate and beyond nothing is counted. */
const UNLIMITED_PER_SECOND = 10_000

/** @param onRoom tasks that waited were forgotten, or more may wait */
export function createPace(first: PaceSettings, after: After, onRoom: () => void): Pace {
  let settings = first
  let queue = build(first, true)

  function rebuild(next: PaceSettings): void {
    settings = next
    queue?.clear()
    // What the old one sent within the last second counts against the new one.
    const rebuilt = build(next, false)
    queue = rebuilt
    if (!rebuilt) return onRoom()
    after(RATE_WINDOW_MS, () => {
      rebuilt.start()
      onRoom()
    })
  }

  return {
    waiting: () => queue?.size ?? 0,
    windowMs: () => windowMs(settings.requestsPerSecond),
    add(task) {
      if (queue) void queue.add(task)
      else void task()
    },
    change(next) {
      if (next.requestsPerSecond !== settings.requestsPerSecond) return rebuild(next)
      if (next.concurrency === settings.concurrency) return
      settings = next
      if (queue) queue.concurrency = Math.max(1, next.concurrency)
      onRoom()
    },
    restart() {
      if (queue) rebuild(settings)
    },
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
