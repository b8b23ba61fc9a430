import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { HOUR_MS, MINUTE_MS } from '../../src/hub/message/traffic.ts'
import { migrateDatabase } from '../../src/storage/migrate.ts'

const MIGRATIONS = new URL('../../migrations', import.meta.url).pathname
/** The one whose time on a filled log is taken, and all before it. */
const MEASURED = 'traffic_and_search'
const SEGMENTS = 8
const DAYS = 7
/** Platforms with traffic, the first with most of it. */
export const BUSY = 300

/** The id of the platform of that rank. */
export function platformId(rank: number): string {
  const digits = rank.toString(16).padStart(12, '0')
  return `00000000-0000-4000-8000-${digits}`
}

const ID_OF = (rank: string) => `'00000000-0000-4000-8000-' || lpad(to_hex(${rank}), 12, '0')`

/** A database whose message log is full. */
export type FilledLog = {
  readonly url: string
  /** The moment of the newest exchange. */
  readonly end: number
  /** What the upgrade of the filled log took. */
  readonly upgradeMs: number
}

/** Fills the message log of an empty database, and upgrades it. */
export async function createFilledLog(url: string, exchanges: number): Promise<FilledLog> {
  await migrateBefore(url)
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  const end = Date.now()
  await fillLog(sql, exchanges, end)
  const upgradeMs = await migrateFilled(url)
  await countLog(sql)
  await sql`vacuum analyze message_log`
  await sql.end()
  return { url, end, upgradeMs }
}

/** Migrates up to the migration that is measured, itself left out. */
async function migrateBefore(url: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ocpi-hub-migrations-'))
  cpSync(MIGRATIONS, folder, { recursive: true })
  const path = join(folder, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(path, 'utf8')) as { entries: { tag: string }[] }
  const end = journal.entries.findIndex(({ tag }) => tag.endsWith(MEASURED))
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, end) }))
  await migrateDatabase({ url, folder })
  rmSync(folder, { recursive: true })
}

/** What the upgrade of a filled log takes, in milliseconds. */
async function migrateFilled(url: string): Promise<number> {
  const startedAt = performance.now()
  await migrateDatabase({ url, folder: MIGRATIONS })
  return performance.now() - startedAt
}

/**
 * Fills the message log with exchanges of a week, evenly in time up to `end`: 300 platforms of 10,000 with Zipf-like traffic, 3.5 in a
 * hundred refused or failed. Each platform has one party: that of rank 1234 is `PB-234`.
 */
async function fillLog(sql: Sql, exchanges: number, end: number): Promise<void> {
  await sql.unsafe(`
    insert into platforms (id, name, status, status_cause, status_since, endpoints, delivery, token_encoding,
        is_strict_about_tokens, created_at, revision)
      select ${ID_OF('n')}, 'Platform ' || n, 'CONNECTED', '', 0, '[]', '{}', 'base64', false, 0, 1
        from generate_series(1, 10000) as n`)
  await sql.unsafe(`
    insert into parties (key, country_code, party_id)
      select 'P' || chr(65 + n / 1000) || '*' || lpad((n % 1000)::text, 3, '0'), 'P' || chr(65 + n / 1000), lpad((n % 1000)::text, 3, '0')
        from generate_series(1, 9999) as n`)
  await sql.unsafe(`
    insert into party_roles (party_key, role, platform_id, state, status, last_updated)
      select 'P' || chr(65 + n / 1000) || '*' || lpad((n % 1000)::text, 3, '0'), 'CPO', ${ID_OF('n')}, 'ACTIVE', 'CONNECTED', 0
        from generate_series(1, 9999) as n`)
  const each = Math.floor(exchanges / SEGMENTS)
  const length = DAYS * 24 * HOUR_MS
  for (let segment = 1; segment <= SEGMENTS; segment++) {
    const start = end - length + ((segment - 1) * length) / SEGMENTS
    if (segment > 1) {
      await sql.unsafe(`create table message_log_${segment} partition of message_log for values in (${segment})
        with (toast_tuple_target = 8160)`)
      await sql`insert into message_log_segments values (${segment}, ${Math.floor(start)})`
      await sql.unsafe(`alter table message_log alter column segment set default ${segment}`)
    }
    await sql.unsafe(rowsOf(each, start, length / SEGMENTS / each))
  }
  await sql`vacuum analyze message_log`
}

function rowsOf(rows: number, start: number, everyMs: number): string {
  const headers = `'Accept\napplication/json\nX-Note\n' || repeat('h', 260)`
  return `
    insert into message_log (at, kind, correlation_id, request_id, forwarded_request_id, from_platform_id, to_platform_id,
        from_party, to_party, module, interface_role, method, path, forwarded_url, http_status, ocpi_status, duration_ms,
        receiver_ms, request_bytes, response_bytes, failure, object_key, request_headers, response_headers, request_body,
        response_body)
      select at, 'direct', gen_random_uuid(), 'r-' || at || '-' || n, gen_random_uuid(), ${ID_OF('a')}, ${ID_OF('b')},
          'PA-' || lpad(a::text, 3, '0'), 'PA-' || lpad(b::text, 3, '0'),
          (array['sessions', 'locations', 'commands', 'cdrs', 'tokens', 'tariffs'])[1 + floor(6 * random() ^ 2)::int],
          'RECEIVER', 'PUT', '/ocpi/2.2.1/receiver/sessions/PA/001/' || object, 'https://partner.example/ocpi/' || object,
          case when fate < 0.01 then 502 when fate < 0.02 then 404 else 200 end,
          case when fate < 0.02 then null when fate < 0.035 then 2001 else 1000 end,
          10 + 400 * random() ^ 4, 10, 70, 80, case when fate < 0.01 then 'unreachable' end, object,
          ${headers}, ${headers}, '${'b'.repeat(70)}'::bytea, '${'b'.repeat(80)}'::bytea
        from (
          select n, ${Math.floor(start)} + floor(n * ${everyMs})::bigint as at, floor(${BUSY} ^ random())::int as a,
              floor(${BUSY} ^ random())::int as b, random() as fate, 'OBJ' || floor(400000 * random())::int as object
            from generate_series(0, ${rows - 1}) as n offset 0) as drawn`
}

/** The counts of a log that was filled by hand, as a hub would have written them. */
async function countLog(sql: Sql): Promise<void> {
  const outcome = `case when http_status >= 500 then 'failed' when http_status >= 400 or ocpi_status >= 2000 then 'refused' else 'ok' end`
  for (const [column, isCaller] of [
    ['from_platform_id', true],
    ['to_platform_id', false],
  ]) {
    await sql.unsafe(`
      insert into traffic_hour select ${column}, at - at % ${HOUR_MS}, ${isCaller}, module, ${outcome}, count(*), sum(duration_ms)
        from message_log group by 1, 2, 4, 5`)
  }
  await sql.unsafe(`
    insert into traffic_minute select at - at % ${MINUTE_MS}, module, ${outcome}, count(*), sum(duration_ms),
        sum(request_bytes + response_bytes), array[0, count(*), 0, 0, 0, 0, 0, 0]
      from message_log group by 1, 2, 3`)
  await sql`vacuum analyze traffic_hour, traffic_minute`
}
