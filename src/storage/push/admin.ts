import type postgres from 'postgres'
import type { MissedCause } from '../../hub/push/cursor.ts'
import type {
  MissedOfModule,
  MissedView,
  QueueAdmin,
  QueuePage,
  QueuePlace,
  QueueView,
} from '../../hub/push/drain/queue-admin.ts'
import { orderQueue } from '../administration/audited-queues.ts'
import { LAGS_AFTER_MS } from '../administration/queue-events.ts'
import type { Database } from '../database.ts'
import { withDeadline } from '../deadline.ts'

const DEADLINE_MS = 5_000
const MINUTE_MS = 60_000
/** Later than any moment: nothing waits. */
const NEVER = 9_000_000_000_000_000

/** Queues as administrators see and steer them, from the rows their holders save: any process can answer. */
export function createQueueAdmin({ sql, orm }: Pick<Database, 'sql' | 'orm'>): QueueAdmin {
  return withDeadline<QueueAdmin>(
    {
      list: ({ limit, after, sort, state }, now) => {
        const rank = RANKS[sort](sql)
        const beyond = after ? sql`and (${rank}, "platformId") > (${after.rank}::float8, ${after.platformId})` : sql``
        const wanted = sql`where ${isIn(sql, state, now)} ${beyond} order by rank, "platformId" limit ${limit}`
        return readQueues(sql, rank, wanted, now)
      },
      async find(platformId, now) {
        const [queue] = await readQueues(sql, sql`0`, sql`where "platformId" = ${platformId}`, now)
        return queue ?? null
      },
      setPaused: (platformId, isPaused, by) => orderQueue(orm, platformId, isPaused ? 'pause' : 'resume', by),
      skip: (platformId, by) => orderQueue(orm, platformId, 'skip', by),
      missedByModule: (platformId) => sql<MissedOfModule[]>`
        select module, count(*)::int as objects, max(missed_at)::float8 as "lastAt"
        from push_missed where platform_id = ${platformId} group by module order by module`,
      async missed(platformId, limit, after) {
        const known = await sql`select from push_cursor where platform_id = ${platformId}`
        if (known.length === 0) return null
        const beyond = after
          ? sql`and (missed_at, chain_key, path_key) < (${after.missedAt}::bigint, ${after.chainKey}, ${after.pathKey})`
          : sql``
        return sql<(Omit<MissedView, 'cause'> & { cause: MissedCause })[]>`
          select party as "to", module, method, path, at::float8, missed_at::float8 as "missedAt", cause, times,
            chain_key as "chainKey", path_key as "pathKey"
          from push_missed where platform_id = ${platformId} ${beyond}
          order by missed_at desc, chain_key desc, path_key desc limit ${limit}`
      },
    },
    DEADLINE_MS,
  )
}

type Sql = postgres.Sql
type Part = postgres.PendingQuery<postgres.Row[]>

/** What comes first has the lowest. */
const RANKS: Readonly<Record<QueuePage['sort'], (sql: Sql) => Part>> = {
  platform: (sql) => sql`0::float8`,
  waiting: (sql) => sql`-waiting`,
  oldest: (sql) => sql`coalesce("oldestAt", ${NEVER}::float8)`,
}

function isIn(sql: Sql, state: QueuePage['state'], now: number): Part {
  if (state === 'waiting') return sql`waiting > 0`
  if (state === 'lagging') return sql`"oldestAt" < ${now - LAGS_AFTER_MS}::float8`
  return state === 'paused' ? sql`"pauseCause" is not null` : sql`true`
}

type Queue = QueueView & QueuePlace

/** Deliveries since a moment, and those of the minute before it. */
type Pace = { readonly paceSince: number | null; readonly paceBefore: number; readonly paceNow: number }

/**
 * Deliveries of the last minute, of which a part lies in the minute before the one that is counted: 15 s after it began three quarters
 * of that. What was counted for longer is of a queue that saved nothing since.
 */
export function perMinute({ paceSince, paceBefore, paceNow }: Pace, now: number): number {
  const age = Math.max(0, now - (paceSince ?? 0))
  if (age >= 2 * MINUTE_MS) return 0
  return Math.round(age < MINUTE_MS ? paceNow + paceBefore * (1 - age / MINUTE_MS) : (paceNow * MINUTE_MS) / age)
}

/** What was saved of them, and what of the log they have not read. An order is in force before its queue has saved so. */
async function readQueues(sql: Sql, rank: Part, wanted: Part, now: number): Promise<Queue[]> {
  const rows = await sql<(Omit<Queue, 'oldestAgeSeconds' | 'perMinute'> & Pace & { oldestAt: number | null })[]>`
    select *, ${rank} as rank from (
      select platform_id as "platformId", (waiting + unread.count)::float8 as waiting, in_flight as "inFlight",
        least(oldest_at, unread.oldest_unread)::float8 as "oldestAt", delivered::float8, collapsed::float8, failed::float8,
        (missed + cut)::float8 as missed, withheld::float8, pace_since::float8 as "paceSince", pace_before::float8 as "paceBefore",
        (delivered - pace_from)::float8 as "paceNow",
        case when is_paused then 'administrator' else nullif(pause_cause, 'administrator') end as "pauseCause"
      from push_cursor, lateral (
        select count(number) as count, min(at) as oldest_unread
        from jsonb_to_recordset(lanes) as lane(module text, "readTo" bigint, "readAhead" jsonb)
        join push_log on push_log.module = lane.module and number > "readTo" and from_platform_id <> platform_id
          and ("readAhead" is null or number > coalesce(
            "readAhead" -> 'behind' ->> from_platform_id, "readAhead" ->> 'readTo')::bigint)
      ) unread
    ) queue
    ${wanted}`
  return rows.map(({ oldestAt, paceSince, paceBefore, paceNow, ...row }) => ({
    ...row,
    perMinute: perMinute({ paceSince, paceBefore, paceNow }, now),
    oldestAgeSeconds: oldestAt === null ? null : Math.max(0, Math.round((now - oldestAt) / 1000)),
  }))
}
