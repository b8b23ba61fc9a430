import { type SQL, sql } from 'drizzle-orm'
import type { Outcome } from '../../hub/message/outcome.ts'
import { type ReadTraffic, TOOK_UP_TO_MS, type TrafficPoint, type TrafficQuery } from '../../hub/message/traffic.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'

const DEADLINE_MS = 8_000

type Row = {
  readonly at: string
  readonly module: string | null
  readonly outcome: Outcome | null
  readonly n: string
  readonly ms: number
  readonly bytes: string | null
} & Readonly<Record<`took_${number}`, string>>

/**
 * Counts of a minute or an hour fit an `int`, whose sum is a plain number: sums of `bigint` are so large to keep that the rows of a week
 * are sorted on disk instead.
 */
const SUMS_OF_TIMES = TOOK_UP_TO_MS.map((_, i) => sql.raw(`sum(took[${i + 1}]::int) as took_${i}`))

/** Sums of the counts by step, and by module and outcome where these are told apart: of the whole hub by minutes, of one platform by hours. */
export function createTrafficReader(orm: Orm): ReadTraffic {
  async function read(query: TrafficQuery, limit: number): Promise<TrafficPoint[]> {
    const { since, until, step, platform, module, by } = query
    const isOfHub = platform === null
    const time = sql.raw(isOfHub ? 'minute' : 'hour')
    const table = sql.raw(isOfHub ? 'traffic_minute' : 'traffic_hour')
    const more: SQL[] = isOfHub ? [sql`sum(bytes) as bytes`, ...SUMS_OF_TIMES] : [sql`null as bytes`]
    const ofModule = sql.raw(by === 'module' ? 'module' : 'null::text')
    const ofOutcome = sql.raw(by === 'step' ? 'null::text' : 'outcome')
    const rows = await orm.execute<Row>(sql`
      select ${time} - ${time} % ${sql.raw(String(step))} as at, ${ofModule} as module, ${ofOutcome} as outcome,
          sum(n::int) as n, sum(ms) as ms,
          ${sql.join(more, sql`, `)}
        from ${table}
        where ${time} >= ${since} and ${time} < ${until}
          ${isOfHub ? sql`` : sql`and platform = ${platform}`}
          ${module === null ? sql`` : sql`and module = ${module}`}
        group by 1, 2, 3 order by 1, 2, 3 limit ${limit}`)
    return rows.map((row) => ({
      at: Number(row.at),
      module: row.module,
      outcome: row.outcome,
      n: Number(row.n),
      ms: row.ms,
      bytes: row.bytes === null ? null : Number(row.bytes),
      took: isOfHub ? TOOK_UP_TO_MS.map((_, i) => Number(row[`took_${i}`])) : null,
    }))
  }
  return withDeadline({ read }, DEADLINE_MS).read
}
