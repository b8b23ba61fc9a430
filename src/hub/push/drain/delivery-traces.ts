import type { PartyKey } from '../../../ocpi/party.ts'
import type { MessageSummary } from '../../message/message-query.ts'
import type { QueueCursor } from '../cursor.ts'
import type { Push } from '../push.ts'
import type { MissedView } from './queue-admin.ts'
import type { PushIds } from './send-again.ts'

/** The attempts to deliver one push to a platform, or to one party of it, as the message log has them. */
export type LoggedAttempts = {
  readonly platformId: string
  readonly to: PartyKey | null
  readonly attempts: number
  /** When it was delivered; null: no attempt that the log has succeeded. */
  readonly deliveredAt: number | null
  readonly last: LoggedAttempt
}

export type LoggedAttempt = Pick<MessageSummary, 'id' | 'at' | 'httpStatus' | 'ocpiStatus' | 'failure' | 'detail'>

/** A platform's queue as last saved, and when the platform was CONNECTED for the first time. */
export type SavedPlace = { readonly cursor: QueueCursor; readonly firstLiveAt: number | null }

/** What tells what became of pushes, and what waits. Every function rejects when the database is away, or takes too long. */
export type DeliveryTraces = {
  /** The accepted push; null when the push log does not hold it any more. */
  readonly find: (ids: PushIds) => Promise<Push | null>
  readonly attempts: (push: Push, platformIds: readonly string[]) => Promise<readonly LoggedAttempts[]>
  /** Platforms without a queue are left out. */
  readonly places: (platformIds: readonly string[]) => Promise<ReadonlyMap<string, SavedPlace>>
  /** Of one object, under any of these chains. */
  readonly missed: (
    platformIds: readonly string[],
    chainKeys: readonly string[],
    pathKey: string,
  ) => Promise<readonly (MissedView & { readonly platformId: string })[]>
  /** Pushes that a queue may still have to deliver, the oldest of each module, by number and without bodies. */
  readonly unread: (platformId: string, cursor: QueueCursor) => Promise<readonly Push[]>
  /** Deliveries to a platform that failed since a moment, the latest first. */
  readonly failures: (platformId: string, since: number, limit: number) => Promise<readonly MessageSummary[]>
}
