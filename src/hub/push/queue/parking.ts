import type { ChainBook } from './chains.ts'
import type { Entry } from './entry.ts'
import type { LaneWindow } from './window.ts'

/** With this many entries parked a lane reads no further. Each costs a few hundred bytes. */
const PARKED_MOST = 10_000
/** How long a window may be full of entries in flight, and of what waits behind them, before all of it is parked. */
const PATIENCE_MS = 1_000
/** Requests that hang have no more entries parked than this. */
const BEHIND_HANGING_MOST = 2_000
/** One object that always fails has no more entries parked than this; older ones are missed. */
const PARKED_PER_CHAIN = 500

/** Entries of a lane that failures or requests that hang hold up: without bodies, so that the window is free for others. */
export class Parking {
  readonly #book: ChainBook
  readonly #window: LaneWindow
  readonly #parked = new Set<Entry>()
  /** Since when the window has been full with nothing in it that could be sent; null while that is not so. */
  #stuckSince: number | null = null

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

  entries(): Iterable<Entry> {
    return this.#parked
  }

  /** Moves an entry here from the window. */
  park(entry: Entry): void {
    if (entry.place !== 'window') return
    const { number } = entry.push
    entry.place = 'parked'
    entry.push = { ...entry.push, body: null }
    this.#parked.add(entry)
    this.#window.leave(entry)
    this.#window.touch(number)
  }

  /** Moves here what waits in a chain. */
  parkChain(chainKey: string): void {
    for (const entry of this.#book.waitingIn(chainKey)) this.park(entry)
  }

  /** An entry that was parked is done. */
  leave(entry: Entry): void {
    this.#parked.delete(entry)
  }

  /** Takes the oldest entry out of a chain that has too many; null when it has not. */
  overflowOf(chainKey: string): Entry | null {
    return this.#book.waitingIn(chainKey).length > PARKED_PER_CHAIN ? this.#book.removeFirst(chainKey) : null
  }

  /**
   * Parks a window that is full of what hangs: one object that is pushed to over and over behind a request that hangs, or a large
   * push that hangs itself, must not keep other objects from their turn.
   */
  makeRoom(now: number): void {
    if (this.#window.hasRoom() || this.#book.readyCount() > 0) this.#stuckSince = null
    else this.#stuckSince ??= now
    if (this.#stuckSince === null || now - this.#stuckSince < PATIENCE_MS) return
    if (this.#parked.size < BEHIND_HANGING_MOST) this.#window.entries().forEach((entry) => this.park(entry))
  }
}
