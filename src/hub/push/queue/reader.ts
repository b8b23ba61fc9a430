import type { ReceiverOptions } from '../attempt/receivers.ts'
import { aheadOf, type LaneCursor, type MissedCause } from '../cursor.ts'
import type { Backlog } from '../log/backlog.ts'
import type { LogPart, PushLog, ReadLimits, Senders } from '../log/push-log.ts'
import type { RecentPart, RecentPushes } from '../log/recent.ts'
import type { Push } from '../push.ts'
import type { Discards } from './discards.ts'
import type { Share } from './share.ts'
import type { LaneWindow, Position } from './window.ts'

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

/** What was read of one sender that is left behind, or where `share` is null of all that are not. */
export type ReadPart = { readonly part: RecentPart; readonly share: Share | null }

/** A part of the backlog that was read from `after` on. */
type Arrived = {
  readonly part: LogPart
  readonly share: Share | null
  readonly after: number
  readonly withBodies: boolean
}

/**
 * Reads one module of the log for one lane, from where the lane is to the end: from the recent pushes where memory reaches back
 * that far, otherwise from the backlog, which takes time. Senders whose pushes are more than the lane has room for now are left
 * behind, and read from there later, each by itself. At the end of the log the reader listens: it is up to date without doing
 * anything, until a push is offered that its platform may receive. That there is no room for more of one sender does not keep it from
 * listening for the others.
 *
 * Example: 5 to 1000 are pushes of A, 1001 is one of B. `look` leaves both behind at 4 and goes to 1001. 5 to 20 are read of A,
 * which stays behind at 20, and of B 1001, after which it is no longer behind.
 */
export class LogReader {
  readonly #module: string
  readonly #queue: LaneQueue
  readonly #window: LaneWindow
  /** Everything up to here was read, but of senders that are left behind. While it listens, everything up to the end was. */
  #readTo: number
  #isListening = false
  /** A read of the database is under way. */
  #isReading = false
  #isStopped = false
  /** What came from the backlog, until the queue has its turn. */
  #arrived: Arrived | null = null
  /** Numbers of a saved cursor that are not done; they come before anything newer. */
  #unfinished: readonly number[] = []

  constructor(module: string, readTo: number, queue: LaneQueue, window: LaneWindow) {
    this.#module = module
    this.#readTo = readTo
    this.#queue = queue
    this.#window = window
  }

  get isListening(): boolean {
    return this.#isListening
  }

  get isReading(): boolean {
    return this.#isReading
  }

  /** Whether there may be something to read now. */
  get canRead(): boolean {
    return !this.#isReading && !this.#isStopped && !this.hasReadAll()
  }

  /** Whether it listens, and nobody is left behind. */
  hasReadAll(): boolean {
    return this.#isListening && !this.#window.isAnyBehind()
  }

  /** Of a saved cursor, what is not read yet. */
  get unfinished(): readonly number[] {
    return this.#unfinished
  }

  /** Everything up to here was read, but of senders that are left behind. */
  readTo(): number {
    return this.#isListening ? this.#queue.ports.recent.end() : this.#readTo
  }

