import {
  type ClientInfoCursors,
  createClientInfoLane,
  isToldOfOthers,
  lookWithoutLane,
  type Told,
} from '../presence/client-info-lane.ts'
import type { Mark } from '../presence/client-info.ts'
import type { Platform, RoutingTable } from '../routing-table.ts'
import { createAudience } from './audience.ts'
import { BROADCAST_MODULES } from './check.ts'
import {
  neededBy,
  type QueueCursor,
  type QueueOrders,
  type QueueSave,
  type QueueState,
  type SavedQueue,
} from './cursors.ts'
import type { Lane } from './partner-queue-lane.ts'
import {
  createPartnerQueue,
  lastingPause,
  type PartnerQueue,
  type PartnerQueuePorts,
  type QueueRest,
} from './partner-queue.ts'
import type { Push } from './push.ts'
import { receives } from './receivers.ts'
import type { MayTalk } from '../route.ts'

/** The queues of this process: most of them are at rest, which costs no more than what there is to know of them. */
export type HeldQueues = {
  readonly has: (platformId: string) => boolean
  readonly ids: () => Iterable<string>
  readonly in: (shards: readonly number[]) => string[]
  /** Goes on from a saved queue. @param told up to where the platform was told of others, when that is known */
  readonly hold: (saved: SavedQueue, platform: Platform, lease: QueueLease, told: Mark | null) => void
  /** New rows, in order. */
  readonly offer: (pushes: readonly Push[]) => void
  /** Sends, reads on and looks for news, as far as there is something to do. */
  readonly pump: () => void
  /** To be called every second or so: `pump`, and what had nothing to do for long comes to rest. */
  readonly tick: () => void
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

type QueueLease = { readonly shard: number; readonly epoch: number }

export type HeldQueuesPorts = {
  /** What is the same for all queues. */
  readonly common: Omit<PartnerQueuePorts, 'receives' | 'mayStart' | 'onListening' | 'firstLane'>
  readonly table: () => RoutingTable
  readonly mayTalk: MayTalk
  readonly now: () => number
  /** An id for correlation. */
  readonly id: () => string
  /** @default nobody is told of others */
  readonly clientInfo: ClientInfoCursors | undefined
  /** Whether this process may still send for platforms of this lease. */
  readonly isValid: (lease: QueueLease) => boolean
  /** How long to wait before a first request: another process may just have sent. */
  readonly waitMs: (shard: number) => number
}

type Held = QueueLease &
  Told & {
    platform: Platform
    /** Of no meaning while there is a queue. */
    rest: QueueRest
    isStopped: boolean
    /** Null at rest: all that came was offered to it, and nothing of it is left to do. */
    queue: PartnerQueue | null
  }

export function createHeldQueues(ports: HeldQueuesPorts): HeldQueues {
  const { common, table, now, clientInfo } = ports
  const { tail } = common
  const all = new Map<string, Held>()
  const awake = new Set<Held>()
  const audience = createAudience(
    (platformId) => all.get(platformId),
    (held, module) => held.queue?.isListening(module) ?? true,
  )
  /** The table of the last look for news of those at rest, and when the next one is due even if it stays the same. */
  let lookedAt: RoutingTable | null = null
  let looksAgainAt = Number.POSITIVE_INFINITY

  function receivesNow(platformId: string, push: Push): boolean {
    const current = table()
    const platform = current.platforms.get(platformId)
    return platform !== undefined && receives(current, platform, push, ports.mayTalk, now()) !== null
  }

  function wake(held: Held, cursor: QueueCursor = { position: tail.position(), lanes: [] }): PartnerQueue {
    const { platformId, platform, rest } = held
    const queue = createPartnerQueue(
      { platformId, cursor, ...rest },
      platform,
      BROADCAST_MODULES,
      ports.waitMs(held.shard),
      {
        ...common,
        receives: receivesNow,
        mayStart: () => ports.isValid(held),
        onListening(module) {
          if (held.queue) audience.rejoin(table(), held, module)
        },
        ...(clientInfo && { firstLane: (_, onChange) => clientInfoLane(held, clientInfo, onChange) }),
      },
    )
    if (held.isStopped) void queue.stop()
    held.queue = queue
    awake.add(held)
    return queue
  }

  function clientInfoLane(held: Held, cursors: ClientInfoCursors, onChange: () => void): Lane | null {
    if (!isToldOfOthers(held.platform)) return null
    const { clock, chance, onAway } = common
    return createClientInfoLane(held, { cursors, table, now, clock, chance, id: ports.id, onChange, onAway })
  }

  function letRest(held: Held): void {
    const rest = held.queue?.rest()
    if (!held.queue || !rest) return
    void held.queue.stop()
    held.rest = rest
    held.queue = null
    awake.delete(held)
    look(held)
  }

  /** Wakes a queue at rest when there is something to tell its platform of others. */
  function look(held: Held): void {
    if (!clientInfo) return
    const at = now()
    const nextAt = lookWithoutLane(held, table(), at)
    if (nextAt <= at) wake(held).pump()
    else looksAgainAt = Math.min(looksAgainAt, nextAt)
  }

  function lookAround(): void {
    if (!clientInfo || (lookedAt === table() && now() < looksAgainAt)) return
    lookedAt = table()
    looksAgainAt = Number.POSITIVE_INFINITY
    for (const held of all.values()) if (!held.queue) look(held)
  }

  function pump(): void {
    for (const { queue } of awake) queue?.pump()
    lookAround()
  }

  function cursorOf({ queue }: Held): QueueCursor {
    return queue?.cursor() ?? { position: tail.position(), lanes: [] }
  }

  function stateOf({ platformId, platform, rest, queue }: Held): QueueState {
    if (queue) return queue.state()
    const { isPaused, skipTo: _, ...counts } = rest
    const pauseCause = lastingPause(isPaused, platform.status)
    return { platformId, ...counts, waiting: 0, inFlight: 0, oldestAt: null, pauseCause }
  }

  function queuesOf(platformIds: readonly string[]): PartnerQueue[] {
    return platformIds.flatMap((id) => all.get(id)?.queue ?? [])
  }

  return {
    has: (platformId) => all.has(platformId),
    ids: () => all.keys(),
    in: (shards) => [...all.values()].filter((held) => shards.includes(held.shard)).map((held) => held.platformId),
    hold({ cursor, delivered, collapsed, failed, missed, isPaused, skipTo }, platform, { shard, epoch }, told) {
      const rest = { delivered, collapsed, failed, missed, isPaused, skipTo }
      const held: Held = { platformId: platform.id, shard, epoch, platform, told, rest, isStopped: false, queue: null }
      all.set(held.platformId, held)
      audience.reset()
      const isBehind = cursor.lanes.length > 0 || cursor.position < tail.position()
      if (isBehind || skipTo !== null) wake(held, cursor).pump()
      else look(held)
    },
    offer(pushes) {
      const current = table()
      const touched = new Set<PartnerQueue>()
      for (const push of pushes) {
        for (const held of audience.of(current, push)) {
          if (held.platformId === push.fromPlatformId) continue
          const queue = held.queue ?? (receivesNow(held.platformId, push) ? wake(held) : null)
          if (queue?.offer(push)) touched.add(queue)
          else if (queue && !queue.isListening(push.module)) audience.leave(held, push)
        }
      }
      for (const queue of touched) queue.pump()
    },
    pump,
    tick() {
      pump()
      for (const held of awake) letRest(held)
    },
    retarget(platform) {
      const held = all.get(platform.id)
      if (!held || held.platform === platform) return false
      held.platform = platform
      held.queue?.retarget(platform)
      return true
    },
    order(platformId, orders) {
      const held = all.get(platformId)
      if (!held) return
      // What is to be skipped may lie beyond what this process has read.
      const queue = held.queue ?? (orders.skipTo === null ? null : wake(held))
      if (queue) queue.order(orders)
      else held.rest = { ...held.rest, isPaused: orders.isPaused }
    },
    restartPace() {
      for (const { queue } of awake) queue?.restartPace()
    },
    states: () => [...all.values()].map(stateOf),
    snapshot(platformId) {
      const held = all.get(platformId)
      if (!held) return null
      const { shard, epoch, queue, rest } = held
      const cursor = cursorOf(held)
      const skippedTo = queue ? queue.skippedTo() : rest.skipTo
      return { ...stateOf(held), cursor, needed: neededBy(cursor), skippedTo, shard, epoch }
    },
    async stop(platformIds) {
      for (const id of platformIds) {
        const held = all.get(id)
        if (held) held.isStopped = true
      }
      await Promise.all(queuesOf(platformIds).map((queue) => queue.stop()))
    },
    abort: (platformIds) => queuesOf(platformIds).forEach((queue) => queue.abort()),
    drop(platformId) {
      const held = all.get(platformId)
      if (!held) return
      all.delete(platformId)
      awake.delete(held)
      audience.reset()
      void held.queue?.stop()
      held.queue?.abort()
    },
  }
}
