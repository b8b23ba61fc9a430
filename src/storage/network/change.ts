import { sql, TransactionRollbackError } from 'drizzle-orm'
import type { ChangeResult } from '../../hub/network/registry.ts'
import type { Transaction, Transacts } from '../database.ts'

/** What a change came to, and whether it is to be kept. */
export type Outcome<R> = { readonly result: R; readonly isKept: boolean }

export function kept<R>(result: R): Outcome<R> {
  return { result, isKept: true }
}

export function undone<R>(result: R): Outcome<R> {
  return { result, isKept: false }
}

/** When a change is made, and under which revision. */
export type ChangeMoment = { readonly revision: number; readonly now: number }

/** The channel that tells other processes of a new revision. */
export const ROUTING_CHANNEL = 'routing'

/**
 * Runs a change of what routes as one transaction, under the revision it is given to stamp on the platforms it touches. The
 * counter's row lock is taken first and held to the end, so changes follow one another: none sees half of another, and a
 * revision is never visible before a lower one. Listeners hear of it at the commit. What is undone leaves no trace.
 */
export async function change<R>(
  orm: Transacts,
  work: (tx: Transaction, revision: number) => Promise<Outcome<R>>,
): Promise<R> {
  const ended: Outcome<R>[] = []
  try {
    await orm.transaction(async (tx) => {
      const outcome = await work(tx, await takeRevision(tx))
      ended.push(outcome)
      if (!outcome.isKept) tx.rollback()
    })
  } catch (error) {
    if (!(error instanceof TransactionRollbackError)) throw error
  }
  const outcome = ended[0]
  if (!outcome) throw new Error('Expected the change to have an outcome')
  return outcome.result
}

/** Makes changes one after the other in one transaction. Where one is refused none is made, and its result is that of all. */
export async function together(
  orm: Transacts,
  changes: readonly ((tx: Transacts) => Promise<ChangeResult>)[],
): Promise<ChangeResult> {
  let result: ChangeResult = { kind: 'changed' }
  try {
    await orm.transaction(async (tx) => {
      for (const make of changes) {
        result = await make(tx)
        if (result.kind !== 'changed') tx.rollback()
      }
    })
  } catch (error) {
    if (!(error instanceof TransactionRollbackError)) throw error
  }
  return result
}

async function takeRevision(tx: Transaction): Promise<number> {
  const rows = await tx.execute<{ revision: string }>(sql`
    with next as (update routing_revision set revision = revision + 1 returning revision)
    select revision, pg_notify(${ROUTING_CHANNEL}, revision::text) from next`)
  const revision = rows[0]?.revision
  if (revision === undefined)
    throw new Error('Expected one row in routing_revision, got none: is the database migrated?')
  return Number(revision)
}
