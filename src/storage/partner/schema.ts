import { index, pgTable, text } from 'drizzle-orm/pg-core'
import { moment } from '../columns.ts'
import { platforms } from '../network/schema.ts'

/** Links that open the page of a platform. Of the secret in one only the digest is kept. */
export const partnerLinks = pgTable(
  'partner_links',
  {
    id: text('id').primaryKey(),
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    secretDigest: text('secret_digest').notNull().unique(),
    madeBy: text('made_by').notNull(),
    madeAt: moment('made_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    revokedAt: moment('revoked_at'),
    firstUsedAt: moment('first_used_at'),
    lastUsedAt: moment('last_used_at'),
  },
  (table) => [index('partner_links_platform').on(table.platformId)],
)

/** Browsers that a link let in. */
export const partnerSessions = pgTable(
  'partner_sessions',
  {
    digest: text('digest').primaryKey(),
    linkId: text('link_id')
      .notNull()
      .references(() => partnerLinks.id, { onDelete: 'cascade' }),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    index('partner_sessions_link').on(table.linkId),
    index('partner_sessions_expires_at').on(table.expiresAt),
  ],
)
