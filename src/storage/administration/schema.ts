import { bigint, boolean, index, json, pgTable, text } from 'drizzle-orm/pg-core'
import type { EventKind } from '../../hub/administration/events.ts'
import type { PauseCause } from '../../hub/push/cursor.ts'
import { moment } from '../columns.ts'
import { platforms } from '../schema.ts'

/**
 * One row. Whoever stores events updates it first: its lock makes the order of numbers the order of commits, so that no reader
 * passes by a number that is yet to come.
 */
export const eventCounter = pgTable('event_counter', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  last: bigint('last', { mode: 'number' }).notNull(),
})

/** What happened, for the administrators. Platforms are named, not referenced: what happened to one outlives it. */
export const events = pgTable(
  'events',
  {
    number: bigint('number', { mode: 'number' }).primaryKey(),
    at: moment('at').notNull(),
    kind: text('kind').$type<EventKind>().notNull(),
    platformId: text('platform_id'),
    correlationId: text('correlation_id'),
    /** `json`, which unlike `jsonb` keeps any text a partner may send, `\u0000` included. */
    data: json('data').$type<Readonly<Record<string, unknown>>>().notNull(),
  },
  (table) => [
    index('events_at').on(table.at),
    index('events_platform').on(table.platformId, table.number),
    index('events_kind').on(table.kind, table.number),
  ],
)

/** What the administrators were told last of how each queue stands: the next look tells what differs. */
export const queueTold = pgTable('queue_told', {
  platformId: text('platform_id')
    .primaryKey()
    .references(() => platforms.id, { onDelete: 'cascade' }),
  pauseCause: text('pause_cause').$type<PauseCause>(),
  isLagging: boolean('is_lagging').notNull(),
  /** Counts of the queue, `missed` with what was cut from the log. */
  failed: bigint('failed', { mode: 'number' }).notNull(),
  missed: bigint('missed', { mode: 'number' }).notNull(),
  /** When these counts were told of. */
  missedAt: moment('missed_at').notNull(),
})
