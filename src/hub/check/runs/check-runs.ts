import type { ConnectionStatus } from '../../network/routing-table.ts'
import type { Finding, Outcome, ProbeName } from '../check.ts'

/** What a connection check is to a platform that is new: without one it stays PLANNED, it has one by itself, or only by hand. */
export const CHECK_MODES = ['required', 'advised', 'off'] as const

export type CheckMode = (typeof CHECK_MODES)[number]

/**
 * `broken-off`: whoever made it could not go on. It is begun anew, unless it has an end; then its `why` says what kept it from that.
 */
export const RUN_STATES = ['waiting', 'running', 'ended', 'broken-off'] as const

export type RunState = (typeof RUN_STATES)[number]

/** How many probes came to what, each counted once, by the worst of what it found in the lists of all parties. */
export type ProbeCounts = Readonly<Record<Outcome, number>>

/** Who asks for a run: `handshake` a connection that was just made, `schedule` the hub every so many days, `partner` the platform itself. */
export type AskedBy = 'admin' | `admin:${string}` | 'handshake' | 'schedule' | 'partner'

/** What a run is to do. */
export type CheckTerms = {
  /** The partner consents to objects and a command of the check's own. */
  readonly consent: boolean
  /** No call without the right token is made. */
  readonly skipsWrongToken: boolean
}

/** One run of the connection check of a platform. Moments in milliseconds since the epoch. */
export type CheckRun = CheckTerms & {
  readonly platformId: string
  /** Of the platform's runs, from 1. */
  readonly number: number
  readonly askedBy: AskedBy
  readonly askedAt: number
  readonly state: RunState
  /** Of the latest beginning; null before the first. */
  readonly startedAt: number | null
  /** Null: it is still to come to its end. */
  readonly endedAt: number | null
  /** Of one that is broken off, in words. */
  readonly why: string | null
  /** The X-Correlation-ID of its calls; null before the first. */
  readonly correlationId: string | null
  readonly counts: ProbeCounts
}

export type CheckReport = { readonly run: CheckRun; readonly findings: readonly Finding[] }

/** A fault of one platform that an administrator lets pass. */
export type Waiver = {
  readonly probe: ProbeName
  readonly reason: string
  /** The administrator's name. */
  readonly by: string
  readonly at: number
}

/** Runs beyond these are dropped, the oldest first. */
export const RUNS_KEPT = 20

/** After a handshake: the answer with the partner's new token is still on its way to it. */
export const HANDSHAKE_SETTLES_MS = 2_000

/** Whether and how a run was asked for. */
export type AskResult =
  | { readonly kind: 'asked'; readonly number: number }
  | { readonly kind: 'unknown-platform' }
  /** It is SUSPENDED, or there is no connection that could be checked. */
  | { readonly kind: 'wrong-status'; readonly status: ConnectionStatus }
  /** This one has not ended yet. */
  | { readonly kind: 'under-way'; readonly number: number }

/** A partner asks for no more runs than one in this time. */
export const PARTNER_ASKS_EVERY_MS = 600_000

/** Asks for a run in the name of the platform itself: without what changes anything at it. Rejects when the database is away. */
export type AskByPartner = (
  platformId: string,
) => Promise<AskResult | { readonly kind: 'too-soon'; readonly mayAgainAt: number }>

export type WaiveResult = { readonly kind: 'changed' } | { readonly kind: 'unknown-platform' }

/** What is read of checks. Every function rejects when the database is away. */
export type CheckViews = {
  /** The newest first. */
  readonly list: (platformId: string) => Promise<readonly CheckRun[]>
  readonly find: (platformId: string, number: number) => Promise<CheckReport | null>
  /** The newest run before this one that came to its end. */
  readonly findBefore: (platformId: string, number: number) => Promise<CheckReport | null>
  readonly waivers: (platformId: string) => Promise<readonly Waiver[]>
}

/** What is changed of checks under somebody's name. */
export type CheckChanges = {
  readonly ask: (platformId: string, terms: CheckTerms) => Promise<AskResult>
  /** Lets a fault pass; the reason is that of who changes it. A platform that waits for nothing else goes live. */
  readonly waive: (platformId: string, probe: ProbeName) => Promise<WaiveResult>
  /** Whoever is live by now stays so. */
  readonly unwaive: (platformId: string, probe: ProbeName) => Promise<WaiveResult>
}

/** A run that a worker holds, and under which name it does. */
export type HeldRun = CheckTerms & {
  readonly platformId: string
  readonly number: number
  readonly holder: string
  readonly correlationId: string
  /** What stays of a beginning that was broken off: it is not tried a second time. */
  readonly already: readonly Finding[]
}

/** Whether what a worker found was kept, or why not. */
export type Kept =
  | { readonly kind: 'kept' }
  /** The run is another worker's by now, or its platform is gone. */
  | { readonly kind: 'lost' }
  /** The platform was suspended or disconnected: there is nothing more to check. */
  | { readonly kind: 'over'; readonly why: string }
  /** The connection was made anew: what was found is no more. */
  | { readonly kind: 'anew'; readonly why: string }

/**
 * Runs as workers take them. A run is held by lease, by the database's clock; what lapses is taken by the next who looks, and begun
 * anew. Every function rejects when the database is away.
 */
export type CheckWork = {
  /** The run that waits longest, if there is one. */
  readonly take: (holder: string, correlationId: string) => Promise<HeldRun | null>
  /** Keeps the lease. */
  readonly renew: (run: HeldRun) => Promise<Kept>
  /** Keeps findings, with the counts of all so far, and the lease. */
  readonly add: (run: HeldRun, findings: readonly Finding[], counts: ProbeCounts) => Promise<Kept>
  /** The run came to its end: a platform that waited for it, and for nothing else, goes live when nothing keeps it. */
  readonly end: (run: HeldRun) => Promise<void>
  /**
   * Gives a run back: for good where it is `over`, else so that it is begun anew. A worker that is `stopped` is not the run's fault, which
   * is else begun three times at most.
   */
  readonly breakOff: (run: HeldRun, why: string, how: 'over' | 'anew' | 'failed' | 'stopped') => Promise<void>
}
