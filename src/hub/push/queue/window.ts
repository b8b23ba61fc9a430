import { Fifo } from '../fifo.ts'
import type { ReadLimits } from '../log/push-log.ts'
import { bytesOf, type Push, replacesOthers } from '../push.ts'
import type { ChainEntry } from './chains.ts'

/** A push on its way to one platform. */
export type LaneEntry = ChainEntry & {
  /** Without its body once it left memory: it is read again when its turn comes. */
  push: Push
  readonly bytes: number
  /** Milliseconds of the queue's clock; null before the first failure. */
  firstFailedAt: number | null
  failures: number
  isDone: boolean
  /** Is apart from the window, for a failure or a request that hangs; another try reads its body again. */
  isParked: boolean
}

export function entryOf(push: Push): LaneEntry {
  return {
    number: push.number,
    chainKey: push.chainKey,
    pathKey: push.pathKey,
    replaces: replacesOthers(push),
    push,
    bytes: bytesOf(push),
    firstFailedAt: null,
    failures: 0,
    isDone: false,
    isParked: false,
  }
}

const MOST_ROWS = 1_000
const MOST_BYTES = 1_000_000
/** Entries that left are thrown out when they are so many, and more than those that are here. */
const LEFT_MOST = 64

/**
 * What a lane has read of the log and is not done with, whole and in the order of numbers. What is parked is not in it.
 */
export class LaneWindow {
  /** The first one is always here; later ones that left stay until they come first, or are many. */
  readonly #list = new Fifo<LaneEntry>()
  #rows = 0
  #bytes = 0

  hasRoom(): boolean {
    return this.#rows < MOST_ROWS && this.#bytes < MOST_BYTES
  }

  /** How much more may be read. */
  room(): ReadLimits {
    return { rows: MOST_ROWS - this.#rows, bytes: MOST_BYTES - this.#bytes }
  }

  isEmpty(): boolean {
    return this.#rows === 0
  }

  add(entry: LaneEntry): void {
    this.#list.push(entry)
    this.#rows++
    this.#bytes += entry.bytes
  }

  /** An entry that is here was marked as done or as parked. */
  leave(entry: LaneEntry): void {
    const list = this.#list
    this.#rows--
    this.#bytes -= entry.bytes
    for (let first = list.at(0); first && !isHere(first); first = list.at(0)) list.shift()
    const left = list.length - this.#rows
    if (left > LEFT_MOST && left > this.#rows) list.keep(isHere)
  }

  first(): LaneEntry | undefined {
    return this.#list.at(0)
  }

  entries(): LaneEntry[] {
    return [...this.#list].filter(isHere)
  }
}

function isHere(entry: LaneEntry): boolean {
  return !entry.isDone && !entry.isParked
}
