import type { PartyKey } from '../../ocpi/party.ts'
import type { Push } from './push.ts'

/**
 * How far a platform is with one module. `{ watermark: 7, unfinished: [4, 6], readTo: 9 }`: 1 to 3, 5 and 7 are done, 4 and 6
 * wait for another try; 8 and 9 were read and nothing came of them yet, so a process that goes on from here reads them again.
 */
export type LaneCursor = {
  readonly module: string
  /** Every push up to here is done, but for `unfinished`; none beyond. */
  readonly watermark: number
  /** The few numbers up to the watermark that are not done, ascending. */
  readonly unfinished: readonly number[]
  /** What is done beyond the watermark; absent where nothing is. */
  readonly ahead?: Ahead
  /** Of unfinished ones that are addressed to parties, those that they are still to go to; absent where there are none. */
  readonly owed?: Owed
  /** Pushes beyond this number were not read yet; null when all were. */
  readonly readTo: number | null
  /** Where some senders are left behind: how far all others were read, and each of these. `readTo` is the lowest of all. */
  readonly readAhead?: { readonly readTo: number; readonly behind: Readonly<Record<string, number>> }
}

/**
 * How far a lane is for the others while some senders are left behind. `{ watermark: 90, unfinished: [6, 88], behind: { cpo: 7 } }`:
 * of the platform `cpo` everything up to 7 is done, of all others everything up to 90, but for 6 and 88. The cursor's own watermark
 * and unfinished ones, here 7 and 6, say what is true of everybody: a hub that knows nothing of senders goes on from these, and
 * loses nothing.
 */
export type Ahead = {
  readonly watermark: number
  readonly unfinished: readonly number[]
  /** By the id of the sending platform: everything of it up to here is done, but for `unfinished`; none beyond. */
  readonly behind: Readonly<Record<string, number>>
}

/** By number: `{ 4: ['DE*EMS'] }` when push 4 is done for every other party of the platform. */
export type Owed = Readonly<Record<number, readonly PartyKey[]>>

/** How far a platform is: every module is done up to `position`, but for the modules named in `lanes`. */
export type QueueCursor = { readonly position: number; readonly lanes: readonly LaneCursor[] }

export type QueueCounts = {
  readonly delivered: number
  /** Superseded by a newer push before they were sent. */
  readonly collapsed: number
  /** Refused by the partner for good. Listed as missed for that cause. */
  readonly failed: number
  /** Given up by the hub, for any other of the missed causes: 2 failed and 3 missed are 5 pushes in the list. */
  readonly missed: number
  /** Done without a request: they cannot be said in the OCPI version of the platform. Neither failed nor missed. */
  readonly withheld: number
}

/** Why a queue sends nothing now. */
export type PauseCause = 'administrator' | 'offline' | 'not-connected' | 'token-refused' | 'failing' | 'throttled'

export type QueueState = QueueCounts & {
  readonly platformId: string
  /** Entries that wait. */
  readonly waiting: number
  /** Pushes of the log not read yet: of the lanes' modules where they are recent, of any module in the backlog. */
  readonly unread: number
  readonly inFlight: number
  /** When the oldest entry's push was accepted; null when there is none. */
  readonly oldestAt: number | null
  readonly pauseCause: PauseCause | null
}

/** A queue as it was last saved, with what administrators ordered. */
export type SavedQueue = QueueCounts & { readonly platformId: string; readonly cursor: QueueCursor } & QueueOrders

/** What administrators ordered for a queue. */
export type QueueOrders = {
  readonly isPaused: boolean
  /** Pushes up to this number are to be discarded; null when none are. */
  readonly skipTo: number | null
}

export type QueueSave = QueueState & {
  readonly cursor: QueueCursor
  /** The lowest number this platform may still ask the log for. */
  readonly needed: number
  /** Up to which number pushes were skipped by order; null when none were, and until that is done. */
  readonly skippedTo: number | null
  readonly shard: number
  readonly epoch: number
}

export type MissedCause = 'refused' | 'expired' | 'offline' | 'not-connected' | 'cut' | 'skipped' | 'overflow'

/** A push that a platform will not get: it has to GET the object. */
export type MissedPush = Pick<Push, 'to' | 'module' | 'method' | 'path' | 'chainKey' | 'pathKey' | 'at'> & {
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

/** The lowest number that a cursor may still ask the log for: what is below may be cut from the log. */
export function neededBy(cursor: QueueCursor): number {
  let needed = cursor.position + 1
  for (const lane of cursor.lanes) needed = Math.min(needed, lane.watermark + 1, lane.unfinished[0] ?? needed)
  return needed
}

/** Whether a push is not done, by a saved cursor: for the party that it is addressed to, or as a whole. */
export function isUnread(
  cursor: QueueCursor,
  push: Pick<Push, 'number' | 'module' | 'fromPlatformId' | 'to'>,
): boolean {
  const lane = cursor.lanes.find((each) => each.module === push.module)
  if (!lane) return push.number > cursor.position
  const { watermark, unfinished, behind } = aheadOf(lane)
  if (push.number > (behind[push.fromPlatformId] ?? watermark)) return true
  return unfinished.includes(push.number) && isOwed(lane.owed, push)
}

/** How far a saved lane is, sender by sender. */
export function aheadOf({ watermark, unfinished, ahead }: LaneCursor): Ahead {
  return ahead ?? { watermark, unfinished, behind: {} }
}

/** Whether an unfinished push is still to go to the party that it is addressed to. */
export function isOwed(owed: Owed | undefined, { number, to }: Pick<Push, 'number' | 'to'>): boolean {
  return to === undefined || (owed?.[number]?.includes(to) ?? true)
}
