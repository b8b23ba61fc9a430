import { type Circuit, createCircuit } from './partner-queue-circuit.ts'
import { bytesOf, type Push, replacesOthers } from './push.ts'
import { type ChainEntry, createChainBook } from './chains.ts'
import type { LaneCursor, MissedCause } from './cursors.ts'
import type { LogPart, PushLog, ReadLimits } from './push-log.ts'
import type { PushTail } from './tail.ts'

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
  /** A row from the end of the log that this platform may receive. False when it is to be read later. */
  readonly offer: (push: Push) => boolean
  /** Whether it has read all that there is and is offered what comes. Absent where nothing is read from the log. */
  readonly isAttached?: () => boolean
  /** Reads on where there is room. */
  readonly pull: () => void
  /** How many pushes could be taken now. */
  readonly takeable: (now: number) => number
  readonly take: () => LaneEntry | null
  readonly release: (now: number) => void
  readonly settle: (entry: LaneEntry) => void
  /** Tries an entry again at `dueAt`; a newer push may replace it meanwhile. */
  readonly retry: (entry: LaneEntry, dueAt: number) => void
  /**
   * The queue sends nothing for now: what waits leaves memory, and nothing more is read. Ends with `wake`. Lanes that
   * hold little need not have it.
   */
  readonly sleep?: () => void
  readonly wake?: () => void
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
  /** All that there is was read: rows are to be offered from here on. */
  readonly onAttached: () => void
  /** There is something to send, or to save. */
  readonly onChange: () => void
  /** The log could not be read; `pull` is to be called again later. */
  readonly onAway: (error: unknown) => void
}

/** How many pushes wait in memory; the more, the more of them collapse. */
const WINDOW_ROWS = 1_000
const WINDOW_BYTES = 1_000_000
/** Pushes done with behind one that is not: so many are remembered, and written with the cursor. */
const DONE_MOST = 20_000
/** Beyond this many pushes behind failures the lane reads no further. They cost a few hundred bytes each. */
const PARKED_MOST = 10_000
/** One object that always fails holds no more than this; older ones are given up. */
const PARKED_PER_CHAIN = 500
/** Numbers done with are looked through when there are this many more. */
const PRUNE_EVERY = 1_000

