/** Nobody sent for long: all that a rate counts is over. */
const LONG_MS = 60_000

/** How long nobody has sent for a platform: a queue that opens sends nothing for what is left of its rate's window. */
export type Quiet = {
  /** A request leaves now. Also for an object whose predecessor was ended while it ran: that one may have sent until now. */
  readonly noteSent: () => void
  /** @param leaseFreeForMs how long no other process can have sent, at least */
  readonly freeForMs: (leaseFreeForMs: number) => number
}

/**
 * Goes by the last request that left, and not by how the queue came to its end: one that is opened anew because a start failed, a
 * save was lost or the object before came to rest has long been quiet, and sends at once.
 */
export function createQuiet(clock: () => number): Quiet {
  let sentAt = Number.NEGATIVE_INFINITY
  return {
    noteSent() {
      sentAt = clock()
    },
    freeForMs: (leaseFreeForMs) => Math.min(leaseFreeForMs, clock() - sentAt, LONG_MS),
  }
}
