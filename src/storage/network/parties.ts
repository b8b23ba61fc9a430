import { and, eq, notExists, type SQL, sql } from 'drizzle-orm'
import type { PartyTaken } from '../../hub/network/handshake.ts'
import type { HostedRole } from '../../hub/network/routing-table.ts'
import type { Party, PartyKey, Role } from '../../ocpi/party.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { Transaction } from '../database.ts'
import type { ChangeMoment } from './change.ts'
import { rememberRoles } from './departed-roles.ts'
import { keySet, roleSet, rowsOf } from './role-sets.ts'
import { parties, partyRoles, platforms, routingRevision } from './schema.ts'

type WantedRole = Party & { readonly role: Role }

/** A role of a party and the platform that holds it. */
export type HeldRole = {
  readonly key: PartyKey
  readonly role: Role
  readonly heldBy: string
  readonly state: HostedRole['status']
  /** Of a role that was given up: when. */
  readonly givenUpAt: number
}

/** Of roles that an older hub gave up only the change of their status is known. */
export const givenUpAt = sql<number>`coalesce(${partyRoles.givenUpAt}, ${partyRoles.lastUpdated})`.mapWith(Number)

/** All roles of the parties of these roles. */
export async function heldRoles(
  tx: Transaction,
  wanted: readonly WantedRole[],
): Promise<ReadonlyMap<PartyKey, readonly HeldRole[]>> {
  if (wanted.length === 0) return new Map()
  const rows = await tx
    .select({
      key: partyRoles.partyKey,
      role: partyRoles.role,
      heldBy: partyRoles.platformId,
      state: partyRoles.state,
      givenUpAt,
    })
    .from(partyRoles)
    .where(sql`${partyRoles.partyKey} in ${keySet(wanted.map(keyOf))}`)
  return Map.groupBy(rows, (row) => row.key)
}

/**
 * The first of these roles that the platform may not have. It may have what it holds, whatever nobody holds a role of, and what an
 * administrator reserves for it: that may be another role of a party elsewhere, or one that another platform gave up.
 *
 * @param by who wants them: the platform itself in a handshake, or an administrator for it
 * @param isFree whether a role that another platform has may be taken from it
 */
export function findTaken(
  held: ReadonlyMap<PartyKey, readonly HeldRole[]>,
  platformId: string,
  wanted: readonly WantedRole[],
  { by, isFree }: { readonly by: 'platform' | 'administrator'; readonly isFree: (role: HeldRole) => boolean },
): PartyTaken | null {
  for (const { countryCode, partyId, role } of wanted) {
    const party = { countryCode, partyId }
    const roles = held.get(keyOf(party)) ?? []
    const same = roles.find((each) => each.role === role)
    if (same?.heldBy === platformId) continue
    if (same && !isFree(same)) return { kind: 'party-taken', party, role, heldBy: same.heldBy, why: 'held' }
    const elsewhere = roles.find((each) => each.heldBy !== platformId && !isFree(each))
    if (elsewhere && by === 'platform')
      return { kind: 'party-taken', party, role, heldBy: elsewhere.heldBy, why: 'not-reserved' }
  }
  return null
}

/** Keeps the names of these parties; known spellings stay. */
export async function nameParties(tx: Transaction, wanted: readonly Party[]): Promise<void> {
  const rows = new Map<PartyKey, typeof parties.$inferInsert>()
  for (const { countryCode, partyId } of wanted) {
    const key = keyOf({ countryCode, partyId })
    if (!rows.has(key)) rows.set(key, { key, countryCode, partyId })
  }
  if (rows.size === 0) return
  await tx.execute(sql`
    insert into ${parties} (key, country_code, party_id)
    select key, "countryCode", "partyId" from json_to_recordset(${rowsOf([...rows.values()])})
      as party(key text, "countryCode" text, "partyId" text)
    on conflict do nothing`)
}

/** A role to be inserted; its business details are JSON in a text. */
export type RoleRow = {
  readonly partyKey: PartyKey
  readonly role: Role
  readonly businessDetails: string | null
}

