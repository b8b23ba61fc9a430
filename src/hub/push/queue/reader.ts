import type { ReceiverOptions } from '../attempt/receivers.ts'
import type { LaneCursor, MissedCause } from '../cursor.ts'
import type { Backlog } from '../log/backlog.ts'
import type { LogPart, PushLog, ReadLimits } from '../log/push-log.ts'
import type { RecentPart, RecentPushes } from '../log/recent.ts'
import type { Push } from '../push.ts'
import type { Discards } from './discards.ts'

/** What a lane of the log asks of its queue, and tells it. */
export type LaneQueue = {
  readonly ports: {
    readonly recent: RecentPushes
    readonly backlog: Backlog
    readonly log: Pick<PushLog, 'readNumbers'>
    readonly chance: () => number
    /** The log could not be read; the lane is to be advanced again later. */
    readonly onAway: (error: unknown) => void
  }
  readonly discards: Discards
  /** A push as the platform gets it, for each party by itself where it is set so; empty when it does not. */
  readonly addressed: (push: Push, options?: ReceiverOptions) => readonly Push[]
  /** How many requests may be in flight at once. */
  readonly concurrency: () => number
  readonly countSuperseded: (count: number) => void
  readonly noteMissed: (push: Push, cause: MissedCause) => void
  /** The lane has read all that there is: it is to be offered the next push. */
  readonly startListening: (module: string) => void
  /** There is something to do for the lane. */
  readonly pump: () => void
}

/** A part of the backlog that was read from `after` on. */
type Arrived = { readonly part: LogPart; readonly after: number; readonly withBodies: boolean }

/**
 * Reads one module of the log for one lane, from where the lane is to the end: from the recent pushes where memory reaches back
 * that far, otherwise from the backlog, which takes time. At the end of the log it listens: it is up to date without doing
 * anything, until a push is offered that its platform may receive.
 */
export class LogReader {
  readonly #module: string
  readonly #queue: LaneQueue
  /** Everything up to here was read. While it listens, everything was. */
  #readTo: number
  #isListening = false
  /** A read of the database is under way. */
  #isReading = false
  #isStopped = false
  /** What came from the backlog, until the queue has its turn. */
  #arrived: Arrived | null = null
  /** Numbers of a saved cursor that are not done; they come before anything newer. */
  #unfinished: readonly number[] = []

  constructor(module: string, readTo: number, queue: LaneQueue) {
    this.#module = module
    this.#readTo = readTo
    this.#queue = queue
  }

  get isListening(): boolean {
    return this.#isListening
  }

  get isReading(): boolean {
    return this.#isReading
  }

  /** Whether `next` may bring something. */
  get canRead(): boolean {
    return !this.#isListening && !this.#isReading && !this.#isStopped
  }

  /** Of a saved cursor, what is not read yet. */
  get unfinished(): readonly number[] {
    return this.#unfinished
  }

  /** Everything up to here was read. */
  readTo(): number {
    return this.#isListening ? this.#queue.ports.recent.end() : this.#readTo
  }

  hasRead(upTo: number): boolean {
    return this.readTo() >= upTo && (this.#unfinished[0] ?? Number.POSITIVE_INFINITY) > upTo
  }

  resume({ watermark, unfinished }: LaneCursor): void {
    this.#readTo = watermark
    this.#unfinished = unfinished
  }

  /** Reads on after this number, which may mean: again. */
  readAfter(number: number): void {
    this.#isListening = false
    this.#readTo = number
  }

  /** Forgets what came from the backlog: it can be read again. */
  forget(): void {
    this.#arrived = null
    this.#queue.ports.backlog.leave(this)
  }

  stop(): void {
    this.#isStopped = true
    this.#queue.ports.backlog.leave(this)
  }

  /** Reads up to `most` unfinished pushes, without bodies: these are read when their turn comes, whatever they weigh. */
  readUnfinished(most: number, onPush: (push: Push) => void): void {
    void this.#read(async () => {
      const numbers = this.#unfinished.slice(0, most)
      const pushes = await this.#queue.ports.log.readNumbers(numbers, false)
      if (this.#isStopped) return
      this.#unfinished = this.#unfinished.slice(numbers.length)
      pushes.forEach(onPush)
    })
  }

  /**
   * What comes next in the log. Null when that is all, and when it has to be read first: then the queue is pumped once it came.
   *
   * @param atOnce most pushes to be taken from memory
   */
  next(room: ReadLimits, atOnce: number): RecentPart | null {
    const { recent, backlog } = this.#queue.ports
    if (this.#readTo >= recent.end()) {
      backlog.leave(this)
      this.#isListening = true
      this.#queue.startListening(this.#module)
      return null
    }
    const limits = { pushes: Math.min(room.pushes, atOnce), bytes: room.bytes }
    const part = recent.part(this.#module, this.#readTo, limits)
    if (part) backlog.leave(this)
    const next = part ?? this.#arrivedPart()
    if (next) this.#readTo = next.upTo
    else this.#readBacklog(room)
    return next
  }

  /** Null when nothing came, or nothing that is of use here and now. */
  #arrivedPart(): RecentPart | null {
    const came = this.#arrived
    this.#arrived = null
    if (came?.after !== this.#readTo) return null
    if (!came.withBodies && !this.#queue.discards.has(came.part.upTo)) return null
    return { ...came.part, superseded: [] }
  }

  #readBacklog(room: ReadLimits): void {
    const { ports, discards } = this.#queue
    const after = this.#readTo
    // What is discarded is read without bodies, so the part must end where that ends.
    const withBodies = !discards.has(after + 1)
    const end = ports.recent.end()
    const upTo = withBodies ? end : Math.min(discards.upTo, end)
    const range = { module: this.#module, after, upTo, withBodies }
    void this.#read(async () => {
      this.#arrived = { part: await ports.backlog.read(range, room, this), after, withBodies }
    })
  }

  /** What was read is taken when the queue has its turn: many reads may end at once. */
  async #read(run: () => Promise<void>): Promise<void> {
    this.#isReading = true
    try {
      await run()
    } catch (error) {
      return this.#queue.ports.onAway(error)
    } finally {
      this.#isReading = false
    }
    if (!this.#isStopped) this.#queue.pump()
  }
}
