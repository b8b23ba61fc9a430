import type postgres from 'postgres'
import {
  composed,
  type ShadowChains,
  type ShadowNote,
  type ShadowRow,
  type ShadowRows,
} from '../../hub/shadow/shadow.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { withDeadline } from '../deadline.ts'

const DEADLINE_MS = 5_000

type Row = {
  id: number
  number: number
  chain_key: string
  path_key: string
  method: string
  version: string
  /** Null where there was no room for it. */
  body: Uint8Array | null
  at: number
  shown: boolean
  place: number
  hidden_by: number | null
  hidden_at: number | null
}

/** Bytes that are read at once: one object may have a megabyte, and lists name many. */
const MOST_READ_BYTES = 4 * 1024 * 1024

/*
 * Rows come with the statement that stores pushes, which waits for whoever holds one that it deletes. So nobody else ever waits for a row:
 * what is held is left for the next time.
 */

/** What owners said of their objects, in Postgres. */
export function createShadowRows(sql: postgres.Sql): ShadowRows {
  const folding = new Set<string>()

  /** What takes long to read becomes one row at once, behind whoever reads it: the next need not do it again. */
  function foldLong(rows: readonly ShadowRow[]): void {
    if (rows.length <= MOST_CHANGES) return
    for (const [chainKey, ofChain] of Map.groupBy(rows, (row) => row.chainKey)) {
      if (ofChain.length <= MOST_CHANGES || folding.has(chainKey)) continue
      folding.add(chainKey)
      // Housekeeping does it otherwise.
      void foldChain(sql, ofChain)
        .catch(() => undefined)
        .then(() => folding.delete(chainKey))
    }
  }

  return withDeadline<ShadowRows>(
    {
      async read(chainKeys) {
        if (chainKeys.length === 0) return { rows: [], chains: 0 }
        const read = await readChains(sql, chainKeys)
        foldLong(read.rows)
        return read
      },
      async note(note) {
        if (await noted(sql, note)) return
        await sql`update push_counter set shadow_since = last where shadow_since is null`
        await noted(sql, note)
      },
      async isTold({ platformId, party, chainKey, hidden }) {
        const [row] = await sql<{ is_told: boolean }[]>`
          select exists (
            select from shadow_told
            where platform_id = ${platformId} and party = ${party} and chain_key = ${chainKey} and hidden_by >= ${hidden.number}
          ) or exists (
            select from platforms where id = ${platformId} and coalesce(first_live_at, created_at) > ${hidden.at}
          ) as is_told`
        return row?.is_told ?? false
      },
      async tell({ platformId, party, chainKey, hidden }) {
        await sql`
          insert into shadow_told (platform_id, party, chain_key, hidden_by)
          select id, ${party}, ${chainKey}, ${hidden.number} from platforms where id = ${platformId}
          on conflict (platform_id, party, chain_key) do update set hidden_by = excluded.hidden_by`
      },
    },
    DEADLINE_MS,
  )
}

/** False where nothing is kept now. */
async function noted(sql: postgres.Sql, note: ShadowNote): Promise<boolean> {
  const { chainKey, pathKey, owner, at, method, version, body } = note
  const { count } = await sql`
    with outdated as (
      delete from shadow where id in (
        select id from shadow where ${method}::text <> 'PATCH' and chain_key = ${chainKey} and (
          path_key = ${pathKey} or starts_with(path_key, ${pathKey}::text || '/'))
        order by id for update skip locked)
    )
    insert into shadow (number, chain_key, path_key, owner, at, method, version, body, bytes, shown)
    select last, ${chainKey}, ${pathKey}, ${owner}, ${at}, ${method}, ${version}, ${body}, ${body.length}, false
    from push_counter where shadow_since is not null`
  return count > 0
}

async function readChains(sql: postgres.Sql, chainKeys: readonly string[]): Promise<ShadowChains> {
  const read = await sql<Row[]>`
    select id::float8, number::float8, chain_key, path_key, method, version, at::float8, shown, hidden_by::float8,
      hidden_at::float8, place::int,
      case when bytes_before < ${MOST_READ_BYTES} then body end as body
    from (
      select shadow.*, place, sum(bytes) over (order by place) - sum(bytes) over (partition by place) as bytes_before
      from json_array_elements_text(${JSON.stringify(chainKeys)}::text::json) with ordinality as asked(key, place)
        join shadow on chain_key = key and number >= (select shadow_since from push_counter)
    ) weighed
    order by place, number, id`
  const unread = read.find(({ body }) => body === null)
  const rows = read.flatMap(({ body, ...row }) => (body === null ? [] : [{ ...shownAs(row), body }]))
  return { rows, chains: unread ? unread.place - 1 : chainKeys.length }
}

