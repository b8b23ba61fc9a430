import { createNewerToken } from '../../../hub/network/newer-token.ts'
import type { Platform, RoutingTable } from '../../../hub/network/routing-table.ts'
import { createClientInfoLanes } from '../../../hub/presence/client-info-lane.ts'
import type { QueueOrders, QueueState } from '../../../hub/push/cursor.ts'
import type { GainedLease } from '../../../hub/push/drain/leases.ts'
import type { QueueAdmin } from '../../../hub/push/drain/queue-admin.ts'
import { createPushEngine, type PushEngine } from '../../../hub/push/engine.ts'
import { settleWithin } from '../../../storage/settle-within.ts'
import { after } from '../../shared/after.ts'
import { random } from '../../shared/secrets.ts'
import { WAITING_MOST } from '../waiting-places.ts'
import type { Inbox } from './inbox.ts'
import type { Beginning } from './log-pushes.ts'
import type { LogObject } from './ports.ts'
import type { QueueGround } from './queue-ground.ts'
import { createQueueLog } from './queue-log.ts'
import { valueOf } from './rpc.ts'
import { createSoon } from './soon.ts'

/** Recent pushes of one platform in memory. */
const MEMORY_BYTES = 4 * 1024 * 1024
/** The Log object is asked for the lease again, once a second, when it lasts no longer than this: its answer may take a second itself. */
const RENEW_BELOW_MS = 3_000
/** A queue that is opened sends at once by the lease it came with, unless it would lapse before it is asked for again. */
const BEGIN_BELOW_MS = 1_700
const FRESHEN_WITHIN_MS = 1_000
const ORDERS_EVERY_MS = 5_000
const LOG_WITHIN_MS = 1_000

/** The engine of one platform, on what the Log object stores. */
export type QueueEngine = {
  readonly engine: PushEngine
  /** Null when this object does not hold the queue any more. */
  readonly state: () => QueueState | null
  /** Whether its lease lasts; when it does not, the Log object may only be late with the next. */
  readonly isLeased: () => boolean
  /** Whether the last save reached the database. */
  readonly isSaved: () => boolean
  /** Carries out what administrators ordered. */
  readonly order: () => Promise<void>
  readonly stop: (graceMs: number) => Promise<void>
}

