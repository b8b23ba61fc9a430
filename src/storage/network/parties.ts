import { and, eq, inArray, notExists, sql } from 'drizzle-orm'
import type { PartyTaken } from '../../hub/network/registry.ts'
import type { Party, PartyKey, Role } from '../../ocpi/party.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { Transaction } from '../database.ts'
import { parties, partyRoles, platforms, routingRevision } from '../schema.ts'
import { rememberRoles } from './departed-roles.ts'

type WantedRole = Party & { readonly role: Role }

/**
 * The first of these roles that the platform may not have. It may have what it holds, whatever nobody holds a role of, and what an
 * administrator reserves for it: that may be another role of a party elsewhere, or one that another platform gave up.
 *
 * @param by who wants them: the platform itself in a handshake, or an administrator for it
 */
export async function findTaken(
  tx: Transaction,
  platformId: string,
  wanted: readonly WantedRole[],
  by: 'platform' | 'administrator',
): Promise<PartyTaken | null> {
  if (wanted.length === 0) return null
  const rows = await tx
    .select({ key: partyRoles.partyKey, role: partyRoles.role, heldBy: partyRoles.platformId, state: partyRoles.state })
    .from(partyRoles)
    .where(inArray(partyRoles.partyKey, wanted.map(keyOf)))
  const held = Map.groupBy(rows, (row) => row.key)
  for (const { countryCode, partyId, role } of wanted) {
    const party = { countryCode, partyId }
    const roles = held.get(keyOf(party)) ?? []
    const same = roles.find((each) => each.role === role)
    if (same?.heldBy === platformId) continue
    const isFree = by === 'administrator' && same?.state === 'GIVEN_UP'
    if (same && !isFree) return { kind: 'party-taken', party, role, heldBy: same.heldBy, why: 'held' }
    const elsewhere = roles.find((each) => each.heldBy !== platformId)
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
  if (rows.size > 0)
    await tx
      .insert(parties)
      .values([...rows.values()])
      .onConflictDoNothing()
}

/**
 * Announces roles for a platform that may have them; those that it has stay as they are. What another platform gave up becomes this
 * one's. Returns the platforms that lost a role by it.
 */
export async function planRoles(
  tx: Transaction,
  platformId: string,
  planned: readonly WantedRole[],
  now: number,
): Promise<ReadonlySet<string>> {
  if (planned.length === 0) return new Set()
  const plannedNow = { state: 'PLANNED', status: 'PLANNED', ...announcedNow(now) } as const
  const rows = planned.map((party) => ({ partyKey: keyOf(party), role: party.role, platformId, ...plannedNow }))
  const taken = await tx
    .insert(partyRoles)
    .values(rows)
    .onConflictDoUpdate({
      target: [partyRoles.partyKey, partyRoles.role],
      set: { platformId, businessDetails: null, ...plannedNow, ...movedNow(now) },
      setWhere: sql`${partyRoles.platformId} <> ${platformId}`,
    })
    .returning({ movedFrom: partyRoles.movedFrom })
  return new Set(taken.flatMap(({ movedFrom }) => movedFrom ?? []))
}

/** What a role gets in its columns that becomes another platform's. The revision is that of the change under way. */
export function movedNow(now: number) {
  return {
    movedFrom: sql<string>`${partyRoles.platformId}`,
    movedAt: now,
    movedRevision: sql<number>`(select revision from ${routingRevision})`,
  }
}

/** What a role that is new has in its columns. The revision is that of the change under way. */
export function announcedNow(now: number) {
  const revision = sql<number>`(select revision from ${routingRevision})`
  return { lastUpdated: now, revision, announcedAt: now, announcedRevision: revision }
}

/** Lets go of announced roles of a platform that are not among these and never connected. */
export async function dropPlannedRoles(
  tx: Transaction,
  platformId: string,
  except: readonly WantedRole[],
  { revision, now }: { readonly revision: number; readonly now: number },
): Promise<void> {
  const spared = new Set(except.map((party) => `${keyOf(party)} ${party.role}`))
  const planned = await tx
    .select({ key: partyRoles.partyKey, role: partyRoles.role })
    .from(partyRoles)
    .where(and(eq(partyRoles.platformId, platformId), eq(partyRoles.state, 'PLANNED')))
  for (const { key, role } of planned) {
    if (spared.has(`${key} ${role}`)) continue
    const which = and(eq(partyRoles.partyKey, key), eq(partyRoles.role, role))
    await rememberRoles(tx, which, revision, now)
    await tx.delete(partyRoles).where(which)
  }
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
