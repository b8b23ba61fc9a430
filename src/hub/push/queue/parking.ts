import type { ChainBook } from './chains.ts'
import type { LaneEntry, LaneWindow } from './window.ts'

/** Beyond this many pushes behind failures a lane reads no further. They cost a few hundred bytes each. */
const PARKED_MOST = 10_000
/** So long a window may be full of requests under way and what waits behind them before all that is parked. */
const PATIENCE_MS = 1_000
/** With so many parked no more are for that. */
const BEHIND_HANGING_MOST = 2_000
/** One object that always fails holds no more than this; older ones are given up. */
const PARKED_PER_CHAIN = 500

/** Where a lane keeps what failures or requests that hang hold up, without bodies: it has left the window to others. */
export class Parking {
  readonly #book: ChainBook<LaneEntry>
  readonly #window: LaneWindow
  readonly #onParked: (entry: LaneEntry) => void
  readonly #parked = new Map<number, LaneEntry>()
  /** Since when the window has been full, with nothing in it that could be sent, at each look. */
  #stuckSince: number | null = null

  /** @param onParked an entry left the window */
  constructor(book: ChainBook<LaneEntry>, window: LaneWindow, onParked: (entry: LaneEntry) => void) {
    this.#book = book
    this.#window = window
    this.#onParked = onParked
  }

  isEmpty(): boolean {
    return this.#parked.size === 0
  }

  isFull(): boolean {
    return this.#parked.size >= PARKED_MOST
  }

  numbers(): Iterable<number> {
    return this.#parked.keys()
  }

  entries(): Iterable<LaneEntry> {
    return this.#parked.values()
  }

  /** An entry of the window leaves it for here. */
  park(entry: LaneEntry): void {
    if (entry.isParked) return
    entry.isParked = true
    entry.push = { ...entry.push, body: null }
    this.#parked.set(entry.number, entry)
    this.#window.leave(entry)
    this.#onParked(entry)
  }

  /** What waits in a chain leaves the window for here. */
  parkChain(chainKey: string): void {
    for (const entry of this.#book.waitingIn(chainKey)) this.park(entry)
  }

  /** An entry that is here is done with. */
  leave({ number }: LaneEntry): void {
    this.#parked.delete(number)
  }

  /** The oldest of a chain that fails for too many; it waits no more, and is to be given up. */
  overflowOf(chainKey: string): LaneEntry | null {
    return this.#book.waitingIn(chainKey).length > PARKED_PER_CHAIN ? this.#book.dropFirst(chainKey) : null
  }

  /**
   * One object that is pushed to over and over behind a request that hangs, or a large push that hangs itself, must not keep
   * the others from their turn.
   */
  makeRoom(now: number): void {
    if (this.#window.hasRoom() || this.#book.readyCount() > 0) this.#stuckSince = null
    else this.#stuckSince ??= now
    if (this.#stuckSince === null || now - this.#stuckSince < PATIENCE_MS || this.#parked.size >= BEHIND_HANGING_MOST)
      return
    for (const entry of this.#window.entries()) this.park(entry)
  }
}
