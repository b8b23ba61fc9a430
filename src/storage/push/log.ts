import type postgres from 'postgres'
import type { LogRow } from '../../hub/push/drain/trim.ts'
import type { LogPart, PushLog, Senders } from '../../hub/push/log/push-log.ts'
import { bytesOf, LEAST_PUSH_BYTES, type NewPush, type Push, type SenderClass } from '../../hub/push/push.ts'
import { withDeadline } from '../deadline.ts'
import { listenOn } from '../listen.ts'
import { type ShadowPart, shadowPart } from '../shadow/append.ts'

const DEADLINE_MS = 8_000

/** The channel that tells other processes of new rows. */
const PUSH_CHANNEL = 'pushes'

type Row = {
  number: number
  at: number
  from_platform_id: string
  from_country_code: string
  from_party_id: string
  owner_country_code: string
  owner_party_id: string
  sender_class: SenderClass
  module: string
  method: string
  path: string
  query: string
  body: Uint8Array | null
  content_type: string | null
  chain_key: string
  path_key: string
  correlation_id: string
  request_id: string
  only_to: string | null
  version: string | null
  bytes: number
}

/**
 * The log of accepted pushes in Postgres.
 *
 * Once one process keeps what owners say of their objects all do, also one that does not know yet why: as long as the counter says so, a
 * statement that would keep nothing stores nothing.
 *
 * @param keepsShadow whether it is kept beside the log, as far as this process knows; null: nobody asks for that. @default null
 */
export function createPushLog(sql: postgres.Sql, keepsShadow: (() => boolean) | null = null): PushLog {
  return withDeadline<PushLog>(
    {
      async append(pushes) {
        const first = keepsShadow?.() ? null : await append(sql, pushes, keepsShadow ? 'unless-kept' : null)
        const stored = first ?? (await append(sql, pushes, shadowPart(sql, pushes)))
        if (stored === null) throw new Error('Expected one row in push_counter, got none: is the database migrated?')
        return stored
      },
      async lastNumber() {
        const [row] = await sql<{ last: number }[]>`select last::float8 from push_counter`
        return row?.last ?? 0
      },
      async numberBefore(newestBytes) {
        const [row] = await sql<{ before: number }[]>`
          select coalesce(min(number) - 1, (select last from push_counter))::float8 as before from (
            select number, sum(bytes) over (order by number desc) as weight from (
              select number, bytes from push_log order by number desc limit ${Math.ceil(newestBytes / LEAST_PUSH_BYTES)}
            ) newest
          ) weighed where weight <= ${newestBytes}`
        return row?.before ?? 0
      },
      async readAfter(after, limits) {
        const rows = await sql<Row[]>`
          select ${columns(sql)}, body from (
            select *, sum(bytes) over (order by number) - bytes as bytes_before from (
              select * from push_log where number > ${after} order by number limit ${limits.pushes}
            ) next
          ) weighed where bytes_before < ${limits.bytes} order by number`
        const pushes = rows.map(toPush)
        return { pushes, upTo: pushes.at(-1)?.number ?? after }
      },
      async readModule(module, senders, range, limits, withBodies) {
        const rows = await sql<Row[]>`
          select ${columns(sql)}, case when ${withBodies} then body end as body from (
            select *, sum(bytes) over (order by number) - bytes as bytes_before from (
              select * from push_log where module = ${module} and number > ${range.after} and number <= ${range.upTo}
                ${by(sql, senders)}
              order by number limit ${limits.pushes}
            ) next
          ) weighed where bytes_before < ${limits.bytes} order by number`
        const pushes = rows.map(toPush)
        // What the database counted, bodies that were left out included.
        const weight = rows.reduce((sum, row) => sum + row.bytes, 0)
        return partOf(pushes, pushes.length >= limits.pushes || weight >= limits.bytes, range.upTo)
      },
      async readNumbers(numbers, withBodies) {
        if (numbers.length === 0) return []
        const rows = await sql<Row[]>`
          select ${columns(sql)}, case when ${withBodies} then body end as body from push_log
          where number in (select value::bigint from json_array_elements_text(${JSON.stringify(numbers)}::text::json))
          order by number`
        return rows.map(toPush)
      },
    },
    DEADLINE_MS,
  )
}

/** The first rows of those that `which` names after `from`, for telling who misses them. */
export async function readRowsWithoutBodies(
  sql: postgres.Sql,
  which: postgres.PendingQuery<postgres.Row[]>,
  most: number,
): Promise<readonly LogRow[]> {
  const rows = await sql<Row[]>`select ${columns(sql)}, null as body from ${which} order by number limit ${most}`
  return rows.map((row) => ({ push: toPush(row), bytes: row.bytes }))
}

