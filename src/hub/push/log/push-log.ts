import type { NewPush, Push } from '../push.ts'

/** How much may be read at once. At least one row comes, whatever its size. */
export type ReadLimits = { readonly pushes: number; readonly bytes: number }

/** Rows, and the number up to which the asked range is now known. */
export type LogPart = { readonly pushes: readonly Push[]; readonly upTo: number }

/** The log of accepted pushes. Every function rejects when the database is away. */
export type PushLog = {
  /** Stores pushes under consecutive numbers, durably; returns the first. */
  readonly append: (pushes: readonly NewPush[]) => Promise<number>
  /** The highest number given. */
  readonly lastNumber: () => Promise<number>
  /** What came after a number, of all modules. */
  readonly readAfter: (after: number, limits: ReadLimits) => Promise<LogPart>
  /** Rows of one module beyond `after` and up to `upTo`. Without bodies where these are of no interest. */
  readonly readModule: (
    module: string,
    range: { readonly after: number; readonly upTo: number },
    limits: ReadLimits,
    withBodies: boolean,
  ) => Promise<LogPart>
  /** These rows, as far as they are still there. Without bodies where these are of no interest. */
  readonly readNumbers: (numbers: readonly number[], withBodies: boolean) => Promise<readonly Push[]>
}
