import type { CursorStore, QueueOrders } from '../cursor.ts'
import type { HeldQueues } from './held-queues.ts'
import type { QueueAdmin } from './queue-admin.ts'

/**
 * Orders of administrators, to pause a queue or to skip what waits in it, carried out by the process that holds the queue. An
 * order is stored by whichever process takes it; every process looks for orders about once a second.
 */
export type Orders = {
  /** Reads the orders that stand and carries them out. Never rejects. */
  readonly apply: () => Promise<void>
  /** The administration of queues; orders given through it are carried out by this process at once. */
  readonly admin: QueueAdmin
}

export type OrdersPorts = {
  readonly cursors: Pick<CursorStore, 'orders'>
  readonly admin: QueueAdmin
  readonly queues: Pick<HeldQueues, 'order'>
  /** A queue was told to skip: it is to be saved, since the order stands until a save says that it was carried out. */
  readonly onSkipping: (platformId: string) => void
  readonly onAway: (error: unknown) => void
}

const NO_ORDERS: QueueOrders = { isPaused: false, skipTo: null }

export function createOrders({ cursors, admin, queues, onSkipping, onAway }: OrdersPorts): Orders {
  let ordered = new Set<string>()

  async function apply(): Promise<void> {
    try {
      const orders = new Map((await cursors.orders()).map((order) => [order.platformId, order]))
      for (const platformId of new Set([...ordered, ...orders.keys()])) {
        const order = orders.get(platformId) ?? NO_ORDERS
        queues.order(platformId, order)
        if (order.skipTo !== null) onSkipping(platformId)
      }
      ordered = new Set(orders.keys())
    } catch (error) {
      onAway(error)
    }
  }

  async function steer(order: Promise<boolean>): Promise<boolean> {
    const isKnown = await order
    if (isKnown) await apply()
    return isKnown
  }

  return {
    apply,
    admin: {
      ...admin,
      setPaused: (...order) => steer(admin.setPaused(...order)),
      skip: (...order) => steer(admin.skip(...order)),
    },
  }
}
