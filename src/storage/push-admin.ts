import type postgres from 'postgres'
import type { MissedView, QueueAdmin, QueueView } from '../hub/push-admin.ts'
import type { MissedCause, PauseCause } from '../hub/push-cursors.ts'
import { withDeadline } from './deadline.ts'

const DEADLINE_MS = 5_000

/** Queues as administrators see and steer them, from the rows their holders save: any process can answer. */
export function createQueueAdmin(sql: postgres.Sql): QueueAdmin {
  return withDeadline<QueueAdmin>(
    {
      async list({ limit, afterId }, now) {
        const rows = await sql<(Omit<QueueView, 'oldestAgeSeconds'> & { oldestAt: number | null })[]>`
          select platform_id as "platformId", (waiting + unread.count)::float8 as waiting, in_flight as "inFlight",
            least(oldest_at, unread.oldest_unread)::float8 as "oldestAt", delivered::float8, collapsed::float8, failed::float8,
            (missed + cut)::float8 as missed, is_paused as "isPaused",
            case when is_paused then 'administrator' else pause_cause end as "pauseCause"
          from push_cursor, lateral (
            select count(number) as count, min(at) as oldest_unread
            from jsonb_to_recordset(lanes) as lane(module text, "readTo" bigint)
            join push_log on push_log.module = lane.module and number > "readTo" and from_platform_id <> platform_id
          ) unread
          where platform_id > ${afterId ?? ''} order by platform_id limit ${limit}`
        return rows.map(({ oldestAt, ...row }) => ({
          ...row,
          pauseCause: row.pauseCause as PauseCause | null,
          oldestAgeSeconds: oldestAt === null ? null : Math.max(0, Math.round((now - oldestAt) / 1000)),
        }))
      },
      async setPaused(platformId, isPaused) {
        const changed = await sql`update push_cursor set is_paused = ${isPaused} where platform_id = ${platformId}`
        return changed.count > 0
      },
      async skip(platformId) {
        const changed = await sql`
          update push_cursor set skip_to = last from push_counter where platform_id = ${platformId}`
        return changed.count > 0
      },
      async missed(platformId, limit, before) {
        const known = await sql`select from push_cursor where platform_id = ${platformId}`
        if (known.length === 0) return null
        const rows = await sql<(Omit<MissedView, 'cause'> & { cause: MissedCause })[]>`
          select module, method, path, at::float8, missed_at::float8 as "missedAt", cause, times from push_missed
          where platform_id = ${platformId} and missed_at < ${before ?? Number.MAX_SAFE_INTEGER}
          order by missed_at desc limit ${limit}`
        return rows
      },
    },
    DEADLINE_MS,
  )
}
