import { Fifo } from '../fifo.ts'
import { covers } from '../push.ts'

/** What the book knows of a waiting push. */
export type ChainEntry = {
  readonly number: number
  readonly chainKey: string
  readonly pathKey: string
  /** A PUT or DELETE: makes waiting pushes of its path and beneath superfluous. */
  readonly replaces: boolean
}

type Chain<E> = {
  readonly key: string
  /** In order; the first is next. */
  readonly waiting: E[]
  flying: E | null
  /** When a failed chain may go on; 0 when nothing holds it back. */
  dueAt: number
  /** Stands in the line of those from which a push may be taken. */
  isReady: boolean
}

/**
 * Waiting pushes by chain: in order and one at a time within a chain, first come first served between chains, collapsed
 * as new ones come. Knows nothing of time but what it is told, and nothing of sending.
 */
export type ChainBook<E extends ChainEntry> = {
  /** Puts a push at the end of its chain. Returns those it replaces: they need no sending any more. */
  readonly add: (entry: E) => E[]
  /** The next push to send, from the chain that waits longest; its chain rests until `settle` or `putBack`. */
  readonly take: () => E | null
  /** A push that was taken is done with, delivered or not. Its chain goes on at `dueAt` (0: at once). */
  readonly settle: (entry: E, dueAt?: number) => void
  /**
   * A push that was taken goes back to the head of its chain, which waits until `dueAt`. False when a newer one replaced it
   * meanwhile; it is then done with.
   */
  readonly putBack: (entry: E, dueAt: number) => boolean
  /** Lets chains go on whose time has come. */
  readonly release: (now: number) => void
  /** When the next chain may go on; null when none is held back. */
  readonly nextDueAt: () => number | null
  /** Removes waiting pushes that match; those taken stay. */
  readonly removeWaiting: (matches: (entry: E) => boolean) => E[]
  /** Removes the next push of a chain. */
  readonly dropFirst: (chainKey: string) => E | null
  /** Waiting pushes of a chain, those taken left out. */
  readonly waitingIn: (chainKey: string) => readonly E[]
  /** Whether a chain is held back after a failure. */
  readonly isHeldBack: (chainKey: string) => boolean
  /** Chains with a push that could be taken now. */
  readonly readyCount: () => number
  /** Pushes that wait, held back or not. */
  readonly waitingCount: () => number
}

export function createChainBook<E extends ChainEntry>(): ChainBook<E> {
  const chains = new Map<string, Chain<E>>()
  const ready = new Fifo<Chain<E>>()
  const heldBack: Chain<E>[] = []
  let waitingCount = 0

  function update(chain: Chain<E>): void {
    const canGo = chain.flying === null && chain.dueAt === 0 && chain.waiting.length > 0
    if (canGo && !chain.isReady) ready.push(chain)
    chain.isReady = canGo
    if (chain.waiting.length === 0 && chain.flying === null && chain.dueAt === 0) chains.delete(chain.key)
  }

  function holdBack(chain: Chain<E>, dueAt: number): void {
    chain.dueAt = dueAt
    if (dueAt === 0) return
    let low = 0
    let high = heldBack.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((heldBack[middle] as Chain<E>).dueAt <= dueAt) low = middle + 1
      else high = middle
    }
    heldBack.splice(low, 0, chain)
  }

  function takeOut(chain: Chain<E>, matches: (entry: E) => boolean): E[] {
    const removed: E[] = []
    let kept = 0
    for (const entry of chain.waiting) {
      if (matches(entry)) removed.push(entry)
      else chain.waiting[kept++] = entry
    }
    chain.waiting.length = kept
    waitingCount -= removed.length
    return removed
  }

  return {
    add(entry) {
      let chain = chains.get(entry.chainKey)
      if (!chain) {
        chain = { key: entry.chainKey, waiting: [], flying: null, dueAt: 0, isReady: false }
        chains.set(chain.key, chain)
      }
      const replaced =
        entry.replaces && chain.waiting.length > 0
          ? takeOut(chain, (waiting) => covers(entry.pathKey, waiting.pathKey))
          : []
      chain.waiting.push(entry)
      waitingCount++
      update(chain)
      return replaced
    },
    take() {
      const chain = ready.shift()
      if (!chain) return null
      const entry = chain.waiting.shift() as E
      waitingCount--
      chain.flying = entry
      chain.isReady = false
      return entry
    },
    settle(entry, dueAt = 0) {
      const chain = chains.get(entry.chainKey)
      if (chain?.flying !== entry) return
      chain.flying = null
      if (chain.waiting.length > 0) holdBack(chain, dueAt)
      update(chain)
    },
    putBack(entry, dueAt) {
      const chain = chains.get(entry.chainKey)
      if (chain?.flying !== entry) return false
      chain.flying = null
      const isReplaced = chain.waiting.some((newer) => newer.replaces && covers(newer.pathKey, entry.pathKey))
      if (!isReplaced) {
        chain.waiting.unshift(entry)
        waitingCount++
      }
      holdBack(chain, dueAt)
      update(chain)
      return !isReplaced
    },
    release(now) {
      let due = 0
      while (due < heldBack.length && (heldBack[due] as Chain<E>).dueAt <= now) due++
      for (const chain of heldBack.splice(0, due)) {
        chain.dueAt = 0
        update(chain)
      }
    },
    nextDueAt: () => heldBack[0]?.dueAt ?? null,
    removeWaiting(matches) {
      const removed: E[] = []
      for (const chain of [...chains.values()]) {
        removed.push(...takeOut(chain, matches))
        update(chain)
      }
      ready.keep((chain) => chain.isReady)
      return removed
    },
    dropFirst(chainKey) {
      const chain = chains.get(chainKey)
      const first = chain?.waiting.shift() ?? null
      if (chain && first) {
        waitingCount--
        update(chain)
      }
      return first
    },
    waitingIn: (chainKey) => chains.get(chainKey)?.waiting ?? [],
    isHeldBack: (chainKey) => (chains.get(chainKey)?.dueAt ?? 0) !== 0,
    readyCount: () => ready.length,
    waitingCount: () => waitingCount,
  }
}