function by(sql: postgres.Sql, senders: Senders): postgres.PendingQuery<postgres.Row[]> {
  if ('only' in senders) return sql`and from_platform_id = ${senders.only}`
  if (senders.except.length === 0) return sql``
  const except = JSON.stringify(senders.except)
  return sql`and from_platform_id not in (select json_array_elements_text(${except}::text::json))`
}

/** A range that was not cut short is known to its end, whatever it held. */
function partOf(pushes: readonly Push[], isCutShort: boolean, upTo: number): LogPart {
  return { pushes, upTo: isCutShort ? (pushes.at(-1)?.number ?? upTo) : upTo }
}

/**
 * One statement, so one round trip and one commit for the batch; gives the first number. The counter's row is locked by its update until the commit,
 * which is what makes a later number a later commit. Bodies travel as one value and are cut apart by the database.
 *
 * @param shadow what is kept beside; `unless-kept`: null is given, and nothing stored, where others keep it
 */
async function append(
  sql: postgres.Sql,
  pushes: readonly NewPush[],
  shadow: ShadowPart | 'unless-kept' | null,
): Promise<number | null> {
  const keeps = typeof shadow === 'function'
  const total = pushes.reduce((sum, push) => sum + (push.body?.length ?? 0), 0)
  const bodies = new Uint8Array(total)
  let from = 0
  let weight = 0
  const rows = pushes.map((push, index) => {
    const { body, from: sender, owner, ...rest } = push
    const bytes = bytesOf(push)
    weight += bytes
    const row = { ...rest, sender, owner, index, bytes, weight, start: from, length: body ? body.length : null }
    if (body) {
      bodies.set(body, from)
      from += body.length
    }
    return row
  })
  const [stored] = await sql<{ first: number }[]>`
    with pushes as (
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as push(
        "index" int, at bigint, "fromPlatformId" text, sender json, owner json, "senderClass" text, module text,
        method text, path text, query text, "contentType" text, "chainKey" text, "pathKey" text, "correlationId" text,
        "requestId" text, version text, bytes int, weight bigint, start int, length int)
    ), counter as (
      update push_counter set last = last + ${rows.length}::int, bytes = bytes + ${weight}::bigint
        ${keeps ? sql`, shadow_since = coalesce(shadow_since, last)` : sql``}
      ${shadow === 'unless-kept' ? sql`where shadow_since is null` : sql``}
      returning last - ${rows.length}::int as before, bytes - ${weight}::bigint as bytes_before
    ), stored as (
      insert into push_log (number, at, from_platform_id, from_country_code, from_party_id, owner_country_code,
        owner_party_id, sender_class, module, method, path, query, body, content_type, chain_key, path_key,
        correlation_id, request_id, version, bytes, bytes_end)
      select before + 1 + "index", at, "fromPlatformId", sender ->> 'countryCode', sender ->> 'partyId',
        owner ->> 'countryCode', owner ->> 'partyId', "senderClass", module, method, path, query,
        case when length is not null then substring(${bodies}::bytea from start + 1 for length) end, "contentType",
        "chainKey", "pathKey", "correlationId", "requestId", version, bytes, bytes_before + weight
      from pushes, counter
    )${keeps ? shadow(bodies) : sql``}
    select (before + 1)::float8 as first from counter`
  return stored?.first ?? null
}

function columns(sql: postgres.Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`number::float8, at::float8, from_platform_id, from_country_code, from_party_id, owner_country_code,
    owner_party_id, sender_class, module, method, path, query, content_type, chain_key, path_key, correlation_id,
    request_id, only_to, version, bytes`
}

function toPush(row: Row): Push {
  return {
    number: row.number,
    at: row.at,
    fromPlatformId: row.from_platform_id,
    version: row.version,
    from: { countryCode: row.from_country_code, partyId: row.from_party_id },
    owner: { countryCode: row.owner_country_code, partyId: row.owner_party_id },
    senderClass: row.sender_class,
    module: row.module,
    method: row.method,
    path: row.path,
    query: row.query,
    body: row.body,
    contentType: row.content_type,
    chainKey: row.chain_key,
    pathKey: row.path_key,
    correlationId: row.correlation_id,
    requestId: row.request_id,
    onlyTo: row.only_to ?? undefined,
  }
}

/** How other processes are told that there is more to read. Rejects when the database is away. */
export function createPushNotice(sql: postgres.Sql): { readonly notify: () => Promise<void> } {
  return withDeadline(
    {
      async notify() {
        await sql`select pg_notify(${PUSH_CHANNEL}, '')`
      },
    },
    DEADLINE_MS,
  )
}

/** Calls `onPushed` whenever another process may have stored pushes. Resolves with how to stop. */
export function listenForPushes(sql: postgres.Sql, onPushed: () => void): Promise<() => Promise<void>> {
  return listenOn(sql, PUSH_CHANNEL, onPushed)
}
