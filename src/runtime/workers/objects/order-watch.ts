import type { CursorStore, QueueOrders } from '../../../hub/push/cursor.ts'

/**
 * Finds orders of administrators that another process stored, and tells the queues they are for: one at rest would not look. The
 * function returned is to be called about once a second. Never rejects.
 */
export function createOrderWatch(ports: {
  readonly cursors: Pick<CursorStore, 'orders'>
  /** An order for this queue was given, or taken back. */
  readonly onOrder: (platformId: string) => void
  readonly onAway: (error: unknown) => void
}): () => Promise<void> {
  const { cursors, onOrder, onAway } = ports
  let stood = new Map<string, QueueOrders>()
  let isReading = false

  return async () => {
    if (isReading) return
    isReading = true
    try {
      const stand = new Map((await cursors.orders()).map((order) => [order.platformId, order]))
      const before = stood
      stood = stand
      for (const id of new Set([...before.keys(), ...stand.keys()]))
        if (!isSame(before.get(id), stand.get(id))) onOrder(id)
    } catch (error) {
      onAway(error)
    }
    isReading = false
  }
}

function isSame(before: QueueOrders | undefined, now: QueueOrders | undefined): boolean {
  return before?.isPaused === now?.isPaused && before?.skipTo === now?.skipTo
}
