import { and, desc, eq, getTableColumns, gte, lt, or, type SQL, sql } from 'drizzle-orm'
import type { FindMessage, FindMessages, MessageFilter, MessageSummary } from '../../hub/message/message-query.ts'
import type { Headers } from '../../ocpi/headers.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { messageLog } from '../schema.ts'

/** A search without an index to help it may read gigabytes; the server gives up a little earlier. */
const DEADLINE_MS = 8_000

const {
  segment: _segment,
  requestHeaders,
  responseHeaders,
  requestBody,
  responseBody,
  ...summary
} = getTableColumns(messageLog)
const detail = { ...summary, requestHeaders, responseHeaders, requestBody, responseBody }

/** Looks into the message log. */
export function createMessageSearch(orm: Orm): { readonly find: FindMessages; readonly one: FindMessage } {
  const find: FindMessages = async (filter, page) => {
    const before = page.before === null ? undefined : beforePlace(page.before.at, page.before.id)
    if (before === null || isUnstorable(filter)) return []
    const rows = await orm
      .select(summary)
      .from(messageLog)
      .where(and(...conditions(filter), before))
      .orderBy(desc(messageLog.at), desc(messageLog.id))
      .limit(page.limit)
    return rows.map(showSummary)
  }

  const one: FindMessage = async (id) => {
    const place = readId(id)
    if (place === null) return null
    const [row] = await orm
      .select(detail)
      .from(messageLog)
      .where(and(eq(messageLog.at, place.at), eq(messageLog.id, place.number)))
    if (!row) return null
    return {
      ...row,
      ...showSummary(row),
      requestHeaders: asHeaders(row.requestHeaders),
      responseHeaders: asHeaders(row.responseHeaders),
    }
  }

  return withDeadline({ find, one }, DEADLINE_MS)
}

/** Postgres refuses NUL in text, so no row can match it. */
function isUnstorable(filter: MessageFilter): boolean {
  return Object.values(filter).some((value) => typeof value === 'string' && value.includes('\0'))
}

function conditions(filter: MessageFilter): (SQL | undefined)[] {
  const { correlationId, platformId, party, module, httpStatus, ocpiStatus, since, until } = filter
  return [
    correlationId === null ? undefined : eq(messageLog.correlationId, correlationId),
    platformId === null
      ? undefined
      : or(eq(messageLog.fromPlatformId, platformId), eq(messageLog.toPlatformId, platformId)),
    party === null ? undefined : sql`upper(${party}) in (upper(${messageLog.fromParty}), upper(${messageLog.toParty}))`,
    module === null ? undefined : eq(messageLog.module, module),
    httpStatus === null ? undefined : eq(messageLog.httpStatus, httpStatus),
    ocpiStatus === null ? undefined : eq(messageLog.ocpiStatus, ocpiStatus),
    since === null ? undefined : gte(messageLog.at, since),
    until === null ? undefined : lt(messageLog.at, until),
  ]
}

/** Older than a message; null when the id is none of the log's. */
function beforePlace(at: number, id: string): SQL | null {
  const place = readId(id)
  return place && sql`(${messageLog.at}, ${messageLog.id}) < (${at}, ${place.number})`
}

/** A row is found by its moment, which is indexed, and its number: both are in its id, `mbx3k2l0-1f`. */
function showId(at: number, number: number): string {
  return `${at.toString(36)}-${number.toString(36)}`
}

function readId(id: string): { at: number; number: number } | null {
  const match = /^([0-9a-z]{1,10})-([0-9a-z]{1,10})$/.exec(id)
  return match && { at: Number.parseInt(match[1] as string, 36), number: Number.parseInt(match[2] as string, 36) }
}

type SummaryRow = Omit<MessageSummary, 'id'> & { readonly id: number }

function showSummary(row: SummaryRow): MessageSummary {
  return { ...row, id: showId(row.at, row.id) }
}

function asHeaders(lines: string): Headers {
  return lines === '' ? [] : lines.split('\n')
}
