import type { QueueAdmin } from './admin.ts'
import type { CursorStore, QueueOrders } from './cursors.ts'
import type { HeldQueues } from './held-queues.ts'

/** What administrators order, carried out by the process that holds the queue. */
export type Orders = {
  /** Looks what is ordered now, by whichever process it was taken. Never rejects. */
  readonly apply: () => Promise<void>
  /** Orders given here are carried out at once. */
  readonly admin: QueueAdmin
}

export type OrdersPorts = {
  readonly cursors: Pick<CursorStore, 'orders'>
  readonly admin: QueueAdmin
  readonly queues: Pick<HeldQueues, 'order'>
  /** What follows from an order is to be saved. */
  readonly onOrdered: (platformId: string) => void
  readonly onAway: (error: unknown) => void
}

const NO_ORDERS: QueueOrders = { isPaused: false, skipTo: null }

export function createOrders({ cursors, admin, queues, onOrdered, onAway }: OrdersPorts): Orders {
  let ordered = new Set<string>()

  async function apply(): Promise<void> {
    try {
      const orders = new Map((await cursors.orders()).map((order) => [order.platformId, order]))
      for (const platformId of new Set([...ordered, ...orders.keys()])) {
        queues.order(platformId, orders.get(platformId) ?? NO_ORDERS)
        onOrdered(platformId)
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
      setPaused: (platformId, isPaused) => steer(admin.setPaused(platformId, isPaused)),
      skip: (platformId) => steer(admin.skip(platformId)),
    },
  }
}
