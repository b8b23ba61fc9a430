import type postgres from 'postgres'
import type { MissedCause } from '../../hub/push/cursor.ts'
import type { MissedView, QueueAdmin, QueueView } from '../../hub/push/drain/queue-admin.ts'
import { orderQueue } from '../administration/audited-queues.ts'
import type { Database } from '../database.ts'
import { withDeadline } from '../deadline.ts'

const DEADLINE_MS = 5_000

/** Queues as administrators see and steer them, from the rows their holders save: any process can answer. */
export function createQueueAdmin({ sql, orm }: Pick<Database, 'sql' | 'orm'>): QueueAdmin {
  return withDeadline<QueueAdmin>(
    {
      list: ({ limit, afterId }, now) =>
        readQueues(sql, sql`platform_id > ${afterId ?? ''} order by platform_id limit ${limit}`, now),
      async find(platformId, now) {
        const [queue] = await readQueues(sql, sql`platform_id = ${platformId}`, now)
        return queue ?? null
      },
      setPaused: (platformId, isPaused, by) => orderQueue(orm, platformId, isPaused ? 'pause' : 'resume', by),
      skip: (platformId, by) => orderQueue(orm, platformId, 'skip', by),
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

/** What was saved of them, and what of the log they have not read. An order is in force before its queue has saved so. */
async function readQueues(
  sql: postgres.Sql,
  which: postgres.PendingQuery<postgres.Row[]>,
  now: number,
): Promise<QueueView[]> {
  const rows = await sql<(Omit<QueueView, 'oldestAgeSeconds'> & { oldestAt: number | null })[]>`
    select platform_id as "platformId", (waiting + unread.count)::float8 as waiting, in_flight as "inFlight",
      least(oldest_at, unread.oldest_unread)::float8 as "oldestAt", delivered::float8, collapsed::float8, failed::float8,
      (missed + cut)::float8 as missed,
      case when is_paused then 'administrator' else nullif(pause_cause, 'administrator') end as "pauseCause"
    from push_cursor, lateral (
      select count(number) as count, min(at) as oldest_unread
      from jsonb_to_recordset(lanes) as lane(module text, "readTo" bigint, "readAhead" jsonb)
      join push_log on push_log.module = lane.module and number > "readTo" and from_platform_id <> platform_id
        and ("readAhead" is null or number > coalesce(
          "readAhead" -> 'behind' ->> from_platform_id, "readAhead" ->> 'readTo')::bigint)
    ) unread
    where ${which}`
  return rows.map(({ oldestAt, ...row }) => ({
    ...row,
    oldestAgeSeconds: oldestAt === null ? null : Math.max(0, Math.round((now - oldestAt) / 1000)),
  }))
}
