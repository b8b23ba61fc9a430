import { gather } from '../../gather.ts'
import type { Alarm } from '../../ports.ts'
import type { CursorStore, QueueState } from '../cursor.ts'
import type { PushTail } from '../log/tail.ts'
import type { Push } from '../push.ts'
import type { FirstLanes } from '../queue/ports.ts'
import { createCursorSaver } from './cursor-saver.ts'
import { messageOf } from './fault-alarm.ts'
import { createHeldQueues, type HeldQueuesPorts } from './held-queues.ts'
import { createLeases, type LeaseStore } from './leases.ts'
import { createOpening } from './opening.ts'
import { createOrders } from './orders.ts'
import type { QueueAdmin } from './queue-admin.ts'
import { createRound } from './round.ts'
import type { LogBounds, TrimPorts, TrimStore } from './trim.ts'

/** What `createDrain` needs of whoever starts the hub; the engine adds the rest. */
export type DrainStores = {
  readonly cursors: CursorStore
  readonly leases: LeaseStore
  /** Null where somebody else trims the log. */
  readonly trim: TrimStore | null
  readonly admin: QueueAdmin
  /** Names this run of the process; unique. */
  readonly owner: string
  readonly alarm: Alarm
  readonly bounds: LogBounds
  readonly onCut: TrimPorts['onCut']
  readonly noteBound: TrimPorts['noteBound']
  /** As `LeasesPorts` has it. */
  readonly keepsLapsed?: boolean
  /**
   * What the hub itself has to tell platforms, before all pushes.
   * @default nothing
   */
  readonly firstLanes?: FirstLanes
}

export type DrainPorts = DrainStores &
  Omit<HeldQueuesPorts, 'recent' | 'holds' | 'onMissed' | 'onDirty' | 'firstLane'> & {
    readonly tail: PushTail
    /** Whether queues may be opened: the end of the log is known, and the engine is not stopped. */
    readonly isOpen: () => boolean
    /** Told about once a second, after each renewal of the leases. */
    readonly onTick: () => void
  }

/** Drains the queues of those platforms that fall to this process. */
export type Drain = {
  /** New pushes of the log, in order. */
  readonly offer: (pushes: readonly Push[]) => void
  /** Whether no other process takes part. */
  readonly isAlone: () => boolean
  /** Opens the queues that this process holds and has not opened yet, as far as `isOpen`. */
  readonly openMissing: () => void
  /** To be called with each tick. */
  readonly round: () => void
  readonly onTableChange: () => void
  readonly admin: QueueAdmin
  readonly states: () => QueueState[]
  /** Settles when this process has had its first chance to hold leases and open queues. */
  readonly start: () => Promise<void>
  /** Closes all queues, aborting what is under way after `graceMs`, and leaves the leases to others. */
  readonly stop: (graceMs: number) => Promise<void>
}

/** A change of one platform may be news to all others; that many milliseconds of changes make one look for news. */
const NEWS_AFTER_MS = 50
/** What is under way for queues that another process is to take over may last that long. */
const GIVING_UP_MS = 1_500

export function createDrain(ports: DrainPorts): Drain {
  const { owner, clock, after, now, table, tail, firstLanes, isOpen, onAway } = ports

  const saver = createCursorSaver({
    store: ports.cursors,
    owner,
    clock,
    after,
    onAway,
    snapshot: (platformId) => queues.snapshot(platformId),
    onStale: (platformIds) => platformIds.forEach(drop),
    onRefused: (platformId, error) => ports.alarm({ kind: 'cursor-not-saved', platformId, detail: messageOf(error) }),
  })
  const leases = createLeases({
    store: ports.leases,
    owner,
    clock,
    after,
    onAway,
    onTick: ports.onTick,
    onGained: ({ shard, freeForMs }) => opening.gained(shard, freeForMs),
    onLost: (shards) => queues.in(shards).forEach(drop),
    onGivingUp: (shards) => close(queues.in(shards), GIVING_UP_MS),
    ...(ports.keepsLapsed && { keepsLapsed: true }),
  })
  const queues = createHeldQueues({
    ...ports,
    recent: tail.recent,
    holds: ({ shard, epoch }) => leases.isValid() && leases.epochOf(shard) === epoch,
    onMissed: (platformId, push, cause) => saver.miss({ ...push, platformId, cause, missedAt: now(), times: 1 }),
    onDirty: saver.touch,
    ...(firstLanes && { firstLane: firstLanes.laneOf }),
  })
  const orders = createOrders({
    cursors: ports.cursors,
    admin: ports.admin,
    queues,
    onAway,
    onSkipping: saver.touch,
  })
  const opening = createOpening({
    table,
    clock,
    cursors: ports.cursors,
    tail,
    leases,
    queues,
    isOpen,
    onAway,
    onOpening: async (platformIds) => firstLanes?.expect(platformIds),
    onHeld: saver.touch,
    onOpened: orders.apply,
  })
  const round = createRound({ ...ports, leases, queues, saver, opening, orders })
  const lookForNews = gather(after, NEWS_AFTER_MS, () => {
    if (isOpen()) queues.pump()
  })

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

  return {
    offer: queues.offer,
    isAlone: () => leases.processes() === 1,
    openMissing: opening.openMissing,
    round,
    onTableChange() {
      const { platforms } = table()
      for (const id of [...queues.ids()]) {
        const platform = platforms.get(id)
        if (!platform) drop(id)
        else if (queues.retarget(platform)) saver.touch(id)
      }
      opening.openMissing()
      if (firstLanes) lookForNews()
    },
    admin: orders.admin,
    states: queues.states,
    async start() {
      await leases.start()
      await opening.opened()
    },
    async stop(graceMs) {
      saver.stop()
      await close([...queues.ids()], graceMs)
      await leases.leave().catch(onAway)
    },
  }
}
