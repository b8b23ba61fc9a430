import type { Deliver, Delivery } from './partner-queue-deliver.ts'
import { backoffMs } from './partner-queue-answer.ts'
import { createLane, type Lane, type LaneEntry, type LanePorts } from './partner-queue-lane.ts'
import { createPace, type Pace } from './partner-queue-pace.ts'
import type { After, Alarm } from '../ports.ts'
import type { Push } from './push.ts'
import type { MissedCause, PauseCause, QueueCursor, QueueOrders, QueueState, SavedQueue } from './cursors.ts'
import type { PushTail } from './tail.ts'
import type { ConnectionStatus, DeliverySettings } from '../routing-table.ts'

/** How a platform stands, as far as its queue cares. */
export type QueueTarget = { readonly status: ConnectionStatus; readonly delivery: DeliverySettings }

/** Everything that one platform still has to get, and the sending of it. */
export type PartnerQueue = {
  readonly platformId: string
  /** A row from the end of the log that this platform may receive. True when it is to be followed by `pump`. */
  readonly offer: (push: Push) => boolean
  /** False while rows of the module are read from the log: newer ones need not be offered. */
  readonly isListening: (module: string) => boolean
  /** The platform's status or settings may have changed. */
  readonly retarget: (target: QueueTarget) => void
  readonly order: (orders: QueueOrders) => void
  /** Sends, reads on and sets its timer, as far as there is something to do. Cheap when there is not. */
  readonly pump: () => void
  /** Forgets what its rate limit knows of time. */
  readonly restartPace: () => void
  readonly cursor: () => QueueCursor
  readonly state: () => QueueState
  /** The order to skip that was carried out last. */
  readonly skippedTo: () => number | null
  /** Begins nothing more; settles when what was under way has ended, which `abort` hastens. */
  readonly stop: () => Promise<void>
  /** Ends what is under way. It counts as not sent. */
  readonly abort: () => void
}

export type PartnerQueuePorts = Omit<LanePorts, 'receives' | 'onCollapsed' | 'onMissed' | 'onChange' | 'onAttached'> & {
  readonly tail: PushTail
  readonly receives: (platformId: string, push: Push) => boolean
  readonly deliver: Deliver
  /** Whether this process may still send for this platform. Asked right before each request. */
  readonly mayStart: () => boolean
  /** Milliseconds of a clock that is never put back. */
  readonly clock: () => number
  readonly after: After
  /** Asks the platform for a sign of life. It is for the callee to make it OFFLINE. */
  readonly checkAlive: (platformId: string) => Promise<boolean>
  readonly alarm: Alarm
  readonly onMissed: (
    platformId: string,
    push: Pick<Push, 'module' | 'method' | 'path' | 'chainKey' | 'pathKey' | 'at'>,
    cause: MissedCause,
  ) => void
  /** Rows of this module are to be offered again. */
  readonly onListening: (module: string) => void
  /** Something is to be saved. */
  readonly onDirty: (platformId: string) => void
  /**
   * Makes the lane that goes before all pushes; it is told how to say that there is something to send. Null while the
   * platform has no use for one.
   */
  readonly firstLane?: (platformId: string, onChange: () => void) => Lane | null
}

/** The least time between two still-alive checks that one queue asks for. */
const CHECK_EVERY_MS = 5_000

/** A Retry-After up to here is honoured, however soon pushes are given up. */
const LEAST_MOST_ASKED_MS = 60_000

/**
 * A platform's queue: a lane per module, and one pace and one set of reasons to pause for all of them.
 *
 * @param waitMs before the first request, for the sake of the rate: another process may just have sent
 */
