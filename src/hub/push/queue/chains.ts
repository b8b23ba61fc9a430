import { firstAbove } from '../../first-above.ts'
import { Fifo } from '../fifo.ts'
import { maySupersede, supersedes } from '../log/superseded.ts'
import type { Entry } from './entry.ts'

/** The chains of one sender from which an entry could be taken now, the one that waits longest first. */
type Line = Fifo<Chain>

type Chain = {
  readonly key: string
  readonly line: Line
  /** In order; the first is next. */
  readonly waiting: Entry[]
  inFlight: Entry | null
  /** When a failed chain may go on; 0 when nothing holds it back. */
  dueAt: number
  /** Stands in the line of those from which an entry may be taken. */
  isReady: boolean
}

/**
 * The waiting entries of a lane by chain: in order and one at a time within a chain, first come first served between the chains of
 * one sender, and the senders take turns. Of the chains a1, a2, a3 of one sender and b1 of another, it is a1, b1, a2, a3. Knows
 * nothing of time but what it is told, and nothing of sending.
 */
export class ChainBook {
  readonly #chains = new Map<string, Chain>()
  /** By the id of the sending platform. */
  readonly #lines = new Map<string, Line>()
  /** The lines in which a chain stands; the first has the next turn. */
  readonly #turns = new Fifo<Line>()
  /** The one that is due first comes first. */
  readonly #heldBack: Chain[] = []
  #waitingCount = 0
  #readyCount = 0

  /** Puts an entry at the end of its chain. Returns the waiting ones that it supersedes: they wait no more. */
  add(entry: Entry): Entry[] {
    const { push } = entry
    let chain = this.#chains.get(push.chainKey)
    if (!chain) this.#chains.set(push.chainKey, (chain = newChain(push.chainKey, this.lineOf(push.fromPlatformId))))
    const mayBeSome = chain.waiting.length > 0 && maySupersede(push)
    const superseded = mayBeSome ? this.#remove(chain, (older) => supersedes(push, older.push)) : []
    chain.waiting.push(entry)
    this.#waitingCount++
    this.#update(chain)
    return superseded
  }

  /** Its length is how many entries of this sender could be taken now. */
  lineOf(fromPlatformId: string): Line {
    let line = this.#lines.get(fromPlatformId)
    if (!line) this.#lines.set(fromPlatformId, (line = new Fifo()))
    return line
  }

  /** The next entry to send, of the sender whose turn it is; its chain rests until `settle` or `putBack`. */
  take(): Entry | null {
    const line = this.#turns.shift()
    const chain = line?.shift()
    if (!line || !chain) return null
    if (line.length > 0) this.#turns.push(line)
    this.#readyCount--
    const entry = chain.waiting.shift() as Entry
    this.#waitingCount--
    chain.inFlight = entry
    chain.isReady = false
    return entry
  }

  /** An entry that was taken is done, delivered or not. */
  settle(entry: Entry): void {
    const chain = this.#chains.get(entry.push.chainKey)
    if (chain?.inFlight !== entry) return
    chain.inFlight = null
    this.#update(chain)
  }

  /**
   * An entry that was taken goes back to the head of its chain, which waits until `dueAt` (0: not at all). False when a newer
   * one superseded it meanwhile; it is then done.
   */
  putBack(entry: Entry, dueAt: number): boolean {
    const chain = this.#chains.get(entry.push.chainKey)
    if (chain?.inFlight !== entry) return false
    chain.inFlight = null
    const isSuperseded = chain.waiting.some((newer) => supersedes(newer.push, entry.push))
    if (!isSuperseded) {
      chain.waiting.unshift(entry)
      this.#waitingCount++
    }
    this.#holdBack(chain, dueAt)
    this.#update(chain)
    return !isSuperseded
  }

  /** Lets chains go on that are due. */
  advance(now: number): void {
    const heldBack = this.#heldBack
    let due = 0
    while (due < heldBack.length && (heldBack[due] as Chain).dueAt <= now) due++
    for (const chain of heldBack.splice(0, due)) {
      chain.dueAt = 0
      this.#update(chain)
    }
  }

  /** When the next chain is due; null when none is held back. */
  nextDueAt(): number | null {
    return this.#heldBack[0]?.dueAt ?? null
  }

  /** Removes waiting entries that match; those taken stay. */
  removeWaiting(matches: (entry: Entry) => boolean): Entry[] {
    const removed: Entry[] = []
    for (const chain of [...this.#chains.values()]) {
      removed.push(...this.#remove(chain, matches))
      this.#update(chain)
    }
    this.#keepReady()
    return removed
  }

  /** Removes the first waiting entry of a chain. */
  removeFirst(chainKey: string): Entry | null {
    const chain = this.#chains.get(chainKey)
    const first = chain?.waiting.shift() ?? null
    if (chain && first) {
      this.#waitingCount--
      this.#update(chain)
    }
    return first
  }

  /** Waiting entries of a chain, the one taken left out. */
  waitingIn(chainKey: string): readonly Entry[] {
    return this.#chains.get(chainKey)?.waiting ?? []
  }

  /** Whether a chain is held back after a failure. */
  isHeldBack(chainKey: string): boolean {
    return (this.#chains.get(chainKey)?.dueAt ?? 0) !== 0
  }

  /** Chains from which an entry could be taken now. */
  readyCount(): number {
    return this.#readyCount
  }

  /** Entries that wait, held back or not. */
  waitingCount(): number {
    return this.#waitingCount
  }

  #update(chain: Chain): void {
    const isReady = chain.inFlight === null && chain.dueAt === 0 && chain.waiting.length > 0
    if (isReady && !chain.isReady) this.#lineUp(chain)
    chain.isReady = isReady
    if (chain.waiting.length === 0 && chain.inFlight === null && chain.dueAt === 0) this.#chains.delete(chain.key)
  }

  #lineUp(chain: Chain): void {
    chain.line.push(chain)
    this.#readyCount++
    if (chain.line.length === 1) this.#turns.push(chain.line)
  }

  #keepReady(): void {
    this.#readyCount = 0
    for (const line of this.#lines.values()) {
      line.keep((chain) => chain.isReady)
      this.#readyCount += line.length
    }
    this.#turns.keep((line) => line.length > 0)
  }

  #holdBack(chain: Chain, dueAt: number): void {
    chain.dueAt = dueAt
    if (dueAt === 0) return
    const heldBack = this.#heldBack
    const place = firstAbove(heldBack.length, (index) => (heldBack[index] as Chain).dueAt, dueAt)
    heldBack.splice(place, 0, chain)
  }

  #remove(chain: Chain, matches: (entry: Entry) => boolean): Entry[] {
    const removed: Entry[] = []
    let kept = 0
    for (const entry of chain.waiting) {
      if (matches(entry)) removed.push(entry)
      else chain.waiting[kept++] = entry
    }
    chain.waiting.length = kept
    this.#waitingCount -= removed.length
    return removed
  }
}

function newChain(key: string, line: Line): Chain {
  return { key, line, waiting: [], inFlight: null, dueAt: 0, isReady: false }
}
