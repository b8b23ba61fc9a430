import { Circuit } from '../attempt/circuit.ts'
import { isOwed, type LaneCursor, type Owed } from '../cursor.ts'
import type { Push } from '../push.ts'
import { ChainBook } from './chains.ts'
import { type Entry, entryOf } from './entry.ts'
import { Intake } from './intake.ts'
import type { Lane, LaneState } from './lane.ts'
import { laneCursor } from './lane-cursor.ts'
import { owedBy } from './owed.ts'
import { Parking } from './parking.ts'
import { type LaneQueue, LogReader, type ReadPart } from './reader.ts'
import { LaneWindow } from './window.ts'

/**
 * One module's pushes for one platform, read from the log as there is need of them: a queue that is paced or busy costs nothing
 * for what is accepted meanwhile. A push that is superseded by the time its turn comes is left out, whether the newer one was
 * read or not. Of every sender that has pushes something is read, so that the senders can take turns.
 */
export class LogLane implements Lane {
  readonly module: string
  readonly circuit: Circuit
  readonly givesUp = true
  readonly #queue: LaneQueue
  readonly #reader: LogReader
  readonly #book = new ChainBook()
  readonly #window: LaneWindow
  readonly #parking: Parking
  readonly #intake: Intake
  /** Of the cursor that the lane went on from: to whom its unfinished pushes are still to go. */
  #saved: Owed | undefined
  #inFlight = 0
  #isAsleep = false

