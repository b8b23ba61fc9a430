import type { RoutingTable } from '../../network/routing-table.ts'
import type { CursorStore } from '../cursor.ts'
import type { PushTail } from '../log/tail.ts'
import type { QueueLease } from '../queue/ports.ts'
import type { HeldQueues } from './held-queues.ts'
import { type Leases, shardOf } from './leases.ts'

/** Opens the queues that this process holds by its leases. */
export type Opening = {
  /** Opens those that are not open yet. */
  readonly openMissing: () => void
  /** Settles when what was begun has come to its end. Never rejects. */
  readonly opened: () => Promise<void>
}

export type OpeningPorts = {
  readonly table: () => RoutingTable
  readonly cursors: Pick<CursorStore, 'load'>
  readonly tail: Pick<PushTail, 'refresh'>
  readonly leases: Pick<Leases, 'epochOf'>
  readonly queues: Pick<HeldQueues, 'has' | 'hold'>
  readonly isOpen: () => boolean
  /** Before queues of these platforms are made. */
  readonly onOpening: (platformIds: readonly string[]) => Promise<void>
  /** How long a queue of a shard is to send nothing yet. */
  readonly waitMs: (shard: number) => number
  readonly onHeld: (platformId: string) => void
  /** All that were missing are open. */
  readonly onOpened: () => Promise<void>
  readonly onAway: (error: unknown) => void
}

const AT_ONCE = 500

export function createOpening(ports: OpeningPorts): Opening {
  const { table, leases, queues } = ports
  let isOpening = false
  let isOpeningAgain = false
  let opening = Promise.resolve()

  async function open(): Promise<void> {
    isOpening = true
    try {
      while (isOpeningAgain && ports.isOpen()) {
        isOpeningAgain = false
        const missing: string[] = []
        for (const { id, status } of table().platforms.values()) {
          if (!queues.has(id) && status !== 'PLANNED' && leases.epochOf(shardOf(id)) !== null) missing.push(id)
        }
        for (let from = 0; from < missing.length; from += AT_ONCE) await openSome(missing.slice(from, from + AT_ONCE))
        if (missing.length > 0) await ports.onOpened()
      }
    } catch (error) {
      ports.onAway(error)
    }
    isOpening = false
  }

  async function openSome(platformIds: readonly string[]): Promise<void> {
    const held = new Map<number, QueueLease>()
    for (const shard of new Set(platformIds.map(shardOf))) {
      const epoch = leases.epochOf(shard)
      if (epoch !== null) held.set(shard, { shard, epoch })
    }
    const saved = await ports.cursors.load(platformIds)
    await ports.onOpening(platformIds)
    // Whoever held a queue before may have been further than this process has read.
    await ports.tail.refresh()
    for (const each of saved) {
      const shard = shardOf(each.platformId)
      const lease = held.get(shard)
      const platform = table().platforms.get(each.platformId)
      const isHeld = lease !== undefined && leases.epochOf(shard) === lease.epoch
      if (!ports.isOpen() || !platform || !isHeld || queues.has(each.platformId)) continue
      queues.hold(each, platform, lease, ports.waitMs(shard))
      ports.onHeld(each.platformId)
    }
  }

  return {
    openMissing() {
      isOpeningAgain = true
      if (!isOpening && ports.isOpen()) opening = open()
    },
    opened: () => opening,
  }
}
