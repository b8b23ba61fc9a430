import { sql } from 'drizzle-orm'
import type { HourCount, MinuteCount, TrafficCounted } from '../../hub/message/traffic.ts'
import { DAY_MS } from '../../hub/moments.ts'
import type { Orm } from '../database.ts'

/** Rows of one statement. */
const ROWS = 5_000

/**
 * Adds counts to those that are stored, all of them or none. The rows of a statement come in the order of their keys, so that two
 * processes that add to the same ones wait for one another but never both.
 */
export async function addTraffic(orm: Orm, { minutes, hours }: TrafficCounted): Promise<void> {
  if (minutes.length === 0 && hours.length === 0) return
  await orm.transaction(async (tx) => {
    for (const rows of parts(minutes)) {
      await tx.execute(sql`
        insert into traffic_minute as t (minute, module, outcome, n, ms, bytes, took)
        select minute, module, outcome, n, ms, bytes, took
          from json_to_recordset(${JSON.stringify(rows)}::text::json)
            as r(minute bigint, module text, outcome text, n bigint, ms float8, bytes bigint, took bigint[])
          order by minute, module, outcome
        on conflict (minute, module, outcome) do update set
          n = t.n + excluded.n, ms = t.ms + excluded.ms, bytes = t.bytes + excluded.bytes,
          took = array(select a + b from unnest(t.took, excluded.took) with ordinality as u(a, b, place) order by place)`)
    }
    for (const rows of parts(hours)) {
      await tx.execute(sql`
        insert into traffic_hour as t (platform, hour, is_caller, module, outcome, n, ms)
        select platform, hour, "isCaller", module, outcome, n, ms
          from json_to_recordset(${JSON.stringify(rows)}::text::json)
            as r(platform text, hour bigint, "isCaller" boolean, module text, outcome text, n bigint, ms float8)
          order by platform, hour, "isCaller", module, outcome
        on conflict (platform, hour, is_caller, module, outcome) do update set
          n = t.n + excluded.n, ms = t.ms + excluded.ms`)
    }
  })
}

/** The order of statements must be that of keys, too. */
function parts<Row extends MinuteCount | HourCount>(rows: readonly Row[]): Row[][] {
  const sorted = rows.length > ROWS ? rows.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)) : rows
  return Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, i) => sorted.slice(i * ROWS, (i + 1) * ROWS))
}

function placeOf(row: MinuteCount | HourCount): string {
  return 'platform' in row ? row.platform : String(row.minute)
}

export type TrafficRetention = {
  /** How long counts are kept; at least as long as the message log, whose search goes by them. */
  readonly days: number
  /** Of platforms, in hours: about 130 bytes each. */
  readonly mostHours: number
}

/** Deletes counts that are beyond the retention. Returns whether there were too many of platforms. */
export async function trimTraffic(orm: Orm, now: number, { days, mostHours }: TrafficRetention): Promise<boolean> {
  const oldest = now - days * DAY_MS
  await orm.execute(sql`delete from traffic_minute where minute < ${oldest}`)
  await orm.execute(sql`delete from traffic_hour where hour < ${oldest}`)
  const beyond = await orm.execute(sql`
    delete from traffic_hour
      where hour <= (select hour from traffic_hour order by hour desc offset ${mostHours} limit 1)`)
  return beyond.count > 0
}
