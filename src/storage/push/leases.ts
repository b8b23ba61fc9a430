import type postgres from 'postgres'
import { LEASE_MS, type LeaseStore, SHARDS } from '../../hub/push/drain/leases.ts'
import { withDeadline } from '../deadline.ts'

/** Shorter than a lease: an answer that comes later is of no use. */
const DEADLINE_MS = 3_000
/** Nobody grants a lease for so long. */
const FAR_MS = 2 * LEASE_MS

/**
 * Leases on shards in Postgres, all times by its clock. When that is put back, what processes left that have ended since would
 * last until it is as late again: whoever renews has it end a lease from now.
 */
export function createLeaseStore(sql: postgres.Sql): LeaseStore {
  return withDeadline<LeaseStore>(
    {
      async renew(owner, revives = false) {
        const rows = await sql<{ processes: number; shard: number | null; epoch: number | null }[]>`
          with beat as (
            insert into push_process (id, expires_at) values (${owner}, now() + ${LEASE_MS} * interval '1 ms')
            on conflict (id) do update set expires_at = excluded.expires_at
          ), shards as (
            insert into push_shard (shard, expires_at)
            select shard, '-infinity' from generate_series(0, ${SHARDS - 1}) as shard
            where not exists (select from push_shard)
            on conflict do nothing
          ), gone as (
            update push_process set expires_at = now() + ${LEASE_MS} * interval '1 ms'
            where id <> ${owner} and expires_at > now() + ${FAR_MS} * interval '1 ms'
          ), left_over as (
            update push_shard set expires_at = now() + ${LEASE_MS} * interval '1 ms'
            where owner is distinct from ${owner} and expires_at > now() + ${FAR_MS} * interval '1 ms'
          ), held as (
            update push_shard set expires_at = now() + ${LEASE_MS} * interval '1 ms'
            where owner = ${owner} and (expires_at > now() or ${revives})
            returning shard, epoch
          )
          select others.count::int + 1 as processes, shard, epoch::float8
          from (select count(*) from push_process where expires_at > now() and id <> ${owner}) others left join held on true`
        return {
          processes: rows[0]?.processes ?? 1,
          held: rows.flatMap(({ shard, epoch }) => (shard === null || epoch === null ? [] : [{ shard, epoch }])),
        }
      },
      async claim(owner, most) {
        const rows = await sql<{ shard: number; epoch: number; free_ms: number }[]>`
          with free as (
            select shard, greatest(
                least(extract(epoch from now()) * 1000 - greatest(extract(epoch from expires_at) * 1000, 0), 60000), 0
              ) as free_ms
            from push_shard where owner is null or expires_at <= now()
            order by shard limit ${most} for update skip locked
          )
          update push_shard set owner = ${owner}, epoch = epoch + 1, expires_at = now() + ${LEASE_MS} * interval '1 ms'
          from free where push_shard.shard = free.shard
          returning push_shard.shard, epoch::float8, free_ms::float8`
        return rows.map((row) => ({ shard: row.shard, epoch: row.epoch, freeForMs: row.free_ms }))
      },
      async release(owner, shards) {
        await sql`
          update push_shard set owner = null, expires_at = now()
          where owner = ${owner} and shard in (
            select value::int from json_array_elements_text(${JSON.stringify(shards)}::text::json))`
      },
      async leave(owner) {
        await sql`
          with gone as (delete from push_process where id = ${owner} or expires_at < now() - interval '1 minute')
          update push_shard set owner = null, expires_at = now() where owner = ${owner} and expires_at > now()`
      },
    },
    DEADLINE_MS,
  )
}
