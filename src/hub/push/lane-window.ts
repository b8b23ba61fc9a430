import type { ChainEntry } from './chains.ts'
import { Fifo } from './fifo.ts'
import { bytesOf, type Push, replacesOthers } from './push.ts'

/** A push on its way to one platform. */
export type LaneEntry = ChainEntry & {
  /** Without its body once it left memory: it is read again when its turn comes. */
  push: Push
  readonly bytes: number
  /** Milliseconds of the queue's clock; null before the first failure. */
  firstFailedAt: number | null
  failures: number
  isDone: boolean
  /** Waits apart from the window, behind a failure; its body left memory. */
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

/** A row of the log that was read: an entry, or the number of one with which nothing is left to do. */
type Slot = Pick<LaneEntry, 'number' | 'isDone' | 'isParked'>

/** What a lane has read of the log and is not done with, in the order of numbers. */
export type LaneWindow = {
  readonly hasRoom: () => boolean
  /** How much more may be read. */
  readonly room: () => { readonly rows: number; readonly bytes: number }
  readonly isEmpty: () => boolean
  readonly add: (entry: LaneEntry) => void
  /** Remembers a number with which nothing is left to do. */
  readonly pass: (number: number) => void
  /** An entry that is here was marked as done or as parked. */
  readonly leave: (entry: LaneEntry) => void
  /** The first that is not done with and not parked. */
  readonly first: () => Slot | undefined
  /** Numbers after the first that are done with. */
  readonly finished: () => number[]
  readonly clear: () => void
}

/** How many pushes wait in memory, whole. */
const MOST_ROWS = 1_000
const MOST_BYTES = 1_000_000
/** Numbers behind one that is not done with: so many are remembered, and written with the cursor. */
const MOST_SLOTS = 20_000

export function createLaneWindow(): LaneWindow {
  /** The first one is always open: those that left stay until they come first. */
  const slots = new Fifo<Slot>()
  let rows = 0
  let bytes = 0

  return {
    hasRoom: () => rows < MOST_ROWS && bytes < MOST_BYTES && slots.length < MOST_SLOTS,
    room: () => ({ rows: MOST_ROWS - rows, bytes: MOST_BYTES - bytes }),
    isEmpty: () => slots.length === 0,
    add(entry) {
      slots.push(entry)
      rows++
      bytes += entry.bytes
    },
    pass(number) {
      if (slots.length > 0) slots.push({ number, isDone: true, isParked: false })
    },
    leave(entry) {
      rows--
      bytes -= entry.bytes
      for (let first = slots.at(0); first && (first.isDone || first.isParked); first = slots.at(0)) slots.shift()
    },
    first: () => slots.at(0),
    finished: () => [...slots].filter((slot) => slot.isDone).map((slot) => slot.number),
    clear() {
      slots.clear()
      rows = 0
      bytes = 0
    },
  }
}