  /** @param readTo everything up to here is done */
  constructor(module: string, readTo: number, queue: LaneQueue) {
    this.module = module
    this.#queue = queue
    this.circuit = new Circuit(queue.ports.chance)
    this.#window = new LaneWindow(this.#book, readTo)
    this.#reader = new LogReader(module, readTo, queue, this.#window)
    this.#parking = new Parking(this.#book, this.#window)
    this.#intake = new Intake({
      ...{ queue, reader: this.#reader, book: this.#book, window: this.#window, parking: this.#parking },
      onPart: (part) => this.#addPart(part),
    })
  }

  /** Goes on from a saved cursor. */
  resume(cursor: LaneCursor): void {
    this.#reader.resume(cursor)
    this.#saved = cursor.owed
  }

  /** Whether it is to be offered the next push. */
  isListening(): boolean {
    return this.#reader.isListening
  }

  /** Offers a new push that the platform may receive: it is read when the queue has its turn. */
  offer(number: number): void {
    this.#reader.readAfter(number - 1)
  }

  advance(now: number, isAsleep: boolean): void {
    if (!isAsleep) this.#isAsleep = false
    else if (!this.#isAsleep && this.#inFlight === 0 && !this.#reader.isReading) this.#fallAsleep()
    this.#book.advance(now)
    this.#parking.makeRoom(now)
    this.#readOn()
  }

  readyCount(now: number): number {
    return Math.min(this.#book.readyCount(), this.circuit.allowed(now, this.#inFlight))
  }

  take(): Entry | null {
    for (let entry = this.#book.take(); entry; entry = this.#book.take()) {
      const { push } = entry
      const readTo = this.#window.shareOf(push.fromPlatformId).readTo ?? this.#reader.readTo()
      if (!this.#queue.ports.recent.isSuperseded(push, readTo)) {
        this.#touch(push)
        this.#inFlight++
        return entry
      }
      this.#book.settle(entry)
      this.#finish(entry)
      this.#supersede(push)
      // What superseded it lies further on.
      if (this.#book.readyCount() === 0) this.#readOn()
    }
    return null
  }

  settle(entry: Entry): void {
    this.#inFlight--
    this.#book.settle(entry)
    this.#finish(entry)
  }

  putBack(entry: Entry, dueAt: number): void {
    this.#inFlight--
    const { push } = entry
    // Discarded while it was in flight, as what waited behind it was.
    if (this.#queue.discards.has(push.number)) {
      this.#book.settle(entry)
      this.#finish(entry)
      this.#miss(push)
    } else if (!this.#book.putBack(entry, dueAt)) {
      this.#finish(entry)
      this.#supersede(push)
    } else if (dueAt > 0) this.#parking.parkChain(push.chainKey)
  }

  forgetFailures(): void {
    this.circuit.succeeded()
    this.#book.advance(Number.POSITIVE_INFINITY)
  }

  /** Discards what waits. What is read from here on is looked at by itself. */
  discard(): void {
    for (const entry of this.#book.removeWaiting(({ push }) => this.#queue.discards.has(push.number))) {
      this.#finish(entry)
      this.#miss(entry.push)
    }
  }

  wakesAt(): number | null {
    const dueAt = this.#book.nextDueAt()
    const triesAt = this.#book.readyCount() > 0 ? this.circuit.triesAt() : null
    return dueAt === null ? triesAt : triesAt === null ? dueAt : Math.min(dueAt, triesAt)
  }

  hasRead(upTo: number): boolean {
    return this.#reader.hasRead(upTo)
  }

  /** Null when it is done with everything up to the end of the log. */
  cursor(): LaneCursor | null {
    if (this.#isDone()) return null
    const position = this.#window.position(this.#reader.readTo())
    const { watermark, behind } = position
    const touched = this.#window
      .entries()
      .filter(({ push }) => push.number <= (behind.get(push.fromPlatformId) ?? watermark))
    const entries = [...this.#parking.entries(), ...touched]
    const unread = this.#reader.unfinished
    // A push that waits for several parties is several entries.
    const numbers = [...new Set([...unread, ...entries.map(({ push }) => push.number)])]
    return laneCursor({
      module: this.module,
      position,
      unfinished: numbers.sort((a, b) => a - b),
      owed: owedBy(entries, unread, this.#saved),
      ...this.#reader.saved(),
    })
  }

  /** Whether it listens and holds nothing: it can be let go of, and made again when the next push comes. */
  isEmpty(): boolean {
    return this.#isDone() && this.#inFlight === 0 && this.circuit.triesAt() === null
  }

  state(): LaneState {
    let oldestAt = this.#window.oldestAt()
    for (const { push } of this.#parking.entries()) if (oldestAt === null || push.at < oldestAt) oldestAt = push.at
    const unread = this.#reader.unread()
    return { waiting: this.#book.waitingCount(), unread, inFlight: this.#inFlight, oldestAt }
  }

  /** Frees what it does not need. */
  tidy(): void {
    this.#window.tidy()
  }

  stop(): void {
    this.#reader.stop()
  }

  #isDone(): boolean {
    const { unfinished } = this.#reader
    return this.#reader.hasReadAll() && this.#window.isEmpty() && this.#parking.isEmpty() && unfinished.length === 0
  }

  #readOn(): void {
    const reader = this.#reader
    if (!reader.canRead) return
    // Also asleep: what is to be done has to be counted, and a lane that fell asleep would have kept it.
    if (reader.unfinished.length > 0) {
      return reader.readUnfinished(this.#window.room().pushes, (push) => this.#addUnfinished(push))
    }
    if (this.#isAsleep) return
    this.#intake.readOn()
  }

  #addPart({ part, share }: ReadPart): void {
    const { ports, discards } = this.#queue
    const { superseded, pushes, upTo } = part
    for (const { like, count } of superseded) {
      const { length } = this.#queue.addressed(like)
      if (length === 0) continue
      this.#window.touch(like.fromPlatformId, upTo)
      this.#queue.countSuperseded(count * length)
    }
    for (const push of pushes) {
      if (share === null && !this.#takes(push)) continue
      if (discards.has(push.number)) {
        this.#discard(push)
        continue
      }
      for (const each of this.#queue.addressed(push)) {
        if (ports.recent.isSuperseded(each, each.number)) this.#supersede(each)
        else this.#add(entryOf(each))
      }
    }
  }

  /** Whether there is room for a push of the backlog. From the first on for which there is not its sender is left behind. */
  #takes({ fromPlatformId, number }: Push): boolean {
    const share = this.#window.shareOf(fromPlatformId)
    if (share.isBehind) return false
    if (this.#window.hasRoomFor(share) && !this.#parking.isFullFor(share)) return true
    share.leaveBehind(number - 1)
    return false
  }

  #addUnfinished(push: Push): void {
    if (this.#queue.discards.has(push.number)) return this.#discard(push)
    for (const each of this.#queue.addressed(push)) {
      if (!isOwed(this.#saved, each)) continue
      const entry = entryOf(each)
      this.#add(entry)
      this.#parking.park(entry)
    }
  }

  #add(entry: Entry): void {
    this.#window.add(entry)
    for (const older of this.#book.add(entry)) {
      this.#finish(older)
      this.#supersede(older.push)
    }
    const { chainKey } = entry.push
    if (!this.#book.isHeldBack(chainKey)) return
    this.#parking.park(entry)
    const oldest = this.#parking.overflowOf(chainKey)
    if (!oldest) return
    this.#finish(oldest)
    this.#touch(oldest.push)
    this.#queue.noteMissed(oldest.push, 'overflow')
  }

  #finish(entry: Entry): void {
    const { place } = entry
    entry.place = 'done'
    if (place === 'parked') this.#parking.leave(entry)
    else if (place === 'window') this.#window.leave(entry)
  }

  /** Touched, so that it is not read again and counted twice. */
  #supersede(push: Push): void {
    this.#touch(push)
    this.#queue.countSuperseded(1)
  }

  #touch({ fromPlatformId, number }: Push): void {
    this.#window.touch(fromPlatformId, number)
  }

  #discard(push: Push): void {
    for (const each of this.#queue.addressed(push, { suspendedToo: true })) {
      if (isOwed(this.#saved, each)) this.#miss(each)
    }
  }

  #miss(push: Push): void {
    this.#touch(push)
    this.#queue.noteMissed(push, this.#queue.discards.cause)
  }

  /** Forgets what can be read again, and parks the rest. */
  #fallAsleep(): void {
    this.#isAsleep = true
    this.#reader.forget()
    if (this.#window.isEmpty()) return
    const position = this.#window.position(this.#reader.readTo())
    const { watermark, behind } = position
    this.#reader.moveTo(position)
    const isForgotten = ({ push }: Entry) => push.number > (behind.get(push.fromPlatformId) ?? watermark)
    for (const entry of this.#book.removeWaiting(isForgotten)) this.#finish(entry)
    for (const entry of this.#window.entries()) this.#parking.park(entry)
  }
}