export function createLane(module: string, startsAt: number, ports: LanePorts): Lane {
  const { tail, log } = ports
  const book = createChainBook<LaneEntry>()
  const circuit = createCircuit(ports.chance)
  /** Everything up to here was read. Of no meaning while attached. */
  let position = startsAt
  /** Knows all there is: rows come by `offer`. */
  let isAttached = false
  let isAsleep = false
  let isReading = false
  let isStopped = false
  let discarding: { readonly upTo: number; readonly cause: MissedCause } | null = null
  /** Entries of the window in the order of their numbers. Those that left stay until they are the first, or many. */
  let window: LaneEntry[] = []
  let leftCount = 0
  let windowRows = 0
  let windowBytes = 0
  /** Entries behind failures, by number. */
  const parked = new Map<number, LaneEntry>()
  /** Numbers beyond the watermark that are done with. */
  const done = new Set<number>()
  let pruneAt = PRUNE_EVERY
  /** Unfinished numbers of a saved cursor; they come before anything newer. */
  let toResume: readonly number[] = []
  let inFlight = 0

  function hasRoom(): boolean {
    return windowRows < WINDOW_ROWS && windowBytes < WINDOW_BYTES && done.size < DONE_MOST && parked.size < PARKED_MOST
  }

  /** Read on by half a window at a time, not for every row that leaves it. */
  function wantsMore(): boolean {
    return windowRows <= WINDOW_ROWS / 2 && windowBytes <= WINDOW_BYTES / 2 && hasRoom()
  }

  function isDropped(push: Push): boolean {
    return discarding !== null && push.number <= discarding.upTo
  }

  function consider(push: Push): void {
    if (done.has(push.number) || parked.has(push.number) || !ports.receives(push)) return
    if (isDropped(push)) ports.onMissed(push, (discarding as NonNullable<typeof discarding>).cause)
    else add(push)
  }

  function add(push: Push): LaneEntry {
    const bytes = bytesOf(push)
    const entry: LaneEntry = {
      number: push.number,
      chainKey: push.chainKey,
      pathKey: push.pathKey,
      replaces: replacesOthers(push),
      module,
      method: push.method,
      path: push.path,
      at: push.at,
      push,
      bytes,
      firstFailedAt: null,
      failures: 0,
      isDone: false,
      isParked: false,
    }
    window.push(entry)
    windowRows++
    windowBytes += bytes
    const replaced = book.add(entry)
    for (const each of replaced) finish(each)
    if (replaced.length > 0) ports.onCollapsed(replaced.length)
    if (book.isHeldBack(entry.chainKey)) {
      park(entry)
      boundChain(entry.chainKey)
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
    parked.set(entry.number, entry)
    leaveWindow(entry)
  }

  function finish(entry: LaneEntry): void {
    if (entry.isDone) return
    entry.isDone = true
    entry.push = null
    done.add(entry.number)
    if (entry.isParked) parked.delete(entry.number)
    else leaveWindow(entry)
    if (done.size >= pruneAt) {
      prune()
      pruneAt = done.size + PRUNE_EVERY
    }
  }

  function leaveWindow(entry: LaneEntry): void {
    windowRows--
    windowBytes -= entry.bytes
    leftCount++
    if (windowRows === 0) window = []
    else if (leftCount > 256 && leftCount > window.length / 2) window = window.filter((each) => !hasLeft(each))
    else return
    leftCount = 0
    if (windowRows === 0 && isAttached) done.clear()
  }

  function firstOpen(): LaneEntry | undefined {
    return window.find((entry) => !hasLeft(entry))
  }

  function watermark(): number {
    const open = firstOpen()
    if (open) return open.number - 1
    return isAttached ? tail.position() : position
  }

  function prune(): void {
    const low = watermark()
    for (const number of done) if (number <= low) done.delete(number)
  }

  function pull(): void {
    while (!isAttached && !isAsleep && !isReading && !isStopped) {
      if (toResume.length > 0) void resumeUnfinished()
      else if (position >= tail.position()) attach()
      else if (!wantsMore()) return
      else {
        const room = { rows: WINDOW_ROWS - windowRows, bytes: WINDOW_BYTES - windowBytes }
        const recent = tail.recent(module, position, room)
        if (recent) take(recent)
        else void read(room)
      }
    }
  }

  function attach(): void {
    isAttached = true
    if (windowRows === 0) done.clear()
    if (discarding && discarding.upTo <= position) discarding = null
    ports.onAttached()
  }

  /** Runs a read of the log, and goes on when it is there. */
  async function reading(run: () => Promise<void>): Promise<void> {
    isReading = true
    try {
      await run()
    } catch (error) {
      isReading = false
      return ports.onAway(error)
    }
    isReading = false
    if (isStopped) return
    pull()
    ports.onChange()
  }

  function resumeUnfinished(): Promise<void> {
    return reading(async () => {
      const numbers = toResume.slice(0, WINDOW_ROWS)
      const pushes = await log.readNumbers(numbers)
      if (isStopped) return
      toResume = toResume.slice(numbers.length)
      for (const push of pushes) {
        if (!ports.receives(push)) continue
        if (isDropped(push)) ports.onMissed(push, (discarding as NonNullable<typeof discarding>).cause)
        else park(add(push))
      }
      for (const number of numbers) if (!parked.has(number)) done.add(number)
    })
  }

  function read(room: ReadLimits): Promise<void> {
    return reading(async () => {
      const end = tail.position()
      // What is dropped is read without bodies, so a part must not reach beyond the end of that.
      const dropTo = discarding && discarding.upTo > position ? Math.min(discarding.upTo, end) : null
      const range = { after: position, upTo: dropTo ?? end }
      const part = await log.readModule(module, range, room, dropTo === null)
      const isStillDropped = dropTo === null || (discarding !== null && discarding.upTo >= part.position)
      if (!isStopped && !isAsleep && isStillDropped) take(part)
    })
  }

  function take(part: LogPart): void {
    for (const push of part.pushes) consider(push)
    position = part.position
  }

  return {
    module,
    circuit,
    resume(cursor) {
      position = cursor.watermark
      for (const number of cursor.finished) done.add(number)
      toResume = cursor.unfinished
      pull()
    },
    offer(push) {
      // What was read meanwhile from memory is offered once more.
      if (!isAttached || push.number <= position) return false
      if (!isAsleep && hasRoom()) {
        consider(push)
        return true
      }
      isAttached = false
      position = push.number - 1
      return false
    },
    isAttached: () => isAttached,
    pull,
    sleep() {
      if (isAsleep || inFlight > 0 || isReading) return
      isAsleep = true
      if (windowRows === 0) return
      position = watermark()
      isAttached = false
      book.removeWaiting((entry) => !entry.isParked)
      window = []
      leftCount = 0
      windowRows = 0
      windowBytes = 0
      prune()
    },
    wake() {
      isAsleep = false
    },
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
      if (isAttached && windowRows === 0 && parked.size === 0 && toResume.length === 0) return null
      const low = watermark()
      return {
        module,
        watermark: low,
        finished: [...done].filter((number) => number > low),
        unfinished: [...toResume, ...parked.keys()].sort((a, b) => a - b),
        readTo: isAttached ? null : position,
      }
    },
    state() {
      let oldestAt = firstOpen()?.at ?? null
      for (const entry of parked.values()) if (oldestAt === null || entry.at < oldestAt) oldestAt = entry.at
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
