import type { NewPush, Push } from '../push.ts'

/*
 * The log: every accepted push, in the order of its number, for all platforms at once.
 *
 *     1 ───────────── 900 │ 901 ────────────── 1000
 *     backlog: read from  │ recent: in memory,     └ end: the last push that this process knows
 *     the database        │ once per process
 *
 * tail        follows the end: what this process stored itself, and what others did. It hands each push once to all queues.
 * recent      the newest pushes, 16 MB of them, from the start on; most lanes read nothing else.
 * backlog     for lanes further behind: one read of the database at a time, and who stands near the same place shares it.
 * superseded  which pushes need no sending, because a newer PUT or DELETE says more.
 *
 * Numbers are given without gaps, and a later number is a later commit: who has read up to 1000 misses nothing before. A number
 * that is not there any more was cut.
 */

/** How much may be read at once. At least one push comes, whatever its size. */
export type ReadLimits = { readonly pushes: number; readonly bytes: number }

/** The pushes of a range up to `upTo`: all that there are, so with none it says that there are none. */
export type LogPart = { readonly pushes: readonly Push[]; readonly upTo: number }

/** Whose pushes are read, by the ids of the sending platforms: those of one sender, or all but those of some. */
export type Senders = { readonly only: string } | { readonly except: readonly string[] }

/** The log of accepted pushes. Every function rejects when the database is away. */
export type PushLog = {
  /** Stores pushes under consecutive numbers, durably; returns the first. */
  readonly append: (pushes: readonly NewPush[]) => Promise<number>
  /** The highest number given. */
  readonly lastNumber: () => Promise<number>
  /** The number beyond which the newest pushes lie, as many as weigh at most so many bytes together. */
  readonly numberBefore: (newestBytes: number) => Promise<number>
  /** Pushes of all modules beyond a number. */
  readonly readAfter: (after: number, limits: ReadLimits) => Promise<LogPart>
  /** Pushes of one module by these senders beyond `after` and up to `upTo`; with null bodies when `withBodies` is false. */
  readonly readModule: (
    module: string,
    senders: Senders,
    range: { readonly after: number; readonly upTo: number },
    limits: ReadLimits,
    withBodies: boolean,
  ) => Promise<LogPart>
  /** The pushes of these numbers that are not cut from the log; with null bodies when `withBodies` is false. */
  readonly readNumbers: (numbers: readonly number[], withBodies: boolean) => Promise<readonly Push[]>
}
