import type { After } from '../../ports.ts'
import type { Deliver, Delivery } from '../attempt/deliver.ts'
import { Pace, type PaceSettings } from '../attempt/pace.ts'
import { backoffMs } from '../attempt/verdict.ts'
import type { Push } from '../push.ts'
import type { Lane } from './lane.ts'
import type { LogLanePorts } from './log-lane-ports.ts'
import type { LaneEntry } from './window.ts'

export type SendingPorts = Pick<LogLanePorts, 'rows' | 'log' | 'far' | 'chance' | 'onAway'> & {
  readonly deliver: Deliver
  readonly clock: () => number
  readonly after: After
}

/** The queue that is sent for. */
export type SendingQueue = {
  readonly platformId: string
  readonly mayBegin: (now: number) => boolean
  /** Whether what was begun may still leave. */
  readonly mayLeave: () => boolean
  /** The lane whose turn it is. */
  readonly nextLane: (now: number) => Lane | undefined
  readonly conclude: (lane: Lane, entry: LaneEntry, delivery: Delivery) => void
  /** There is room for more, or something came to its end. */
  readonly onRoom: () => void
}

/** What of a queue is under way: requests at the platform's pace. */
export class Sending {
  readonly #queue: SendingQueue
  readonly #ports: SendingPorts
  readonly #pace: Pace
  #concurrency: number
  /**
   * Ends of the requests under way. No Set: one that is always added to and taken from leaves old tables behind, each of which
   * keeps alive what it last held.
   */
  readonly #aborts: (() => void)[] = []
  #inFlight = 0
  #usedAt: number
  #idle: PromiseWithResolvers<void> | null = null

  constructor(queue: SendingQueue, settings: PaceSettings, ports: SendingPorts) {
    this.#queue = queue
    this.#ports = ports
    this.#pace = new Pace(settings, ports.after, () => queue.onRoom())
    this.#concurrency = settings.concurrency
    this.#usedAt = ports.clock()
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /**
   * Adds a task, where there is room. True when there is room for more. A task takes a push when it is its turn, not before: until
   * then newer pushes may replace it.
   */
  begin(takeable: number): boolean {
    const missing = Math.min(takeable, this.#concurrency - this.#inFlight) - this.#pace.waiting()
    if (missing > 0) this.#pace.add(() => this.#work())
    return missing > 1
  }

  change(settings: PaceSettings): void {
    this.#concurrency = settings.concurrency
    this.#pace.change(settings)
  }

  /** Forgets what is known of time. */
  restart(): void {
    this.#pace.restart()
  }

  /** Whether one that is made anew would do the same: nothing is under way, and what was sent counts no more. */
  isOver(now: number): boolean {
    return this.#inFlight === 0 && this.#pace.waiting() === 0 && now - this.#usedAt > this.#pace.windowMs()
  }

  /** Settles when nothing is under way, which `abort` hastens. */
  async idle(): Promise<void> {
    if (this.#inFlight === 0) return
    // One for all: a queue that is ending may be dropped meanwhile.
    this.#idle ??= Promise.withResolvers()
    await this.#idle.promise
  }

  /** Ends what is under way. It counts as not sent. */
  abort(): void {
    for (const abort of [...this.#aborts]) abort()
  }

  async #work(): Promise<void> {
    const now = this.#ports.clock()
    if (this.#inFlight >= this.#concurrency || !this.#queue.mayBegin(now)) return
    let lane = this.#queue.nextLane(now)
    let entry = lane?.take()
    // All that a lane had ready was superfluous by now.
    while (lane && !entry) {
      lane = this.#queue.nextLane(now)
      entry = lane?.take()
    }
    if (!lane || !entry) return
    this.#inFlight++
    this.#usedAt = now
    try {
      await (entry.isParked ? this.#readAndSend(lane, entry) : this.#send(lane, entry, entry.push))
    } finally {
      this.#inFlight--
      if (this.#inFlight === 0) this.#idle?.resolve()
      this.#queue.onRoom()
    }
  }

  /** A push that left memory is read first. */
  async #readAndSend(lane: Lane, entry: LaneEntry): Promise<void> {
    const { rows, log, chance, clock, onAway } = this.#ports
    let push: Push | null
    try {
      push = rows.find(entry.number) ?? (await log.readNumbers([entry.number], true))[0] ?? null
    } catch (error) {
      onAway(error)
      return lane.retry(entry, clock() + backoffMs(1, chance()))
    }
    // Cut from the log while it waited, and listed as missed by whoever cut it.
    if (!push) return lane.settle(entry)
    if (!this.#queue.mayBegin(clock())) return lane.untake(entry)
    return this.#send(lane, entry, push)
  }

  #send(lane: Lane, entry: LaneEntry, push: Push): Promise<void> {
    let abort: (() => void) | null = null
    const end = (delivery: Delivery) => {
      if (abort) this.#aborts.splice(this.#aborts.indexOf(abort), 1)
      this.#queue.conclude(lane, entry, delivery)
    }
    const control = {
      onAbortable: (abortThis: () => void) => {
        abort = abortThis
        this.#aborts.push(abortThis)
      },
      mayLeave: this.#queue.mayLeave,
    }
    return this.#ports
      .deliver(this.#queue.platformId, push, control)
      .then(end, (error: unknown) => end(this.#broken(error)))
  }

  /** A fault of the hub's own is a failed attempt like any other: nothing may keep its place in the queue for ever. */
  #broken(error: unknown): Delivery {
    this.#ports.onAway(error)
    return { kind: 'failed', retryAfterMs: null, reason: 'the hub failed' }
  }
}