export function createPartnerQueue(
  saved: SavedQueue,
  target: QueueTarget,
  modules: readonly string[],
  waitMs: number,
  ports: PartnerQueuePorts,
): PartnerQueue {
  const { platformId } = saved
  const { tail, clock } = ports
  const lanes: Lane[] = []
  const counts = { delivered: saved.delivered, collapsed: saved.collapsed, failed: saved.failed, missed: saved.missed }
  const aborts = new Set<() => void>()
  let status = target.status
  let delivery = target.delivery
  let isPaused = saved.isPaused
  let skipTo: number | null = null
  /** What is read up to a number is missed, not sent. */
  let dropping: { readonly upTo: number; readonly cause: MissedCause } | null = null
  let inFlight = 0
  let isStopped = false
  let onIdle: (() => void) | null = null
  let turn = 0
  const startsAt = clock() + waitMs
  let throttledUntil = 0
  let throttles = 0
  let alive: 'presumed' | 'asking' | 'doubted' = 'presumed'
  let askedAt = Number.NEGATIVE_INFINITY
  let timer: { at: number; cancel: () => void } | null = null
  const pace: Pace = createPace(delivery, ports.after, pump)
  let first: Lane | null = null

  function addLane(module: string, startsAtNumber: number): Lane {
    const lane = createLane(module, startsAtNumber, {
      ...ports,
      receives: (push) => ports.receives(platformId, push),
      onCollapsed(count) {
        counts.collapsed += count
        dirty()
      },
      onMissed(push, cause) {
        counts.missed++
        ports.onMissed(platformId, push, cause)
        dirty()
      },
      onChange: pump,
      onAttached: () => ports.onListening(module),
    })
    lanes.push(lane)
    if (dropping) lane.discard(dropping.upTo, dropping.cause)
    return lane
  }

  function addFirstLane(): void {
    if (first) return
    first = ports.firstLane?.(platformId, pump) ?? null
    if (first) lanes.push(first)
  }

  function laneOf(module: string): Lane | undefined {
    return lanes.find((lane) => lane.module === module)
  }

  function dirty(): void {
    ports.onDirty(platformId)
  }

  function pauseCause(now: number): PauseCause | null {
    if (isPaused) return 'administrator'
    if (status === 'OFFLINE') return 'offline'
    if (status !== 'CONNECTED') return 'not-connected'
    if (alive !== 'presumed') return 'failing'
    return now < throttledUntil ? 'throttled' : null
  }

  /** Nothing will be sent for long, nor is there anything to drop: no need to hold anything in memory. */
  function rests(): boolean {
    const isHeld = isPaused || status === 'OFFLINE' || alive === 'doubted'
    if (!isHeld || !dropping) return isHeld
    const { upTo } = dropping
    return upTo !== Number.POSITIVE_INFINITY && lanes.every((lane) => lane.readTo() >= upTo)
  }

  function mayBegin(now: number): boolean {
    return !isStopped && now >= startsAt && pauseCause(now) === null && ports.mayStart()
  }

  function pump(): void {
    if (isStopped) return
    const now = clock()
    const isResting = rests()
    for (const lane of lanes) {
      if (isResting) lane.sleep?.()
      else lane.wake?.()
      lane.release(now)
      lane.pull()
    }
    if (mayBegin(now)) {
      // A task takes a push when it is its turn, not before: until then newer pushes may replace it.
      for (let added = 0; added < pace.concurrency(); added++) {
        if (pace.waiting() >= Math.min(takeable(now), pace.concurrency())) break
        pace.add(run)
      }
    }
    setTimer(now)
  }

  function takeable(now: number): number {
    let sum = 0
    for (const lane of lanes) sum += lane.takeable(now)
    return sum
  }

  function setTimer(now: number): void {
    let at = Number.POSITIVE_INFINITY
    if (now < startsAt) at = startsAt
    else if (alive === 'doubted') at = askedAt + CHECK_EVERY_MS
    else if (now < throttledUntil) at = throttledUntil
    else for (const lane of lanes) at = Math.min(at, lane.wakesAt() ?? at)
    if (timer && timer.at <= at && timer.at > now) return
    timer?.cancel()
    timer = null
    // A lane whose time has come but that may not begin is woken by what holds it up.
    if (at === Number.POSITIVE_INFINITY || at <= now) return
    const cancel = ports.after(Math.ceil(at - now), () => {
      timer = null
      if (alive === 'doubted' && status === 'CONNECTED') askAlive()
      pump()
    })
    timer = { at, cancel }
  }

  async function run(): Promise<void> {
    const now = clock()
    if (!mayBegin(now) || inFlight >= pace.concurrency()) return
    const lane = nextLane(now)
    const entry = lane?.take()
    if (!lane || !entry) return
    inFlight++
    try {
      await (entry.push ? send(lane, entry, entry.push) : readAndSend(lane, entry))
    } finally {
      inFlight--
      if (inFlight === 0) onIdle?.()
      dirty()
      pump()
    }
  }

  /** Lanes take turns, but for the first. */
  function nextLane(now: number): Lane | undefined {
    if (first && first.takeable(now) > 0) return first
    for (let tried = 0; tried < lanes.length; tried++) {
      turn = (turn + 1) % lanes.length
      const lane = lanes[turn] as Lane
      if (lane.takeable(now) > 0) return lane
    }
    return undefined
  }

  /** A push that left memory is read first. */
  async function readAndSend(lane: Lane, entry: LaneEntry): Promise<void> {
    let push: Push | null
    try {
      push = tail.find(entry.number) ?? (await ports.log.readNumbers([entry.number]))[0] ?? null
    } catch (error) {
      ports.onAway(error)
      return lane.retry(entry, clock() + backoffMs(1, ports.chance()))
    }
    // Cut from the log while it waited, and listed as missed by whoever cut it.
    if (!push) return lane.settle(entry)
    if (isStopped || !ports.mayStart()) return lane.untake(entry)
    return send(lane, entry, push)
  }

  function send(lane: Lane, entry: LaneEntry, push: Push): Promise<void> {
    let abort: (() => void) | null = null
    const end = (delivery: Delivery) => {
      if (abort) aborts.delete(abort)
      conclude(lane, entry, delivery)
    }
    const control = {
      onAbortable(abortThis: () => void) {
        abort = abortThis
        aborts.add(abortThis)
      },
      mayLeave: ports.mayStart,
    }
    return ports.deliver(platformId, push, control).then(end, (error: unknown) => end(broken(error)))
  }

  /** A fault of the hub's own is a failed attempt like any other: nothing may keep its place in the queue for ever. */
  function broken(error: unknown): Delivery {
    ports.onAway(error)
    return { kind: 'failed', retryAfterMs: null, reason: 'the hub failed' }
  }

  function conclude(lane: Lane, entry: LaneEntry, delivery: Delivery): void {
    const now = clock()
    switch (delivery.kind) {
      case 'delivered':
        counts.delivered++
        isWell(lane)
        return lane.settle(entry)
      case 'rejected':
        counts.failed++
        isWell(lane)
        if (delivery.isTokenRefused) {
          ports.alarm({ kind: 'receiver-rejects-our-token', platformId, detail: `${delivery.reason} to a delivery` })
        }
        return lane.settle(entry)
      case 'throttled': {
        throttles++
        const waitMs = askedMs(delivery.retryAfterMs) ?? backoffMs(throttles, ports.chance())
        throttledUntil = Math.max(throttledUntil, now + waitMs)
        return retry(lane, entry, now, throttledUntil)
      }
      case 'failed': {
        if (lane.circuit.failed(entry.chainKey, now)) doubt(now)
        const backoff = now + backoffMs(entry.failures + 1, ports.chance())
        const waitMs = askedMs(delivery.retryAfterMs)
        const lastChance = (entry.firstFailedAt ?? now) + maxAgeMs()
        const dueAt = waitMs !== null ? Math.max(backoff, now + waitMs) : Math.min(backoff, lastChance)
        return retry(lane, entry, now, dueAt)
      }
      case 'aborted':
        return lane.untake(entry)
      case 'not-for-it':
        return lane.settle(entry)
      case 'not-connected':
        counts.missed++
        ports.onMissed(platformId, entry, 'not-connected')
        return lane.settle(entry)
    }
  }

  function isWell(lane: Lane): void {
    lane.circuit.succeeded()
    throttles = 0
  }

  function maxAgeMs(): number {
    return delivery.maxAgeSeconds * 1000
  }

  /** What a partner asks for, but no longer than pushes are tried: a queue must not stand still for ever at a slip of its. */
  function askedMs(retryAfterMs: number | null): number | null {
    return retryAfterMs === null ? null : Math.min(retryAfterMs, Math.max(maxAgeMs(), LEAST_MOST_ASKED_MS))
  }

  function retry(lane: Lane, entry: LaneEntry, now: number, dueAt: number): void {
    entry.firstFailedAt ??= now
    entry.failures++
    if (entry.failures === 1 || now - entry.firstFailedAt < maxAgeMs()) return lane.retry(entry, dueAt)
    counts.missed++
    ports.onMissed(platformId, entry, 'expired')
    lane.settle(entry)
  }

  /** A lane fails throughout. When none of the others fares better, the platform itself is in doubt. */
  function doubt(now: number): void {
    const isBusy = (lane: Lane) => lane.state().waiting + lane.state().inFlight > 0
    if (lanes.some((lane) => lane.circuit.triesAt() === null && isBusy(lane))) return
    if (alive !== 'presumed' || now - askedAt < CHECK_EVERY_MS) return
    ports.alarm({ kind: 'queue-paused', platformId, detail: 'Deliveries fail one after another' })
    askAlive()
  }

  function askAlive(): void {
    alive = 'asking'
    askedAt = clock()
    void ports
      .checkAlive(platformId)
      .catch(() => false)
      .then((isAlive) => {
        if (alive !== 'asking') return
        alive = isAlive ? 'presumed' : 'doubted'
        dirty()
        pump()
      })
  }

  function discard(upTo: number, cause: MissedCause): void {
    dropping = { upTo, cause }
    for (const lane of lanes) lane.discard(upTo, cause)
    dirty()
  }

  function enter(next: ConnectionStatus): void {
    const before = status
    status = next
    if (next !== before) {
      alive = 'presumed'
      throttledUntil = 0
      for (const lane of lanes) {
        lane.circuit.succeeded()
        // What waits for another try failed before the platform was away: that says nothing of how it is now.
        if (next === 'CONNECTED') lane.release(Number.POSITIVE_INFINITY)
      }
      if (next === 'SUSPENDED' || next === 'PLANNED') discard(tail.position(), 'not-connected')
    }
    const isDropping = dropping?.upTo === Number.POSITIVE_INFINITY
    const isToDrop = next === 'OFFLINE' && delivery.afterOffline === 'none'
    if (isToDrop && !isDropping) discard(Number.POSITIVE_INFINITY, 'offline')
    if (!isToDrop && isDropping) discard(tail.position(), 'offline')
  }

  function skip(upTo: number): void {
    skipTo = upTo
    // An OFFLINE platform's pushes are dropped anyway, and go on being dropped.
    if (dropping?.upTo !== Number.POSITIVE_INFINITY) discard(upTo, 'skipped')
  }

  addFirstLane()
  enter(status)
  for (const lane of saved.cursor.lanes) addLane(lane.module, lane.watermark).resume(lane)
  if (saved.cursor.position < tail.position()) {
    // At the end of the log a lane is made when it is first needed: most platforms have nothing to get.
    for (const module of modules) if (!laneOf(module)) addLane(module, saved.cursor.position)
  }
  if (saved.skipTo !== null) skip(saved.skipTo)

  return {
    platformId,
    offer(push) {
      const lane = laneOf(push.module) ?? addLane(push.module, push.number - 1)
      if (rests()) lane.sleep?.()
      const wasBehind = lane.isAttached?.() === false
      lane.pull()
      // Where it has caught up just now, it has read this push by itself.
      return lane.offer(push) || (wasBehind && lane.isAttached?.() === true)
    },
    isListening: (module) => laneOf(module)?.isAttached?.() ?? true,
    retarget(next) {
      delivery = next.delivery
      pace.change(next.delivery)
      addFirstLane()
      enter(next.status)
      pump()
    },
    order(orders) {
      isPaused = orders.isPaused
      if (orders.skipTo !== null && orders.skipTo !== skipTo) skip(orders.skipTo)
      pump()
    },
    pump,
    restartPace: pace.restart,
    cursor() {
      const open = lanes.flatMap((lane) => lane.cursor() ?? [])
      return { position: tail.position(), lanes: open }
    },
    state() {
      let waiting = 0
      let oldestAt: number | null = null
      for (const lane of lanes) {
        const state = lane.state()
        waiting += state.waiting
        if (state.oldestAt !== null && (oldestAt === null || state.oldestAt < oldestAt)) oldestAt = state.oldestAt
      }
      return { platformId, ...counts, waiting, inFlight, oldestAt, pauseCause: pauseCause(clock()) }
    },
    skippedTo: () => (skipTo !== null && lanes.every((lane) => lane.readTo() >= (skipTo as number)) ? skipTo : null),
    async stop() {
      isStopped = true
      timer?.cancel()
      for (const lane of lanes) lane.stop()
      if (inFlight === 0) return
      await new Promise<void>((resolve) => {
        onIdle = resolve
      })
    },
    abort() {
      for (const abort of aborts) abort()
    },
  }
}
