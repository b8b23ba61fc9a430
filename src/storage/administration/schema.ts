import { bigint, bigserial, boolean, index, integer, json, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import type { Told } from '../../hub/administration/advice.ts'
import type { EventKind } from '../../hub/administration/events.ts'
import type { AdviceKey } from '../../hub/administration/handshake-advice.ts'
import type { HandshakeCall, Side, Verdict } from '../../hub/administration/handshake-attempts.ts'
import type { PauseCause } from '../../hub/push/cursor.ts'
import { moment } from '../columns.ts'
import { platforms } from '../network/schema.ts'

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

/** Calls that the hub refused, the newest of them. Platforms are named, not referenced. */
export const refusedCalls = pgTable(
  'refused_calls',
  {
    number: bigserial('number', { mode: 'number' }).primaryKey(),
    at: moment('at').notNull(),
    address: text('address').notNull(),
    method: text('method').notNull(),
    path: text('path').notNull(),
    userAgent: text('user_agent'),
    httpStatus: integer('http_status').notNull(),
    ocpiStatus: integer('ocpi_status').notNull(),
    why: text('why').$type<AdviceKey>().notNull(),
    /** Values for the texts of `why`. */
    told: jsonb('told').$type<Told>().notNull(),
    platformId: text('platform_id'),
    fingerprint: text('fingerprint'),
  },
  (table) => [index('refused_calls_platform').on(table.platformId, table.number)],
)

/** Attempts of platforms to register and of the hub to connect, each with its calls: the newest of them. */
export const handshakeAttempts = pgTable(
  'handshake_attempts',
  {
    number: bigserial('number', { mode: 'number' }).primaryKey(),
    id: text('id').notNull().unique(),
    platformId: text('platform_id'),
    /** Where nobody knows whose calls they are. */
    address: text('address'),
    ledBy: text('led_by').$type<Side>().notNull(),
    startedBy: text('started_by').notNull(),
    startedAt: moment('started_at').notNull(),
    lastAt: moment('last_at').notNull(),
    calls: jsonb('calls').$type<readonly HandshakeCall[]>().notNull(),
    /** Null while it goes on. */
    outcome: text('outcome').$type<Verdict['outcome']>(),
    why: text('why').$type<AdviceKey>(),
    told: jsonb('told').$type<Told>(),
  },
  (table) => [
    index('handshake_attempts_platform').on(table.platformId, table.number),
    index('handshake_attempts_address').on(table.address, table.number),
  ],
)
