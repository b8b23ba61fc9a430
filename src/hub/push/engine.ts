import type { After, Alarm, AlarmKind, Soon } from '../ports.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type Accepted, createBroadcast } from './accept/accept.ts'
import { BROADCAST_MODULES } from './accept/check.ts'
import { createDeliver, type DeliverPorts } from './attempt/deliver.ts'
import { RATE_WINDOW_MS } from './attempt/pace.ts'
import type { CursorStore, QueueState } from './cursor.ts'
import { createCursorSaver } from './drain/cursor-saver.ts'
import { createHeldQueues } from './drain/held-queues.ts'
import { createLeases, type LeaseStore } from './drain/leases.ts'
import { createOpening } from './drain/opening.ts'
import { createOrders } from './drain/orders.ts'
import type { QueueAdmin } from './drain/queue-admin.ts'
import { type LogBounds, type TrimStore, trimPushLog } from './drain/trim.ts'
import type { PushLog } from './log/push-log.ts'
import { createPushTail } from './log/tail.ts'
import type { NewPush } from './push.ts'
import type { FirstLanes } from './queue/ports.ts'

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
  readonly soon: Soon
  /** 0 up to 1, each time another. */
  readonly chance: () => number
  readonly alarm: Alarm
  /** Asks a platform for a sign of life and makes it OFFLINE when there is none. Settles within seconds. */
  readonly checkAlive: (platformId: string) => Promise<boolean>
  readonly bounds: LogBounds
  /**
   * What the hub itself has to tell platforms, before all pushes.
   * @default nothing
   */
  readonly firstLanes?: FirstLanes
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
/** In ticks of about a second: polling when nobody else is there, positions of idle queues, trimming. */
const POLL_TICKS = 5
const IDLE_SAVE_TICKS = 10
const TRIM_TICKS = 5
/** A wall clock put back by more than this would stall what counts by it. */
const CLOCK_STEP_MS = 1_000
/** Between two alarms of one kind. */
const TELL_AGAIN_MS = 30_000

export function createPushEngine(ports: PushEnginePorts): PushEngine {
  const { clock, after, now, table, chance, firstLanes } = ports
  const quietUntil = new Map<number, number>()
  const toldAt = new Map<AlarmKind, number>()
  let isBeginning = false
  let isStarted = false
  let isStopped = false
  let isTrimming = false
  let isNotifying = false
  let isTelling = false
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
      opening.openMissing()
    },
    onLost: (shards) => queues.in(shards).forEach(drop),
    onGivingUp: giveUp,
  })

  const queues = createHeldQueues({
    ...{ rows: tail.rows, log: ports.log, deliver: createDeliver(ports), modules: BROADCAST_MODULES },
    ...{ clock, after, soon: ports.soon, now, table, chance, alarm: ports.alarm, onAway },
    checkAlive: ports.checkAlive,
    mayStart: ({ shard, epoch }) => leases.isValid() && leases.epochOf(shard) === epoch,
    onMissed: (platformId, push, cause) => saver.miss({ ...push, platformId, cause, missedAt: now(), times: 1 }),
    onDirty: saver.touch,
    ...(firstLanes && { firstLane: firstLanes.laneOf }),
  })
  const orders = createOrders({
    ...{ cursors: ports.cursors, admin: ports.admin, queues, onAway },
    onSkipping: saver.touch,
  })
  const opening = createOpening({
    ...{ table, cursors: ports.cursors, tail, leases, queues, onAway, onHeld: saver.touch },
    isOpen: () => isStarted && !isStopped,
    onOpening: async (platformIds) => firstLanes?.expect(platformIds),
    waitMs: (shard) => Math.max(0, (quietUntil.get(shard) ?? 0) - clock()),
    onOpened: orders.apply,
  })

  /** What failed is tried again. Most often the database is away; anything else is a fault of the hub's own. */
  function onAway(error: unknown): void {
    const kind = error instanceof StoreUnavailable ? 'database-away' : 'push-fault'
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

  /** A change of one platform may be news to all others. Many changes at once make one round. */
  function tellOthers(): void {
    if (!firstLanes || isTelling) return
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
    opening.openMissing()
    if (leases.processes() > 1 || ticks % POLL_TICKS === 0) tail.wake()
    // Also retries what failed while the database was away.
    queues.pump()
    queues.tidy()
    void orders.apply()
    if (ticks % IDLE_SAVE_TICKS === 0) {
      for (const id of queues.ids()) if (saver.savedPosition(id) < tail.rows.position()) saver.touch(id)
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
      opening.openMissing()
    } catch (error) {
      onAway(error)
    }
    isBeginning = false
  }

  async function trim(): Promise<void> {
    if (isTrimming) return
    isTrimming = true
    const { bounds } = ports
    await trimPushLog({ store: ports.trim, table, now, bounds }).catch(onAway)
    isTrimming = false
  }

  return {
    async start() {
      await begin()
      await leases.start()
      await opening.opened()
    },
    accept: broadcast.accept,
    onPushed() {
      if (isStarted) tail.wake()
    },
    onTableChange() {
      const { platforms } = table()
      for (const id of [...queues.ids()]) {
        const platform = platforms.get(id)
        if (!platform) drop(id)
        else if (queues.retarget(platform)) saver.touch(id)
      }
      opening.openMissing()
      tellOthers()
    },
    admin: orders.admin,
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
