import { and, desc, eq, gte, isNull, lte, type SQL, sql } from 'drizzle-orm'
import type {
  FindLogStart,
  FindMessage,
  FindMessages,
  FindStory,
  MessageDetail,
  MessageFilter,
  MessagePage,
} from '../../hub/message/message-query.ts'
import { keyOf, keyOfShown, type Party, type PartyKey } from '../../ocpi/party.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { inTime, type Run } from '../in-time.ts'
import { conditions, IS_NOT_OK, isNotOk, onEachSide, withPlatforms } from './conditions.ts'
import { DETAIL, readId, SUMMARY, type SummaryRow, showDetail, showSummary } from './rows.ts'
import { messageLog } from './schema.ts'
import { byFilters, hoursOf, howFarBack, platformsOf, type Source } from './sources.ts'
import { createFindStory } from './story.ts'

/** Longer than a search may take: a server that is silent for as long is away. */
const DEADLINE_MS = 10_000

/** Of one correlation ID, which some partners use for all that they send. */
const MOST_BROADCASTS = 50

/** Looks into the message log of this hub. */
export function createMessageSearch(
  orm: Orm,
  hub: Party,
): {
  readonly find: FindMessages
  readonly one: FindMessage
  readonly story: FindStory
  readonly start: FindLogStart
} {
  const find: FindMessages = async (filter, page) => {
    const before = page.before === null ? null : readId(page.before.id)
    if ((page.before !== null && before === null) || isUnstorable(filter)) return []
    // Older than a message: on a page that is not the first.
    const older = page.before && sql`(${messageLog.at}, ${messageLog.id}) < (${page.before.at}, ${before?.number})`
    const rows = await inTime(orm, (run) => findRows(run, filter, page, older ?? undefined, keyOf(hub)))
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

  const start: FindLogStart = async () => {
    const [row] = await orm.execute<{ at: string | null }>(sql`select min(at) as at from message_log`)
    return row?.at ? Number(row.at) : null
  }

  return withDeadline({ find, one, story: createFindStory(orm), start }, DEADLINE_MS)
}

async function findRows(
  run: Run,
  filter: MessageFilter,
  page: MessagePage,
  older: SQL | undefined,
  hub: PartyKey,
): Promise<SummaryRow[]> {
  const { correlationId, requestId, objectKey, platformId, party } = filter
  const { limit } = page
  const where = and(...conditions(filter), older)
  const wherePlatform = platformId === null ? where : and(where, withPlatforms([platformId]))
  if (correlationId !== null) return select(run, messageLog, limit, wherePlatform)
  if (requestId !== null || objectKey !== null) return select(run, byFilters(wherePlatform), limit)
  if (platformId !== null) return findOfPlatforms(run, [platformId], filter, page, where)
  // The hub itself is at no platform, and what it takes for others comes often.
  if (party === null || keyOfShown(party) === hub) return select(run, messageLog, limit, where)
  const ids = await run((tx) => platformsOf(tx, party))
  const found = ids.length === 0 ? [] : await findOfPlatforms(run, ids, filter, page, where)
  if (filter.outcome === 'ok') return found
  // Who is at none of the platforms can only be refused.
  const nowhere = and(where, IS_NOT_OK, isNull(messageLog.toPlatformId))
  return newestOf([...found, ...(await select(run, messageLog, limit, nowhere))], limit)
}

async function findOfPlatforms(
  run: Run,
  ids: readonly string[],
  filter: MessageFilter,
  { limit, before }: MessagePage,
  where: SQL | undefined,
): Promise<SummaryRow[]> {
  if (isNotOk(filter)) {
    const [from, to] = onEachSide(ids)
    const sent = await select(run, messageLog, limit, and(where, from))
    return newestOf([...sent, ...(await select(run, messageLog, limit, and(where, to)))], limit)
  }
  const bottom = filter.since ?? 0
  const top = Math.min(filter.until ?? Number.MAX_SAFE_INTEGER, before ? before.at + 1 : Number.MAX_SAFE_INTEGER)
  const hours = await run((tx) => hoursOf(tx, ids, filter, { bottom, top }))
  let found: SummaryRow[] = []
  for (const start of howFarBack(hours, limit, bottom)) {
    found = await select(run, byFilters(and(where, withPlatforms(ids), gte(messageLog.at, start))), limit)
    if (found.length === limit) break
  }
  return found
}

function select(run: Run, source: Source, limit: number, where?: SQL): Promise<SummaryRow[]> {
  return run((tx) =>
    tx.select(SUMMARY).from(source).where(where).orderBy(desc(messageLog.at), desc(messageLog.id)).limit(limit),
  )
}

/** Without those that come twice. */
function newestOf(rows: readonly SummaryRow[], limit: number): SummaryRow[] {
  const each = new Map(rows.map((row) => [row.id, row]))
  return [...each.values()].sort((a, b) => b.at - a.at || b.id - a.id).slice(0, limit)
}

/** Postgres refuses NUL in text, so no row can match it. */
function isUnstorable(filter: MessageFilter): boolean {
  return Object.values(filter).some((value) => typeof value === 'string' && value.includes('\0'))
}
