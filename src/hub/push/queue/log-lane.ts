import { Circuit } from '../attempt/circuit.ts'
import type { MissedCause } from '../cursor.ts'
import type { LogPart, ReadLimits } from '../log/push-log.ts'
import type { RecentPart } from '../log/recent.ts'
import type { Push } from '../push.ts'
import { ChainBook } from './chains.ts'
import type { Dropping } from './drops.ts'
import type { LogLane } from './lane.ts'
import type { LogLanePorts } from './log-lane-ports.ts'
import { Parking } from './parking.ts'
import { entryOf, type LaneEntry, LaneWindow } from './window.ts'

/** So many times what can be under way at once is taken from the rows in memory in one go. */
const TAKEN_TIMES = 2

/** A part of the log that was read from `after` on. */
type Arrived = { readonly part: LogPart; readonly after: number; readonly withBodies: boolean }

/**
 * Pulls one module's pushes from the log as there is need of them: a queue that is paced or busy costs nothing for what is
 * accepted meanwhile. What a newer push has made superfluous by the time its turn comes is left out, whether the newer one was
 * read or not.
 */
export function createLogLane(module: string, startsAt: number, ports: LogLanePorts): LogLane {
  const { rows, log } = ports
  const book = new ChainBook<LaneEntry>()
  const circuit = new Circuit(ports.chance)
  const window = new LaneWindow()
  const parking = new Parking(book, window, ({ number }) => touch(number))
  /** Everything up to here was read. Of no meaning at the head. */
  let position = startsAt
  /** What was read beyond this is as it was read: to be forgotten without loss. */
  let touchedTo = startsAt
  let isAtHead = false
  let isAsleep = false
  let isReading = false
  let isFar = false
  /** What was read further back than memory reaches, until the queue has its turn. */
  let arrived: Arrived | null = null
  let isStopped = false
  /** Unfinished numbers of a saved cursor; they come before anything newer. */
  let toResume: readonly number[] = []
  let inFlight = 0

  function readTo(): number {
    return isAtHead ? rows.position() : position
  }

  function touch(number: number): void {
    if (number > touchedTo) touchedTo = number
  }

  /** Everything up to here is done with, but for entries up to here that are not. */
  function watermark(entries: readonly LaneEntry[]): number {
    const untouched = entries.find((entry) => entry.number > touchedTo)
    return untouched ? untouched.number - 1 : readTo()
  }

  function wantsMore(): boolean {
    return book.readyCount() < ports.concurrency() && window.hasRoom() && !parking.isFull()
  }

  function isDropped(number: number): boolean {
    return number <= (ports.dropping()?.upTo ?? Number.NEGATIVE_INFINITY)
  }

  function consider(push: Push): void {
    if (isDropped(push.number)) drop(push)
    else if (!ports.receives(push)) return
    else if (rows.isReplaced(push, push.number)) collapse(push)
    else add(entryOf(push))
  }

  function drop(push: Push): void {
    if (ports.receives(push, { suspendedToo: true })) miss(push, (ports.dropping() as Dropping).cause)
  }

  function miss(push: Push, cause: MissedCause): void {
    touch(push.number)
    ports.onMissed(push, cause)
  }

  /** Not to be read again: it would be counted twice. */
  function collapse({ number }: { readonly number: number }): void {
    touch(number)
    ports.onCollapsed(1)
  }

  function add(entry: LaneEntry): void {
    window.add(entry)
    for (const replaced of book.add(entry)) {
      finish(replaced)
      collapse(replaced)
    }
    if (!book.isHeldBack(entry.chainKey)) return
    parking.park(entry)
    const oldest = parking.overflowOf(entry.chainKey)
    if (!oldest) return
    miss(oldest.push, 'overflow')
    finish(oldest)
  }

  function finish(entry: LaneEntry): void {
    if (entry.isDone) return
    entry.isDone = true
    if (entry.isParked) parking.leave(entry)
    else window.leave(entry)
  }

  /** False when it needs no sending any more. */
  function putBack(entry: LaneEntry, dueAt: number): boolean {
    inFlight--
    // Dropped while it was under way, as what waited behind it was.
    if (isDropped(entry.number)) {
      book.settle(entry)
      miss(entry.push, (ports.dropping() as Dropping).cause)
    } else if (book.putBack(entry, dueAt)) return true
    else collapse(entry)
    finish(entry)
    return false
  }

  function pull(): void {
    while (!isAtHead && !isReading && !isStopped) {
      // Also asleep: what it has to do is to be seen, and it would have kept these.
      if (toResume.length > 0) void resumeUnfinished()
      else if (isAsleep || !wantsMore()) return
      else if (position >= rows.position()) {
        setFar(false)
        isAtHead = true
        ports.onAtHead()
      } else {
        const room = window.room()
        const atOnce = Math.min(room.rows, TAKEN_TIMES * ports.concurrency())
        const recent = rows.part(module, position, { rows: atOnce, bytes: room.bytes })
        if (recent) takeRecent(recent)
        else if (!takeArrived()) void read(room)
      }
    }
  }

  function setFar(next: boolean): void {
    if (next === isFar) return
    isFar = next
    if (isFar) ports.far.enter()
    else ports.far.leave()
  }

  /** Runs a read of the log, and goes on in the queue's turn when it is there: many may come at once. */
  async function reading(run: () => Promise<void>): Promise<void> {
    isReading = true
    try {
      await run()
    } catch (error) {
      isReading = false
      return ports.onAway(error)
    }
    isReading = false
    if (!isStopped) ports.onChange()
  }

  function resumeUnfinished(): Promise<void> {
    return reading(async () => {
      const numbers = toResume.slice(0, window.room().rows)
      // As many as a window holds, whatever they weigh: each body is read when its turn comes.
      const pushes = await log.readNumbers(numbers, false)
      if (isStopped) return
      toResume = toResume.slice(numbers.length)
      for (const push of pushes) {
        if (isDropped(push.number)) {
          drop(push)
          continue
        }
        if (!ports.receives(push)) continue
        const entry = entryOf(push)
        add(entry)
        parking.park(entry)
      }
    })
  }

  function read(room: ReadLimits): Promise<void> {
    setFar(true)
    const end = rows.position()
    // What is dropped is read without bodies, so a part must not reach beyond the end of that.
    const dropTo = isDropped(position + 1) ? Math.min((ports.dropping() as Dropping).upTo, end) : null
    const withBodies = dropTo === null
    const range = { module, after: position, upTo: dropTo ?? end, withBodies }
    return reading(async () => {
      arrived = { part: await ports.far.read(range, room, () => !isStopped), after: range.after, withBodies }
    })
  }

  /** False when nothing came that is of use here and now. */
  function takeArrived(): boolean {
    const came = arrived
    arrived = null
    if (came?.after !== position || !(came.withBodies || isDropped(came.part.position))) return false
    take(came.part)
    return true
  }

  function takeRecent(part: RecentPart): void {
    setFar(false)
    for (const { like, count } of part.replaced) {
      if (!ports.receives(like)) continue
      touch(part.position)
      ports.onCollapsed(count)
    }
    take(part)
  }

  function take(part: LogPart): void {
    for (const push of part.pushes) consider(push)
    position = part.position
  }

  function isIdle(): boolean {
    return isAtHead && window.isEmpty() && parking.isEmpty() && toResume.length === 0
  }

  return {
    module,
    circuit,
    givesUp: true,
    resume(cursor) {
      position = cursor.watermark
      toResume = cursor.unfinished
    },
    isAtHead: () => isAtHead,
    leaveHead(number) {
      isAtHead = false
      position = number
    },
    pull(now) {
      parking.makeRoom(now)
      pull()
    },
    sleep() {
      if (isAsleep || inFlight > 0 || isReading) return
      isAsleep = true
      arrived = null
      setFar(false)
      if (window.isEmpty()) return
      const entries = window.entries()
      position = watermark(entries)
      isAtHead = false
      for (const entry of book.removeWaiting((each) => each.number > position)) finish(entry)
      for (const entry of entries) if (!entry.isDone) parking.park(entry)
    },
    wake() {
      isAsleep = false
    },
    takeable: (now) => Math.min(book.readyCount(), circuit.room(now, inFlight)),
    take() {
      let entry = book.take()
      while (entry && rows.isReplaced(entry.push, readTo())) {
        book.settle(entry)
        finish(entry)
        collapse(entry)
        // What made it superfluous lies further on.
        if (book.readyCount() === 0) pull()
        entry = book.take()
      }
      if (!entry) return null
      touch(entry.number)
      inFlight++
      return entry
    },
    release: (now) => book.release(now),
    settle(entry) {
      inFlight--
      book.settle(entry)
      finish(entry)
    },
    retry(entry, dueAt) {
      if (putBack(entry, dueAt)) parking.parkChain(entry.chainKey)
    },
    untake(entry) {
      putBack(entry, 0)
    },
    discard({ upTo, cause }) {
      for (const entry of book.removeWaiting((waiting) => waiting.number <= upTo)) {
        miss(entry.push, cause)
        finish(entry)
      }
    },
    wakesAt() {
      const dueAt = book.nextDueAt()
      const triesAt = book.readyCount() > 0 ? circuit.triesAt() : null
      return dueAt === null ? triesAt : triesAt === null ? dueAt : Math.min(dueAt, triesAt)
    },
    readTo: () => Math.min(readTo(), (toResume[0] ?? Number.POSITIVE_INFINITY) - 1),
    cursor() {
      if (isIdle()) return null
      const entries = window.entries()
      const low = watermark(entries)
      const open = entries.filter((entry) => entry.number <= low).map((entry) => entry.number)
      return {
        module,
        watermark: low,
        unfinished: [...toResume, ...parking.numbers(), ...open].sort((a, b) => a - b),
        readTo: isAtHead ? null : position,
      }
    },
    isAtRest: () => isIdle() && inFlight === 0 && circuit.triesAt() === null,
    state() {
      let oldestAt = window.first()?.push.at ?? null
      for (const { push } of parking.entries()) if (oldestAt === null || push.at < oldestAt) oldestAt = push.at
      const unread = isAtHead ? 0 : rows.count(module, position)
      return { waiting: book.waitingCount(), unread, inFlight, oldestAt }
    },
    stop() {
      isStopped = true
      setFar(false)
    },
  }
}
