import { and, eq, sql } from 'drizzle-orm'
import { keyOf, type Party, type Role } from '../../ocpi/party.ts'
import type { Transaction } from '../database.ts'
import type { Admitted } from './admission.ts'
import { asJsonText, roleSet, rowsOf } from './role-sets.ts'
import { partyRoles, pendingRoles } from './schema.ts'

/** Keeps the roles that wait since the platform's last handshake, and no others. */
export async function replacePending(
  tx: Transaction,
  platformId: string,
  pending: Admitted['pending'],
  now: number,
): Promise<void> {
  await tx
    .delete(pendingRoles)
    .where(and(eq(pendingRoles.platformId, platformId), sql`${NAME} not in ${roleSet(pending)}`))
  if (pending.length === 0) return
  const rows = new Map<string, object>()
  for (const { businessDetails, ...role } of pending)
    rows.set(nameOf(role), { ...role, partyKey: keyOf(role), businessDetails: asJsonText(businessDetails) })
  await tx.execute(sql`
    insert into ${pendingRoles} (platform_id, party_key, role, country_code, party_id, business_details, why, since)
    select ${platformId}, "partyKey", role, "countryCode", "partyId", "businessDetails"::json, why, ${now}::bigint
    from json_to_recordset(${rowsOf([...rows.values()])}) as pending("partyKey" text, role text, "countryCode" text,
      "partyId" text, "businessDetails" text, why text)
    on conflict (platform_id, party_key, role) do update set business_details = excluded.business_details,
      why = excluded.why`)
}

/** Those of these roles that wait at the platform, as that spells them, by `nameOf`. */
export async function findPending(
  tx: Transaction,
  platformId: string,
  roles: readonly (Party & { readonly role: Role })[],
): Promise<ReadonlyMap<string, Party & { readonly role: Role }>> {
  const rows = await tx
    .select({ countryCode: pendingRoles.countryCode, partyId: pendingRoles.partyId, role: pendingRoles.role })
    .from(pendingRoles)
    .where(and(eq(pendingRoles.platformId, platformId), sql`${NAME} in ${roleSet(roles)}`))
  return new Map(rows.map((row) => [nameOf(row), row]))
}

export async function dropPending(
  tx: Transaction,
  platformId: string,
  roles: readonly (Party & { readonly role: Role })[],
): Promise<void> {
  await tx.delete(pendingRoles).where(and(eq(pendingRoles.platformId, platformId), sql`${NAME} in ${roleSet(roles)}`))
}

/** What waits at a platform and is held by it waits no longer: it counts, as the platform brought it. */
export async function settlePending(tx: Transaction, platformId: string): Promise<void> {
  await tx.execute(sql`
    with settled as (
      delete from ${pendingRoles} p using ${partyRoles} r
      where p.platform_id = ${platformId} and r.platform_id = p.platform_id and r.party_key = p.party_key and r.role = p.role
      returning p.party_key, p.role, p.business_details
    )
    update ${partyRoles} as held set state = 'ACTIVE', given_up_at = null, business_details = settled.business_details
    from settled where held.party_key = settled.party_key and held.role = settled.role`)
}

const NAME = sql`(${pendingRoles.partyKey}, ${pendingRoles.role})`

/** `NL*ABC CPO`. */
export function nameOf(role: Party & { readonly role: Role }): string {
  return `${keyOf(role)} ${role.role}`
}
