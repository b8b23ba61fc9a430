import type { After } from '../../../hub/ports.ts'
import type { QueueState } from '../../../hub/push/cursor.ts'

/** How often it looks whether there is something left to do. */
const LOOK_EVERY_MS = 250
/** At rest so long after its last work: each start costs a few calls. */
const REST_AFTER_MS = 2_000
/** A queue that this object does not hold any more is given up. */
const LOST_AFTER_MS = 1_000
/** So is one whose lease has lapsed, but later: the Log object may only be late with the next, and the queue then goes on. */
const LAPSED_AFTER_MS = 5_000

export type QueueWatchPorts = {
  readonly clock: () => number
  readonly after: After
  /** Null when this object does not hold the queue any more. */
  readonly state: () => QueueState | null
  readonly isLeased: () => boolean
  /** Whether there is something that this queue will do by itself. */
  readonly isBusy: () => boolean
  /** The queue is to end now, whatever it does. */
  readonly wantsToStop: () => boolean
  /** Told with each look, so that the object stays alive. */
  readonly onLook: () => void
}

/** Watches whether a queue that runs has still something to do. */
export type QueueWatch = {
  /**
   * The queue was told to look, at new pushes or a new routing table. What it finds shows in its state only a moment later, so this is
   * work in itself.
   */
  readonly noteWoken: () => void
  /** Settles when there is nothing to do for a while, or when the queue is to end. Never rejects. */
  readonly untilQuiet: () => Promise<void>
  /** Whether there was nothing to do for a while: a queue that ends now has done all that it was told. */
  readonly isQuiet: () => boolean
}

export function createQueueWatch(ports: QueueWatchPorts): QueueWatch {
  const { clock, after, state, isLeased, isBusy, wantsToStop } = ports
  let workedAt = Number.NEGATIVE_INFINITY

  const isQuiet = () => clock() - workedAt >= REST_AFTER_MS
  const noteWoken = () => {
    workedAt = clock()
  }

  return {
    noteWoken,
    isQuiet,
    async untilQuiet() {
      noteWoken()
      let heldAt = clock()
      let leasedAt = heldAt
      while (!wantsToStop()) {
        await new Promise<void>((resolve) => void after(LOOK_EVERY_MS, resolve))
        const at = clock()
        if (state() !== null) heldAt = at
        if (isLeased()) leasedAt = at
        if (at - heldAt > LOST_AFTER_MS || at - leasedAt > LAPSED_AFTER_MS) return
        if (isBusy()) noteWoken()
        if (isQuiet()) return
        ports.onLook()
      }
    },
  }
}
