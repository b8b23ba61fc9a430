import { sql } from 'drizzle-orm'
import { boolean, foreignKey, index, integer, json, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { Outcome, ProbeName } from '../../hub/check/check.ts'
import type { AskedBy, RunState } from '../../hub/check/runs/check-runs.ts'
import type { PartyKey } from '../../ocpi/party.ts'
import { moment } from '../columns.ts'
import { platforms } from '../network/schema.ts'

/** Runs of the connection check, the newest of each platform. At most one of a platform has no end yet. */
export const checkRuns = pgTable(
  'check_runs',
  {
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    number: integer('number').notNull(),
    askedBy: text('asked_by').$type<AskedBy>().notNull(),
    askedAt: moment('asked_at').notNull(),
    /** Nobody takes it earlier. */
    dueAt: moment('due_at').notNull(),
    consent: boolean('consent').notNull(),
    skipsWrongToken: boolean('skips_wrong_token').notNull(),
    state: text('state').$type<RunState>().notNull(),
    startedAt: moment('started_at'),
    endedAt: moment('ended_at'),
    why: text('why'),
    correlationId: text('correlation_id'),
    /** Probes, each counted once by the worst that it found. */
    passed: integer('passed').notNull().default(0),
    warned: integer('warned').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    skipped: integer('skipped').notNull().default(0),
    /** The newest of those of its platform that came to their end. */
    isLatest: boolean('is_latest').notNull().default(false),
    /** How often it was begun. */
    begun: integer('begun').notNull().default(0),
    /** Who makes it, and by the database's clock until when. */
    holder: text('holder'),
    heldUntil: moment('held_until'),
    /** Of the sealed token with which it was begun: another one is another connection. */
    tokenMark: text('token_mark'),
  },
  (table) => [
    primaryKey({ columns: [table.platformId, table.number] }),
    uniqueIndex('check_runs_open').on(table.platformId).where(sql`ended_at is null`),
    index('check_runs_failed').on(table.endedAt).where(sql`is_latest and failed > 0`),
  ],
)

/** What a run found, in its order. */
export const checkResults = pgTable(
  'check_results',
  {
    platformId: text('platform_id').notNull(),
    run: integer('run').notNull(),
    place: integer('place').notNull(),
    probe: text('probe').$type<ProbeName>().notNull(),
    party: text('party').$type<PartyKey>(),
    module: text('module'),
    outcome: text('outcome').$type<Outcome>().notNull(),
    detail: text('detail').notNull(),
    advice: text('advice'),
    chapter: text('chapter'),
    messageIds: json('message_ids').$type<readonly string[]>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.platformId, table.run, table.place] }),
    foreignKey({
      name: 'check_results_run',
      columns: [table.platformId, table.run],
      foreignColumns: [checkRuns.platformId, checkRuns.number],
    }).onDelete('cascade'),
  ],
)

/** Faults of platforms that administrators let pass. */
export const checkWaivers = pgTable(
  'check_waivers',
  {
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    probe: text('probe').$type<ProbeName>().notNull(),
    reason: text('reason').notNull(),
    by: text('by').notNull(),
    at: moment('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.platformId, table.probe] })],
)

/** Commands that checks sent, whose results are to come. */
export const checkCommands = pgTable('check_commands', {
  /** Stands in the `response_url`: a secret. */
  id: text('id').primaryKey(),
  platformId: text('platform_id')
    .notNull()
    .references(() => platforms.id, { onDelete: 'cascade' }),
  expiresAt: moment('expires_at').notNull(),
  /** The first that came. */
  result: text('result'),
})
