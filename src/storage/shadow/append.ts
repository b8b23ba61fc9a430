import type postgres from 'postgres'
import type { NewPush } from '../../hub/push/push.ts'
import { notedOf } from '../../hub/shadow/noted.ts'
import { keyOf } from '../../ocpi/party.ts'

/** What the statement that stores pushes does beside: it goes on behind its `stored`, and needs its `pushes`, `counter` and bodies. */
export type ShadowPart = (bodies: Uint8Array) => postgres.PendingQuery<postgres.Row[]>

/**
 * Has what owners say of their objects kept by the very statement that stores their pushes: no push that was acknowledged is missing, and
 * a later number says a later thing, whichever process took it and died then. Null where they say nothing that is kept.
 *
 * A PUT or DELETE takes the place of all that was said of its object, and of what is part of it. The counter is read as one value: joined,
 * a database that has not looked at its tables yet takes it for many rows, and the statement for one that is worth compiling.
 */
export function shadowPart(sql: postgres.Sql, pushes: readonly NewPush[]): ShadowPart | null {
  const noted = notedOf(pushes).map((each) => ({
    ...each,
    ownerKey: keyOf((pushes[each.index] as NewPush).owner),
    hiddenAt: each.hiddenBy === null ? null : pushes[each.hiddenBy]?.at,
  }))
  if (noted.length === 0) return null
  return (bodies) => sql`, noted as (
      select * from json_to_recordset(${JSON.stringify(noted)}::text::json) as noted(
        "index" int, "ownerKey" text, "isCovered" boolean, "isShown" boolean,
        "hiddenBy" int, "hiddenAt" bigint, "isHiddenAsBefore" boolean)
    ), outdated as (
      delete from shadow using pushes join noted using ("index")
      where pushes.method <> 'PATCH' and shadow.chain_key = pushes."chainKey"
        and shadow.number <= (select before from counter)
        and (shadow.path_key = pushes."pathKey" or starts_with(shadow.path_key, pushes."pathKey" || '/'))
    ), shadowed as (
      insert into shadow (number, chain_key, path_key, owner, at, method, version, body, bytes, shown, hidden_by, hidden_at)
      select (select before from counter) + 1 + "index", "chainKey", "pathKey", "ownerKey", at, method, coalesce(version, '2.2.1'),
        substring(${bodies}::bytea from start + 1 for length), length, "isShown" or exists (
          select from shadow earlier where earlier.chain_key = "chainKey" and earlier.shown),
        coalesce(before.hidden_by, (select before from counter) + 1 + "hiddenBy"), coalesce(before.hidden_at, "hiddenAt")
      from pushes join noted using ("index") left join lateral (
        select hidden_by, hidden_at from shadow earlier
        where "isHiddenAsBefore" and earlier.chain_key = "chainKey" order by number desc, id desc limit 1
      ) before on true
      where length is not null and method <> 'DELETE' and not "isCovered"
      order by "index"
    )`
}
