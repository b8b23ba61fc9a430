import { and, eq, inArray, isNull, ne, sql } from 'drizzle-orm'
import { BY_ADMIN } from '../../hub/administration/events.ts'
import { CLOCKS_APART_MS } from '../../hub/moments.ts'
import type { PartyTaken } from '../../hub/network/handshake.ts'
import type { Admission, ChangeResult, NewPlatform, PlatformChange, Registry } from '../../hub/network/registry.ts'
import type { ConnectionStatus } from '../../hub/network/routing-table.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { type ChangeMoment, change, kept, undone } from './change.ts'
import { rememberRoles } from './departed-roles.ts'
import { noteStatus } from './note-status.ts'
import {
  dropEmptyParties,
  dropPlannedRoles,
  findTaken,
  type HeldRole,
  heldRoles,
  movedTo,
  nameParties,
  planRoles,
  settleStatuses,
} from './parties.ts'
import { settlePending } from './pending-roles.ts'
import { credentialsTokens, partyRoles, platforms, removedPlatforms } from './schema.ts'

export const CHANGED: ChangeResult = { kind: 'changed' }
export const UNKNOWN_PLATFORM: ChangeResult = { kind: 'unknown-platform' }

export function createPlatform(
  orm: Transacts,
  platform: NewPlatform,
  now: number,
  origin = BY_ADMIN,
): Promise<ChangeResult> {
  return change<ChangeResult>(orm, async (tx, revision) => {
    const taken = await takenFrom(tx, platform.id, platform.parties)
    if (taken) return undone(taken)
    const cause = 'not registered yet'
    await tx.insert(platforms).values({
      id: platform.id,
      name: platform.name,
      status: 'PLANNED',
      statusCause: cause,
      statusSince: now,
      endpoints: [],
      delivery: platform.delivery,
      tokenEncoding: platform.tokenEncoding,
      isStrictAboutTokens: platform.isStrictAboutTokens,
      isHeld: platform.isHeld ?? false,
      createdAt: now,
      revision,
    })
    await reserve(tx, platform.id, platform.parties, { revision, now })
    if (platform.registration) {
      const of = { platformId: platform.id, kind: 'registration', createdAt: now } as const
      await tx.insert(credentialsTokens).values({ ...platform.registration, ...of })
    }
    await noteStatus(tx, platform.id, { from: null, to: 'PLANNED', cause }, origin, now)
    return kept(CHANGED)
  })
}

export function changePlatform(
  orm: Transacts,
  platformId: string,
  wanted: Omit<PlatformChange, 'isHeld'>,
  now: number,
): Promise<ChangeResult> {
  return change<ChangeResult>(orm, async (tx, revision) => {
    const { parties: planned, ...columns } = wanted
    if (!(await touch(tx, platformId, revision, columns))) return undone(UNKNOWN_PLATFORM)
    if (planned) {
      const taken = await takenFrom(tx, platformId, planned)
      if (taken) return undone(taken)
      await dropPlannedRoles(tx, platformId, planned, { revision, now })
      await reserve(tx, platformId, planned, { revision, now })
      await settleStatuses(tx, platformId, now)
    }
    return kept(CHANGED)
  })
}

/** The first of these roles that an administrator may not give to the platform: another has it, and did not give it up. */
export async function takenFrom(
  tx: Transaction,
  platformId: string,
  wanted: NewPlatform['parties'],
): Promise<PartyTaken | null> {
  const isFree = ({ state }: HeldRole) => state === 'GIVEN_UP'
  return findTaken(await heldRoles(tx, wanted), platformId, wanted, { by: 'administrator', isFree })
}

/**
 * Announces roles for a platform; those that wait there count. Platforms that lost a role by it are stamped too, so that tables read
 * them again. What others are told of the roles is left to `settleStatuses`.
 */
export async function reserve(
  tx: Transaction,
  platformId: string,
  planned: NewPlatform['parties'],
  at: ChangeMoment,
): Promise<void> {
  await nameParties(tx, planned)
  await stamp(tx, await planRoles(tx, platformId, planned, at), at.revision)
  await settlePending(tx, platformId)
}

/** Leaves a row in `removed_platforms`, so that tables forget it too. All else of it goes with it. */
export function deletePlatform(
  orm: Transacts,
  platformId: string,
  { givenUpForMs: freeAfterMs }: Admission,
  now: number,
  origin = BY_ADMIN,
): Promise<ChangeResult> {
  return change<ChangeResult>(orm, async (tx, revision) => {
    await rememberRoles(tx, eq(partyRoles.platformId, platformId), { revision, now, freeAfterMs })
    const [gone] = await tx
      .delete(platforms)
      .where(and(eq(platforms.id, platformId), isNull(platforms.sandbox)))
      .returning()
    if (!gone) return undone(UNKNOWN_PLATFORM)
    await dropEmptyParties(tx)
    await tx.insert(removedPlatforms).values({ id: gone.id, number: gone.number, revision })
    const change = { from: gone.status, to: null, cause: 'removed by an administrator' }
    await noteStatus(tx, platformId, change, origin, now)
    return kept(CHANGED)
  })
}

