import type { Push } from './push.ts'

/** How far a platform is with one module. */
export type LaneCursor = {
  readonly module: string
  /** Everything up to here is done with, but for `unfinished`; nothing beyond. */
  readonly watermark: number
  /** The few numbers up to the watermark that are not done with, ascending. */
  readonly unfinished: readonly number[]
  /** Rows beyond this number were not read yet; null when all that there are were. */
  readonly readTo: number | null
}

/** How far a platform is: with every module up to `position`, but for the modules named in `lanes`. */
export type QueueCursor = { readonly position: number; readonly lanes: readonly LaneCursor[] }

export type QueueCounts = {
  readonly delivered: number
  /** Replaced by a newer push before they were sent. */
  readonly collapsed: number
  /** Refused by the partner for good. */
  readonly failed: number
  /** Given up by the hub: too old, the partner away, cut from the log, skipped. */
  readonly missed: number
}

/** Why a queue sends nothing now. */
export type PauseCause = 'administrator' | 'offline' | 'not-connected' | 'failing' | 'throttled'

export type QueueState = QueueCounts & {
  readonly platformId: string
  /** Known to be for this platform and not yet done with. */
  readonly waiting: number
  /** Of the log not read yet, all of the modules concerned; of what is far back, of any module. */
  readonly unread: number
  readonly inFlight: number
  /** When the oldest of those waiting was accepted; null when none waits. */
  readonly oldestAt: number | null
  readonly pauseCause: PauseCause | null
}

/** A queue as it was last saved, with what administrators ordered. */
export type SavedQueue = QueueCounts & { readonly platformId: string; readonly cursor: QueueCursor } & QueueOrders

/** What administrators ordered for a queue. */
export type QueueOrders = {
  readonly isPaused: boolean
  /** Everything up to this number is to be dropped; null when nothing is. */
  readonly skipTo: number | null
}

export type QueueSave = QueueState & {
  readonly cursor: QueueCursor
  /** The lowest number this platform may still ask the log for. */
  readonly needed: number
  /** An order to skip that has been carried out. */
  readonly skippedTo: number | null
  readonly shard: number
  readonly epoch: number
}

export type MissedCause = 'expired' | 'offline' | 'not-connected' | 'cut' | 'skipped' | 'overflow'

/** A push that a platform will not get: it has to GET the object. */
export type MissedPush = Pick<Push, 'module' | 'method' | 'path' | 'chainKey' | 'pathKey' | 'at'> & {
  readonly platformId: string
  readonly missedAt: number
  readonly cause: MissedCause
  /** Pushes of this object that were missed. */
  readonly times: number
}

/** Cursors of all platforms. Every function rejects when the database is away. */
export type CursorStore = {
  /** Platforms without a cursor get one at the end of the log. Platforms that are gone are left out. */
  readonly load: (platformIds: readonly string[]) => Promise<readonly SavedQueue[]>
  /** Saves what is still this owner's by shard and epoch, with what was missed. Returns platforms that no longer are. */
  readonly save: (
    owner: string,
    saves: readonly QueueSave[],
    missed: readonly MissedPush[],
  ) => Promise<readonly string[]>
  /** Queues with an order in force. */
  readonly orders: () => Promise<readonly (QueueOrders & { readonly platformId: string })[]>
}

/** The lowest number that a cursor may still need. */
export function neededBy(cursor: QueueCursor): number {
  let needed = cursor.position + 1
  for (const lane of cursor.lanes) needed = Math.min(needed, lane.watermark + 1, lane.unfinished[0] ?? needed)
  return needed
}

/** Whether a push lies beyond what a platform is done with. */
export function isUnread(cursor: QueueCursor, push: Pick<Push, 'number' | 'module'>): boolean {
  const lane = cursor.lanes.find((each) => each.module === push.module)
  if (!lane) return push.number > cursor.position
  return push.number > lane.watermark || lane.unfinished.includes(push.number)
}
