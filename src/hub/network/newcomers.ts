import type { Advice } from '../administration/advice.ts'
import type { Verdict } from '../administration/handshake-attempts.ts'
import type { ConnectionStatus } from './routing-table.ts'

/** A platform on its way into the network: PLANNED, or live for the first time lately. Moments in milliseconds since the epoch. */
export type Newcomer = {
  readonly platformId: string
  readonly name: string
  readonly status: ConnectionStatus
  /** Order of creation. */
  readonly number: number
  readonly createdAt: number
  /** When it was CONNECTED for the first time; null: not yet. */
  readonly firstLiveAt: number | null
  /** Credentials were exchanged. */
  readonly hasCredentials: boolean
  /** It waits to be released once it has credentials. */
  readonly isHeld: boolean
  /** It waits for its connection check once it has credentials. */
  readonly awaitsCheck: boolean
  readonly lastSeenAt: number | null
  /** The registration token that is open now. */
  readonly token: { readonly createdAt: number; readonly expiresAt: number } | null
  /** The newest attempt of a handshake, of either side. */
  readonly attempt: {
    readonly id: string
    readonly lastAt: number
    /** Null while it goes on, or where nobody went on with it. */
    readonly outcome: Verdict['outcome'] | null
    readonly advice: Advice | null
  } | null
  /** Its newest connection check. */
  readonly check: {
    readonly run: number
    readonly at: number
    /** It is still to come to its end. */
    readonly isOpen: boolean
    /** It has an end, and not its own. */
    readonly isBrokenOff: boolean
    /** Probes by what they came to. */
    readonly counts: Readonly<Record<'pass' | 'warn' | 'fail' | 'skipped', number>>
    /** Probes that found faults which are not waived. */
    readonly faults: number
  } | null
}

/** Newest first, at most `limit`, before a number (null: from the newest). Rejects when the database is away. */
export type ListNewcomers = (page: {
  readonly now: number
  readonly limit: number
  readonly before: number | null
  /** Only this platform, on its way or long since live; null: all that are on their way. */
  readonly platformId: string | null
}) => Promise<readonly Newcomer[]>
