/** Where a Queue object is: at rest it holds nothing in memory and costs nothing. */
export type QueueState = 'resting' | 'starting' | 'running' | 'stopping'

export type QueueLifePorts = {
  /** Opens the queue. What was handed before this settles is the queue's. Rejects when it cannot be opened now. */
  readonly start: () => Promise<void>
  /** Something was handed over while the queue runs. */
  readonly look: () => void
  /** Settles when there is nothing to do for a while, or when the queue is to be opened anew. Never rejects. */
  readonly untilQuiet: () => Promise<void>
  /** Ends what is under way and saves. Never rejects. */
  readonly stop: () => Promise<void>
  /** Notes that the queue is at rest. Never rejects. */
  readonly rest: () => Promise<void>
}

/**
 * The states of a Queue object, which is woken by what is handed to it, and comes to rest by itself.
 *
 *     resting ── woken ──▶ starting ──▶ running ── quiet ──▶ stopping ──▶ resting
 *                             ▲                                 │
 *                             └───────── woken meanwhile ───────┘
 *
 * Whatever is handed over, at whichever moment, is seen by a start or a look that follows it: what comes while the queue comes to
 * rest is looked for in the same step in which it would be at rest.
 */
export function createQueueLife(ports: QueueLifePorts): {
  readonly state: () => QueueState
  /** Something was handed over. */
  readonly wake: () => void
  /** The queue is to be opened anew: once it has stopped, if it runs. */
  readonly again: () => void
} {
  let state: QueueState = 'resting'
  let isWoken = false
  let isToReopen = false

  async function live(): Promise<void> {
    while (isWoken || isToReopen) {
      state = 'starting'
      isWoken = false
      isToReopen = false
      const isStarted = await ports.start().then(
        () => true,
        () => false,
      )
      if (isStarted) {
        state = 'running'
        // What was handed over while it was being opened is looked at now. A start that failed has seen none of it.
        isWoken = false
        ports.look()
        await ports.untilQuiet()
      }
      state = 'stopping'
      await ports.stop()
      if (!isWoken && !isToReopen) await ports.rest()
    }
    state = 'resting'
  }

  function begin(): void {
    if (state === 'resting') void live()
  }

  return {
    state: () => state,
    wake() {
      if (state === 'running') return ports.look()
      isWoken = true
      begin()
    },
    again() {
      isToReopen = true
      begin()
    },
  }
}
