import { type Circuit, createCircuit } from './partner-queue-circuit.ts'
import { bytesOf, type Push, replacesOthers } from './push.ts'
import { type ChainEntry, createChainBook } from './push-chains.ts'
import type { LaneCursor, MissedCause } from './push-cursors.ts'
import type { LogPart, PushLog } from './push-log.ts'
import type { PushTail } from './push-tail.ts'

/** A push on its way to one platform. */
export type LaneEntry = ChainEntry &
  Pick<Push, 'module' | 'method' | 'path' | 'at'> & {
    /** Null once it left memory: it is read again when its turn comes. */
    push: Push | null
    readonly bytes: number
    /** Milliseconds of the queue's clock; null before the first failure. */
    firstFailedAt: number | null
    failures: number
    isDone: boolean
    /** Waits apart from the window, behind a failure. */
    isParked: boolean
  }

/** What a platform's queue holds of one module. A dead module stops its own lane and no other. */
export type Lane = {
  readonly module: string
  readonly circuit: Circuit
  /** Goes on from a saved cursor. */
  readonly resume: (cursor: LaneCursor) => void
  /** A row from the end of the log that this platform may receive. */
  readonly offer: (push: Push) => void
  /** Reads on where there is room. */
  readonly pull: () => void
  /** How many pushes could be taken now. */
  readonly takeable: (now: number) => number
  readonly take: () => LaneEntry | null
  readonly release: (now: number) => void
  readonly settle: (entry: LaneEntry) => void
  /** Tries an entry again at `dueAt`; a newer push may replace it meanwhile. */
  readonly retry: (entry: LaneEntry, dueAt: number) => void
  /** Gives back an entry that was not sent. */
  readonly untake: (entry: LaneEntry) => void
  /** Drops what waits now, and what is read up to a number. */
  readonly discard: (upTo: number, cause: MissedCause) => void
  /** When there will be something to do again; null when only other events tell. */
  readonly wakesAt: () => number | null
  /** Everything up to here was read. */
  readonly readTo: () => number
  /** Null when it is done with everything at the end of the log. */
  readonly cursor: () => LaneCursor | null
  readonly state: () => { readonly waiting: number; readonly inFlight: number; readonly oldestAt: number | null }
  readonly stop: () => void
}

export type LanePorts = {
  readonly tail: PushTail
  readonly log: Pick<PushLog, 'readModule' | 'readNumbers'>
  readonly receives: (push: Push) => boolean
  readonly chance: () => number
  readonly onCollapsed: (count: number) => void
  readonly onMissed: (
    push: Pick<Push, 'module' | 'method' | 'path' | 'chainKey' | 'pathKey' | 'at'>,
    cause: MissedCause,
  ) => void
  /** There is something to send, or to save. */
  readonly onChange: () => void
  /** The log could not be read; `pull` is to be called again later. */
  readonly onAway: (error: unknown) => void
}

const WINDOW_ROWS = 1_000
const WINDOW_BYTES = 4_000_000
/** Beyond this many pushes behind failures the lane reads no further. They cost a few hundred bytes each. */
const PARKED_MOST = 10_000
/** One object that always fails holds no more than this; older ones are given up. */
const PARKED_PER_CHAIN = 500

