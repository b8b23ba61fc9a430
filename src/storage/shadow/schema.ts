import { bigint, bigserial, boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { PartyKey } from '../../ocpi/party.ts'
import { bytea, moment } from '../columns.ts'
import { platforms } from '../network/schema.ts'

/**
 * What owners said of their objects, as far as conversions from and to OCPI 2.1.1 need it: of each object the last whole one and what
 * changed in it since. Rows of one chain, in the order of `number` and `id`, make the object.
 */
export const shadow = pgTable(
  'shadow',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    /** Of the push; of a direct request that of the last push then. */
    number: bigint('number', { mode: 'number' }).notNull(),
    chainKey: text('chain_key').notNull(),
    pathKey: text('path_key').notNull(),
    owner: text('owner').$type<PartyKey>().notNull(),
    at: moment('at').notNull(),
    method: text('method').notNull(),
    version: text('version').notNull(),
    body: bytea('body').notNull(),
    bytes: integer('bytes').notNull(),
    /** Platforms of 2.1.1 may have it: it could be told them, once. */
    shown: boolean('shown').notNull(),
    /** The number and the time of the push since which it cannot be told them any more; null: it can. */
    hiddenBy: bigint('hidden_by', { mode: 'number' }),
    hiddenAt: moment('hidden_at'),
  },
  (table) => [index('shadow_chain').on(table.chainKey, table.number, table.id), index('shadow_owner').on(table.owner)],
)

/** Platforms that know an object to be withdrawn, since it is hidden by the push of this number. */
export const shadowTold = pgTable(
  'shadow_told',
  {
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    party: text('party').$type<PartyKey>().notNull(),
    chainKey: text('chain_key').notNull(),
    hiddenBy: bigint('hidden_by', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.platformId, table.party, table.chainKey] })],
)
