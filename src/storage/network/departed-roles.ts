import { gt, type SQL, sql } from 'drizzle-orm'
import type { DepartedRole } from '../../hub/network/routing-table.ts'
import type { Transaction } from '../database.ts'
import type { ChangeMoment } from './change.ts'
import { departedRoles, parties, partyRoles } from './schema.ts'

/**
 * Remembers roles that are about to be deleted.
 *
 * @param freeAfterMs how long no platform may bring such a role by itself; one that never connected is free at once
 */
export async function rememberRoles(
  tx: Transaction,
  which: SQL | undefined,
  { revision, now, freeAfterMs }: ChangeMoment & { readonly freeAfterMs: number },
): Promise<void> {
  await tx.execute(sql`
    insert into ${departedRoles} (party_key, role, country_code, party_id, platform_id, departed_at, free_at, revision)
    select ${partyRoles.partyKey}, ${partyRoles.role}, ${parties.countryCode}, ${parties.partyId}, ${partyRoles.platformId},
      ${now}::bigint, case ${partyRoles.state} when 'PLANNED' then 0 else ${now + freeAfterMs}::bigint end, ${revision}::bigint
    from ${partyRoles} join ${parties} on ${parties.key} = ${partyRoles.partyKey}
    where ${which}
    on conflict (party_key, role) do update set platform_id = excluded.platform_id, departed_at = excluded.departed_at,
      free_at = excluded.free_at, revision = excluded.revision`)
}

/** Roles that departed after a revision (null: all). Some may be hosted again. */
export async function readDeparted(tx: Transaction, afterRevision: number | null): Promise<DepartedRole[]> {
  const rows = await tx
    .select()
    .from(departedRoles)
    .where(afterRevision === null ? undefined : gt(departedRoles.revision, afterRevision))
  return rows.map(({ partyKey, freeAt: _freeAt, ...role }) => ({ key: partyKey, ...role }))
}
