import { sql } from 'drizzle-orm'
import { bigint, bigserial, index, integer, pgTable, real, text } from 'drizzle-orm/pg-core'
import type { ExchangeKind } from '../../hub/message/exchange.ts'
import type { InterfaceRole } from '../../ocpi/modules.ts'
import { bytea, moment } from '../columns.ts'

/** Exchanges that were refused or failed: an index of these alone is small, and costs nothing where all is well. */
export const NOT_OK = sql`failure is not null or http_status not between 100 and 399 or ocpi_status >= 2000`

/** Of a BRIN index with Bloom filters: says which pages may hold a value, and costs an insert next to nothing. */
const BLOOM = 'text_bloom_ops(n_distinct_per_range=256)'

/**
 * Both legs of exchanges, partitioned by segment; the default of `segment` names the one now written to. Headers are names
 * and values in turn, one a line. No unique key: it would cost every insert.
 */
export const messageLog = pgTable(
  'message_log',
  {
    segment: integer('segment').notNull().default(1),
    id: bigserial('id', { mode: 'number' }).notNull(),
    at: moment('at').notNull(),
    kind: text('kind').$type<ExchangeKind>().notNull(),
    correlationId: text('correlation_id').notNull(),
    requestId: text('request_id').notNull(),
    forwardedRequestId: text('forwarded_request_id'),
    fromPlatformId: text('from_platform_id'),
    toPlatformId: text('to_platform_id'),
    fromParty: text('from_party'),
    toParty: text('to_party'),
    module: text('module').notNull(),
    interfaceRole: text('interface_role').$type<InterfaceRole>(),
    method: text('method').notNull(),
    path: text('path').notNull(),
    forwardedUrl: text('forwarded_url'),
    httpStatus: integer('http_status').notNull(),
    receiverStatus: integer('receiver_status'),
    ocpiStatus: integer('ocpi_status'),
    durationMs: real('duration_ms').notNull(),
    receiverMs: real('receiver_ms'),
    requestBytes: bigint('request_bytes', { mode: 'number' }).notNull(),
    responseBytes: bigint('response_bytes', { mode: 'number' }).notNull(),
    failure: text('failure'),
    /** What failed, or what was refused, in at most 300 characters. */
    detail: text('detail'),
    /** What the hub changed in request and answer beyond tokens and request IDs, as JSON; null: nothing. */
    changes: text('changes'),
    /** The URL that was led through the hub in this exchange, or that was called by it: joins a command and its result. */
    ledId: text('led_id'),
    /** The object it is about: the first object ID of the path, of a CDR its `id`. */
    objectKey: text('object_key'),
    /** What joins a command, its session and its CDR, see `sessionRefOf`. */
    sessionRef: text('session_ref'),
    /** The caller's address, where the hub answers by itself. */
    client: text('client'),
    requestHeaders: text('request_headers').notNull(),
    responseHeaders: text('response_headers').notNull(),
    requestBody: bytea('request_body'),
    responseBody: bytea('response_body'),
    /** What became of it between platforms of unlike versions, in words; null: nothing. */
    conversion: text('conversion'),
    /** Of what was converted: sizes of the bodies of the receiver's side and what was not carried, as JSON, see `writeSecondLeg`. */
    secondLeg: text('second_leg'),
    /** What the receiver was sent, where that is another body than `request_body`. */
    forwardedBody: bytea('forwarded_body'),
    /** What it answered, where that is another body than `response_body`. */
    receiverBody: bytea('receiver_body'),
  },
  (table) => [
    index('message_log_at').on(table.at, table.id),
    index('message_log_correlation_id').on(table.correlationId),
    index('message_log_led_id').on(table.ledId).where(sql`${table.ledId} is not null`),
    index('message_log_session_ref').using('brin', table.sessionRef.op(BLOOM)).with({ pages_per_range: 32 }),
    index('message_log_not_ok').on(table.at, table.id).where(NOT_OK),
    index('message_log_not_ok_from').on(table.fromPlatformId, table.at, table.id).where(NOT_OK),
    index('message_log_not_ok_to').on(table.toPlatformId, table.at, table.id).where(NOT_OK),
    index('message_log_not_ok_status').on(table.ocpiStatus, table.httpStatus, table.at, table.id).where(NOT_OK),
    // B-trees of these would cost every insert as much again as all the rest of it.
    index('message_log_platforms')
      .using('brin', table.fromPlatformId.op(BLOOM), table.toPlatformId.op(BLOOM))
      .with({ pages_per_range: 32 }),
    index('message_log_request_ids')
      .using('brin', table.requestId.op(BLOOM), table.forwardedRequestId.op(BLOOM))
      .with({ pages_per_range: 32 }),
    // In any letter case: ids of objects are the same in any [types: CiString].
    index('message_log_object')
      .using('brin', sql`lower(${table.objectKey}) ${sql.raw(BLOOM)}`)
      .with({ pages_per_range: 32 }),
  ],
)

/** The partitions of the message log, oldest first; each was closed when the next was opened. */
export const messageLogSegments = pgTable('message_log_segments', {
  segment: integer('segment').primaryKey(),
  openedAt: moment('opened_at').notNull(),
})
