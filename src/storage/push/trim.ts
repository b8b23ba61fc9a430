import type postgres from 'postgres'
import type { LaneCursor } from '../../hub/push/cursor.ts'
import type { TrimStore } from '../../hub/push/drain/trim.ts'
import { withDeadline } from '../deadline.ts'
import { insertMissed } from './cursors.ts'
import { readRowsWithoutBodies } from './log.ts'

const DEADLINE_MS = 10_000

/** Rows looked at or deleted by one statement. */
const AT_ONCE = 5_000

/** Shortening of the push log in Postgres. */
export function createTrimStore(sql: postgres.Sql): TrimStore {
  return withDeadline<TrimStore>(
    {
      async deletePassed() {
        // A platform that is not connected starts at the end of the log when it is.
        await sql`
          update push_cursor set position = last, needed = last + 1, lanes = '[]'
          from platforms, push_counter
          where platforms.id = platform_id and platforms.status = 'PLANNED' and needed <= last`
        const gone = await sql`
          delete from push_log where number in (
            select number from push_log
            where number < (select coalesce(min(needed), (select last + 1 from push_counter)) from push_cursor)
            order by number limit ${AT_ONCE})`
        return gone.count
      },
      async readOverdue(oldestAt, maxBytes) {
        const [overdue] = await sql<{ number: number | null }[]>`
          select max(number)::float8 as number
          from (select number, at, bytes_end from push_log order by number limit ${AT_ONCE}) oldest, push_counter
          where at < ${oldestAt} or push_counter.bytes - bytes_end >= ${maxBytes}`
        return overdue?.number == null ? [] : readRowsWithoutBodies(sql, overdue.number, AT_ONCE)
      },
      async cursorsBehind(number) {
        const rows = await sql<{ platform_id: string; position: number; lanes: string }[]>`
          select platform_id, position::float8, lanes::text from push_cursor where needed <= ${number}`
        return rows.map((row) => ({
          platformId: row.platform_id,
          cursor: { position: row.position, lanes: JSON.parse(row.lanes) as LaneCursor[] },
        }))
      },
      async cut(upTo, missed) {
        await sql`
          with gone as (delete from push_log where number <= ${upTo}),
          counted as (
            update push_cursor set cut = cut + sums.times from (
              select "platformId", sum(times) as times
              from json_to_recordset(${JSON.stringify(missed)}::text::json) as missed("platformId" text, times int)
              group by "platformId"
            ) sums where platform_id = sums."platformId"
          )
          ${insertMissed(sql, missed, sql`where "platformId" in (select platform_id from push_cursor)`)}`
      },
      async boundMissed(mostPerPlatform) {
        await sql`
          delete from push_missed where (platform_id, chain_key, path_key) in (
            select platform_id, chain_key, path_key from (
              select *, row_number() over (partition by platform_id order by missed_at desc) as nth from push_missed
            ) ranked where nth > ${mostPerPlatform})`
      },
    },
    DEADLINE_MS,
  )
}
