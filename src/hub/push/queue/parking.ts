import type { ChainBook } from './chains.ts'
import type { Entry } from './entry.ts'
import type { Share } from './share.ts'
import type { LaneWindow } from './window.ts'

/** With this many entries parked a lane reads no further. Each costs a few hundred bytes. */
const PARKED_MOST = 10_000
/** With this many of one sender it reads no further of that one. */
const PARKED_MOST_OF_ONE = 5_000
/** A sender with fewer is read on, however many there are of others. */
const PARKED_LEAST_OF_ONE = 100
/** How long a sender's part of the window may be full of entries in flight, and of what waits behind them, before it is parked. */
const PATIENCE_MS = 1_000
/** Requests of one sender that hang have no more entries parked than this. */
const BEHIND_HANGING_MOST = 2_000
/** One object that always fails has no more entries parked than this; older ones are missed. */
const PARKED_PER_CHAIN = 500

/** Entries of a lane that failures or requests that hang hold up: without bodies, so that the window is free for others. */
export class Parking {
  readonly #book: ChainBook
  readonly #window: LaneWindow
  readonly #parked = new Set<Entry>()
  /** Whether any sender's part was full of what hangs at the last look. */
  #isAnyStuck = false

  constructor(book: ChainBook, window: LaneWindow) {
    this.#book = book
    this.#window = window
  }

  isEmpty(): boolean {
    return this.#parked.size === 0
  }

  isFull(): boolean {
    return this.#parked.size >= PARKED_MOST
  }

  /** Whether nothing more of a sender is to be read. */
  isFullFor({ parked }: Share): boolean {
    return parked >= PARKED_MOST_OF_ONE || (this.isFull() && parked >= PARKED_LEAST_OF_ONE)
  }

  entries(): Iterable<Entry> {
    return this.#parked
  }

  /** Moves an entry here from the window. */
  park(entry: Entry): void {
    if (entry.place !== 'window') return
    const { fromPlatformId, number } = entry.push
    entry.place = 'parked'
    entry.push = { ...entry.push, body: null }
    this.#parked.add(entry)
    this.#window.shareOf(fromPlatformId).parked++
    this.#window.leave(entry)
    this.#window.touch(fromPlatformId, number)
  }

  /** Moves here what waits in a chain. */
  parkChain(chainKey: string): void {
    for (const entry of this.#book.waitingIn(chainKey)) this.park(entry)
  }

  /** An entry that was parked is done. */
  leave(entry: Entry): void {
    if (this.#parked.delete(entry)) this.#window.shareOf(entry.push.fromPlatformId).parked--
  }

  /** Takes the oldest entry out of a chain that has too many; null when it has not. */
  overflowOf(chainKey: string): Entry | null {
    return this.#book.waitingIn(chainKey).length > PARKED_PER_CHAIN ? this.#book.removeFirst(chainKey) : null
  }

  /**
   * Parks what is here of a sender when it is full of what hangs: one object that is pushed to over and over behind a request that
   * hangs, or a large push that hangs itself, must not keep other objects from their turn.
   */
  makeRoom(now: number): void {
    if (this.#window.isRoomy() && !this.#isAnyStuck) return
    this.#isAnyStuck = false
    for (const share of this.#window.shares()) {
      if (share.readyCount() > 0 || this.#window.hasRoomFor(share)) share.stuckSince = null
      else share.stuckSince ??= now
      if (share.stuckSince === null) continue
      this.#isAnyStuck = true
      if (now - share.stuckSince < PATIENCE_MS) continue
      if (share.parked < BEHIND_HANGING_MOST) share.here().forEach((entry) => this.park(entry))
    }
  }
}