function shownAs(row: Omit<Row, 'body'>): Omit<ShadowRow, 'body'> {
  const { id, number, method, version, at, shown, chain_key: chainKey, path_key: pathKey } = row
  const hidden = row.hidden_by === null || row.hidden_at === null ? null : { number: row.hidden_by, at: row.hidden_at }
  return { id, number, method, version, at, shown, chainKey, pathKey, hidden }
}

/** Changes of one object that are kept beside it before they become part of it. */
const MOST_CHANGES = 16
/** Objects that are written anew by one round. */
const FOLDED_AT_ONCE = 500

export type ShadowBounds = {
  /** Objects of one owner. */
  readonly objects: number
  /** Bytes of one owner's. */
  readonly bytes: number
}

/** Keeps it within its bounds; gives how many objects went for want of room. */
export async function maintainShadow(sql: postgres.Sql, bounds: ShadowBounds): Promise<number> {
  await endUnneeded(sql)
  await forgetStrangers(sql)
  await fold(sql)
  const [went] = await sql<{ objects: number }[]>`
    with placed as (
      select owner, chain_key, row_number() over latest as nth, sum(sum(bytes)) over latest as weight
      from shadow group by owner, chain_key
      window latest as (partition by owner order by max(number) desc, max(id) desc)
    ), gone as (
      delete from shadow where id in (
        select id from shadow where chain_key in (
          select chain_key from placed where nth > ${bounds.objects} or weight > ${bounds.bytes}
        ) order by id for update skip locked)
      returning chain_key
    )
    select count(distinct chain_key)::float8 as objects from gone`
  return went?.objects ?? 0
}

/**
 * Keeps nothing more where nobody can ask: no platform of 2.1.1 is there, or none of a newer version. What was kept before is of no use
 * then, nor when there are such again.
 */
async function endUnneeded(sql: postgres.Sql): Promise<void> {
  await sql`
    update push_counter set shadow_since = null where shadow_since is not null and not coalesce((
      select bool_or(version = ${VERSION_211}) and bool_or(version <> ${VERSION_211}) from platforms), false)`
  await sql`
    delete from shadow where id in (
      select id from shadow where number < (select coalesce(shadow_since, last + 1) from push_counter)
      order by id for update skip locked)`
}

/** Of owners that no platform hosts any more, and changes of what was never said whole. */
async function forgetStrangers(sql: postgres.Sql): Promise<void> {
  await sql`
    delete from shadow where id in (
      select id from shadow where owner not in (select party_key from party_roles) or not exists (
        select from shadow base
        where base.chain_key = shadow.chain_key and base.method = 'PUT' and base.path_key not like '%/%')
      order by id for update skip locked)`
  await sql`delete from shadow_told where not exists (select from shadow where shadow.chain_key = shadow_told.chain_key)`
}

/** Makes changes part of their object where there are many. What is said meanwhile stays beside it. */
async function fold(sql: postgres.Sql): Promise<void> {
  const many = await sql<{ chain_key: string }[]>`
    select chain_key from shadow group by chain_key having count(*) > ${MOST_CHANGES} limit ${FOLDED_AT_ONCE}`
  for (const { chain_key: chainKey } of many) await foldChain(sql, (await readChains(sql, [chainKey])).rows)
}

/** Makes one row of those of an object. Of what makes none, as where its owner went on in another version, nothing is of use. */
async function foldChain(sql: postgres.Sql, rows: readonly ShadowRow[]): Promise<void> {
  const object = composed(rows)
  const last = rows.at(-1)
  const base = object && rows.findLast(({ method, pathKey }) => method === 'PUT' && !pathKey.includes('/'))
  const [id, bytes] = [base?.id ?? null, object?.bytes ?? null]
  await sql`
    with held as (
      select id from shadow where id in (
        select value::bigint from json_array_elements_text(${JSON.stringify(rows.map((row) => row.id))}::text::json))
      order by id for update skip locked
    ), complete as (
      select count(*) = ${rows.length} as is_complete from held
    ), folded as (
      update shadow set number = ${last?.number ?? 0}, body = ${bytes}, bytes = ${bytes?.length ?? 0},
        shown = ${object?.wasShown ?? false}, hidden_by = ${object?.hidden?.number ?? null}, hidden_at = ${object?.hidden?.at ?? null}
      from complete where is_complete and id = ${id}::bigint
    )
    delete from shadow using complete
    where is_complete and id in (select id from held) and id is distinct from ${id}::bigint`
}
