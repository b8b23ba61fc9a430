import { bigint, boolean, doublePrecision, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { Outcome } from '../../hub/message/outcome.ts'
import { moment } from '../columns.ts'

const count = (name: string) => bigint(name, { mode: 'number' })

/** Counts of all exchanges, stored in the message log or not. */
export const trafficMinute = pgTable(
  'traffic_minute',
  {
    minute: moment('minute').notNull(),
    module: text('module').notNull(),
    outcome: text('outcome').$type<Outcome>().notNull(),
    n: count('n').notNull(),
    ms: doublePrecision('ms').notNull(),
    bytes: count('bytes').notNull(),
    /** How many took how long. */
    took: count('took').array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.minute, table.module, table.outcome] })],
)

/**
 * Counts of the exchanges of each platform. The search goes by them: where a platform has none in an hour, the log of that hour need
 * not be read.
 */
export const trafficHour = pgTable(
  'traffic_hour',
  {
    platform: text('platform').notNull(),
    hour: moment('hour').notNull(),
    isCaller: boolean('is_caller').notNull(),
    module: text('module').notNull(),
    outcome: text('outcome').$type<Outcome>().notNull(),
    n: count('n').notNull(),
    ms: doublePrecision('ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.platform, table.hour, table.isCaller, table.module, table.outcome] }),
    index('traffic_hour_hour').on(table.hour),
  ],
)
