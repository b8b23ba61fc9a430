import { and, desc, eq, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type {
  FindMessage,
  FindMessages,
  FindStory,
  MessageDetail,
  MessageFilter,
} from '../../hub/message/message-query.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { messageLog } from '../schema.ts'
import { DETAIL, readId, SUMMARY, showDetail, showSummary } from './rows.ts'
import { createFindStory } from './story.ts'

/** A search without an index to help it may read gigabytes; the server gives up a little earlier. */
const DEADLINE_MS = 8_000

/** Looks into the message log. */
export function createMessageSearch(orm: Orm): {
  readonly find: FindMessages
  readonly one: FindMessage
  readonly story: FindStory
} {
  const find: FindMessages = async (filter, page) => {
    const before = page.before === null ? undefined : beforePlace(page.before.at, page.before.id)
    if (before === null || isUnstorable(filter)) return []
    const rows = await orm
      .select(SUMMARY)
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
      .select(DETAIL)
      .from(messageLog)
      .where(and(eq(messageLog.at, place.at), eq(messageLog.id, place.number)))
    if (!row) return null
    const message = showDetail(row)
    const isWithoutRequest = row.kind === 'delivery' && row.requestBody === null && row.requestHeaders === ''
    return isWithoutRequest ? withBroadcast(message) : message
  }

  /** A delivery that succeeded with what was sent, which the log keeps once, with the broadcast. */
  async function withBroadcast(delivery: MessageDetail): Promise<MessageDetail> {
    const { correlationId, module, method, fromPlatformId, at, path } = delivery
    const rows = await orm
      .select(DETAIL)
      .from(messageLog)
      .where(
        and(
          eq(messageLog.correlationId, correlationId),
          eq(messageLog.kind, 'broadcast'),
          eq(messageLog.module, module),
          eq(messageLog.method, method),
          fromPlatformId === null ? undefined : eq(messageLog.fromPlatformId, fromPlatformId),
          lte(messageLog.at, at),
        ),
      )
      .orderBy(desc(messageLog.at), desc(messageLog.id))
      .limit(MOST_BROADCASTS)
    const row = rows.find((broadcast) => broadcast.path.endsWith(path))
    if (!row) return delivery
    const { id, requestHeaders, requestBody, requestBytes } = showDetail(row)
    return { ...delivery, requestHeaders, requestBody, requestBytes, bodyOf: id }
  }

  return withDeadline({ find, one, story: createFindStory(orm) }, DEADLINE_MS)
}

/** Of one correlation ID, which some partners use for all that they send. */
const MOST_BROADCASTS = 50

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
