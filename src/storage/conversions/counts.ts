import { sql } from 'drizzle-orm'
import type { ConversionsCounted, OutcomeCount, RemarkCount } from '../../hub/translate/conversion-counts.ts'
import { NO_KNOWN_FIELD } from '../../ocpi/convert/conversion.ts'
import type { Orm } from '../database.ts'

/** Rows of one statement. */
const ROWS = 5_000

/**
 * Adds counts to those that are stored, all of them or none. The rows of a statement come in the order of their keys, so that two
 * processes that add to the same ones wait for one another but never both.
 */
export async function addConversions(orm: Orm, { outcomes, remarks }: ConversionsCounted): Promise<void> {
  if (outcomes.length === 0 && remarks.length === 0) return
  await orm.transaction(async (tx) => {
    for (const rows of parts(outcomes)) {
      await tx.execute(sql`
        insert into conversion_outcomes as t
            (platform, source, from_version, to_version, kind, outcome, n, first_at, last_at, sample)
        select platform, coalesce(source, ''), "from", "to", kind, outcome, n, "firstAt", "lastAt", sample
          from json_to_recordset(${JSON.stringify(rows)}::text::json)
            as r(platform text, source text, "from" text, "to" text, kind text, outcome text, n bigint, "firstAt" bigint,
              "lastAt" bigint, sample text)
          order by platform, source, "from", "to", kind, outcome
        on conflict on constraint conversion_outcomes_pk do update set ${ADDED}`)
    }
    for (const rows of parts(remarks)) {
      await tx.execute(sql`
        insert into conversion_remarks as t
            (platform, source, from_version, to_version, kind, fate, pointer, reason, n, first_at, last_at, sample)
        select platform, coalesce(source, ''), "from", "to", kind, fate, pointer, reason, n, "firstAt", "lastAt", sample
          from json_to_recordset(${JSON.stringify(rows)}::text::json)
            as r(platform text, source text, "from" text, "to" text, kind text, fate text, pointer text, reason text, n bigint,
              "firstAt" bigint, "lastAt" bigint, sample text)
          order by platform, source, "from", "to", kind, fate, pointer, reason
        on conflict on constraint conversion_remarks_pk do update set ${ADDED}`)
    }
  })
}

const ADDED = sql.raw(`n = t.n + excluded.n, first_at = least(t.first_at, excluded.first_at),
  last_at = greatest(t.last_at, excluded.last_at), sample = coalesce(excluded.sample, t.sample)`)

/** The order of statements must be that of keys, too. */
function parts<Row extends OutcomeCount | RemarkCount>(rows: readonly Row[]): Row[][] {
  const sorted = rows.length > ROWS ? rows.toSorted((a, b) => (a.platform < b.platform ? -1 : 1)) : rows
  return Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, i) => sorted.slice(i * ROWS, (i + 1) * ROWS))
}

export type ConversionRetention = {
  /** Of what happened last before this, nothing is known any more. */
  readonly since: number
  /** Remarks kept of one platform. */
  readonly mostOfPlatform: number
}

/**
 * Forgets what has not happened for long, and of platforms with too many remarks the oldest: first those on names that partners made up, who
 * would push out what is said of others' objects. Returns whether there were such.
 */
export async function trimConversions(orm: Orm, { since, mostOfPlatform }: ConversionRetention): Promise<boolean> {
  await orm.execute(sql`delete from conversion_outcomes where last_at < ${since}`)
  await orm.execute(sql`delete from conversion_remarks where last_at < ${since}`)
  const beyond = await orm.execute(sql`
    delete from conversion_remarks r using (
      select ctid from (
        select ctid, row_number() over (partition by platform order by reason = ${NO_KNOWN_FIELD}, last_at desc) as place
          from conversion_remarks
      ) as placed where place > ${mostOfPlatform}
    ) as oldest where r.ctid = oldest.ctid`)
  return beyond.count > 0
}