export function createQueueEngine(ports: {
  readonly ground: QueueGround
  readonly platformId: string
  /** Names this run; unique. */
  readonly holder: string
  readonly begun: Extract<Beginning, { kind: 'ours' }>
  /** When that was asked for, by `performance.now()`. */
  readonly askedAt: number
  /** How long nobody has sent for the platform, at least. */
  readonly freeForMs: number
  /** A delivery leaves. */
  readonly onSend: () => void
  readonly inbox: Inbox
  readonly logObject: () => LogObject
  readonly checkAlive: (platformId: string) => Promise<boolean>
  readonly onUnreachable: (platformId: string) => void
  /** The Log object has this revision of the routing table. */
  readonly onRevision: (revision: number) => void
}): QueueEngine {
  const { ground, platformId, holder, begun, inbox, logObject, freeForMs, onSend } = ports
  const { settings, shared, alarm, now } = ground
  const clock = () => performance.now()
  let lease: { readonly lease: GainedLease; readonly askedAt: number } = {
    lease: begun.lease,
    askedAt: ports.askedAt,
  }
  let isFirst = true
  let isSaved = true
  let ordersAt = clock()
  let orders: QueueOrders | null = begun.saved

  const queueLog = createQueueLog(ground, logObject, MEMORY_BYTES)

  /** How long the lease lasts from a moment on. */
  function leftMs(from: number): number {
    return (lease.lease.grantedMs ?? 0) - (from - lease.askedAt)
  }

  async function heldLease(belowMs: number) {
    const from = clock()
    if (leftMs(from) <= belowMs) {
      const { lease: granted, revision } = await valueOf(() => logObject().lease(platformId))
      ports.onRevision(revision)
      // Without one now, it may be granted again by the same epoch: nobody else has sent then.
      lease = { lease: granted ?? { ...lease.lease, grantedMs: 0 }, askedAt: from }
    }
    return { ...lease.lease, grantedMs: leftMs(from) }
  }

  const engine = createPushEngine({
    send(request) {
      onSend()
      return ground.send(request)
    },
    inflate: ground.inflate,
    translate: ground.translate,
    loopMark: ground.loopMark,
    table: ownTable(shared.current, platformId),
    // What a push becomes in another version hangs on its sender, too.
    network: shared.current,
    newerToken: createNewerToken(shared.current, () => settleWithin(FRESHEN_WITHIN_MS, shared.refresh())),
    now,
    random,
    observe: queueLog.observe,
    onUnreachable: ports.onUnreachable,
    timeoutMs: settings.forwardTimeoutMs,
    logsFailedBodies: settings.logsFailedBodies,
    log: {
      ...inbox.tail,
      append: () => Promise.reject(new Error('Pushes are stored by the Log object')),
      readModule: (...args) => valueOf(() => logObject().readModule(...args)),
      readNumbers: (...args) => valueOf(() => logObject().readNumbers(...args)),
    },
    cursors: {
      load: async () => [begun.saved],
      async save(_, [save], missed) {
        if (!save) return []
        isSaved = false
        const isHeld = await valueOf(() => logObject().save({ save: { ...save, holder }, missed }))
        isSaved = isHeld
        return isHeld ? [] : [platformId]
      },
      async orders() {
        if (clock() - ordersAt > ORDERS_EVERY_MS) {
          ordersAt = clock()
          orders = await valueOf(() => logObject().orders(platformId))
        }
        return orders && (orders.isPaused || orders.skipTo !== null) ? [{ ...orders, platformId }] : []
      },
    },
    leases: {
      // The first lease came with the beginning, and is claimed as one that was free.
      async renew() {
        if (isFirst) return { processes: 1, held: [] }
        const held = await heldLease(RENEW_BELOW_MS)
        return { processes: 1, held: [held], grantedMs: held.grantedMs }
      },
      async claim() {
        if (!isFirst) return []
        const held = await heldLease(BEGIN_BELOW_MS)
        isFirst = false
        return [{ ...held, freeForMs }]
      },
      release: async () => {},
      leave: async () => {},
    },
    firstLanes: createClientInfoLanes({
      cursors: {
        load: async () => new Map(begun.told ? [[platformId, begun.told]] : []),
        save: (id, mark) => valueOf(() => logObject().saveMark(id, mark)),
      },
      table: shared.current,
      now,
      clock,
      chance: Math.random,
      id: random.id,
    }),
    // The Keeper object trims the log.
    trim: null,
    admin: STORED_ORDERS,
    bounds: { oldestAt: () => 0, maxBytes: Number.MAX_SAFE_INTEGER },
    onCut: () => undefined,
    noteBound: (bound) => ground.count((events) => events.bound(bound)),
    keepsLapsed: true,
    notify: async () => {},
    owner: holder,
    clock,
    after,
    soon: createSoon(),
    chance: Math.random,
    alarm,
    checkAlive: ports.checkAlive,
    memoryBytes: MEMORY_BYTES,
  })

  return {
    engine,
    state: () => engine.states()[0] ?? null,
    isLeased: () => leftMs(clock()) > 0,
    isSaved: () => isSaved,
    async order() {
      ordersAt = Number.NEGATIVE_INFINITY
      await engine.admin.skip(platformId)
    },
    async stop(graceMs) {
      await engine.stop(graceMs)
      await queueLog.close(LOG_WITHIN_MS)
    },
  }
}

/** The table as the engine of one platform sees it: it has this platform's queue alone, and no more connections than it may. */
function ownTable(current: () => RoutingTable, platformId: string): () => RoutingTable {
  let seen: RoutingTable | null = null
  let seenPlatform: Platform | undefined
  let own: RoutingTable | null = null
  return () => {
    const all = current()
    if (own && seen === all) return own
    seen = all
    const platform = all.platforms.get(platformId)
    if (platform !== seenPlatform || !own) {
      seenPlatform = platform
      own = { ...all, platforms: new Map(platform ? [[platformId, bounded(platform)]] : []) }
    } else own = { ...all, platforms: own.platforms }
    return own
  }
}

function bounded(platform: Platform): Platform {
  const { delivery } = platform
  return { ...platform, delivery: { ...delivery, concurrency: Math.min(delivery.concurrency, WAITING_MOST) } }
}

const notHere = () => Promise.reject(new Error('Administrators ask the database'))
/** An order that comes here is stored already, and is to be carried out. */
const STORED_ORDERS: QueueAdmin = {
  list: notHere,
  find: notHere,
  setPaused: async () => true,
  skip: async () => true,
  missed: notHere,
  missedByModule: notHere,
}
