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

/** What a lane has read of the log and is not done with, whole and in the order of numbers. What is parked is not in it. */
export type LaneWindow = {
  readonly hasRoom: () => boolean
  /** How much more may be read. */
  readonly room: () => ReadLimits
  readonly isEmpty: () => boolean
  readonly add: (entry: LaneEntry) => void
  /** An entry that is here was marked as done or as parked. */
  readonly leave: (entry: LaneEntry) => void
  readonly first: () => LaneEntry | undefined
  readonly entries: () => LaneEntry[]
}

const MOST_ROWS = 1_000
const MOST_BYTES = 1_000_000
/** Entries that left are thrown out when they are so many, and more than those that are here. */
const LEFT_MOST = 64

export function createLaneWindow(): LaneWindow {
  /** The first one is always here; later ones that left stay until they come first, or are many. */
  const list = new Fifo<LaneEntry>()
  let rows = 0
  let bytes = 0

  return {
    hasRoom: () => rows < MOST_ROWS && bytes < MOST_BYTES,
    room: () => ({ rows: MOST_ROWS - rows, bytes: MOST_BYTES - bytes }),
    isEmpty: () => rows === 0,
    add(entry) {
      list.push(entry)
      rows++
      bytes += entry.bytes
    },
    leave(entry) {
      rows--
      bytes -= entry.bytes
      for (let first = list.at(0); first && !isHere(first); first = list.at(0)) list.shift()
      const left = list.length - rows
      if (left > LEFT_MOST && left > rows) list.keep(isHere)
    },
    first: () => list.at(0),
    entries: () => [...list].filter(isHere),
  }
}

function isHere(entry: LaneEntry): boolean {
  return !entry.isDone && !entry.isParked
}
