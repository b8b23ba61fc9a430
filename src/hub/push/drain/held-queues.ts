import type { Platform, RoutingTable } from '../../network/routing-table.ts'
import type { Soon } from '../../ports.ts'
import { receiver } from '../attempt/receivers.ts'
import { neededBy, type QueueOrders, type QueueSave, type QueueState, type SavedQueue } from '../cursor.ts'
import { FarRows } from '../log/backlog.ts'
import type { PushLog } from '../log/push-log.ts'
import type { Push } from '../push.ts'
import type { PartnerQueuePorts, QueueLease } from '../queue/ports.ts'
import { PartnerQueue } from '../queue/queue.ts'
import { createTurns } from '../queue/turns.ts'
import { createAudience } from './audience.ts'

/** The queues that this process drains. */
export type HeldQueues = {
  readonly has: (platformId: string) => boolean
  readonly ids: () => Iterable<string>
  readonly in: (shards: readonly number[]) => string[]
  /** Goes on from a saved queue. @param waitMs before the first request */
  readonly hold: (saved: SavedQueue, platform: Platform, lease: QueueLease, waitMs: number) => void
  /** New rows, in order: wakes the queues that wait for them. */
  readonly offer: (pushes: readonly Push[]) => void
  /** Sends, reads on and looks for news, as far as there is something to do. */
  readonly pump: () => void
  /** Lets go of what queues hold and do not need. */
  readonly tidy: () => void
  /** A platform's status or settings may have changed. False when they have not. */
  readonly retarget: (platform: Platform) => boolean
  readonly order: (platformId: string, orders: QueueOrders) => void
  readonly restartPace: () => void
  readonly states: () => QueueState[]
  /** Null for a queue that is not held. */
  readonly snapshot: (platformId: string) => QueueSave | null
  /** Begins nothing more; settles when what was under way has ended, which `abort` hastens. */
  readonly stop: (platformIds: readonly string[]) => Promise<void>
  readonly abort: (platformIds: readonly string[]) => void
  /** Lets go of a queue at once. */
  readonly drop: (platformId: string) => void
}

export type HeldQueuesPorts = Omit<PartnerQueuePorts, 'log' | 'far' | 'turns' | 'receives' | 'onAtHead'> & {
  readonly log: Pick<PushLog, 'readModule' | 'readNumbers'>
  readonly soon: Soon
  readonly table: () => RoutingTable
  readonly now: () => number
}

export function createHeldQueues(ports: HeldQueuesPorts): HeldQueues {
  const { table, now } = ports
  const queues = new Map<string, PartnerQueue>()
  const audience = createAudience<PartnerQueue>(() => queues.values())
  const queuePorts: PartnerQueuePorts = {
    ...ports,
    far: new FarRows(ports.log),
    turns: createTurns({ soon: ports.soon, clock: ports.clock, onFault: ports.onAway }),
    receives(platformId, push, options) {
      const current = table()
      const platform = current.platforms.get(platformId)
      return platform !== undefined && receiver(current, platform, push, now(), options) !== null
    },
    onAtHead(platformId, module) {
      const queue = queues.get(platformId)
      if (queue) audience.listen(table(), queue, module)
    },
  }

  function some(platformIds: readonly string[]): PartnerQueue[] {
    return platformIds.flatMap((id) => queues.get(id) ?? [])
  }

  return {
    has: (platformId) => queues.has(platformId),
    ids: () => queues.keys(),
    in: (shards) =>
      [...queues.values()].filter(({ lease }) => shards.includes(lease.shard)).map((queue) => queue.platformId),
    hold(saved, target, lease, waitMs) {
      const queue = new PartnerQueue({ saved, target, lease, waitMs }, queuePorts)
      queues.set(saved.platformId, queue)
      audience.reset()
      queue.pump()
    },
    offer(pushes) {
      const current = table()
      const woken = new Set<PartnerQueue>()
      for (const push of pushes) {
        for (const queue of audience.take(current, push)) if (queue.offer(push)) woken.add(queue)
      }
      for (const queue of woken) queue.pump()
    },
    pump() {
      for (const queue of queues.values()) queue.pump()
    },
    tidy() {
      for (const queue of queues.values()) queue.tidy()
    },
    retarget(platform) {
      const queue = queues.get(platform.id)
      if (!queue || queue.target === platform) return false
      queue.retarget(platform)
      return true
    },
    order: (platformId, orders) => queues.get(platformId)?.order(orders),
    restartPace() {
      for (const queue of queues.values()) queue.restartPace()
    },
    states: () => [...queues.values()].map((queue) => queue.state()),
    snapshot(platformId) {
      const queue = queues.get(platformId)
      if (!queue) return null
      const cursor = queue.cursor()
      return { ...queue.state(), ...queue.lease, cursor, needed: neededBy(cursor), skippedTo: queue.skippedTo() }
    },
    async stop(platformIds) {
      await Promise.all(some(platformIds).map((queue) => queue.stop()))
    },
    abort: (platformIds) => some(platformIds).forEach((queue) => queue.abort()),
    drop(platformId) {
      const queue = queues.get(platformId)
      if (!queue) return
      queues.delete(platformId)
      audience.reset()
      void queue.stop()
      queue.abort()
    },
  }
}
