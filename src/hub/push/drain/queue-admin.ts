import type { PartyKey } from '../../../ocpi/party.ts'
import type { By } from '../../administration/audit.ts'
import type { MissedCause, PauseCause } from '../cursor.ts'

/** A platform's queue as an administrator sees it, whichever process drains it. */
export type QueueView = {
  readonly platformId: string
  /** Pushes to deliver. Rows that the queue has not read yet all count, though some may be for others. */
  readonly waiting: number
  readonly inFlight: number
  readonly oldestAgeSeconds: number | null
  readonly delivered: number
  readonly collapsed: number
  readonly failed: number
  readonly missed: number
  readonly pauseCause: PauseCause | null
}

/** Where an object stands in a platform's list of missed ones: by time, then by its keys. */
export type MissedPlace = { readonly missedAt: number; readonly chainKey: string; readonly pathKey: string }

export type MissedView = MissedPlace & {
  /** The party that it was addressed to; null for a platform that gets a broadcast once. */
  readonly to: PartyKey | null
  readonly module: string
  readonly method: string
  readonly path: string
  /** When the latest of its missed pushes was accepted. */
  readonly at: number
  readonly cause: MissedCause
  readonly times: number
}

export type QueuePage = { readonly limit: number; readonly afterId: string | null }

/** What an administrator orders a queue to do. */
export type QueueOrder = 'pause' | 'resume' | 'skip'

/** Queues for administrators. Every function rejects when the database is away. */
export type QueueAdmin = {
  /** In order of platform IDs. */
  readonly list: (page: QueuePage, now: number) => Promise<readonly QueueView[]>
  /** Null for a platform without a queue. */
  readonly find: (platformId: string, now: number) => Promise<QueueView | null>
  /** Orders a queue to pause or to go on. `by` is who does, for the audit trail. False for a platform without a queue. */
  readonly setPaused: (platformId: string, isPaused: boolean, by?: By) => Promise<boolean>
  /** Orders everything accepted so far to be dropped. False for a platform without a queue. */
  readonly skip: (platformId: string, by?: By) => Promise<boolean>
  /** The latest first; null for a platform without a queue. */
  readonly missed: (
    platformId: string,
    limit: number,
    after: MissedPlace | null,
  ) => Promise<readonly MissedView[] | null>
}
