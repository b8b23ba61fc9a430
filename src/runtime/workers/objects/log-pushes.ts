import { mixes211 } from '../../../hub/network/mixes-211.ts'
import { endpointOf, type Platform, type RoutingTable } from '../../../hub/network/routing-table.ts'
import { nextRuleMoment } from '../../../hub/presence/client-info.ts'
import { type Accepted, createBroadcast } from '../../../hub/push/accept/accept.ts'
import type { QueueOrders } from '../../../hub/push/cursor.ts'
import { createFaultAlarm } from '../../../hub/push/drain/fault-alarm.ts'
import { createLeases, type GainedLease, shardOf } from '../../../hub/push/drain/leases.ts'
import type { PushLog } from '../../../hub/push/log/push-log.ts'
import { PushTail } from '../../../hub/push/log/tail.ts'
import type { NewPush } from '../../../hub/push/push.ts'
import { createClientInfoCursors } from '../../../storage/network/client-info.ts'
import { createCursorStore } from '../../../storage/push/cursors.ts'
import { createHeldCursors } from '../../../storage/push/held-cursors.ts'
import { createLeaseStore } from '../../../storage/push/leases.ts'
import { createPushLog, createPushNotice } from '../../../storage/push/log.ts'
import { after } from '../../shared/after.ts'
import { ADOPTED_FREE_MS, adoptLeases } from './adopted-leases.ts'
import { gathered } from './gathered.ts'
import { createHanding, type Handing, type HandOver, type Taken } from './handing.ts'
import { createLine } from './line.ts'
import type { ObjectGround } from './open-object.ts'
import { createOrderWatch } from './order-watch.ts'
import { createQueueStore } from './queue-store.ts'
import { createReceiversOf } from './receivers-of.ts'
import { createRunningQueues } from './running-queues.ts'
import { createWakeBehind } from './wake-behind.ts'

/** All of Workers take part in draining as one process. */
export const OWNER = 'workers'

/** Pushes that wait for the log: of the 128 MB that the object has with all others of its isolate. */
const WAITING_BYTES = 24_000_000
/** Pushes that are handed over once more, at most, by an object that follows another. */
const MOST_REPEATED = 20_000
/** Of pushes kept in memory: they are handed over at once. */
const MEMORY_BYTES = 1_000_000
/** Rounds, of a second each, between two looks at the routing table, and at the log while no other process writes it. */
const TABLE_EVERY = 3
const POLL_EVERY = 5
/** Queues that run look for orders now and then: all of them by one statement. */
const ORDERS = { delayMs: 20, most: 10_000 }
/** Queues in shards that another process wants end what is under way and save. */
const GIVING_UP_MS = 1_500

/** Up to where everything was handed over, and by which revision of the routing table it was fanned out. */
export type HandedMark = { readonly number: number; readonly revision: number }

/** The lease of a queue, with how long it lasts and how long nobody has sent for it; null when another process holds it, or nobody does for a moment. */
export type QueueLease = GainedLease | null

/** What a queue that runs is told now and then. `revision`: of the routing table, by which one that is older is read anew. */
export type LeaseAnswer = { readonly lease: QueueLease; readonly revision: number }

export type LogPushesPorts = ObjectGround & {
  readonly hand: (platformId: string, handOver: HandOver) => Promise<Taken>
  /** An order of an administrator for the queue is stored. */
  readonly order: (platformId: string) => Promise<void>
  /** Settles once a queue sends by no routing table that is older than this revision. */
  readonly follow: (platformId: string, revision: number) => Promise<void>
  /** Has a queue come to rest, as its shard is to go to another process. */
  readonly giveUp: (platformId: string) => Promise<void>
  /** What an earlier object noted; null when there was none. */
  readonly readMark: () => Promise<HandedMark | null>
  /** Something is to be handed over: the object must come back, whatever becomes of it. */
  readonly onOpen: () => void
}

