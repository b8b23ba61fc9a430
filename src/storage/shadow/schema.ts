import { bigint, bigserial, boolean, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { PartyKey } from '../../ocpi/party.ts'
import { bytea, moment } from '../columns.ts'

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
    /** Of a Location: it is published, or was once. */
    shown: boolean('shown').notNull(),
  },
  (table) => [index('shadow_chain').on(table.chainKey, table.number, table.id), index('shadow_owner').on(table.owner)],
)