  hasRead(upTo: number): boolean {
    if (this.readTo() < upTo || (this.#unfinished[0] ?? Number.POSITIVE_INFINITY) <= upTo) return false
    for (const { readTo } of this.#window.shares()) if (readTo !== null && readTo < upTo) return false
    return true
  }

  /** How many pushes are not read yet: of the module where they are recent, of any module in the backlog. */
  unread(): number {
    const { recent } = this.#queue.ports
    const end = this.readTo()
    let unread = this.#isListening ? 0 : recent.count(this.#module, end)
    let lowest = end
    for (const { sender, readTo } of this.#window.shares()) {
      if (readTo === null) continue
      unread += recent.countOf(this.#module, sender, readTo, end)
      lowest = Math.min(lowest, readTo)
    }
    return unread + Math.max(0, Math.min(end, recent.oldest() - 1) - lowest)
  }

  /** How far it has read, as it is to be saved. */
  saved(): Pick<LaneCursor, 'readTo' | 'readAhead'> {
    if (this.hasReadAll()) return { readTo: null }
    const behind: Record<string, number> = {}
    const end = this.readTo()
    let lowest = end
    for (const { sender, readTo } of this.#window.shares()) {
      if (readTo === null) continue
      behind[sender] = readTo
      lowest = Math.min(lowest, readTo)
    }
    return lowest < end ? { readTo: lowest, readAhead: { readTo: end, behind } } : { readTo: lowest }
  }

  resume(cursor: LaneCursor): void {
    const { watermark, unfinished, behind } = aheadOf(cursor)
    this.moveTo({ watermark, behind: new Map(Object.entries(behind)) })
    this.#unfinished = unfinished
  }

  /** Reads on from this position, which may mean: again. */
  moveTo(position: Position): void {
    this.#isListening = false
    this.#readTo = position.watermark
    this.#window.moveTo(position)
  }

  /** Reads on after this number, up to which everything was read. */
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

  /** What came from the backlog since the last turn; null when nothing did that is of use here and now. */
  arrived(): ReadPart | null {
    const came = this.#arrived
    this.#arrived = null
    if (!came || came.after !== this.#positionOf(came.share)) return null
    const { part, share, withBodies } = came
    if (!withBodies && !this.#queue.discards.has(part.upTo)) return null
    this.#advance(share, part.upTo)
    return { part: { ...part, superseded: [] }, share }
  }

  /**
   * Where memory reaches back far enough, leaves behind everybody who has pushes that are not read, and goes to the end of the log.
   * This costs a step for each of these senders, none for a push.
   *
   * @returns whether memory reaches back far enough
   */
  look(): boolean {
    const { recent } = this.#queue.ports
    this.#readTo = this.readTo()
    if (!recent.reaches(this.#readTo)) return false
    for (let of = recent.newestOf(this.#module); of && of.last > this.#readTo; of = of.older) {
      this.#window.shareOf(of.sender).leaveBehind(this.#readTo)
    }
    this.#readTo = recent.end()
    return true
  }

  /** At the end of the log: lets go of the backlog when nobody is so far behind, and may listen. */
  rest(mayListen: boolean): void {
    const { recent, backlog } = this.#queue.ports
    let isAnyFarBehind = false
    for (const { readTo } of this.#window.shares())
      if (readTo !== null && !recent.reaches(readTo)) isAnyFarBehind = true
    if (!isAnyFarBehind) backlog.leave(this)
    if (this.#isListening || !mayListen) return
    this.#isListening = true
    this.#queue.startListening(this.#module)
  }

  /**
   * What comes next of a sender that is left behind. Null when it has to be read first: then the queue is pumped once it came.
   *
   * @param atOnce most pushes to be taken from memory
   */
  next(share: Share, room: ReadLimits, atOnce: number): RecentPart | null {
    const { recent } = this.#queue.ports
    const after = this.#positionOf(share)
    if (!recent.reaches(after)) {
      this.#readBacklog(share, room)
      return null
    }
    const limits = { pushes: Math.min(room.pushes, atOnce), bytes: room.bytes }
    const part = recent.part(this.#module, share.sender, after, limits)
    this.#advance(share, part.upTo)
    return part
  }

  /** Reads on, in the backlog, for all senders that are not left behind. */
  readOthers(room: ReadLimits): void {
    this.#readBacklog(null, room)
  }

  #positionOf(share: Share | null): number {
    return share?.readTo ?? this.#readTo
  }

  #advance(share: Share | null, upTo: number): void {
    if (share === null) this.#readTo = upTo
    else share.moveTo(upTo < this.#readTo ? upTo : null)
  }

  #readBacklog(share: Share | null, room: ReadLimits): void {
    const { ports, discards } = this.#queue
    const after = this.#positionOf(share)
    // What is discarded is read without bodies, so the part must end where that ends.
    const withBodies = !discards.has(after + 1)
    const end = share === null ? ports.recent.end() : this.#readTo
    const upTo = withBodies ? end : Math.min(discards.upTo, end)
    const senders: Senders = share === null ? { except: this.#window.sendersBehind() } : { only: share.sender }
    const range = { module: this.#module, senders, after, upTo, withBodies }
    void this.#read(async () => {
      this.#arrived = { part: await ports.backlog.read(range, room, this), share, after, withBodies }
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