/** Broadcast pushes in the Log object: taken, stored, handed to the queues they are for; leases and cursors for the queues. */
export function createLogPushes(ports: LogPushesPorts) {
  const { database, parts, table } = ports
  const { alarm, now } = parts
  const { sql, orm } = database
  const clock = () => performance.now()
  const onAway = createFaultAlarm(alarm, clock)
  const log = createPushLog(sql, () => mixes211(table.current()))
  const cursors = createCursorStore(sql)
  const held = createHeldCursors(sql)
  const marks = createClientInfoCursors(orm)
  const { notify } = createPushNotice(sql)
  const store = createQueueStore({ cursors, held, owner: OWNER, after })
  const inLine = createLine()
  const receiversOf = createReceiversOf(table.current, now)
  const gainedAt = new Map<number, { readonly at: number; readonly freeForMs: number }>()
  const running = createRunningQueues({
    clock,
    giveUp: ports.giveUp,
    follow: (platformId) => ports.follow(platformId, table.current().revision),
  })
  let handing: Handing | null = null
  let seen: RoutingTable = table.current()
  /** When a rule begins or ends next. */
  let ruleMoment: number | null = null
  let rounds = 0
  /** What an earlier object noted is what it goes on from. */
  let isMarked = false

  const tail = new PushTail({
    log,
    memoryBytes: MEMORY_BYTES,
    onPushes(pushes) {
      ports.onOpen()
      handing?.add(pushes, function* (push) {
        for (const platformId of receiversOf(push)) if (isOurs(platformId)) yield platformId
      })
    },
    onAway,
  })
  const wakeBehind = createWakeBehind({
    behind: () => held.behind(tail.recent.end()),
    readAnew: (platformIds) => handing?.readAnew(platformIds),
    after,
    onAway,
  })
  const leases = createLeases({
    store: adoptLeases(createLeaseStore(sql)),
    owner: OWNER,
    clock,
    after,
    onGained({ shard, freeForMs }) {
      gainedAt.set(shard, { at: clock(), freeForMs })
      // Whoever held it may have been anywhere: its queues read for themselves.
      readAnew((platformId) => shardOf(platformId) === shard)
    },
    onLost(shards) {
      shards.forEach((shard) => gainedAt.delete(shard))
      distrust((platformId) => shards.includes(shardOf(platformId)))
    },
    async onGivingUp(shards) {
      distrust((platformId) => shards.includes(shardOf(platformId)))
      if ((await running.giveUp(shards)) > 0) await new Promise<void>((resolve) => void after(GIVING_UP_MS, resolve))
    },
    onTick: round,
    onAway,
    keepsLapsed: true,
  })
  const watchOrders = createOrderWatch({
    cursors,
    onOrder(platformId) {
      if (isOurs(platformId)) void ports.order(platformId).catch(() => undefined)
    },
    onAway,
  })
  const readOrders = gathered<string, QueueOrders | null>(after, ORDERS, async (platformIds) => {
    const orders = new Map((await cursors.orders()).map((order) => [order.platformId, order]))
    return platformIds.map((platformId) => orders.get(platformId) ?? null)
  })
  const broadcast = createBroadcast({
    log,
    after,
    onAway,
    noteBound: ports.events.bound,
    waitingBytes: WAITING_BYTES,
    onAccepted(first, pushes) {
      tail.offerOwn(first, pushes)
      if (leases.processes() > 1) void notify().catch(onAway)
    },
  })

  function isOurs(platformId: string): boolean {
    return leases.epochOf(shardOf(platformId)) !== null
  }

  /** Whether another process drains the queue; false while nobody knows. */
  function isElsewhere(platformId: string): boolean {
    return handing !== null && leases.isValid() && !isOurs(platformId)
  }

  function isAdopted(shard: number): boolean {
    return gainedAt.get(shard)?.freeForMs === ADOPTED_FREE_MS
  }

  /** What is accepted while a lease is another's is handed to nobody, and no queue may take it for handed over: not from the moment on at which that begins. */
  function distrust(isMeant: (platformId: string) => boolean): void {
    handing?.distrust([...table.current().platforms.keys()].filter(isMeant))
  }

  /** Queues that are behind the log read for themselves. */
  function readAnew(isMeant: (platformId: string) => boolean): void {
    // All of them are, at the start.
    if (!handing) return
    distrust(isMeant)
    wakeBehind(isMeant)
  }

  /** The table has changed: who sends goes by it, those whom it concerns look for what they are to be told, and those who changed read anew. */
  function followTable(): void {
    const current = table.current()
    if (!handing || current === seen) return
    const changed: string[] = []
    const told: string[] = []
    for (const platform of current.platforms.values()) {
      if (!isOurs(platform.id) || platform.status === 'PLANNED') continue
      if (platform.revision > seen.revision) changed.push(platform.id)
      else if (isTold(platform)) told.push(platform.id)
    }
    seen = current
    ruleMoment = nextRuleMoment(current, now())
    running.tell()
    handing.readAnew(changed)
    handing.look(told)
  }

  /** A rule began or ended by its time: its own queue would have to stay awake to notice. */
  function followRules(): void {
    const current = table.current()
    if (ruleMoment === null || now() < ruleMoment) return
    ruleMoment = nextRuleMoment(current, now())
    handing?.look(
      [...current.platforms.values()].filter((platform) => isOurs(platform.id) && isTold(platform)).map(({ id }) => id),
    )
  }

  function round(): void {
    rounds++
    if (!handing) return
    const isShared = leases.processes() > 1
    if (isShared || rounds % POLL_EVERY === 0) tail.wake()
    if (isShared) void watchOrders()
    followRules()
    if (rounds % TABLE_EVERY === 0) void table.refresh().catch(onAway)
  }

  function leaseOf(platformId: string): QueueLease {
    const shard = shardOf(platformId)
    const epoch = leases.epochOf(shard)
    if (epoch === null || !leases.isValid()) return null
    const gained = gainedAt.get(shard)
    const freeForMs = gained ? gained.freeForMs + clock() - gained.at : 0
    return { shard, epoch, freeForMs, grantedMs: leases.grantedMs() }
  }

  async function goOn(): Promise<Handing> {
    const last = await log.lastNumber()
    const mark = await ports.readMark()
    // From far back it would read all of the log, while senders wait: the queues look for themselves, as without a mark.
    isMarked = mark !== null && last - mark.number <= MOST_REPEATED
    await leases.start()
    const from = isMarked && mark ? mark.number : last
    if (isMarked && mark) seen = { ...seen, revision: mark.revision }
    tail.recent.jumpTo(from)
    const { hand, onOpen: onMoved } = ports
    return createHanding({ hand, revision: () => table.current().revision, after, onMoved }, from)
  }

  table.onChange(followTable)

  return {
    /** Goes on where it came to before, when it failed. */
    async start(): Promise<void> {
      handing ??= await goOn()
      await tail.refresh()
      followTable()
      readAnew((platformId) => isOurs(platformId) && !(isMarked && isAdopted(shardOf(platformId))))
    },
    /** @param revision of the sender's table: what is fanned out by an older one could miss who is new */
    async accept(push: NewPush, revision: number): Promise<Accepted> {
      if (table.current().revision < revision) await table.refresh()
      ports.onOpen()
      return broadcast.accept(push)
    },
    /** A push was stored that nobody here took. */
    async onPushed(): Promise<void> {
      if (leases.processes() > 1) void notify().catch(onAway)
      await tail.refresh()
    },
    async begin(platformId: string, holder: string) {
      const lease = leaseOf(platformId)
      if (!lease) return { kind: isElsewhere(platformId) ? 'elsewhere' : 'later' } as const
      running.noteLeased(platformId)
      const loaded = await store.load({ platformId, holder })
      if (!loaded) return { kind: 'elsewhere' } as const
      const revision = table.current().revision
      return { kind: 'ours', lease, ...loaded, last: tail.recent.end(), revision } as const
    },
    lease(platformId: string): LeaseAnswer {
      running.noteLeased(platformId)
      return { lease: leaseOf(platformId), revision: table.current().revision }
    },
    save: store.save,
    told: running.told,
    saveMark: marks.save,
    readModule: (...args: Parameters<PushLog['readModule']>) => inLine(() => log.readModule(...args)),
    readNumbers: (...args: Parameters<PushLog['readNumbers']>) => inLine(() => log.readNumbers(...args)),
    orders: readOrders,
    mark: (): HandedMark => ({ number: handing?.mark() ?? 0, revision: seen.revision }),
    isOpen: () => handing !== null && handing.mark() < handing.end(),
    /** Moves the cursors of queues at rest along, and asks those that are behind how they stand. */
    async reconcile(): Promise<void> {
      if (!handing) return
      const end = handing.end()
      await held.advance(handing.rested(isOurs), end)
      handing.ask((await held.behind(end)).filter(isOurs))
      running.tidy()
    },
    holdsFirst: () => leases.epochOf(0) !== null,
    isOurs,
    shards: () => ({ held: leases.held(), processes: leases.processes() }),
  }
}

/** Whether a platform is told of others as they are now. */
function isTold(platform: Platform): boolean {
  return platform.status === 'CONNECTED' && endpointOf(platform, 'hubclientinfo', 'RECEIVER') !== undefined
}

export type LogPushes = ReturnType<typeof createLogPushes>

/** What a queue is opened with: if it is ours. `elsewhere`: another process drains it, or the platform is gone. */
export type Beginning = Awaited<ReturnType<LogPushes['begin']>>
