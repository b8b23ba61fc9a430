import type { Circuit } from '../attempt/circuit.ts'
import type { LaneCursor } from '../cursor.ts'
import type { Dropping } from './drops.ts'
import type { LaneEntry } from './window.ts'

/** What a platform's queue takes its pushes from: a module of the log, or what the hub itself has to say. */
export type Lane = {
  readonly module: string
  /** A dead module stops its own lane and no other. */
  readonly circuit: Circuit
  /** Whether a push that fails for longer than the maximum age is missed. Otherwise it is tried until it succeeds or is replaced. */
  readonly givesUp: boolean
  /** Looks for more to send where there is room. */
  readonly pull: (now: number) => void
  /** How many pushes could be taken now. */
  readonly takeable: (now: number) => number
  readonly take: () => LaneEntry | null
  /** Lets chains go on whose time has come. */
  readonly release: (now: number) => void
  readonly settle: (entry: LaneEntry) => void
  /** Tries an entry again at `dueAt`; a newer push may replace it meanwhile. */
  readonly retry: (entry: LaneEntry, dueAt: number) => void
  /** Gives back an entry that was not sent. */
  readonly untake: (entry: LaneEntry) => void
  /** When there will be something to do again; null when only other events tell. */
  readonly wakesAt: () => number | null
  readonly state: () => LaneState
  readonly stop: () => void
}

export type LaneState = {
  readonly waiting: number
  /** Rows of the log that were not read yet. */
  readonly unread: number
  readonly inFlight: number
  readonly oldestAt: number | null
}

/** What a platform's queue holds of one module of the log. */
export type LogLane = Lane & {
  /** Goes on from a saved cursor. */
  readonly resume: (cursor: LaneCursor) => void
  /** Whether it has read all that there is and wants more: it is told of the next row. */
  readonly isAtHead: () => boolean
  /** Leaves the head: there are rows for it after this number. */
  readonly leaveHead: (number: number) => void
  /** The queue sends nothing for now: what waits leaves memory, and nothing more is read. Ends with `wake`. */
  readonly sleep: () => void
  readonly wake: () => void
  /** Drops what waits of this. What is read from here on is asked about by itself. */
  readonly discard: (dropping: Dropping) => void
  /** Everything up to here was read. */
  readonly readTo: () => number
  /** Null when it is done with everything at the end of the log. */
  readonly cursor: () => LaneCursor | null
  /** Whether one that is made anew would know and do the same. */
  readonly isAtRest: () => boolean
}
