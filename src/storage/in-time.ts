import { DrizzleQueryError, sql } from 'drizzle-orm'
import { SearchTooLong } from '../hub/message/message-query.ts'
import type { Orm, Transaction } from './database.ts'
import { createSearchPlaces } from './search-places.ts'

/** For one search, which may read gigabytes. Then the server ends it. */
const SEARCH_MS = 8_000
/** The code of a statement that its time was over for. */
const CANCELED = '57014'

/** Of this process, whatever is searched: each search holds a connection, and others need theirs. */
const places = createSearchPlaces()

/** Runs a statement within what is left of the time of its search. */
export type Run = <T>(statement: (tx: Transaction) => PromiseLike<T>) => Promise<T>

/**
 * Runs the statements of one search, one after the other. Rejects with SearchTooLong when they take too long together, and with
 * SearchesBusy where it finds no place beside others.
 */
export async function inTime<T>(orm: Orm, search: (run: Run) => Promise<T>): Promise<T> {
  const leave = await places.enter()
  try {
    return await runInTime(orm, search)
  } finally {
    leave()
  }
}

async function runInTime<T>(orm: Orm, search: (run: Run) => Promise<T>): Promise<T> {
  const endsAt = performance.now() + SEARCH_MS
  try {
    return await orm.transaction(
      (tx) =>
        search(async (statement) => {
          const left = Math.max(1, Math.ceil(endsAt - performance.now()))
          // Of BRIN indexes the database expects less than they do: it would rather read all of the log.
          await tx.execute(sql`
            select set_config('statement_timeout', ${String(left)}, true), set_config('jit', 'off', true),
              set_config('enable_seqscan', 'off', true)`)
          return statement(tx)
        }),
      { accessMode: 'read only' },
    )
  } catch (error) {
    const own = error instanceof DrizzleQueryError ? error.cause : error
    if ((own as { code?: unknown } | undefined)?.code !== CANCELED) throw error
    throw new SearchTooLong(`The search was ended after ${SEARCH_MS} ms`, { cause: error })
  }
}
