import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import type { LaneCursor, MissedCause, PauseCause } from '../../hub/push/cursor.ts'
import type { SenderClass } from '../../hub/push/push.ts'
import type { PartyKey } from '../../ocpi/party.ts'
import { bytea, moment } from '../columns.ts'
import { platforms } from '../network/schema.ts'

const count = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0)

/**
 * One row. The statement that stores pushes updates it first: its lock makes the order of numbers the order of commits, so
 * that whoever has read a number has been able to read every lower one.
 */
export const pushCounter = pgTable('push_counter', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  last: bigint('last', { mode: 'number' }).notNull(),
  /** Bytes of everything ever stored. */
  bytes: bigint('bytes', { mode: 'number' }).notNull(),
  /**
   * Since behind this number what pushes say of their objects is kept in the shadow store, without a gap; null: it is not kept now. What
   * the store has of before is not known to be the last.
   */
  shadowSince: bigint('shadow_since', { mode: 'number' }),
})

/** Accepted broadcast pushes, one row however many partners. */
export const pushLog = pgTable(
  'push_log',
  {
    number: bigint('number', { mode: 'number' }).primaryKey(),
    at: moment('at').notNull(),
    /** Not a reference: pushes outlive a platform that leaves. */
    fromPlatformId: text('from_platform_id').notNull(),
    /** The OCPI version that the push is in; null in rows of before: 2.2.1. */
    version: text('version'),
    fromCountryCode: text('from_country_code').notNull(),
    fromPartyId: text('from_party_id').notNull(),
    ownerCountryCode: text('owner_country_code').notNull(),
    ownerPartyId: text('owner_party_id').notNull(),
    senderClass: text('sender_class').$type<SenderClass>().notNull(),
    module: text('module').notNull(),
    method: text('method').notNull(),
    path: text('path').notNull(),
    query: text('query').notNull(),
    body: bytea('body'),
    contentType: text('content_type'),
    chainKey: text('chain_key').notNull(),
    pathKey: text('path_key').notNull(),
    correlationId: text('correlation_id').notNull(),
    requestId: text('request_id').notNull(),
    /** Sent again to this platform alone; null: to all that it is for. */
    onlyTo: text('only_to'),
    bytes: integer('bytes').notNull(),
    /** The counter's bytes once this row was stored: tells what any part of the log weighs, unless rows of it are cut. */
    bytesEnd: bigint('bytes_end', { mode: 'number' }).notNull(),
  },
  (table) => [index('push_log_module').on(table.module, table.number)],
)

/** How far each platform is, and how its queue stood when that was last saved. */
export const pushCursor = pgTable('push_cursor', {
  platformId: text('platform_id')
    .primaryKey()
    .references(() => platforms.id, { onDelete: 'cascade' }),
  position: bigint('position', { mode: 'number' }).notNull(),
  lanes: jsonb('lanes').$type<readonly LaneCursor[]>().notNull(),
  /** The lowest number it may still ask for. */
  needed: bigint('needed', { mode: 'number' }).notNull(),
  isPaused: boolean('is_paused').notNull().default(false),
  skipTo: bigint('skip_to', { mode: 'number' }),
  delivered: count('delivered'),
  collapsed: count('collapsed'),
  failed: count('failed'),
  missed: count('missed'),
  withheld: count('withheld'),
  /** Missed because the log was cut. Apart from `missed`, which the queue's holder writes. */
  cut: count('cut'),
  waiting: integer('waiting').notNull().default(0),
  inFlight: integer('in_flight').notNull().default(0),
  oldestAt: moment('oldest_at'),
  pauseCause: text('pause_cause').$type<PauseCause>(),
  savedAt: moment('saved_at').notNull(),
  /** Since when deliveries are counted for the pace: for a minute, or for two where nothing was saved in between. */
  paceSince: moment('pace_since'),
  /** What `delivered` was then. */
  paceFrom: count('pace_from'),
  /** Deliveries of the minute before. */
  paceBefore: integer('pace_before').notNull().default(0),
  /** Which Queue object loaded it last, on Workers: another one, still running though it was superseded, saves no more. */
  holder: text('holder'),
})

/** Which process drains which platforms. The epoch grows with every change of hands. */
export const pushShard = pgTable('push_shard', {
  shard: integer('shard').primaryKey(),
  owner: text('owner'),
  epoch: bigint('epoch', { mode: 'number' }).notNull().default(0),
  /** By the database's clock, the only one that all processes share. */
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
})

/** Processes that take part in draining, so that each knows its fair share. */
export const pushProcess = pgTable('push_process', {
  id: text('id').primaryKey(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
})

/** Objects that a platform will not be pushed: it has to GET them. One row per object, the latest cause. */
export const pushMissed = pgTable(
  'push_missed',
  {
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    chainKey: text('chain_key').notNull(),
    pathKey: text('path_key').notNull(),
    /** The party that it was addressed to, as its key; null for a platform that gets a broadcast once. */
    party: text('party').$type<PartyKey>(),
    module: text('module').notNull(),
    method: text('method').notNull(),
    path: text('path').notNull(),
    /** When the push was accepted. */
    at: moment('at').notNull(),
    missedAt: moment('missed_at').notNull(),
    cause: text('cause').$type<MissedCause>().notNull(),
    times: integer('times').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.platformId, table.chainKey, table.pathKey] }),
    index('push_missed_at').on(table.platformId, table.missedAt),
  ],
)
