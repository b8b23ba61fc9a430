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
  /** Deliveries of the last minute, to a few. */
  readonly perMinute: number
  readonly collapsed: number
  readonly failed: number
  readonly missed: number
  /** Not sent since it cannot be said in the platform's version, see `Delivery`. */
  readonly withheld: number
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

/** Objects of a module that a platform missed, and when it last missed one. */
export type MissedOfModule = { readonly module: string; readonly objects: number; readonly lastAt: number }

/** By platform, by how many pushes wait, or by how long the oldest of them has waited: the most, and the longest, first. */
export const QUEUE_ORDERS = ['platform', 'waiting', 'oldest'] as const
/** Queues in which something waits, of which the oldest waits for more than five minutes, or to which nothing is sent now. */
export const QUEUE_STATES = ['waiting', 'lagging', 'paused'] as const

/** Behind which queue a page begins: by its rank in the order, then by its platform. */
export type QueuePlace = { readonly rank: number; readonly platformId: string }

/** What queues to list, and in which order. */
export type QueuePage = {
  readonly limit: number
  readonly after: QueuePlace | null
  readonly sort: (typeof QUEUE_ORDERS)[number]
  /** Null: all. */
  readonly state: (typeof QUEUE_STATES)[number] | null
}

/** What an administrator orders a queue to do. */
export type QueueOrder = 'pause' | 'resume' | 'skip'

/** Queues for administrators. Every function rejects when the database is away. */
export type QueueAdmin = {
  readonly list: (page: QueuePage, now: number) => Promise<readonly (QueueView & QueuePlace)[]>
  /** Null for a platform without a queue. */
  readonly find: (platformId: string, now: number) => Promise<QueueView | null>
  /** Orders a queue to pause or to go on. `by` is who does, for the audit trail. False for a platform without a queue. */
  readonly setPaused: (platformId: string, isPaused: boolean, by?: By) => Promise<boolean>
  /** Orders everything accepted so far to be dropped. False for a platform without a queue. */
  readonly skip: (platformId: string, by?: By) => Promise<boolean>
  /** How many objects of each module it missed; a module of which it missed none is left out. */
  readonly missedByModule: (platformId: string) => Promise<readonly MissedOfModule[]>
  /** The latest first; null for a platform without a queue. */
  readonly missed: (
    platformId: string,
    limit: number,
    after: MissedPlace | null,
  ) => Promise<readonly MissedView[] | null>
}
