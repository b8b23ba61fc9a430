import { sql } from 'drizzle-orm'
import { bigint, bigserial, boolean, index, integer, json, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { DeliveryState, WebhookDelivery, WebhookKind, WhyOff } from '../../hub/webhooks/webhook.ts'
import { moment } from '../columns.ts'

/** Addresses that are told of events. Platforms are named, not referenced, as in the events. */
export const webhooks = pgTable(
  'webhooks',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    url: text('url').notNull(),
    kinds: json('kinds').$type<readonly WebhookKind[]>().notNull(),
    platformId: text('platform_id'),
    sealedSecret: text('sealed_secret').notNull(),
    olderSealedSecret: text('older_sealed_secret'),
    olderSecretEndsAt: moment('older_secret_ends_at'),
    createdAt: moment('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    isOn: boolean('is_on').notNull().default(true),
    whyOff: text('why_off').$type<WhyOff>(),
    /** Number of the last event of which it is decided whether it is told; what is told of stands in `webhook_deliveries`. */
    lastEvent: bigint('last_event', { mode: 'number' }).notNull(),
    /** In a row. */
    failures: integer('failures').notNull().default(0),
    failingSince: moment('failing_since'),
    /** Nothing is sent before. */
    restsUntil: moment('rests_until').notNull().default(0),
    /** The attempt that is under way, and when it counts as broken off, by the database's clock. */
    takenBy: text('taken_by'),
    takenUntil: moment('taken_until').notNull().default(0),
    delivered: bigint('delivered', { mode: 'number' }).notNull().default(0),
    givenUp: bigint('given_up', { mode: 'number' }).notNull().default(0),
  },
  (table) => [uniqueIndex('webhooks_name').on(sql`lower(${table.name})`)],
)

/** What webhooks are to be told, and the newest of what they were told. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    number: bigserial('number', { mode: 'number' }).primaryKey(),
    id: text('id').notNull(),
    webhookId: text('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<WebhookDelivery['kind']>().notNull(),
    /** Deliveries of one lane keep their order: the platform, or empty. */
    lane: text('lane').notNull(),
    eventNumber: bigint('event_number', { mode: 'number' }),
    happenedAt: moment('happened_at').notNull(),
    /** As it is sent, in every attempt the same. */
    body: text('body').notNull(),
    state: text('state').$type<DeliveryState>().notNull().default('waits'),
    attempts: integer('attempts').notNull().default(0),
    dueAt: moment('due_at').notNull().default(0),
    /** Of the latest attempt. */
    lastAt: moment('last_at'),
    ms: integer('ms').notNull().default(0),
    httpStatus: integer('http_status'),
    failure: text('failure'),
    answer: text('answer').notNull().default(''),
  },
  (table) => [
    index('webhook_deliveries_newest').on(table.webhookId, table.number),
    index('webhook_deliveries_waiting')
      .on(table.webhookId, table.lane, table.number)
      .where(sql`${table.state} = 'waits'`),
  ],
)
