import { sql } from 'drizzle-orm'
import type { AuditEntry } from '../../hub/administration/audit.ts'
import type { Transaction, Transacts } from '../database.ts'
import { appendAudit } from './audit.ts'

/** What is looked at before and after a change, and what follows from both for the audit trail. */
export type Watch<T> = {
  readonly look: (tx: Transaction) => Promise<T>
  readonly entries: (before: T, after: T) => readonly AuditEntry[]
}

/**
 * Transactions that leave their rows in the audit trail: what is done in one is kept with its rows or not at all, and what is undone
 * leaves none. Administrators' changes follow one another and those of handshakes, so that each begins from what the one before left.
 */
export function audited<T>(orm: Transacts, { look, entries }: Watch<T>): Transacts {
  return {
    transaction: (work) =>
      orm.transaction(async (tx) => {
        await tx.execute(sql`select from routing_revision for update`)
        const before = await look(tx)
        const result = await work(tx)
        await appendAudit(tx, ...entries(before, await look(tx)))
        return result
      }),
  }
}
