import { sql } from 'drizzle-orm'
import type { Orm } from '../database.ts'
import { openRun } from './open-run.ts'

/** Of one look: those that are left come next time, so that not all are checked at the same time. */
const MOST_AT_ONCE = 10

/** Asks for runs of live platforms whose last one, or else whose status, is older than `everyMs`. */
export function scheduleChecks(orm: Orm, everyMs: number, now: number): Promise<void> {
  return orm.transaction(async (tx) => {
    const due = await tx.execute<{ id: string }>(sql`
      select id from platforms left join lateral (
        select asked_at, ended_at from check_runs where platform_id = id order by number desc limit 1
      ) last on true
      where status = 'CONNECTED' and sealed_token is not null and sandbox is null
        and coalesce(last.asked_at, status_since) <= ${now - everyMs}::bigint
        and (last.asked_at is null or last.ended_at is not null)
      order by coalesce(last.asked_at, status_since), id limit ${MOST_AT_ONCE}`)
    for (const { id } of due) {
      await openRun(tx, {
        ...{ platformId: id, askedBy: 'schedule', askedAt: now, dueAt: now },
        ...{ consent: false, skipsWrongToken: false },
      })
    }
  })
}
