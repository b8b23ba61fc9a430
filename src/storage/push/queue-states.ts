import type postgres from 'postgres'
import type { PauseCause, QueueState } from '../../hub/push/cursor.ts'
import { withDeadline } from '../deadline.ts'

const DEADLINE_MS = 5_000
/** Queues read, the first by their platforms' ids. */
const QUEUES_MOST = 20_000
/** Unread pushes of one lane that are counted: a platform that is far behind is told by the age of its oldest. */
const UNREAD_MOST = 1_000

/** What the database knows of deliveries, for metrics. Rejects when it is away. */
export type PushReadings = {
  /** Queues as they were last saved, with what of the log they have not read, up to 1,000 for each module. */
  readonly queueStates: () => Promise<readonly QueueState[]>
  /** Bytes of the push log, those cut out of its middle included. */
  readonly logBytes: () => Promise<number>
}

export function createPushReadings(sql: postgres.Sql): PushReadings {
  return withDeadline<PushReadings>(
    {
      queueStates: () => readStates(sql),
      async logBytes() {
        const [row] = await sql<{ bytes: number }[]>`
          select coalesce(push_counter.bytes - (select bytes_end - bytes from push_log order by number limit 1), 0)::float8
            as bytes
          from push_counter`
        return row?.bytes ?? 0
      },
    },
    DEADLINE_MS,
  )
}

async function readStates(sql: postgres.Sql): Promise<QueueState[]> {
  return sql<(Omit<QueueState, 'pauseCause'> & { pauseCause: PauseCause | null })[]>`
    select platform_id as "platformId", waiting, coalesce(unread.count, 0)::float8 as unread, in_flight as "inFlight",
      least(oldest_at, unread.oldest)::float8 as "oldestAt", delivered::float8, collapsed::float8, failed::float8,
      (missed + cut)::float8 as missed, withheld::float8,
      case when is_paused then 'administrator' else nullif(pause_cause, 'administrator') end as "pauseCause"
    from (select * from push_cursor order by platform_id limit ${QUEUES_MOST}) cursors left join lateral (
      select sum(few.count) as count, min(few.oldest) as oldest
      from jsonb_to_recordset(lanes) as lane(module text, "readTo" bigint, "readAhead" jsonb), lateral (
        select count(*) as count, min(at) as oldest from (
          select at from push_log
          where push_log.module = lane.module and number > lane."readTo" and from_platform_id <> platform_id
            and (lane."readAhead" is null or number > coalesce(
              lane."readAhead" -> 'behind' ->> from_platform_id, lane."readAhead" ->> 'readTo')::bigint)
          order by number limit ${UNREAD_MOST}
        ) of_lane
      ) few
    ) unread on true`
}
