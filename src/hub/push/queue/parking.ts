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
export type Parking = {
  readonly isEmpty: () => boolean
  readonly isFull: () => boolean
  readonly numbers: () => Iterable<number>
  readonly entries: () => Iterable<LaneEntry>
  /** An entry of the window leaves it for here. */
  readonly park: (entry: LaneEntry) => void
  /** What waits in a chain leaves the window for here. */
  readonly parkChain: (chainKey: string) => void
  /** An entry that is here is done with. */
  readonly leave: (entry: LaneEntry) => void
  /** The oldest of a chain that fails for too many; it waits no more, and is to be given up. */
  readonly overflowOf: (chainKey: string) => LaneEntry | null
  /**
   * One object that is pushed to over and over behind a request that hangs, or a large push that hangs itself, must not keep
   * the others from their turn.
   */
  readonly makeRoom: (now: number) => void
}

/** @param onParked an entry left the window */
export function createParking(
  book: ChainBook<LaneEntry>,
  window: LaneWindow,
  onParked: (entry: LaneEntry) => void,
): Parking {
  const parked = new Map<number, LaneEntry>()
  /** Since when the window has been full, with nothing in it that could be sent, at each look. */
  let stuckSince: number | null = null

  function park(entry: LaneEntry): void {
    if (entry.isParked) return
    entry.isParked = true
    entry.push = { ...entry.push, body: null }
    parked.set(entry.number, entry)
    window.leave(entry)
    onParked(entry)
  }

  return {
    isEmpty: () => parked.size === 0,
    isFull: () => parked.size >= PARKED_MOST,
    numbers: () => parked.keys(),
    entries: () => parked.values(),
    park,
    parkChain: (chainKey) => book.waitingIn(chainKey).forEach(park),
    leave: ({ number }) => parked.delete(number),
    overflowOf: (chainKey) => (book.waitingIn(chainKey).length > PARKED_PER_CHAIN ? book.dropFirst(chainKey) : null),
    makeRoom(now) {
      if (window.hasRoom() || book.readyCount() > 0) stuckSince = null
      else stuckSince ??= now
      if (stuckSince === null || now - stuckSince < PATIENCE_MS || parked.size >= BEHIND_HANGING_MOST) return
      window.entries().forEach(park)
    },
  }
}
