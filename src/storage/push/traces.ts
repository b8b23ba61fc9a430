import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNull,
  ne,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { QueueCursor } from '../../hub/push/cursor.ts'
import type { DeliveryTraces, LoggedAttempts } from '../../hub/push/drain/delivery-traces.ts'
import type { Push } from '../../hub/push/push.ts'
import { keyOfShown } from '../../ocpi/party.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { inTime } from '../in-time.ts'
import { SUMMARY, showId, showSummary } from '../message-log/rows.ts'
import { messageLog, NOT_OK } from '../message-log/schema.ts'
import { platforms } from '../network/schema.ts'
import { asPush, findPush } from './find-push.ts'
import { pushCursor, pushLog, pushMissed } from './schema.ts'

/** Longer than a search may take: a server that is silent for as long is away. */
const DEADLINE_MS = 10_000
/** Rows of one module that are looked at for what waits: behind them a queue is far behind, and its age says more. */
const MOST_OF_MODULE = 500
/** An attempt is not earlier than its push, by clocks that may be apart. */
const CLOCKS_MS = 60_000

/** What the push log, the cursors, the lists of missed objects and the message log know of deliveries. */
export function createDeliveryTraces(orm: Orm): DeliveryTraces {
  return withDeadline<DeliveryTraces>(
    {
      find: (ids) => inTime(orm, (run) => findPush(run, ids)),
      attempts: (push, platformIds) => findAttempts(orm, push, platformIds),
      async places(platformIds) {
        if (platformIds.length === 0) return new Map()
        const { platformId, position, lanes } = pushCursor
        const rows = await orm
          .select({ platformId, position, lanes, firstLiveAt: platforms.firstLiveAt })
          .from(pushCursor)
          .innerJoin(platforms, eq(platforms.id, platformId))
          .where(inArray(platformId, [...platformIds]))
        return new Map(rows.map(({ firstLiveAt, ...row }) => [row.platformId, { cursor: row, firstLiveAt }]))
      },
      async missed(platformIds, chainKeys, pathKey) {
        if (platformIds.length === 0) return []
        const rows = await orm
          .select()
          .from(pushMissed)
          .where(
            and(
              inArray(pushMissed.platformId, [...platformIds]),
              inArray(pushMissed.chainKey, [...chainKeys]),
              eq(pushMissed.pathKey, pathKey),
            ),
          )
        return rows.map(({ party, ...row }) => ({ ...row, to: party }))
      },
      unread: (platformId, cursor) => findUnread(orm, platformId, cursor),
      async failures(platformId, since, limit) {
        const rows = await orm
          .select(SUMMARY)
          .from(messageLog)
          .where(
            and(
              eq(messageLog.toPlatformId, platformId),
              eq(messageLog.kind, 'delivery'),
              gte(messageLog.at, since),
              sql`(${NOT_OK})`,
              sql`failure is distinct from 'withheld'`,
            ),
          )
          .orderBy(desc(messageLog.at), desc(messageLog.id))
          .limit(limit)
        return rows.map(showSummary)
      },
    },
    DEADLINE_MS,
  )
}

type AttemptRow = {
  readonly platform: string
  readonly to_party: string | null
  readonly attempts: string
  readonly delivered_at: string | null
  readonly at: string
  readonly id: string
  readonly http_status: number
  readonly ocpi_status: number | null
  readonly failure: string | null
  readonly detail: string | null
}

/** Its path in the log has its query, of which secrets are left out. */
async function findAttempts(orm: Orm, push: Push, platformIds: readonly string[]): Promise<LoggedAttempts[]> {
  if (platformIds.length === 0) return []
  const rows = await orm.execute<AttemptRow>(sql`
    select distinct on (to_platform_id, to_party) to_platform_id as platform, to_party,
      count(*) over each as attempts, max(at) filter (where failure is null) over each as delivered_at,
      at, id, http_status, ocpi_status, failure, detail
    from message_log
    where correlation_id = ${push.correlationId} and request_id = ${push.requestId} and kind = 'delivery'
      and at >= ${push.at - CLOCKS_MS} and module = ${push.module} and method = ${push.method}
      and split_part(path, '?', 1) = ${push.path} and ${inArray(messageLog.toPlatformId, [...platformIds])}
    window each as (partition by to_platform_id, to_party)
    order by to_platform_id, to_party, at desc, id desc`)
  return rows.map((row) => ({
    platformId: row.platform,
    to: row.to_party === null ? null : keyOfShown(row.to_party),
    attempts: Number(row.attempts),
    deliveredAt: row.delivered_at === null ? null : Number(row.delivered_at),
    last: {
      id: showId(Number(row.at), Number(row.id)),
      at: Number(row.at),
      httpStatus: row.http_status,
      ocpiStatus: row.ocpi_status,
      failure: row.failure,
      detail: row.detail,
    },
  }))
}

const { body: _, ...WITHOUT_BODY } = getTableColumns(pushLog)

async function findUnread(orm: Orm, platformId: string, { position, lanes }: QueueCursor): Promise<Push[]> {
  const { number, module } = pushLog
  const ofLanes = lanes.map((lane) =>
    and(eq(module, lane.module), or(gt(number, lane.watermark), inArray(number, [...lane.unfinished]))),
  )
  const modules = lanes.map((lane) => lane.module)
  const others = and(gt(number, position), modules.length === 0 ? undefined : notInArray(module, modules))
  const found: Push[] = []
  for (const where of [...ofLanes, others]) found.push(...(await oldestOf(orm, platformId, where)))
  return found.sort((a, b) => a.number - b.number)
}

async function oldestOf(orm: Orm, platformId: string, where: SQL | undefined): Promise<Push[]> {
  const isForIt = and(
    ne(pushLog.fromPlatformId, platformId),
    or(isNull(pushLog.onlyTo), eq(pushLog.onlyTo, platformId)),
  )
  const rows = await orm
    .select(WITHOUT_BODY)
    .from(pushLog)
    .where(and(where, isForIt))
    .orderBy(asc(pushLog.number))
    .limit(MOST_OF_MODULE)
  return rows.map((row) => asPush({ ...row, body: null }))
}
