import type { RoutingTable } from '../../network/routing-table.ts'
import { RATE_WINDOW_MS } from '../attempt/pace.ts'
import type { CursorStore } from '../cursor.ts'
import type { PushTail } from '../log/tail.ts'
import type { Lease } from '../queue/ports.ts'
import type { HeldQueues } from './held-queues.ts'
import { type Leases, shardOf } from './leases.ts'

/** Opens the queues of the platforms whose shards this process holds. */
export type Opening = {
  /**
   * The lease of a shard was gained: opens its queues. They send nothing for what is left of a rate window, since whoever held
   * the shard before may have sent until `freeForMs` ago.
   */
  readonly gained: (shard: number, freeForMs: number) => void
  /** Opens the queues that are held and not open yet. */
  readonly openMissing: () => void
  /** Settles when no opening is under way. Never rejects. */
  readonly opened: () => Promise<void>
}

export type OpeningPorts = {
  readonly table: () => RoutingTable
  readonly clock: () => number
  readonly cursors: Pick<CursorStore, 'load'>
  readonly tail: Pick<PushTail, 'refresh'>
  readonly leases: Pick<Leases, 'epochOf'>
  readonly queues: Pick<HeldQueues, 'has' | 'hold'>
  /** Whether queues may be opened now. */
  readonly isOpen: () => boolean
  /** Queues of these platforms are made next; they are not when it rejects. */
  readonly onOpening: (platformIds: readonly string[]) => Promise<void>
  readonly onHeld: (platformId: string) => void
  /** All queues that were missing are open. */
  readonly onOpened: () => Promise<void>
  readonly onAway: (error: unknown) => void
}

/** Queues whose cursors are read in one statement. */
const AT_ONCE = 500

export function createOpening(ports: OpeningPorts): Opening {
  const { table, clock, leases, queues } = ports
  /** By shard: until when by `clock` its queues send nothing. */
  const quietUntil = new Map<number, number>()
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
    const held = new Map<number, Lease>()
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
      queues.hold(each, platform, lease, Math.max(0, (quietUntil.get(shard) ?? 0) - clock()))
      ports.onHeld(each.platformId)
    }
  }

  function openMissing(): void {
    isOpeningAgain = true
    if (!isOpening && ports.isOpen()) opening = open()
  }

  return {
    gained(shard, freeForMs) {
      quietUntil.set(shard, clock() + RATE_WINDOW_MS - freeForMs)
      openMissing()
    },
    openMissing,
    opened: () => opening,
  }
}
