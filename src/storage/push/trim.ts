import type postgres from 'postgres'
import type { LaneCursor } from '../../hub/push/cursor.ts'
import type { TrimStore } from '../../hub/push/drain/trim.ts'
import { withDeadline } from '../deadline.ts'
import { insertMissed } from './cursors.ts'
import { readRowsWithoutBodies } from './log.ts'

const DEADLINE_MS = 10_000

/** Rows looked at or deleted by one statement. */
const AT_ONCE = 5_000
/** Rows of a section, of which few columns are read: half a second of a busy database, which ends statements after five. */
const SECTION_ROWS = 20_000

/** `NL*CPO` of `locations NL*CPO l1`, or of `DE*EMS locations NL*CPO l1`. */
const OWNER_IN_CHAIN_KEY = '^(?:\\S+\\*\\S+ )?\\S+ (\\S+)'

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
      async extent() {
        const [row] = await sql<{ stored: number; most: number }[]>`
          select push_counter.bytes::float8 as stored,
            coalesce(push_counter.bytes - (select bytes_end - bytes from push_log order by number limit 1), 0)::float8 as most
          from push_counter`
        return { storedBytes: row?.stored ?? 0, mostBytes: row?.most ?? 0 }
      },
      deleteSuperseded: (after) => deleteSuperseded(sql, after),
      readTooOld: (oldestAt, most) =>
        readRowsWithoutBodies(
          sql,
          sql`(select * from push_log order by number limit ${AT_ONCE}) oldest where at < ${oldestAt}`,
          most,
        ).then((rows) => rows.map(({ push }) => push)),
      async readOldestOf(senders, after, most) {
        const [section] = await sql<{ last: number | null }[]>`
          select max(number)::float8 as last
          from (select number from push_log where number > ${after} order by number limit ${SECTION_ROWS}) section`
        const last = section?.last ?? null
        if (last === null) return { rows: [], upTo: null }
        const ofSenders = sql`push_log where number > ${after} and number <= ${last} and from_platform_id in (
          select json_array_elements_text(${JSON.stringify(senders)}::text::json))`
        const rows = await readRowsWithoutBodies(sql, ofSenders, most)
        return { rows, upTo: rows.length < most ? last : (rows.at(-1)?.push.number ?? last) }
      },
      async cursorsBehind(number) {
        const rows = await sql<{ platform_id: string; position: number; lanes: string }[]>`
          select platform_id, position::float8, lanes::text from push_cursor where needed <= ${number}`
        return rows.map((row) => ({
          platformId: row.platform_id,
          cursor: { position: row.position, lanes: JSON.parse(row.lanes) as LaneCursor[] },
        }))
      },
      async cut(numbers, missed) {
        await sql`
          with gone as (
            delete from push_log where number in (
              select value::bigint from json_array_elements_text(${JSON.stringify(numbers)}::text::json))
          ), counted as (
            update push_cursor set cut = cut + sums.times from (
              select "platformId", sum(times) as times
              from json_to_recordset(${JSON.stringify(missed)}::text::json) as missed("platformId" text, times int)
              group by "platformId"
            ) sums where platform_id = sums."platformId"
          )
          ${insertMissed(sql, missed, sql`where "platformId" in (select platform_id from push_cursor)`)}`
      },
      async boundMissed(mostPerPlatform) {
        const { count } = await sql`
          delete from push_missed where (platform_id, chain_key, path_key) in (
            select platform_id, chain_key, path_key from (
              select *, row_number() over (partition by platform_id order by nth_of_owner, missed_at desc) as nth from (
                select platform_id, chain_key, path_key, missed_at, row_number() over (
                  partition by platform_id, substring(chain_key from ${OWNER_IN_CHAIN_KEY}) order by missed_at desc
                ) as nth_of_owner from push_missed
              ) placed
            ) ranked where nth > ${mostPerPlatform})`
        return count
      },
    },
    DEADLINE_MS,
  )
}

/**
 * The rules of `supersedes` and `RecentChains` as one statement: a later PUT or DELETE by the same platform in the same role, of
 * the object itself or of what contains it, at most a location and an EVSE. Each row meets three paths, however many there are
 * of its chain.
 */
async function deleteSuperseded(sql: postgres.Sql, after: number): ReturnType<TrimStore['deleteSuperseded']> {
  const rows = await sql<{ sender: string; bytes: number; last: number }[]>`
    with section as materialized (
      select number, from_platform_id as sender, sender_class, chain_key, path_key, method, only_to, bytes from push_log
      where number > ${after} order by number limit ${SECTION_ROWS}
    ), latest as (
      select sender, sender_class, chain_key, path_key, max(number) as number from section
      where method in ('PUT', 'DELETE') and only_to is null group by sender, sender_class, chain_key, path_key
    ), gone as (
      delete from push_log where number in (
        select section.number from section cross join lateral (values
            (path_key), (split_part(path_key, '/', 1)), (split_part(path_key, '/', 1) || '/' || split_part(path_key, '/', 2))
          ) as within(path)
          join latest on latest.sender = section.sender and latest.sender_class = section.sender_class
            and latest.chain_key = section.chain_key and latest.path_key = within.path and latest.number > section.number)
      returning from_platform_id as sender, bytes
    )
    select sender, sum(bytes)::float8 as bytes, max(last)::float8 as last from (
      select sender, bytes, number as last from section union all select sender, -bytes, null from gone
    ) as rest group by sender`
  const last = rows.reduce((most, row) => Math.max(most, row.last), after)
  return { bytesOf: new Map(rows.map((row) => [row.sender, row.bytes])), upTo: last > after ? last : null }
}