export function setStatus(
  orm: Transacts,
  ...[platformId, status, cause, from, origin, now]: [...Parameters<Registry['setStatus']>, now: number]
): Promise<ChangeResult> {
  return change<ChangeResult>(orm, async (tx, revision) => {
    const [platform] = await tx.select().from(platforms).where(eq(platforms.id, platformId))
    if (!platform) return undone(UNKNOWN_PLATFORM)
    if (from.length > 0 && !from.includes(platform.status))
      return undone({ kind: 'wrong-status', status: platform.status })
    const isHeldSuspended = status === 'SUSPENDED'
    const due = platform.status === 'SUSPENDED' && !isHeldSuspended ? allowed(platform) : status
    if (due === platform.status && isHeldSuspended === platform.isHeldSuspended) return undone(CHANGED)
    const since = due === platform.status ? platform.statusSince : now
    const firstLiveAt = due === 'CONNECTED' ? (platform.firstLiveAt ?? now) : platform.firstLiveAt
    await touch(tx, platformId, revision, {
      status: due,
      statusCause: cause,
      statusSince: since,
      isHeldSuspended,
      firstLiveAt,
    })
    await settleStatuses(tx, platformId, now)
    await noteStatus(tx, platformId, { from: platform.status, to: due, cause }, origin, now)
    return kept(CHANGED)
  })
}

/** What a platform that is suspended no longer may be. */
function allowed({
  sealedToken,
  isHeld,
  awaitsCheck,
}: Pick<typeof platforms.$inferSelect, 'sealedToken' | 'isHeld' | 'awaitsCheck'>): ConnectionStatus {
  return sealedToken === null || isHeld || awaitsCheck ? 'PLANNED' : 'CONNECTED'
}

/** `unknown-platform` also when nobody holds the party, or that role of it. */
export function moveParty(
  orm: Transacts,
  ...[key, role, toPlatformId, now]: [...Parameters<Registry['moveParty']>, now: number]
): Promise<ChangeResult> {
  return change<ChangeResult>(orm, async (tx, revision) => {
    const which = and(eq(partyRoles.partyKey, key), role === null ? undefined : eq(partyRoles.role, role))
    const held = await tx.select({ platformId: partyRoles.platformId }).from(partyRoles).where(which)
    if (held.length === 0 || !(await touch(tx, toPlatformId, revision, {}))) return undone(UNKNOWN_PLATFORM)
    const losers = new Set(held.map(({ platformId }) => platformId))
    losers.delete(toPlatformId)
    if (losers.size === 0) return undone(CHANGED)
    await stamp(tx, losers, revision)
    await tx
      .update(partyRoles)
      .set(movedTo(toPlatformId, { revision, now }))
      .where(and(which, ne(partyRoles.platformId, toPlatformId)))
    await settlePending(tx, toPlatformId)
    await settleStatuses(tx, toPlatformId, now)
    return kept(CHANGED)
  })
}

/** Sets columns of a platform and stamps its revision; false when there is no such platform. */
export async function touch(
  tx: Transaction,
  platformId: string,
  revision: number,
  columns: Partial<typeof platforms.$inferInsert>,
): Promise<boolean> {
  const rows = await tx
    .update(platforms)
    .set({ ...columns, revision })
    .where(eq(platforms.id, platformId))
    .returning({ id: platforms.id })
  return rows.length > 0
}

/** Has tables read these platforms again. */
export async function stamp(tx: Transaction, platformIds: ReadonlySet<string>, revision: number): Promise<void> {
  if (platformIds.size === 0) return
  await tx
    .update(platforms)
    .set({ revision })
    .where(inArray(platforms.id, [...platformIds]))
}

/**
 * Proof of life changes nothing that routes: no revision. A moment before the one known is left out, unless the one known lies ahead.
 */
export async function noteSeen(orm: Orm, seen: ReadonlyMap<string, number>, now: number): Promise<void> {
  if (seen.size === 0) return
  await orm.execute(sql`
    insert into platform_seen (platform_id, last_seen_at)
    select p.id, s.at from json_to_recordset(${JSON.stringify(Array.from(seen, ([id, at]) => ({ id, at })))}::json)
      as s (id text, at bigint) join ${platforms} p on p.id = s.id
    order by p.id for key share of p
    on conflict (platform_id) do update set last_seen_at = excluded.last_seen_at
      where platform_seen.last_seen_at < excluded.last_seen_at
        or platform_seen.last_seen_at > ${now + CLOCKS_APART_MS}`)
}
