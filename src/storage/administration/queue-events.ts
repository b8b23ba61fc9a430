import { sql } from 'drizzle-orm'
import type { HubEvent } from '../../hub/administration/events.ts'
import type { PauseCause } from '../../hub/push/cursor.ts'
import type { Orm } from '../database.ts'
import { appendEvents } from './events.ts'

/** A queue lags when its oldest push has waited for so long, */
export const LAGS_AFTER_MS = 300_000
/** and until its oldest is younger than this again, so that one at the edge is told of once. */
const LAGS_UNTIL_MS = 120_000
/** Between two events of objects that one platform missed. */
const MISSED_EVERY_MS = 60_000

/** How a queue stands now, and how it stood when administrators were last told. */
type Told = {
  readonly platform_id: string
  readonly pause_cause: PauseCause | null
  readonly paused_before: PauseCause | null
  readonly is_lagging: boolean
  readonly lagged_before: boolean | null
  readonly oldest_at: number | null
  readonly waiting: number
  /** Since then; null at the first look. */
  readonly failed: number | null
  readonly missed: number | null
}

/**
 * Tells of the queues that stand otherwise than at the last look, as their holders save them: paused or not, lagging, and how many
 * objects were missed. Of two processes that look in the same moment one tells.
 */
export async function noteQueues(orm: Orm, now: number): Promise<void> {
  await orm.transaction(async (tx) => {
    const rows = await tx.execute<Told>(sql`
      with standing as (
        select queue.platform_id, queue.failed, queue.missed + queue.cut as missed, queue.waiting, queue.oldest_at,
          case when queue.is_paused then 'administrator'
            when queue.pause_cause not in ('administrator', 'throttled') then queue.pause_cause end as pause_cause,
          queue.oldest_at is not null and queue.oldest_at < ${now}::bigint
            - case when before.is_lagging then ${LAGS_UNTIL_MS}::bigint else ${LAGS_AFTER_MS}::bigint end as is_lagging,
          before.platform_id is null or before.missed_at <= ${now - MISSED_EVERY_MS}::bigint
            or before.missed_at > ${now}::bigint as tells_missed,
          before.pause_cause as paused_before, before.is_lagging as lagged_before, before.failed as failed_before,
          before.missed as missed_before, before.missed_at as missed_at_before
        from push_cursor queue left join queue_told before using (platform_id)
      ), told as (
        insert into queue_told as known (platform_id, pause_cause, is_lagging, failed, missed, missed_at)
        select platform_id, pause_cause, is_lagging,
          case when tells_missed then failed else failed_before end,
          case when tells_missed then missed else missed_before end,
          case when tells_missed then ${now}::bigint else missed_at_before end
        from standing
        where paused_before is distinct from pause_cause or lagged_before is distinct from is_lagging
          or tells_missed and (failed_before, missed_before) is distinct from (failed, missed)
        order by platform_id
        on conflict (platform_id) do update set pause_cause = excluded.pause_cause, is_lagging = excluded.is_lagging,
          failed = excluded.failed, missed = excluded.missed, missed_at = excluded.missed_at
        where (known.pause_cause, known.is_lagging, known.failed, known.missed)
          is distinct from (excluded.pause_cause, excluded.is_lagging, excluded.failed, excluded.missed)
        returning platform_id, failed, missed
      )
      select platform_id, pause_cause, paused_before, is_lagging, lagged_before, oldest_at::float8, waiting,
        (told.failed - failed_before)::float8 as failed, (told.missed - missed_before)::float8 as missed
      from told join standing using (platform_id)`)
    await appendEvents(
      tx,
      [...rows].flatMap((row) => eventsOf(row, now)),
    )
  })
}

function eventsOf(row: Told, now: number): HubEvent[] {
  const about = { at: now, platformId: row.platform_id, correlationId: null }
  const { pause_cause: cause, paused_before: before, oldest_at: oldestAt, waiting } = row
  const happened: HubEvent[] = []
  if (cause !== before) {
    const data = cause === null ? { cause: before } : { cause }
    happened.push({ ...about, kind: cause === null ? 'queue.resumed' : 'queue.paused', data })
  }
  if (row.is_lagging && row.lagged_before !== true && oldestAt !== null) {
    const oldest_seconds = Math.round((now - oldestAt) / 1000)
    happened.push({ ...about, kind: 'queue.lags', data: { oldest_seconds, waiting } })
  }
  const { failed, missed } = row
  if (failed || missed) happened.push({ ...about, kind: 'objects.missed', data: { failed, missed } })
  return happened
}
