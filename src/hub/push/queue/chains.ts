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
export class ChainBook<E extends ChainEntry> {
  readonly #chains = new Map<string, Chain<E>>()
  readonly #ready = new Fifo<Chain<E>>()
  readonly #heldBack: Chain<E>[] = []
  #waitingCount = 0

  #update(chain: Chain<E>): void {
    const canGo = chain.flying === null && chain.dueAt === 0 && chain.waiting.length > 0
    if (canGo && !chain.isReady) this.#ready.push(chain)
    chain.isReady = canGo
    if (chain.waiting.length === 0 && chain.flying === null && chain.dueAt === 0) this.#chains.delete(chain.key)
  }

  #holdBack(chain: Chain<E>, dueAt: number): void {
    chain.dueAt = dueAt
    if (dueAt === 0) return
    const heldBack = this.#heldBack
    let low = 0
    let high = heldBack.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((heldBack[middle] as Chain<E>).dueAt <= dueAt) low = middle + 1
      else high = middle
    }
    heldBack.splice(low, 0, chain)
  }

  #takeOut(chain: Chain<E>, matches: (entry: E) => boolean): E[] {
    const removed: E[] = []
    let kept = 0
    for (const entry of chain.waiting) {
      if (matches(entry)) removed.push(entry)
      else chain.waiting[kept++] = entry
    }
    chain.waiting.length = kept
    this.#waitingCount -= removed.length
    return removed
  }

  /** Puts a push at the end of its chain. Returns those it replaces: they need no sending any more. */
  add(entry: E): E[] {
    let chain = this.#chains.get(entry.chainKey)
    if (!chain) {
      chain = { key: entry.chainKey, waiting: [], flying: null, dueAt: 0, isReady: false }
      this.#chains.set(chain.key, chain)
    }
    const replaced =
      entry.replaces && chain.waiting.length > 0
        ? this.#takeOut(chain, (waiting) => covers(entry.pathKey, waiting.pathKey))
        : []
    chain.waiting.push(entry)
    this.#waitingCount++
    this.#update(chain)
    return replaced
  }

  /** The next push to send, from the chain that waits longest; its chain rests until `settle` or `putBack`. */
  take(): E | null {
    const chain = this.#ready.shift()
    if (!chain) return null
    const entry = chain.waiting.shift() as E
    this.#waitingCount--
    chain.flying = entry
    chain.isReady = false
    return entry
  }

  /** A push that was taken is done with, delivered or not. Its chain goes on at `dueAt` (0: at once). */
  settle(entry: E, dueAt = 0): void {
    const chain = this.#chains.get(entry.chainKey)
    if (chain?.flying !== entry) return
    chain.flying = null
    if (chain.waiting.length > 0) this.#holdBack(chain, dueAt)
    this.#update(chain)
  }

  /**
   * A push that was taken goes back to the head of its chain, which waits until `dueAt`. False when a newer one replaced it
   * meanwhile; it is then done with.
   */
  putBack(entry: E, dueAt: number): boolean {
    const chain = this.#chains.get(entry.chainKey)
    if (chain?.flying !== entry) return false
    chain.flying = null
    const isReplaced = chain.waiting.some((newer) => newer.replaces && covers(newer.pathKey, entry.pathKey))
    if (!isReplaced) {
      chain.waiting.unshift(entry)
      this.#waitingCount++
    }
    this.#holdBack(chain, dueAt)
    this.#update(chain)
    return !isReplaced
  }

  /** Lets chains go on whose time has come. */
  release(now: number): void {
    const heldBack = this.#heldBack
    let due = 0
    while (due < heldBack.length && (heldBack[due] as Chain<E>).dueAt <= now) due++
    for (const chain of heldBack.splice(0, due)) {
      chain.dueAt = 0
      this.#update(chain)
    }
  }

  /** When the next chain may go on; null when none is held back. */
  nextDueAt(): number | null {
    return this.#heldBack[0]?.dueAt ?? null
  }

  /** Removes waiting pushes that match; those taken stay. */
  removeWaiting(matches: (entry: E) => boolean): E[] {
    const removed: E[] = []
    for (const chain of [...this.#chains.values()]) {
      removed.push(...this.#takeOut(chain, matches))
      this.#update(chain)
    }
    this.#ready.keep((chain) => chain.isReady)
    return removed
  }

  /** Removes the next push of a chain. */
  dropFirst(chainKey: string): E | null {
    const chain = this.#chains.get(chainKey)
    const first = chain?.waiting.shift() ?? null
    if (chain && first) {
      this.#waitingCount--
      this.#update(chain)
    }
    return first
  }

  /** Waiting pushes of a chain, those taken left out. */
  waitingIn(chainKey: string): readonly E[] {
    return this.#chains.get(chainKey)?.waiting ?? []
  }

  /** Whether a chain is held back after a failure. */
  isHeldBack(chainKey: string): boolean {
    return (this.#chains.get(chainKey)?.dueAt ?? 0) !== 0
  }

  /** Chains with a push that could be taken now. */
  readyCount(): number {
    return this.#ready.length
  }

  /** Pushes that wait, held back or not. */
  waitingCount(): number {
    return this.#waitingCount
  }
}
