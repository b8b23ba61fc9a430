import { type Accepted, createBroadcast } from './broadcast.ts'
import { type ClientInfoCursors, isToldOfOthers } from '../presence/client-info-lane.ts'
import { createDeliver, type DeliverPorts } from './partner-queue-deliver.ts'
import type { Mark } from '../presence/client-info.ts'
import { RATE_WINDOW_MS } from './partner-queue-pace.ts'
import type { After, Alarm, AlarmKind } from '../ports.ts'
import type { NewPush } from './push.ts'
import type { QueueAdmin } from './admin.ts'
import type { CursorStore, QueueOrders, QueueState } from './cursors.ts'
import { createHeldQueues } from './held-queues.ts'
import { createLeases, type LeaseStore, shardOf } from './leases.ts'
import type { PushLog } from './push-log.ts'
import { createCursorSaver } from './saver.ts'
import { StoreAway } from '../store-away.ts'
import { createPushTail } from './tail.ts'
import { type LogBounds, type TrimStore, trimPushLog } from './trim.ts'

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
  const quietUntil = new Map<number, number>()
  const toldAt = new Map<AlarmKind, number>()
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

  const tail = createPushTail({
    log: ports.log,
    memoryBytes: ports.memoryBytes ?? 16 * 1024 * 1024,
    onRows: (pushes) => queues.offer(pushes),
    onAway,
  })
  const broadcast = createBroadcast({ log: ports.log, after, onAccepted, onAway })
  const saver = createCursorSaver({
    ...{ store: ports.cursors, owner: ports.owner, clock, after, snapshot: (id) => queues.snapshot(id), onAway },
    onStale: (platformIds) => platformIds.forEach(drop),
    onRefused: (platformId, error) => ports.alarm({ kind: 'cursor-not-saved', platformId, detail: messageOf(error) }),
  })
  const leases = createLeases({
    ...{ store: ports.leases, owner: ports.owner, clock, after, onTick, onAway },
    onGained({ shard, freeForMs }) {
      quietUntil.set(shard, clock() + RATE_WINDOW_MS - freeForMs)
      openMissing()
    },
    onLost: (shards) => queues.in(shards).forEach(drop),
    onGivingUp: giveUp,
  })

  const queues = createHeldQueues({
    common: {
      ...{ tail, log: ports.log, deliver: createDeliver(ports), clock, after, chance: ports.chance },
      ...{ checkAlive: ports.checkAlive, alarm: ports.alarm, onDirty: saver.touch, onAway },
      onMissed: (platformId, push, cause) => saver.miss({ ...push, platformId, cause, missedAt: now(), times: 1 }),
    },
    ...{ table: ports.table, mayTalk: ports.mayTalk, now, id: ports.random.id, clientInfo },
    isValid: ({ shard, epoch }) => leases.isValid() && leases.epochOf(shard) === epoch,
    waitMs: (shard) => Math.max(0, (quietUntil.get(shard) ?? 0) - clock()),
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

  /** Lets go of a queue at once, saving nothing. */
  function drop(platformId: string): void {
    queues.drop(platformId)
    saver.forget(platformId)
  }

  /** Ends queues in good order: nothing under way, cursors saved. */
  async function close(platformIds: readonly string[], graceMs: number): Promise<void> {
    const cancel = after(graceMs, () => queues.abort(platformIds))
    await queues.stop(platformIds)
    cancel()
    await saver.saveNow(platformIds).catch(onAway)
    platformIds.forEach(drop)
  }

  function giveUp(shards: readonly number[]): Promise<void> {
    return close(queues.in(shards), GIVING_UP_MS)
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
    const told = await loadTold(platformIds)
    // Whoever held a queue before may have been further than this process has read.
    await tail.refresh()
    for (const each of saved) {
      const { platformId } = each
      const shard = shardOf(platformId)
      const epoch = leases.epochOf(shard)
      const platform = ports.table().platforms.get(platformId)
      if (isStopped || !platform || queues.has(platformId) || epoch === null || epoch !== epochs.get(platformId))
        continue
      queues.hold(each, platform, { shard, epoch }, told.get(platformId) ?? null)
      saver.touch(platformId)
    }
  }

  async function loadTold(platformIds: readonly string[]): Promise<ReadonlyMap<string, Mark>> {
    const { platforms } = ports.table()
    const wanted = platformIds.filter((id) => isToldOfOthers(platforms.get(id)))
    return clientInfo && wanted.length > 0 ? clientInfo.load(wanted) : new Map()
  }

  /** A change of one platform may be news to all others. Many changes at once make one round. */
  function tellOthers(): void {
    if (!clientInfo || isTelling) return
    isTelling = true
    after(TELL_AFTER_MS, () => {
      isTelling = false
      if (!isStopped) queues.pump()
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
    queues.tick()
    void applyOrders()
    if (ticks % IDLE_SAVE_TICKS === 0) {
      for (const id of queues.ids()) if (saver.savedPosition(id) < tail.position()) saver.touch(id)
    }
    if (ticks % TRIM_TICKS === 0 && leases.epochOf(0) !== null) void trim()
    watchClock()
  }

  function watchClock(): void {
    const before = drift
    drift = now() - clock()
    if (drift < before - CLOCK_STEP_MS) queues.restartPace()
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
        queues.order(platformId, orders.get(platformId) ?? NO_ORDERS)
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
      for (const id of [...queues.ids()]) {
        const platform = table.platforms.get(id)
        if (!platform) drop(id)
        else if (queues.retarget(platform)) saver.touch(id)
      }
      openMissing()
      tellOthers()
    },
    admin: {
      ...ports.admin,
      setPaused: (platformId, isPaused) => steer(ports.admin.setPaused(platformId, isPaused)),
      skip: (platformId) => steer(ports.admin.skip(platformId)),
    },
    states: queues.states,
    async stop(graceMs) {
      isStopped = true
      await broadcast.drain()
      saver.stop()
      await close([...queues.ids()], graceMs)
      await leases.leave().catch(onAway)
      await tail.stop()
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
