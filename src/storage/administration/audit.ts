import { and, desc, eq, gte, lt, or, type SQL, sql } from 'drizzle-orm'
import type { AuditEntry, AuditFilter, AuditTrail, StoredAuditEntry } from '../../hub/administration/audit.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { inTime } from '../in-time.ts'
import { audit } from './audit-schema.ts'

/** Longer than a search may take: a server that is silent for as long is away. */
const DEADLINE_MS = 10_000
/** Rows of one statement: an import of agreements changes thousands of rules. */
const ROWS_AT_ONCE = 500

/**
 * Writes what was changed into the audit trail, in the transaction that changes it: when the row cannot be written the change does
 * not happen.
 */
export async function appendAudit(tx: Transaction, ...entries: readonly AuditEntry[]): Promise<void> {
  for (let from = 0; from < entries.length; from += ROWS_AT_ONCE) {
    await tx.insert(audit).values(entries.slice(from, from + ROWS_AT_ONCE).map(asRow))
  }
}

function asRow({ at, by, action, on, platformId, before, after }: AuditEntry): typeof audit.$inferInsert {
  const { name, id, way, address } = by.author
  return {
    at,
    authorName: name,
    authorId: id,
    way,
    address,
    action,
    onKind: on.kind,
    onId: on.id,
    onName: on.name,
    platformId,
    before,
    after,
    reason: by.reason,
  }
}

/** Reads the audit trail. */
export function createAuditTrail(orm: Orm): AuditTrail {
  const trail: AuditTrail = {
    async list(filter, beforeNumber, limit) {
      const isOlder = beforeNumber === null ? undefined : lt(audit.number, beforeNumber)
      const where = and(isOlder, ...matches(filter))
      const rows = await inTime(orm, (run) =>
        run((tx) => tx.select().from(audit).where(where).orderBy(desc(audit.number)).limit(limit)),
      )
      return rows.map(asEntry)
    },
  }
  return withDeadline(trail, DEADLINE_MS)
}

/** Forgets what was changed before a moment. */
export async function deleteAuditBefore(orm: Orm, moment: number): Promise<void> {
  await orm.delete(audit).where(lt(audit.at, moment))
}

function matches({ who, what, platformId, text, inContacts, since, until }: AuditFilter): (SQL | undefined)[] {
  return [
    who === null
      ? undefined
      : or(sql`lower(${audit.authorName}) = lower(${who})`, sql`lower(${audit.authorId}) = lower(${who})`),
    what === null ? undefined : or(eq(audit.action, sql`${what}`), sql`starts_with(${audit.action}, ${`${what}.`})`),
    // A party that is moved concerns the platform that loses it too.
    platformId === null
      ? undefined
      : or(
          eq(audit.platformId, platformId),
          sql`(${audit.action} = 'party.move' and ${contains(sql`${audit.before}::text`, platformId)})`,
        ),
    text === null ? undefined : contains(inContacts ? SEARCHED : SEARCHED_WITHOUT_CONTACTS, text),
    since === null ? undefined : gte(audit.at, since),
    until === null ? undefined : lt(audit.at, until),
  ]
}

const SEARCHED = sql`concat_ws(' ', ${audit.authorName}, ${audit.authorId}, ${audit.address}, ${audit.action}, ${audit.onId},
  ${audit.onName}, ${audit.platformId}, ${audit.reason}, ${audit.before}, ${audit.after})`
/** Accounts have e-mails in what changed of them, lock-outs addresses. */
const SEARCHED_WITHOUT_CONTACTS = sql`concat_ws(' ', ${audit.authorName}, ${audit.authorId}, ${audit.action}, ${audit.onId},
  ${audit.onName}, ${audit.platformId}, ${audit.reason},
  case when ${audit.onKind} not in ('admin', 'lock-out') then concat_ws(' ', ${audit.before}, ${audit.after}) end)`

function contains(where: SQL, text: string): SQL {
  return sql`position(lower(${text}) in lower(${where})) > 0`
}

function asEntry(row: typeof audit.$inferSelect): StoredAuditEntry {
  const { number, at, action, platformId, before, after, reason } = row
  const author = { name: row.authorName, id: row.authorId, way: row.way, address: row.address }
  const on = { kind: row.onKind, id: row.onId, name: row.onName }
  return { number, at, by: { author, reason }, action, on, platformId, before, after }
}
