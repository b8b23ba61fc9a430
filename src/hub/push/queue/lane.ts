import type { Circuit } from '../attempt/circuit.ts'
import type { Entry } from './entry.ts'

/** What a queue takes its entries from: one module of the log, or what the hub itself has to say. */
export type Lane = {
  readonly module: string
  /** A module that fails throughout stops its own lane and no other. */
  readonly circuit: Circuit
  /** Whether an entry that fails for longer than the maximum age is missed. Otherwise only success or a newer entry ends it. */
  readonly givesUp: boolean
  /**
   * Lets chains go on that are due, and looks for more to send where there is room.
   *
   * @param isAsleep nothing will be sent for long: nothing more is read, and what waits leaves memory
   */
  readonly advance: (now: number, isAsleep: boolean) => void
  /** How many entries could be taken now. */
  readonly readyCount: (now: number) => number
  /** The next entry, for a request that begins now. It comes back by `settle` or `putBack`. */
  readonly take: () => Entry | null
  /** An entry that was taken is done, delivered or not. */
  readonly settle: (entry: Entry) => void
  /** An entry that was taken waits again, to be sent from `dueAt` on (0: at once) unless a newer one has superseded it. */
  readonly putBack: (entry: Entry, dueAt: number) => void
  /** The platform's status changed: earlier failures say nothing of how it is now. */
  readonly forgetFailures: () => void
  /** When there will be something to do again; null when only other events tell. */
  readonly wakesAt: () => number | null
  readonly state: () => LaneState
  readonly stop: () => void
}

export type LaneState = {
  readonly waiting: number
  /** Pushes of the log that were not read yet. */
  readonly unread: number
  readonly inFlight: number
  readonly oldestAt: number | null
}
