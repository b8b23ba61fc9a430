import type { Sql } from 'postgres'
import { HOUR_MS } from '../../src/hub/message/traffic.ts'

const DAY_MS = 24 * HOUR_MS
/** Platforms of these ranks and above are on their way into the network. */
export const NEWCOMERS = 9_600
/** Most of them between the parties with most traffic. */
const RULES = 50_000

/**
 * Gives the 10,000 platforms of a filled message log what else the console shows: eMSPs beside CPOs, 200 that are OFFLINE and 400
 * newcomers, queues that lag or are paused or missed objects, rules, handshakes, refused calls, and a year of events.
 *
 * @param end the moment up to which it happened, milliseconds since the epoch
 */
export async function fillNetwork(sql: Sql, end: number): Promise<void> {
  // Its rank, as the last digits of a platform's id hold it.
  const rank = `('x' || right(id, 8))::bit(32)::int`
  await sql.unsafe(`
    update platforms set created_at = ${end - 365 * DAY_MS}, first_live_at = ${end - 300 * DAY_MS},
        status_since = ${end} - ${rank} * 60000::bigint, version = '2.2.1', endpoints = (
          select jsonb_agg(jsonb_build_object('identifier', module, 'role', 'RECEIVER', 'url', 'https://partner.example/' || module))
            from unnest(array['locations', 'sessions', 'cdrs', 'tariffs', 'tokens', 'commands']) as module)`)
  await sql.unsafe(`
    update platforms set status = 'OFFLINE', status_cause = 'failed a still-alive check: timeout' where ${rank} % 50 = 0`)
  await sql.unsafe(`
    update platforms set status = 'PLANNED', first_live_at = null, endpoints = '[]', version = null
      where ${rank} >= ${NEWCOMERS}`)
  await sql.unsafe(`update party_roles set role = 'EMSP' where right(party_key, 1)::int % 2 = 1`)
  await sql.unsafe(`insert into platform_seen (platform_id, last_seen_at) select id, ${end} - ${rank} from platforms`)
  await fillQueues(sql, end, rank)
  await fillHandshakes(sql, end, rank)
  await sql.unsafe(`
    insert into agreements (id, a_country_code, a_party_id, b_country_code, b_party_id, effect, modules, created_at,
        created_revision, revision)
      select gen_random_uuid(), 'P' || chr(65 + a / 1000), lpad((a % 1000)::text, 3, '0'), 'P' || chr(65 + b / 1000), lpad((b % 1000)::text, 3, '0'),
          'allow', case when n % 10 = 0 then '["tokens"]'::jsonb end, ${end - 200 * DAY_MS}, 1, 1
        from (
          select n, 2 * floor(5000 ^ random())::int as a, 1 + 2 * floor(5000 ^ random())::int as b
            from generate_series(1, ${RULES}) as n offset 0
        ) as drawn where a < 10000 and b < 10000`)
  await sql.unsafe(`
    insert into events (number, at, kind, platform_id, data)
      select n, ${end - 365 * DAY_MS} + n * ${Math.floor((365 * DAY_MS) / 500_000)}::bigint, 'platform.status',
          '00000000-0000-4000-8000-' || lpad(to_hex(1 + (n * 7919::bigint) % 10000), 12, '0'),
          '{"from": "CONNECTED", "to": "OFFLINE", "cause": "failed a still-alive check: timeout", "by": "still-alive"}'
        from generate_series(1, 500000) as n`)
  await sql`update event_counter set last = 500000`
  await sql.unsafe(`
    insert into audit (at, author_name, way, address, action, on_kind, on_id, on_name, platform_id, before, after)
      select ${end} - n * 60000::bigint, 'owner', 'token', '192.0.2.1', 'platform.change', 'platform', id, name, id,
          '{"name": "was"}', '{"name": "is"}'
        from generate_series(100000, 1, -1) as n join platforms on right(id, 8) = lpad(to_hex(1 + n % 10000), 8, '0')`)
  await sql`vacuum analyze`
}

/** One for each platform that was live, of which some are paused, some lag, and some missed objects. */
async function fillQueues(sql: Sql, end: number, rank: string): Promise<void> {
  await sql.unsafe(`
    insert into push_cursor (platform_id, position, lanes, needed, is_paused, delivered, failed, missed, waiting, oldest_at, saved_at)
      select id, 0, '[]', 0, n % 100 = 0, n, case when n % 20 = 1 then 100 else 0 end, 0, n % 7,
          case when n % 7 > 0 then ${end} - n * 1000::bigint end, ${end}
        from (select id, ${rank} as n from platforms) as ranked where n < ${NEWCOMERS}`)
  await sql.unsafe(`
    insert into push_missed (platform_id, chain_key, path_key, module, method, path, at, missed_at, cause, times)
      select platform_id, 'locations PA 001 ' || n, n::text, 'locations', 'PUT', '/PA/001/' || n, ${end} - n * 60000::bigint,
          ${end} - n * 50000::bigint, 'refused', 1
        from push_cursor, generate_series(1, case when platform_id like '%000001' then 10000 else 100 end) as n
        where failed > 0`)
}

/** Attempts of newcomers, most of which failed, their tokens, and calls that were refused. */
async function fillHandshakes(sql: Sql, end: number, rank: string): Promise<void> {
  const call = `jsonb_build_object('at', ${end}, 'kind', 'versions', 'direction', 'in', 'method', 'GET',
    'url', 'https://hub.example/ocpi/versions', 'address', '192.0.2.1', 'httpStatus', 401, 'ocpiStatus', 2001, 'ms', 3,
    'failure', null, 'detail', null, 'correlationId', null)`
  await sql.unsafe(`
    insert into handshake_attempts (id, platform_id, led_by, started_by, started_at, last_at, calls, outcome, why, told)
      select gen_random_uuid(), id, 'partner', 'partner', ${end} - n * 3600000::bigint, ${end} - n * 3600000::bigint,
          jsonb_build_array(${call}, ${call}, ${call}),
          case when n = 1 and ${rank} % 3 > 0 then 'refused' else 'registered' end, null, null
        from platforms, generate_series(5, 1, -1) as n where ${rank} % 5 = 0`)
  await sql.unsafe(`
    insert into credentials_tokens (digest, platform_id, kind, created_at, expires_at)
      select 'registration ' || id, id, 'registration', ${end - DAY_MS}, ${end} + (${rank} % 30) * ${DAY_MS}::bigint
        from platforms where ${rank} >= ${NEWCOMERS}`)
  await sql.unsafe(`
    insert into refused_calls (at, address, method, path, http_status, ocpi_status, why, told, platform_id)
      select ${end} - n * 60000::bigint, '192.0.2.1', 'GET', '/ocpi/versions', 401, 2001, 'token-unknown', '{}', null
        from generate_series(10000, 1, -1) as n`)
}
