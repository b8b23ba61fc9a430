import { DAY_MS } from '../moments.ts'
import type { Advice } from './advice.ts'
import type { Verdict } from './handshake-attempts.ts'

/** How bad it is: something does not work, something wants a look, or something is to come. */
export const TONES = ['bad', 'warn', 'info'] as const

export type Tone = (typeof TONES)[number]

/** What needs an administrator, of one platform. Moments in milliseconds since the epoch. */
export type Concern = {
  readonly platformId: string
  readonly platformName: string
  readonly tone: Tone
  readonly since: number
} & ConcernFacts

export type ConcernFacts =
  | { readonly kind: 'platform-offline'; readonly cause: string }
  /** An administrator paused it, or the partner refuses what it gets. */
  | { readonly kind: 'queue-paused'; readonly cause: string; readonly waiting: number }
  | { readonly kind: 'queue-lags'; readonly waiting: number }
  /** The newest attempt failed. `outcome` is null of one that nobody went on with. */
  | { readonly kind: 'handshake-failed'; readonly outcome: Verdict['outcome'] | null; readonly advice: Advice | null }
  /** Up to 101 `objects` are counted; `cause` is that of the latest. */
  | { readonly kind: 'objects-missed'; readonly objects: number; readonly cause: string }
  /** The latest connection check found faults that are not waived, in so many probes. */
  | { readonly kind: 'check-failed'; readonly run: number; readonly faults: number }
  | { readonly kind: 'token-ends'; readonly endsAt: number }
  | { readonly kind: 'certificate-ends'; readonly host: string; readonly endsAt: number }

export type ConcernKind = ConcernFacts['kind']

export const CONCERN_KINDS = [
  'platform-offline',
  'queue-paused',
  'queue-lags',
  'handshake-failed',
  'objects-missed',
  'check-failed',
  'token-ends',
  'certificate-ends',
] as const satisfies readonly ConcernKind[]

/** How many there are of what administrators look at. */
export type Overview = {
  readonly platforms: {
    readonly total: number
    readonly connected: number
    readonly offline: number
    readonly planned: number
    readonly suspended: number
  }
  /** PLANNED, or live for the first time within `NEW_FOR_MS`. */
  readonly newcomers: number
  readonly queues: {
    readonly total: number
    /** As among the concerns. */
    readonly paused: number
    readonly lagging: number
    /** Pushes that wait in all of them, as last saved. */
    readonly waiting: number
  }
  readonly pendingRoles: number
}

/** A platform's first time live makes it a newcomer for so long. */
export const NEW_FOR_MS = 7 * DAY_MS

/** A registration token ends soon when it does within this time. */
export const TOKEN_ENDS_SOON_MS = 7 * DAY_MS

/** What is asked of the database for the administrators' first look. Every function rejects when it is away. */
export type ConcernStore = {
  /** The worst first, of those the latest first, at most `limit`. */
  readonly concerns: (now: number, limit: number) => Promise<readonly Concern[]>
  readonly overview: (now: number) => Promise<Overview>
}
