import { gather } from '../gather.ts'
import { KeptByBytes } from '../kept-by-bytes.ts'
import type { Translate } from '../translate/translate.ts'
import { type Accepted, createBroadcast } from './accept/accept.ts'
import { BROADCAST_MODULES } from './accept/check.ts'
import { type ConvertedPushes, createConvertPush } from './attempt/convert-push.ts'
import { createDeliver, type DeliverPorts } from './attempt/deliver.ts'
import type { QueueState } from './cursor.ts'
import { createDrain, type DrainPorts, type DrainStores } from './drain/drain.ts'
import { createFaultAlarm } from './drain/fault-alarm.ts'
import type { QueueAdmin } from './drain/queue-admin.ts'
import type { PushLog } from './log/push-log.ts'
import { PushTail } from './log/tail.ts'
import type { NewPush } from './push.ts'

/*
 * Broadcast pushes: each is stored once and delivered to every partner that may receive it, in order per object, at that
 * partner's pace, across failures, restarts and several processes [transport_and_format: Broadcast Push].
 *
 *     sender ─▶ accept ─▶ log ─▶ tail ─▶ one queue per platform ─▶ attempt ─▶ partner
 *                                          └─▶ cursor, saved behind the deliveries
 *
 * accept   checks a push and inserts it with what else came meanwhile; committed, it has a number and its sender 1000.
 * log      pushes in the order of their numbers. At its tail each process reads every new push once for all its queues (its own
 *          not at all).
 * queue    what one platform still has to get: a lane per module, a pace, the reasons to pause.
 * attempt  one request, and what follows from its answer: delivered, try again, refused.
 * drain    which queues are this process's. Platforms fall into 64 shards, a shard has one holder by a lease.
 *
 * A queue is opened when the lease of its shard is gained, from its saved cursor; closed when another process is to have it or
 * this one stops (nothing under way, cursor saved); dropped, saving nothing, when the lease is lost or the platform is gone.
 * The engine waits until it knows the end of the log, is then started, and stopped at the end.
 *
 * Example: processes A and B, the queue of platform P at A. B accepts push 17 and answers 1000. A is notified, reads push 17
 * into its tail and offers it to P's lane of `locations`; P answers; A saves P's cursor at 17. Were A killed before that, B
 * would hold the lease 4 s later, open P's queue at 16 and deliver 17 once more.
 */

export type PushEnginePorts = Omit<DeliverPorts, 'convert'> &
  DrainStores &
  Pick<DrainPorts, 'clock' | 'after' | 'soon' | 'chance' | 'checkAlive'> & {
    readonly log: PushLog
    readonly translate: Pick<Translate, 'request'>
    /**
     * The whole network, by which deliveries go, where `table` has no platforms but those whose queues are drained.
     * @default table
     */
    readonly network?: DeliverPorts['table']
    /** Tells other processes that there are new pushes. */
    readonly notify: () => Promise<void>
    /**
     * Bytes of recent pushes kept in memory, shared by all queues.
     * @default 16_777_216
     */
    readonly memoryBytes?: number
  }

export type PushEngine = {
  /** Settles when this process has had its first chance to take part; goes on trying while the database is away. */
  readonly start: () => Promise<void>
  /** Settles when the push is durable, or cannot be made so. Never rejects. */
  readonly accept: (push: NewPush) => Promise<Accepted>
  /** To be called when another process may have stored pushes. */
  readonly onPushed: () => void
  /** To be called when the routing table was swapped. */
  readonly onTableChange: () => void
  readonly admin: QueueAdmin
  /** The queues of this process, for metrics. */
  readonly states: () => QueueState[]
  /** Finishes what is under way, at most `graceMs`, saves all cursors and leaves the queues to others. Never rejects. */
  readonly stop: (graceMs: number) => Promise<void>
}

/** Of the memory for recent pushes that much may be what they became in other versions. */
const CONVERTED_PART = 1 / 4

/** Pushes accepted within that time are one notification. */
const NOTIFY_AFTER_MS = 20

export function createPushEngine(ports: PushEnginePorts): PushEngine {
  const { log, after, memoryBytes = 16 * 1024 * 1024 } = ports
  let isBeginning = false
  let isStarted = false
  let isStopped = false
  const onAway = createFaultAlarm(ports.alarm, ports.clock)

  const converted: ConvertedPushes = new KeptByBytes(memoryBytes * CONVERTED_PART)
  const tail = new PushTail({
    log,
    memoryBytes,
    alongside: () => converted.bytes,
    onPushes: (pushes) => drain.offer(pushes),
    onAway,
  })
  const drain = createDrain({
    ...ports,
    tail,
    deliver: createDeliver({
      ...ports,
      table: ports.network ?? ports.table,
      convert: createConvertPush(ports.translate, converted, ports.clock),
    }),
    modules: BROADCAST_MODULES,
    onAway,
    isOpen: () => isStarted && !isStopped,
    onTick: () => (isStarted ? drain.round() : void begin()),
  })
  const broadcast = createBroadcast({ log, after, onAccepted, onAway, noteBound: ports.noteBound })
  // A lost notice costs a second: each process also polls (round.ts).
  const notifyOthers = gather(after, NOTIFY_AFTER_MS, () => void ports.notify().catch(onAway))

  function onAccepted(first: number, pushes: readonly NewPush[]): void {
    if (isStarted) tail.offerOwn(first, pushes)
    if (!drain.isAlone()) notifyOthers()
  }

  async function begin(): Promise<void> {
    if (isBeginning) return
    isBeginning = true
    try {
      await tail.start()
      isStarted = true
      drain.openMissing()
    } catch (error) {
      onAway(error)
    }
    isBeginning = false
  }

  return {
    async start() {
      await begin()
      await drain.start()
    },
    accept: broadcast.accept,
    onPushed() {
      if (isStarted) tail.wake()
    },
    onTableChange: drain.onTableChange,
    admin: drain.admin,
    states: drain.states,
    async stop(graceMs) {
      isStopped = true
      await broadcast.drain()
      await drain.stop(graceMs)
      await tail.stop()
    },
  }
}
