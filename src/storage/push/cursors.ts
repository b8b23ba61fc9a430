import { sql as statement } from 'drizzle-orm'
import type postgres from 'postgres'
import type { CursorStore, LaneCursor, MissedPush, QueueSave, SavedQueue } from '../../hub/push/cursor.ts'
import type { Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'

const DEADLINE_MS = 5_000

export type CursorRow = {
  platform_id: string
  position: number
  /** JSON text: whether the driver parses JSON depends on what else uses it. */
  lanes: string
  is_paused: boolean
  skip_to: number | null
  delivered: number
  collapsed: number
  failed: number
  missed: number
  withheld: number
}

/** Cursors of partner queues in Postgres. */
export function createCursorStore(sql: postgres.Sql): CursorStore {
  return withDeadline<CursorStore>(
    {
      load: (platformIds) => load(sql, platformIds),
      save: (owner, saves, missed) => save(sql, owner, saves, missed),
      async orders() {
        const rows = await sql<{ platform_id: string; is_paused: boolean; skip_to: number | null }[]>`
          select platform_id, is_paused, skip_to::float8 from push_cursor where is_paused or skip_to is not null`
        return rows.map((row) => ({ platformId: row.platform_id, isPaused: row.is_paused, skipTo: row.skip_to }))
      },
    },
    DEADLINE_MS,
  )
}

/**
 * The queue of a platform that connects, from the end of the log on: within the handshake's transaction, so that every push
 * accepted after the platform has its answer reaches it.
 */
export async function startPushCursor(tx: Transaction, platformId: string, now: number): Promise<void> {
  await tx.execute(statement`
    insert into push_cursor (platform_id, position, lanes, needed, saved_at)
    select ${platformId}, last, '[]', last + 1, ${now} from push_counter
    on conflict do nothing`)
}

/**
 * A platform goes live: it gets what is pushed from now on, whatever its cursor says. A Queue object that holds it since before goes on from
 * there, too, and saves no more where it had come to.
 */
export async function restartPushCursor(tx: Transaction, platformId: string): Promise<void> {
  await tx.execute(statement`
    update push_cursor set position = last, needed = last + 1, lanes = '[]', holder = null
    from push_counter where platform_id = ${platformId}`)
}

async function load(sql: postgres.Sql, platformIds: readonly string[]): Promise<SavedQueue[]> {
  const wanted = JSON.stringify(platformIds)
  // Its own statement: the next one must see cursors that another process made at the same time.
  await sql`
    insert into push_cursor (platform_id, position, lanes, needed, saved_at)
    select id, last, '[]', last + 1, extract(epoch from now()) * 1000
    from platforms, push_counter
    where id in (select json_array_elements_text(${wanted}::text::json))
    on conflict do nothing`
  const rows = await sql<CursorRow[]>`
    select ${cursorColumns(sql)}
    from push_cursor where platform_id in (select json_array_elements_text(${wanted}::text::json))`
  return rows.map(savedQueue)
}

export function cursorColumns(sql: postgres.Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`platform_id, position::float8, lanes::text, is_paused, skip_to::float8, delivered::float8, collapsed::float8,
    failed::float8, missed::float8, withheld::float8`
}

export function savedQueue(row: CursorRow): SavedQueue {
  return {
    platformId: row.platform_id,
    cursor: { position: row.position, lanes: JSON.parse(row.lanes) as LaneCursor[] },
    isPaused: row.is_paused,
    skipTo: row.skip_to,
    delivered: row.delivered,
    collapsed: row.collapsed,
    failed: row.failed,
    missed: row.missed,
    withheld: row.withheld,
  }
}

async function save(
  sql: postgres.Sql,
  owner: string,
  saves: readonly QueueSave[],
  missed: readonly MissedPush[],
): Promise<string[]> {
  const values = saves.map(({ cursor, ...rest }) => ({ ...rest, position: cursor.position, lanes: cursor.lanes }))
  // The lock on the lease's row keeps another process from taking it over in between.
  const rows = await sql<{ platform_id: string }[]>`
    with saves as (
      select * from json_to_recordset(${JSON.stringify(values)}::text::json) as save(
        "platformId" text, shard int, epoch bigint, position bigint, lanes jsonb, needed bigint, "skippedTo" bigint,
        delivered bigint, collapsed bigint, failed bigint, missed bigint, withheld bigint, waiting int, "inFlight" int, "oldestAt" bigint,
        "pauseCause" text, holder text)
    ), held as (
      select shard, epoch from push_shard where owner = ${owner} and shard in (select shard from saves) for share
    ), saved as (
      update push_cursor set position = saves.position, lanes = saves.lanes, needed = saves.needed,
        delivered = saves.delivered, collapsed = saves.collapsed, failed = saves.failed, missed = saves.missed, withheld = saves.withheld,
        waiting = saves.waiting, in_flight = saves."inFlight", oldest_at = saves."oldestAt",
        pause_cause = saves."pauseCause", saved_at = clock.now, ${pace(sql)},
        skip_to = case when skip_to > coalesce(saves."skippedTo", -1) then skip_to end
      from saves join held on held.shard = saves.shard and held.epoch = saves.epoch,
        (select (extract(epoch from now()) * 1000)::bigint as now) clock
      where push_cursor.platform_id = saves."platformId" and (saves.holder is null or saves.holder = push_cursor.holder)
      returning platform_id
    ), listed as (
      ${insertMissed(sql, missed, sql`where "platformId" in (select platform_id from saved)`)}
    )
    select platform_id from saved`
  const saved = new Set(rows.map((row) => row.platform_id))
  return saves.map((each) => each.platformId).filter((id) => !saved.has(id))
}

/** Begins another minute of the pace where one is over; after a pause of more than two there is none before it. */
function pace(sql: postgres.Sql): postgres.PendingQuery<postgres.Row[]> {
  const age = sql`clock.now - coalesce(pace_since, 0)`
  return sql`
    pace_before = case when ${age} < 60000 then pace_before
      when ${age} < 120000 then (saves.delivered - pace_from) * 60000 / (${age}) else 0 end,
    pace_from = case when ${age} < 60000 then pace_from when ${age} < 120000 then saves.delivered
      else push_cursor.delivered end,
    pace_since = case when ${age} < 60000 then pace_since else clock.now end`
}

/** Lists missed pushes, one row per object. `missed` names each object once. */
export function insertMissed(
  sql: postgres.Sql,
  missed: readonly MissedPush[],
  where: postgres.PendingQuery<postgres.Row[]>,
): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    insert into push_missed as known (platform_id, chain_key, path_key, party, module, method, path, at, missed_at, cause,
      times)
    select "platformId", "chainKey", "pathKey", "to", module, method, path, at, "missedAt", cause, times
    from json_to_recordset(${JSON.stringify(missed)}::text::json) as missed(
      "platformId" text, "chainKey" text, "pathKey" text, "to" text, module text, method text, path text, at bigint,
      "missedAt" bigint, cause text, times int)
    ${where}
    on conflict (platform_id, chain_key, path_key) do update set method = excluded.method, path = excluded.path,
      at = excluded.at, missed_at = excluded.missed_at, cause = excluded.cause, times = known.times + excluded.times`
}
