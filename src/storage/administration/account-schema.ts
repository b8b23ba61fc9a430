import { sql } from 'drizzle-orm'
import { boolean, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { AdminRole } from '../../hub/administration/author.ts'
import { moment } from '../columns.ts'

/** People who administer the hub. */
export const admins = pgTable(
  'admins',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email'),
    role: text('role').$type<AdminRole>().notNull(),
    maySeeBodies: boolean('may_see_bodies').notNull(),
    /** With the parameters it was made with; null for who cannot sign in with a password. */
    passwordDigest: text('password_digest'),
    /** Issuer and subject at the identity provider; null for who is known here alone. */
    subject: text('subject').unique(),
    createdAt: moment('created_at').notNull(),
    lastUsedAt: moment('last_used_at'),
    disabledAt: moment('disabled_at'),
  },
  (table) => [uniqueIndex('admins_name').on(sql`lower(${table.name})`)],
)

/** Secrets of programs that call the administrators' API. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    role: text('role').$type<AdminRole>().notNull(),
    maySeeBodies: boolean('may_see_bodies').notNull(),
    digest: text('digest').notNull().unique(),
    prefix: text('prefix').notNull(),
    createdAt: moment('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    expiresAt: moment('expires_at'),
    lastUsedAt: moment('last_used_at'),
    disabledAt: moment('disabled_at'),
  },
  (table) => [uniqueIndex('api_keys_name').on(sql`lower(${table.name})`)],
)

/** Who is signed in, and tickets to sign in with. One of `adminId`, `keyId` and `tokenMark` says whose it is. */
export const adminSessions = pgTable(
  'admin_sessions',
  {
    digest: text('digest').primaryKey(),
    adminId: text('admin_id').references(() => admins.id, { onDelete: 'cascade' }),
    keyId: text('key_id').references(() => apiKeys.id, { onDelete: 'cascade' }),
    /** Of the administrator token that it was opened with. */
    tokenMark: text('token_mark'),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    address: text('address').notNull(),
  },
  (table) => [
    index('admin_sessions_admin').on(table.adminId),
    index('admin_sessions_key').on(table.keyId),
    index('admin_sessions_expires_at').on(table.expiresAt),
  ],
)

/**
 * Who may not sign in for having failed too often: a name from an address, or an address with whatever it brings (then `name` is empty).
 * Processes count by themselves, and tell each other here.
 */
export const lockOuts = pgTable(
  'lock_outs',
  {
    id: text('id').primaryKey(),
    address: text('address').notNull(),
    name: text('name').notNull(),
    since: moment('since').notNull(),
    lastFailedAt: moment('last_failed_at').notNull(),
    nextTryAt: moment('next_try_at').notNull(),
    /** From when on nothing is left of it. */
    endsAt: moment('ends_at').notNull(),
    /** When an administrator lifted it. */
    liftedAt: moment('lifted_at'),
  },
  (table) => [uniqueIndex('lock_outs_of').on(table.address, table.name)],
)
