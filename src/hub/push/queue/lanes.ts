import type { LaneCursor } from '../cursor.ts'
import type { Lane, LaneState } from './lane.ts'
import type { LogLane } from './log-lane.ts'

/** What the hub has to say goes before pushes that wait this many times in a row, and then takes turns with them. */
const FIRST_IN_A_ROW = 5

/** The lanes of one queue. A module of the log without a lane is done, up to the end of the log. */
export class Lanes {
  /** What the hub itself has to say: goes before all others while there is little of it, and never keeps them from their turn. */
  first: Lane | null = null
  #log: LogLane[] = []
  /** Which lane of the log had the last turn. */
  #last = 0
  /** How many times the first lane may go before pushes that wait: one less with each, one more with each push that has a turn. */
  #before = FIRST_IN_A_ROW

  isEmpty(): boolean {
    return this.first === null && this.#log.length === 0
  }

  of(module: string): LogLane | undefined {
    return this.#log.find((lane) => lane.module === module)
  }

  add(lane: LogLane): void {
    this.#log.push(lane)
  }

  /** Lets go of lanes that hold nothing, and of what the others do not need. */
  tidy(): void {
    for (const lane of this.#log) lane.tidy()
    if (this.#log.some((lane) => lane.isEmpty())) this.#log = this.#log.filter((lane) => !lane.isEmpty())
  }

  all(): readonly Lane[] {
    return this.first ? [this.first, ...this.#log] : this.#log
  }

  /** @param isAsleep nothing will be sent for long */
  advance(now: number, isAsleep: boolean): void {
    for (const lane of this.#log) lane.advance(now, isAsleep)
    this.first?.advance(now, isAsleep)
  }

  readyCount(now: number): number {
    let sum = this.first?.readyCount(now) ?? 0
    for (const lane of this.#log) sum += lane.readyCount(now)
    return sum
  }

  /** The lane whose turn it is: the first where it may go before, otherwise the others one after the other. */
  next(now: number): Lane | undefined {
    const first = this.first && this.first.readyCount(now) > 0 ? this.first : undefined
    if (first && this.#mayGoBefore(now)) return first
    const lane = this.#nextOfLog(now)
    if (lane && this.#before < FIRST_IN_A_ROW) this.#before++
    return lane ?? first
  }

  #mayGoBefore(now: number): boolean {
    if (!this.#log.some((lane) => lane.readyCount(now) > 0)) this.#before = FIRST_IN_A_ROW
    else if (this.#before === 0) return false
    else this.#before--
    return true
  }

  #nextOfLog(now: number): Lane | undefined {
    for (let tried = 0; tried < this.#log.length; tried++) {
      this.#last = (this.#last + 1) % this.#log.length
      const lane = this.#log[this.#last]
      if (lane && lane.readyCount(now) > 0) return lane
    }
    return undefined
  }

  /** When a lane will have something to do by itself; infinity when none will. */
  wakesAt(): number {
    let at = this.first?.wakesAt() ?? Number.POSITIVE_INFINITY
    for (const lane of this.#log) at = Math.min(at, lane.wakesAt() ?? at)
    return at
  }

  discard(): void {
    for (const lane of this.#log) lane.discard()
  }

  haveRead(upTo: number): boolean {
    return this.#log.every((lane) => lane.hasRead(upTo))
  }

  cursors(): LaneCursor[] {
    return this.#log.flatMap((lane) => lane.cursor() ?? [])
  }

  state(): Omit<LaneState, 'inFlight'> {
    let waiting = 0
    let unread = 0
    let oldestAt: number | null = null
    for (const lane of this.all()) {
      const state = lane.state()
      waiting += state.waiting
      unread += state.unread
      if (state.oldestAt !== null && (oldestAt === null || state.oldestAt < oldestAt)) oldestAt = state.oldestAt
    }
    return { waiting, unread, oldestAt }
  }

  stop(): void {
    for (const lane of this.all()) lane.stop()
  }
}
