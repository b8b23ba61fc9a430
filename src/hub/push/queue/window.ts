import { Fifo } from '../fifo.ts'
import type { ReadLimits } from '../log/push-log.ts'
import type { Entry } from './entry.ts'

const MOST_ENTRIES = 1_000
const MOST_BYTES = 1_000_000
/** Entries that left are cleared away when there are more of them than this, and more than of those that are here. */
const LEFT_MOST = 64

/** What a lane has read of the log and is not done with, whole and in the order of numbers. What is parked is not in it. */
export class LaneWindow {
  /** The first one is always here; later ones that left stay until they come first, or are many. */
  readonly #list = new Fifo<Entry>()
  #entries = 0
  #bytes = 0
  #touchedTo: number

  constructor(touchedTo: number) {
    this.#touchedTo = touchedTo
  }

  hasRoom(): boolean {
    return this.#entries < MOST_ENTRIES && this.#bytes < MOST_BYTES
  }

  /** How much more may be read. */
  room(): ReadLimits {
    return { pushes: MOST_ENTRIES - this.#entries, bytes: MOST_BYTES - this.#bytes }
  }

  isEmpty(): boolean {
    return this.#entries === 0
  }

  add(entry: Entry): void {
    this.#list.push(entry)
    this.#entries++
    this.#bytes += entry.bytes
  }

  /** An entry of the window has another place now. */
  leave(entry: Entry): void {
    const list = this.#list
    this.#entries--
    this.#bytes -= entry.bytes
    for (let first = list.at(0); first && !isHere(first); first = list.at(0)) list.shift()
    const left = list.length - this.#entries
    if (left > LEFT_MOST && left > this.#entries) list.keep(isHere)
  }

  first(): Entry | undefined {
    return this.#list.at(0)
  }

  entries(): Entry[] {
    return [...this.#list].filter(isHere)
  }

  /** Something came of the push with this number: it was sent, parked, superseded or missed. */
  touch(number: number): void {
    if (number > this.#touchedTo) this.#touchedTo = number
  }

  /**
   * Up to where the lane need not read again: to before its first entry of which, and of all after which, nothing came yet. With
   * 4, 5, 6 and 7 in the window, of which 5 was touched, that is 5, and 4 and 5 are unfinished.
   */
  watermark(readTo: number): number {
    for (const entry of this.#list) {
      if (isHere(entry) && entry.push.number > this.#touchedTo) return entry.push.number - 1
    }
    return readTo
  }
}

function isHere(entry: Entry): boolean {
  return entry.place === 'window'
}