/** Inserts roles that are new now. What is to become of those that are there already follows. */
export function insertRoles(
  rows: readonly RoleRow[],
  { platformId, state, status }: Pick<typeof partyRoles.$inferSelect, 'platformId' | 'state' | 'status'>,
  { revision, now }: ChangeMoment,
): SQL {
  return sql`
    insert into ${partyRoles} (party_key, role, platform_id, business_details, state, status, last_updated, revision,
      announced_at, announced_revision)
    select "partyKey", role, ${platformId}, "businessDetails"::json, ${state}, ${status}, ${now}::bigint,
      ${revision}::bigint, ${now}::bigint, ${revision}::bigint
    from json_to_recordset(${rowsOf(rows)})
      as new_role("partyKey" text, role text, "businessDetails" text)`
}

/**
 * Announces roles for a platform that may have them; those that it has stay as they are. What another platform gave up becomes this
 * one's. Returns the platforms that lost a role by it.
 */
export async function planRoles(
  tx: Transaction,
  platformId: string,
  planned: readonly WantedRole[],
  at: ChangeMoment,
): Promise<ReadonlySet<string>> {
  if (planned.length === 0) return new Set()
  const rows = planned.map((party) => ({ partyKey: keyOf(party), role: party.role, businessDetails: null }))
  const taken = await tx.execute<{ moved_from: string | null }>(sql`
    ${insertRoles(rows, { platformId, state: 'PLANNED', status: 'PLANNED' }, at)}
    on conflict (party_key, role) do update set platform_id = excluded.platform_id, business_details = null,
      state = excluded.state, given_up_at = null, status = excluded.status, last_updated = excluded.last_updated,
      revision = excluded.revision, announced_at = excluded.announced_at, announced_revision = excluded.announced_revision,
      moved_from = ${partyRoles}.platform_id, moved_at = excluded.last_updated, moved_revision = excluded.revision
    where ${partyRoles}.platform_id <> excluded.platform_id
    returning moved_from`)
  return new Set(taken.flatMap((row) => row.moved_from ?? []))
}

/** What a role gets in its columns that becomes another platform's. */
export function movedTo(platformId: string, { revision, now }: ChangeMoment) {
  return { platformId, movedFrom: sql<string>`${partyRoles.platformId}`, movedAt: now, movedRevision: revision }
}

/** Lets go of announced roles of a platform that are not among these and never connected. */
export async function dropPlannedRoles(
  tx: Transaction,
  platformId: string,
  except: readonly WantedRole[],
  at: ChangeMoment,
): Promise<void> {
  const which = and(
    eq(partyRoles.platformId, platformId),
    eq(partyRoles.state, 'PLANNED'),
    sql`(${partyRoles.partyKey}, ${partyRoles.role}) not in ${roleSet(except)}`,
  )
  await rememberRoles(tx, which, { ...at, freeAfterMs: 0 })
  await tx.delete(partyRoles).where(which)
  await dropEmptyParties(tx)
}

/** Forgets parties that no platform holds a role of any more. */
export async function dropEmptyParties(tx: Transaction): Promise<void> {
  const roles = tx.select({ key: partyRoles.partyKey }).from(partyRoles).where(eq(partyRoles.partyKey, parties.key))
  await tx.delete(parties).where(notExists(roles))
}

/**
 * Brings what others are told of the platform's roles up to date, and `last_updated` of those where that differs
 * [mod_hub_client_info: ClientInfo object].
 */
export async function settleStatuses(tx: Transaction, platformId: string, now: number): Promise<void> {
  await tx.execute(sql`
    update ${partyRoles} as told set
      status = due.status,
      last_updated = greatest(told.last_updated, ${now}),
      revision = due.revision,
      announced_at = case told.status when 'SUSPENDED' then ${now} else told.announced_at end,
      announced_revision = case told.status when 'SUSPENDED' then due.revision else told.announced_revision end
    from (
      select r.party_key, r.role, (select revision from ${routingRevision}) as revision,
        case r.state when 'GIVEN_UP' then 'SUSPENDED' when 'PLANNED' then 'PLANNED' else f.status end as status
      from ${partyRoles} r join ${platforms} f on f.id = r.platform_id
      where f.id = ${platformId}
    ) as due
    where told.party_key = due.party_key and told.role = due.role and told.status <> due.status`)
}