export function createLane(module: string, startsAt: number, ports: LanePorts): Lane {
  const { tail, log } = ports
  const book = createChainBook<LaneEntry>()
  const circuit = createCircuit(ports.chance)
  /** Everything up to here was read. Of no meaning while attached. */
  let position = startsAt
  /** Knows all there is: rows come by `offer`. */
  let isAttached = false
  let isReading = false
  let isStopped = false
  let discarding: { upTo: number; cause: MissedCause } | null = null
  // Entries of the window in the order of their numbers, those done with among them until they are the first.
  let window: LaneEntry[] = []
  let windowBytes = 0
  let windowRows = 0
  const parked = new Set<LaneEntry>()
  /** Numbers that a saved cursor says are done with. */
  let alreadyDone: ReadonlySet<number> = new Set()
  /** Unfinished numbers of a saved cursor; they come before anything newer. */
  let toResume: readonly number[] = []
  let inFlight = 0

  function hasRoom(): boolean {
    return windowRows < WINDOW_ROWS && windowBytes < WINDOW_BYTES && parked.size < PARKED_MOST
  }

  /** Read on by half a window at a time, not for every row that leaves it. */
  function wantsMore(): boolean {
    return windowRows <= WINDOW_ROWS / 2 && windowBytes <= WINDOW_BYTES / 2 && parked.size < PARKED_MOST
  }

  function consider(push: Push): void {
    if (alreadyDone.has(push.number) || !ports.receives(push)) return
    if (discarding && push.number <= discarding.upTo) ports.onMissed(push, discarding.cause)
    else add(push)
  }

  function add(push: Push): LaneEntry {
    const { number, chainKey, pathKey, method, path, at } = push
    const entry: LaneEntry = {
      ...{ number, chainKey, pathKey, module, method, path, at, push, bytes: bytesOf(push) },
      replaces: replacesOthers(push),
      firstFailedAt: null,
      failures: 0,
      isDone: false,
      isParked: false,
    }
    window.push(entry)
    windowRows++
    windowBytes += entry.bytes
    const replaced = book.add(entry)
    for (const each of replaced) finish(each)
    if (replaced.length > 0) ports.onCollapsed(replaced.length)
    if (book.isHeldBack(chainKey)) {
      park(entry)
      boundChain(chainKey)
    }
    return entry
  }

  function boundChain(chainKey: string): void {
    if (book.waitingIn(chainKey).length <= PARKED_PER_CHAIN) return
    const oldest = book.dropFirst(chainKey)
    if (!oldest) return
    ports.onMissed(oldest, 'overflow')
    finish(oldest)
  }

  function park(entry: LaneEntry): void {
    if (entry.isParked) return
    entry.isParked = true
    entry.push = null
    parked.add(entry)
    leaveWindow(entry)
  }

  function finish(entry: LaneEntry): void {
    if (entry.isDone) return
    entry.isDone = true
    entry.push = null
    if (entry.isParked) parked.delete(entry)
    else leaveWindow(entry)
  }

  function leaveWindow(entry: LaneEntry): void {
    windowRows--
    windowBytes -= entry.bytes
    let done = 0
    while (done < window.length && hasLeft(window[done] as LaneEntry)) done++
    // Shifted in strides, so that a full window does not move for each.
    if (done > 0 && (done === window.length || done >= 64)) window = window.slice(done)
  }

  function pull(): void {
    while (!isAttached && !isReading && !isStopped && (toResume.length > 0 || wantsMore())) {
      if (toResume.length > 0) {
        void resumeUnfinished()
        return
      }
      if (position >= tail.position()) {
        isAttached = true
        alreadyDone = new Set()
        if (discarding && discarding.upTo <= position) discarding = null
        return
      }
      const room = { rows: WINDOW_ROWS - windowRows, bytes: WINDOW_BYTES - windowBytes }
      const recent = tail.recent(module, position, room)
      if (recent) take(recent)
      else void read(room)
    }
  }

  async function resumeUnfinished(): Promise<void> {
    isReading = true
    try {
      const numbers = toResume.slice(0, WINDOW_ROWS)
      const pushes = await log.readNumbers(numbers)
      isReading = false
      if (isStopped) return
      toResume = toResume.slice(numbers.length)
      for (const push of pushes) {
        if (!ports.receives(push)) continue
        if (discarding && push.number <= discarding.upTo) ports.onMissed(push, discarding.cause)
        else park(add(push))
      }
    } catch (error) {
      isReading = false
      ports.onAway(error)
      return
    }
    pull()
    ports.onChange()
  }

  async function read(room: { rows: number; bytes: number }): Promise<void> {
    isReading = true
    try {
      const upTo = discarding ? Math.min(discarding.upTo, tail.position()) : tail.position()
      // A discard may end in the middle of the range: bodies are then of interest from there on.
      const isDropping = discarding !== null && upTo > position
      const range = { after: position, upTo: isDropping ? upTo : tail.position() }
      const part = await log.readModule(module, range, room, !isDropping)
      isReading = false
      if (isStopped) return
      const isStillDropping = !isDropping || (discarding !== null && discarding.upTo >= part.position)
      if (isStillDropping) take(part)
    } catch (error) {
      isReading = false
      ports.onAway(error)
      return
    }
    pull()
    ports.onChange()
  }

  function take(part: LogPart): void {
    for (const push of part.pushes) consider(push)
    position = part.position
  }

  /** The first entry of the window that is not done with. */
  function firstOpen(): LaneEntry | undefined {
    return window.find((entry) => !hasLeft(entry))
  }

  return {
    module,
    circuit,
    resume(cursor) {
      position = cursor.watermark
      alreadyDone = new Set([...cursor.finished, ...cursor.unfinished])
      toResume = cursor.unfinished
      pull()
    },
    offer(push) {
      // What was read meanwhile from memory is offered once more.
      if (!isAttached || push.number <= position) return
      if (hasRoom()) return consider(push)
      isAttached = false
      position = push.number - 1
    },
    pull,
    takeable: (now) => Math.min(book.readyCount(), circuit.room(now, inFlight)),
    take() {
      const entry = book.take()
      if (entry) inFlight++
      return entry
    },
    release: (now) => book.release(now),
    settle(entry) {
      inFlight--
      book.settle(entry)
      finish(entry)
    },
    retry(entry, dueAt) {
      inFlight--
      if (book.putBack(entry, dueAt)) {
        for (const waiting of book.waitingIn(entry.chainKey)) park(waiting)
      } else {
        finish(entry)
        ports.onCollapsed(1)
      }
    },
    untake(entry) {
      inFlight--
      if (!book.putBack(entry, 0)) finish(entry)
    },
    discard(upTo, cause) {
      for (const entry of book.removeWaiting((waiting) => waiting.number <= upTo)) {
        ports.onMissed(entry, cause)
        finish(entry)
      }
      discarding = isAttached && upTo <= tail.position() ? null : { upTo, cause }
      pull()
    },
    wakesAt() {
      const dueAt = book.nextDueAt()
      const triesAt = book.readyCount() > 0 ? circuit.triesAt() : null
      return dueAt === null ? triesAt : triesAt === null ? dueAt : Math.min(dueAt, triesAt)
    },
    readTo: () => (isAttached ? tail.position() : position),
    cursor() {
      const open = firstOpen()
      if (isAttached && !open && parked.size === 0) return null
      const watermark = open ? open.number - 1 : isAttached ? tail.position() : position
      const finished = open ? window.filter((entry) => entry.isDone && entry.number > watermark) : []
      return {
        module,
        watermark,
        finished: [
          ...finished.map((entry) => entry.number),
          ...[...alreadyDone].filter((number) => number > watermark),
        ],
        unfinished: [...toResume, ...[...parked].map((entry) => entry.number)].sort((a, b) => a - b),
        readTo: isAttached ? null : position,
      }
    },
    state() {
      let oldestAt = firstOpen()?.at ?? null
      for (const entry of parked) if (oldestAt === null || entry.at < oldestAt) oldestAt = entry.at
      return { waiting: book.waitingCount(), inFlight, oldestAt }
    },
    stop() {
      isStopped = true
    },
  }
}

function hasLeft(entry: LaneEntry): boolean {
  return entry.isDone || entry.isParked
}
