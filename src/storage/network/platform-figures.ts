import { sql } from 'drizzle-orm'
import { HOUR_MS } from '../../hub/message/traffic.ts'
import type { PlatformFigures, ReadPlatformFigures } from '../../hub/network/platform-figures.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'

const DEADLINE_MS = 5_000
const PERIOD_MS = 24 * HOUR_MS

type Row = {
  readonly id: string
  readonly waiting: number | null
  readonly exchanges: string
  readonly failed: string
}

/** Both tables have an index by platform: a page of a hundred is a hundred looks at a day's hours. */
export function createPlatformFigures(orm: Orm): ReadPlatformFigures {
  async function read(platformIds: readonly string[], now: number): Promise<ReadonlyMap<string, PlatformFigures>> {
    if (platformIds.length === 0) return new Map()
    const since = now - PERIOD_MS - ((now - PERIOD_MS) % HOUR_MS)
    const ids = sql.join(
      platformIds.map((id) => sql`(${id}::text)`),
      sql`, `,
    )
    const rows = await orm.execute<Row>(sql`
      select wanted.id, queue.waiting, coalesce(traffic.exchanges, 0) as exchanges, coalesce(traffic.failed, 0) as failed
      from (values ${ids}) wanted (id)
        left join push_cursor queue on queue.platform_id = wanted.id,
        lateral (
          select sum(n) as exchanges, sum(n) filter (where outcome = 'failed') as failed
          from traffic_hour where platform = wanted.id and hour >= ${since}
        ) traffic
      where queue.waiting is not null or traffic.exchanges is not null`)
    return new Map(
      rows.map(({ id, waiting, exchanges, failed }) => [
        id,
        { waiting, exchanges: Number(exchanges), failed: Number(failed) },
      ]),
    )
  }
  return withDeadline({ read }, DEADLINE_MS).read
}
