import { eq, gt, type SQL, sql } from 'drizzle-orm'
import type { DepartedRole } from '../../hub/network/routing-table.ts'
import type { Transaction } from '../database.ts'
import { departedRoles, parties, partyRoles } from '../schema.ts'

/** Remembers roles that are about to be deleted. */
export async function rememberRoles(
  tx: Transaction,
  which: SQL | undefined,
  revision: number,
  now: number,
): Promise<void> {
  const leaving = await tx
    .select({
      partyKey: partyRoles.partyKey,
      role: partyRoles.role,
      countryCode: parties.countryCode,
      partyId: parties.partyId,
      platformId: partyRoles.platformId,
    })
    .from(partyRoles)
    .innerJoin(parties, eq(parties.key, partyRoles.partyKey))
    .where(which)
  if (leaving.length === 0) return
  await tx
    .insert(departedRoles)
    .values(leaving.map((role) => ({ ...role, departedAt: now, revision })))
    .onConflictDoUpdate({
      target: [departedRoles.partyKey, departedRoles.role],
      set: { platformId: sql`excluded.platform_id`, departedAt: sql`excluded.departed_at`, revision },
    })
}

/** Roles that departed after a revision (null: all). Some may be hosted again. */
export async function readDeparted(tx: Transaction, afterRevision: number | null): Promise<DepartedRole[]> {
  const rows = await tx
    .select()
    .from(departedRoles)
    .where(afterRevision === null ? undefined : gt(departedRoles.revision, afterRevision))
  return rows.map(({ partyKey, ...role }) => ({ key: partyKey, ...role }))
}
