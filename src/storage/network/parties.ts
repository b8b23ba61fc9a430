import { and, eq, inArray, ne, notExists, sql } from 'drizzle-orm'
import type { Party, PartyKey, Role } from '../../ocpi/party.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { Transaction } from '../database.ts'
import { parties, partyRoles, platforms, routingRevision } from '../schema.ts'
import { rememberRoles } from './departed-roles.ts'

/** The first of these parties that another platform holds. */
export async function findTaken(tx: Transaction, platformId: string, wanted: readonly Party[]): Promise<Party | null> {
  if (wanted.length === 0) return null
  const held = await tx
    .select({ key: parties.key })
    .from(parties)
    .where(and(inArray(parties.key, wanted.map(keyOf)), ne(parties.platformId, platformId)))
  const taken = new Set(held.map((party) => party.key))
  const party = wanted.find((one) => taken.has(keyOf(one)))
  return party ? { countryCode: party.countryCode, partyId: party.partyId } : null
}

/** Makes these the platform's parties beside those it has. None may be another platform's; known spellings stay. */
export async function holdParties(tx: Transaction, platformId: string, wanted: readonly Party[]): Promise<void> {
  const rows = new Map<PartyKey, typeof parties.$inferInsert>()
  for (const party of wanted) {
    const key = keyOf(party)
    if (!rows.has(key)) rows.set(key, { key, countryCode: party.countryCode, partyId: party.partyId, platformId })
  }
  if (rows.size > 0)
    await tx
      .insert(parties)
      .values([...rows.values()])
      .onConflictDoNothing()
}

/** Announces roles of parties the platform holds; those that are known already stay as they are. */
export async function planRoles(
  tx: Transaction,
  planned: readonly (Party & { readonly role: Role })[],
  now: number,
): Promise<void> {
  if (planned.length === 0) return
  const rows = planned.map((party) => ({ partyKey: keyOf(party), role: party.role }))
  await tx
    .insert(partyRoles)
    .values(
      rows.map((row) => ({ ...row, state: 'PLANNED' as const, status: 'PLANNED' as const, ...announcedNow(now) })),
    )
    .onConflictDoNothing()
}

/** What a role that is new has in its columns. The revision is that of the change under way. */
export function announcedNow(now: number) {
  const revision = sql<number>`(select revision from ${routingRevision})`
  return { lastUpdated: now, revision, announcedAt: now, announcedRevision: revision }
}

/** Lets go of announced roles that are not among these and never connected, and of parties left without a role. */
export async function dropPlannedRoles(
  tx: Transaction,
  platformId: string,
  except: readonly (Party & { readonly role: Role })[],
  { revision, now }: { readonly revision: number; readonly now: number },
): Promise<void> {
  const spared = new Set(except.map((party) => `${keyOf(party)} ${party.role}`))
  const planned = await tx
    .select({ key: partyRoles.partyKey, role: partyRoles.role })
    .from(partyRoles)
    .innerJoin(parties, eq(parties.key, partyRoles.partyKey))
    .where(and(eq(parties.platformId, platformId), eq(partyRoles.state, 'PLANNED')))
  for (const { key, role } of planned) {
    if (spared.has(`${key} ${role}`)) continue
    const which = and(eq(partyRoles.partyKey, key), eq(partyRoles.role, role))
    await rememberRoles(tx, which, revision, now)
    await tx.delete(partyRoles).where(which)
  }
  const roles = tx.select({ key: partyRoles.partyKey }).from(partyRoles).where(eq(partyRoles.partyKey, parties.key))
  await tx.delete(parties).where(and(eq(parties.platformId, platformId), notExists(roles)))
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
      from ${partyRoles} r join ${parties} p on p.key = r.party_key join ${platforms} f on f.id = p.platform_id
      where f.id = ${platformId}
    ) as due
    where told.party_key = due.party_key and told.role = due.role and told.status <> due.status`)
}
