import { type Accepted, createBroadcast } from './broadcast.ts'
import { type ClientInfoCursors, createClientInfoLane, isToldOfOthers } from '../presence/client-info-lane.ts'
import type { Lane } from './partner-queue-lane.ts'
import { createPartnerQueue, type PartnerQueue } from './partner-queue.ts'
import { createDeliver, type DeliverPorts } from './partner-queue-deliver.ts'
import { RATE_WINDOW_MS } from './partner-queue-pace.ts'
import type { After, Alarm, AlarmKind } from '../ports.ts'
import type { NewPush, Push } from './push.ts'
import type { QueueAdmin } from './admin.ts'
import { BROADCAST_MODULES } from './check.ts'
import { type CursorStore, neededBy, type QueueOrders, type QueueSave, type QueueState } from './cursors.ts'
import { createLeases, type LeaseStore, shardOf } from './leases.ts'
import type { PushLog } from './push-log.ts'
import { createAudience } from './audience.ts'
import { receives } from './receivers.ts'
import { createCursorSaver } from './saver.ts'
import { StoreAway } from '../store-away.ts'
import { createPushTail } from './tail.ts'
import { type LogBounds, type TrimStore, trimPushLog } from './trim.ts'
import type { Platform } from '../routing-table.ts'

export type PushEnginePorts = DeliverPorts & {
  readonly log: PushLog
  readonly cursors: CursorStore
  readonly leases: LeaseStore
  readonly trim: TrimStore
  readonly admin: QueueAdmin
  /** Tells other processes that there are new pushes. */
  readonly notify: () => Promise<void>
  /** Unique for this run of the process. */
  readonly owner: string
  /** Milliseconds of a clock that is never put back and goes on while the process is frozen. */
  readonly clock: () => number
  readonly after: After
  /** 0 up to 1, each time another. */
  readonly chance: () => number
  readonly alarm: Alarm
  /** Asks a platform for a sign of life and makes it OFFLINE when there is none. Settles within seconds. */
  readonly checkAlive: (platformId: string) => Promise<boolean>
  readonly bounds: LogBounds
  /**
   * Up to where platforms were told of other parties.
   * @default nobody is told
   */
  readonly clientInfo?: ClientInfoCursors
  /**
   * Recent rows kept in memory, shared by all queues.
   * @default 16_777_216
   */
  readonly memoryBytes?: number
}

/** Takes broadcast pushes and brings them to every partner whose queue this process holds. */
export type PushEngine = {
  /** Settles when this process has had its first chance to take part; goes on trying while the database is away. */
  readonly start: () => Promise<void>
  /** Settles when the push is durable, or cannot be made so. Never rejects. */
  readonly accept: (push: NewPush) => Promise<Accepted>
  /** Another process may have stored pushes. */
  readonly onPushed: () => void
  /** The routing table was swapped. */
  readonly onTableChange: () => void
  readonly admin: QueueAdmin
  /** The queues of this process, for metrics. */
  readonly states: () => QueueState[]
  /** Finishes what is under way, at most `graceMs`, saves all cursors and leaves the queues to others. Never rejects. */
  readonly stop: (graceMs: number) => Promise<void>
}

type HeldQueue = { readonly queue: PartnerQueue; readonly shard: number; readonly epoch: number; platform: Platform }

const NOTIFY_EVERY_MS = 20
const TELL_AFTER_MS = 50
const GIVING_UP_MS = 1_500
const LOAD_AT_ONCE = 500
/** In ticks of about a second: polling when nobody else is there, positions of idle queues, trimming. */
const POLL_TICKS = 5
const IDLE_SAVE_TICKS = 10
const TRIM_TICKS = 5
/** A wall clock put back by more than this would stall what counts by it. */
const CLOCK_STEP_MS = 1_000
/** Between two alarms of one kind. */
const TELL_AGAIN_MS = 30_000

const NO_ORDERS: QueueOrders = { isPaused: false, skipTo: null }

