import { Fifo } from '../fifo.ts'
import type { ReadLimits } from '../log/push-log.ts'
import type { Entry } from './entry.ts'

const MOST_ENTRIES = 1_000
const MOST_BYTES = 1_000_000
/** Entries that left are cleared away when there are more of them than this, and more than of those that are here. */
const LEFT_MOST = 64

/** Entries that a lane has read and that are not done, whole and in the order of their numbers. What is parked is not in it. */
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

  /** The push with this number was sent, parked, counted as superseded, or missed: it must not be read again as if new. */
  touch(number: number): void {
    if (number > this.#touchedTo) this.#touchedTo = number
  }

  /**
   * Beyond this number nothing was touched, so what the window holds of it may be forgotten and read again. With 4 to 7 in the
   * window, of which 5 is in flight, it is 5: 4 and 5 are unfinished, 6 and 7 can be read again.
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
