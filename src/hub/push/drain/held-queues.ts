import type { Platform, RoutingTable } from '../../network/routing-table.ts'
import type { Soon } from '../../ports.ts'
import { addressed } from '../attempt/receivers.ts'
import { neededBy, type QueueOrders, type QueueSave, type QueueState, type SavedQueue } from '../cursor.ts'
import { Backlog } from '../log/backlog.ts'
import type { PushLog } from '../log/push-log.ts'
import type { Push } from '../push.ts'
import type { Lease, QueuePorts } from '../queue/ports.ts'
import { Queue } from '../queue/queue.ts'
import { Turns } from '../queue/turns.ts'
import { createAudience } from './audience.ts'

/** The queues that this process drains. */
export type HeldQueues = {
  readonly has: (platformId: string) => boolean
  readonly ids: () => Iterable<string>
  readonly in: (shards: readonly number[]) => string[]
  /** Opens a queue from its saved cursor. @param waitMs milliseconds before its first request */
  readonly hold: (saved: SavedQueue, platform: Platform, lease: Lease, waitMs: number) => void
  /** Gives new pushes, in the order of their numbers, to the queues that wait for them. */
  readonly offer: (pushes: readonly Push[]) => void
  /** Lets every queue send, read on and look for news, as far as it has something to do. */
  readonly pump: () => void
  /** Frees memory that queues hold and do not need. */
  readonly tidy: () => void
  /** Tells a queue that its platform's status or settings may have changed. False when they have not. */
  readonly retarget: (platform: Platform) => boolean
  /** Carries out what an administrator ordered for a queue. */
  readonly order: (platformId: string, orders: QueueOrders) => void
  /** Lets all queues forget what they know of time for their rates: the clock stepped. */
  readonly restartPace: () => void
  readonly states: () => QueueState[]
  /** A queue as it is to be saved; null when it is not held. */
  readonly snapshot: (platformId: string) => QueueSave | null
  /** Lets these queues begin nothing more; settles when their requests under way have ended, which `abort` hastens. */
  readonly stop: (platformIds: readonly string[]) => Promise<void>
  readonly abort: (platformIds: readonly string[]) => void
  /** Ends a queue at once and forgets it. */
  readonly drop: (platformId: string) => void
}

export type HeldQueuesPorts = Omit<QueuePorts, 'log' | 'backlog' | 'turns' | 'addressed' | 'onListening'> & {
  readonly log: Pick<PushLog, 'readModule' | 'readNumbers'>
  readonly soon: Soon
  readonly table: () => RoutingTable
  readonly now: () => number
}

export function createHeldQueues(ports: HeldQueuesPorts): HeldQueues {
  const { table, now } = ports
  const queues = new Map<string, Queue>()
  const audience = createAudience<Queue>(() => queues.values())
  const queuePorts: QueuePorts = {
    ...ports,
    backlog: new Backlog(ports.log),
    turns: new Turns({ soon: ports.soon, clock: ports.clock, onFault: ports.onAway }),
    addressed(platformId, push, options) {
      const current = table()
      const platform = current.platforms.get(platformId)
      return platform === undefined ? [] : addressed(current, platform, push, now(), options)
    },
    onListening(platformId, module) {
      const queue = queues.get(platformId)
      if (queue) audience.listen(table(), queue, module)
    },
  }

  function some(platformIds: readonly string[]): Queue[] {
    return platformIds.flatMap((id) => queues.get(id) ?? [])
  }

  return {
    has: (platformId) => queues.has(platformId),
    ids: () => queues.keys(),
    in: (shards) =>
      [...queues.values()].filter(({ lease }) => shards.includes(lease.shard)).map((queue) => queue.platformId),
    hold(saved, target, lease, waitMs) {
      const queue = new Queue({ saved, target, lease, waitMs }, queuePorts)
      queues.set(saved.platformId, queue)
      audience.reset()
      queue.pump()
    },
    offer(pushes) {
      const current = table()
      const woken = new Set<Queue>()
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