export function createPushEngine(ports: PushEnginePorts): PushEngine {
  const { clock, after, now, clientInfo } = ports
  const queues = new Map<string, HeldQueue>()
  const quietUntil = new Map<number, number>()
  const toldAt = new Map<AlarmKind, number>()
  const audience = createAudience((platformId) => queues.get(platformId)?.queue)
  const deliver = createDeliver(ports)
  let isBeginning = false
  let isStarted = false
  let isStopped = false
  let isOpening = false
  let isOpeningAgain = false
  let opening = Promise.resolve()
  let isTrimming = false
  let isNotifying = false
  let isTelling = false
  let ordered = new Set<string>()
  let ticks = 0
  let drift = now() - clock()

  const tail = createPushTail({ log: ports.log, memoryBytes: ports.memoryBytes ?? 16 * 1024 * 1024, onRows, onAway })
  const broadcast = createBroadcast({ log: ports.log, after, onAccepted, onAway })
  const saver = createCursorSaver({
    ...{ store: ports.cursors, owner: ports.owner, clock, after, snapshot, onAway },
    onStale: (platformIds) => platformIds.forEach(drop),
    onRefused: (platformId, error) => ports.alarm({ kind: 'cursor-not-saved', platformId, detail: messageOf(error) }),
  })
  const leases = createLeases({
    ...{ store: ports.leases, owner: ports.owner, clock, after, onTick, onAway },
    onGained({ shard, freeForMs }) {
      quietUntil.set(shard, clock() + RATE_WINDOW_MS - freeForMs)
      openMissing()
    },
    onLost: (shards) => heldIn(shards).forEach(drop),
    onGivingUp: giveUp,
  })

  /** What failed is tried again. Most often the database is away; anything else is a fault of the hub's own. */
  function onAway(error: unknown): void {
    const kind = error instanceof StoreAway ? 'database-away' : 'push-fault'
    if (clock() - (toldAt.get(kind) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS) return
    toldAt.set(kind, clock())
    ports.alarm({ kind, detail: messageOf(error) })
  }

  function onAccepted(first: number, pushes: readonly NewPush[]): void {
    if (isStarted) tail.offerOwn(first, pushes)
    if (isNotifying || leases.processes() === 1) return
    isNotifying = true
    after(NOTIFY_EVERY_MS, () => {
      isNotifying = false
      // Whoever does not hear it looks by himself.
      ports.notify().catch(onAway)
    })
  }

  function onRows(pushes: readonly Push[]): void {
    const table = ports.table()
    const touched = new Set<PartnerQueue>()
    for (const push of pushes) {
      for (const queue of audience.of(table, push)) {
        if (queue.platformId === push.fromPlatformId) continue
        if (queue.offer(push)) touched.add(queue)
        else if (!queue.isListening(push.module)) audience.leave(queue, push)
      }
    }
    for (const queue of touched) queue.pump()
  }

  function receivesNow(platformId: string, push: Push): boolean {
    const table = ports.table()
    const platform = table.platforms.get(platformId)
    return platform !== undefined && receives(table, platform, push, ports.mayTalk, now()) !== null
  }

  function snapshot(platformId: string): QueueSave | null {
    const held = queues.get(platformId)
    if (!held) return null
    const { queue, shard, epoch } = held
    const cursor = queue.cursor()
    return { ...queue.state(), cursor, needed: neededBy(cursor), skippedTo: queue.skippedTo(), shard, epoch }
  }

  function heldIn(shards: readonly number[]): string[] {
    return [...queues].filter(([, held]) => shards.includes(held.shard)).map(([platformId]) => platformId)
  }

  /** Lets go of a queue at once, saving nothing. */
  function drop(platformId: string): void {
    const held = queues.get(platformId)
    if (!held) return
    queues.delete(platformId)
    audience.reset()
    saver.forget(platformId)
    void held.queue.stop()
    held.queue.abort()
  }

  /** Ends queues in good order: nothing under way, cursors saved. */
  async function close(platformIds: readonly string[], graceMs: number): Promise<void> {
    const closing = platformIds.flatMap((id) => queues.get(id)?.queue ?? [])
    const cancel = after(graceMs, () => closing.forEach((queue) => queue.abort()))
    await Promise.all(closing.map((queue) => queue.stop()))
    cancel()
    await saver.saveNow(platformIds).catch(onAway)
    platformIds.forEach(drop)
  }

  function giveUp(shards: readonly number[]): Promise<void> {
    return close(heldIn(shards), GIVING_UP_MS)
  }

  /** Opens queues of the shards held that are not open yet. */
  function openMissing(): void {
    isOpeningAgain = true
    if (!isOpening && isStarted && !isStopped) opening = open()
  }

  async function open(): Promise<void> {
    isOpening = true
    try {
      while (isOpeningAgain && !isStopped) {
        isOpeningAgain = false
        const missing = [...ports.table().platforms.values()].filter(
          ({ id, status }) => !queues.has(id) && status !== 'PLANNED' && leases.epochOf(shardOf(id)) !== null,
        )
        for (let from = 0; from < missing.length; from += LOAD_AT_ONCE) {
          await openSome(missing.slice(from, from + LOAD_AT_ONCE).map((platform) => platform.id))
        }
        if (missing.length > 0) await applyOrders()
      }
    } catch (error) {
      onAway(error)
    }
    isOpening = false
  }

  async function openSome(platformIds: readonly string[]): Promise<void> {
    const epochs = new Map(platformIds.map((id) => [id, leases.epochOf(shardOf(id))]))
    const saved = await ports.cursors.load(platformIds)
    // Whoever held a queue before may have been further than this process has read.
    await tail.refresh()
    for (const each of saved) {
      const { platformId } = each
      const shard = shardOf(platformId)
      const epoch = leases.epochOf(shard)
      const platform = ports.table().platforms.get(platformId)
      if (isStopped || !platform || queues.has(platformId) || epoch === null || epoch !== epochs.get(platformId))
        continue
      const waitMs = Math.max(0, (quietUntil.get(shard) ?? 0) - clock())
      const queue = createPartnerQueue(each, platform, BROADCAST_MODULES, waitMs, {
        ...{ tail, log: ports.log, deliver, clock, after, chance: ports.chance, alarm: ports.alarm, onAway },
        checkAlive: ports.checkAlive,
        receives: receivesNow,
        mayStart: () => leases.isValid() && leases.epochOf(shard) === epoch,
        onMissed: (id, push, cause) => saver.miss({ ...push, platformId: id, cause, missedAt: now(), times: 1 }),
        onDirty: saver.touch,
        onListening(module) {
          const held = queues.get(platformId)
          if (held) audience.rejoin(ports.table(), held.queue, module)
        },
        ...(clientInfo && { firstLane: clientInfoLane(clientInfo) }),
      })
      queues.set(platformId, { queue, shard, epoch, platform })
      audience.reset()
      queue.pump()
      saver.touch(platformId)
    }
  }

  function clientInfoLane(cursors: ClientInfoCursors): (platformId: string, onChange: () => void) => Lane | null {
    const { table, random, chance } = ports
    return (platformId, onChange) =>
      isToldOfOthers(table().platforms.get(platformId))
        ? createClientInfoLane(platformId, { cursors, table, now, clock, chance, id: random.id, onChange, onAway })
        : null
  }

  /** A change of one platform may be news to all others. Many changes at once make one round. */
  function tellOthers(): void {
    if (!clientInfo || isTelling) return
    isTelling = true
    after(TELL_AFTER_MS, () => {
      isTelling = false
      if (!isStopped) for (const { queue } of queues.values()) queue.pump()
    })
  }

  function onTick(): void {
    ticks++
    if (!isStarted) {
      void begin()
      return
    }
    openMissing()
    if (leases.processes() > 1 || ticks % POLL_TICKS === 0) tail.wake()
    // Also retries what failed while the database was away.
    for (const { queue } of queues.values()) queue.pump()
    void applyOrders()
    if (ticks % IDLE_SAVE_TICKS === 0) {
      for (const id of queues.keys()) if (saver.savedPosition(id) < tail.position()) saver.touch(id)
    }
    if (ticks % TRIM_TICKS === 0 && leases.epochOf(0) !== null) void trim()
    watchClock()
  }

  function watchClock(): void {
    const before = drift
    drift = now() - clock()
    if (drift < before - CLOCK_STEP_MS) for (const { queue } of queues.values()) queue.restartPace()
  }

  async function begin(): Promise<void> {
    if (isBeginning) return
    isBeginning = true
    try {
      await tail.start()
      isStarted = true
      openMissing()
    } catch (error) {
      onAway(error)
    }
    isBeginning = false
  }

  async function applyOrders(): Promise<void> {
    try {
      const orders = new Map((await ports.cursors.orders()).map((order) => [order.platformId, order]))
      for (const platformId of new Set([...ordered, ...orders.keys()])) {
        queues.get(platformId)?.queue.order(orders.get(platformId) ?? NO_ORDERS)
        saver.touch(platformId)
      }
      ordered = new Set(orders.keys())
    } catch (error) {
      onAway(error)
    }
  }

  async function trim(): Promise<void> {
    if (isTrimming) return
    isTrimming = true
    const { table, mayTalk, bounds } = ports
    await trimPushLog({ store: ports.trim, table, mayTalk, now, bounds }).catch(onAway)
    isTrimming = false
  }

  async function steer(order: Promise<boolean>): Promise<boolean> {
    const isKnown = await order
    if (isKnown) await applyOrders()
    return isKnown
  }

  return {
    async start() {
      await begin()
      await leases.start()
      await opening
    },
    accept: broadcast.accept,
    onPushed() {
      if (isStarted) tail.wake()
    },
    onTableChange() {
      const table = ports.table()
      for (const [platformId, held] of queues) {
        const platform = table.platforms.get(platformId)
        if (!platform) drop(platformId)
        else if (platform !== held.platform) {
          held.platform = platform
          held.queue.retarget(platform)
          saver.touch(platformId)
        }
      }
      openMissing()
      tellOthers()
    },
    admin: {
      ...ports.admin,
      setPaused: (platformId, isPaused) => steer(ports.admin.setPaused(platformId, isPaused)),
      skip: (platformId) => steer(ports.admin.skip(platformId)),
    },
    states: () => [...queues.values()].map(({ queue }) => queue.state()),
    async stop(graceMs) {
      isStopped = true
      await broadcast.drain()
      saver.stop()
      await close([...queues.keys()], graceMs)
      await leases.leave().catch(onAway)
      await tail.stop()
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
