import { Fifo } from '../fifo.ts'
import type { Entry } from './entry.ts'

/** Entries that left are cleared away when there are more of them than this, and more than of those that are here. */
const LEFT_MOST = 64

/** What a lane has of one sender: how far it has read its pushes, and those of them that are in its window, in order. */
export class Share {
  /** The id of the sending platform. */
  readonly sender: string
  /** Chains of the sender from which an entry could be taken now. */
  readonly #ready: { readonly length: number }
  /** The first one is always here; later ones that left stay until they come first, or are many. */
  readonly #list = new Fifo<Entry>()
  #readTo: number | null = null
  #touchedTo = 0
  /** In the window. */
  entries = 0
  bytes = 0
  parked = 0
  /** Since when it has had no room for more and nothing that could be sent; null while that is not so. */
  stuckSince: number | null = null

  constructor(sender: string, ready: { readonly length: number }) {
    this.sender = sender
    this.#ready = ready
  }

  /** Everything of the sender up to here was read; null while that is so of everything that the lane has read. */
  get readTo(): number | null {
    return this.#readTo
  }

  get isBehind(): boolean {
    return this.#readTo !== null
  }

  /** How many of its entries could be taken now. */
  readyCount(): number {
    return this.#ready.length
  }

  /** The lane reads on without the sender, whose pushes are read up to here. */
  leaveBehind(readTo: number): void {
    this.#readTo ??= readTo
  }

  /** Its pushes up to this number are read now; null: as far as the lane's others. */
  moveTo(readTo: number | null): void {
    this.#readTo = readTo
  }

  isIdle(): boolean {
    return this.entries === 0 && this.parked === 0 && this.#readTo === null
  }

  add(entry: Entry): void {
    this.#list.push(entry)
    this.entries++
    this.bytes += entry.bytes
  }

  /** An entry of the window has another place now. */
  leave(entry: Entry): void {
    const list = this.#list
    this.entries--
    this.bytes -= entry.bytes
    for (let first = list.at(0); first && !isHere(first); first = list.at(0)) list.shift()
    const left = list.length - this.entries
    if (left > LEFT_MOST && left > this.entries) list.keep(isHere)
  }

  first(): Entry | undefined {
    return this.#list.at(0)
  }

  here(): Entry[] {
    return [...this.#list].filter(isHere)
  }

  touch(number: number): void {
    if (number > this.#touchedTo) this.#touchedTo = number
  }

  /**
   * Beyond this number nothing of the sender was touched, so what the window holds of it may be forgotten and read again. With 4
   * to 7 in the window, of which 5 is in flight, it is 5: 4 and 5 are unfinished, 6 and 7 can be read again.
   */
  watermark(laneReadTo: number): number {
    for (const entry of this.#list) {
      if (isHere(entry) && entry.push.number > this.#touchedTo) return entry.push.number - 1
    }
    return this.#readTo ?? laneReadTo
  }
}

function isHere(entry: Entry): boolean {
  return entry.place === 'window'
}
