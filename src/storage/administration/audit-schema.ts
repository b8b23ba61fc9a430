import { bigint, index, json, pgTable, text } from 'drizzle-orm/pg-core'
import type { AuditAction, AuditEntry, AuditFields } from '../../hub/administration/audit.ts'
import type { Author } from '../../hub/administration/author.ts'
import { moment } from '../columns.ts'

/** What administrators changed. Everything is named, nothing referenced: the row outlives what it tells of, and who did it. */
export const audit = pgTable(
  'audit',
  {
    number: bigint('number', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: moment('at').notNull(),
    authorName: text('author_name').notNull(),
    /** Of the account or of the key; null for the hub's own token. */
    authorId: text('author_id'),
    way: text('way').$type<Author['way']>().notNull(),
    address: text('address').notNull(),
    action: text('action').$type<AuditAction>().notNull(),
    onKind: text('on_kind').$type<AuditEntry['on']['kind']>().notNull(),
    onId: text('on_id').notNull(),
    onName: text('on_name'),
    platformId: text('platform_id'),
    /** `json`, which unlike `jsonb` keeps the order of fields and any text. */
    before: json('before').$type<AuditFields>(),
    after: json('after').$type<AuditFields>(),
    reason: text('reason'),
  },
  (table) => [index('audit_at').on(table.at), index('audit_platform').on(table.platformId, table.number)],
)
