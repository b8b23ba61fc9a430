import { and, asc, eq, gt } from 'drizzle-orm'
import type { FreedResult, PendingRow, Registry, SettledResult } from '../../hub/network/registry.ts'
import type { Orm, Transacts } from '../database.ts'
import { change, kept, undone } from './change.ts'
import { settleStatuses } from './parties.ts'
import { dropPending, findPending, nameOf } from './pending-roles.ts'
import { CHANGED, reserve, takenFrom, touch, UNKNOWN_PLATFORM } from './platforms.ts'
import { departedRoles, partyRoles, pendingRoles } from './schema.ts'

/** An administrator lets roles count that a platform brought, all of them or none. */
export function confirmRoles(
  orm: Transacts,
  ...[platformId, roles, now]: [...Parameters<Registry['confirmRoles']>, now: number]
): Promise<SettledResult> {
  return change<SettledResult>(orm, async (tx, revision) => {
    if (!(await touch(tx, platformId, revision, {}))) return undone(UNKNOWN_PLATFORM)
    const waiting = await findPending(tx, platformId, roles)
    const missing = roles.find((role) => !waiting.has(nameOf(role)))
    if (missing) return undone({ kind: 'not-pending', role: missing })
    const taken = await takenFrom(tx, platformId, roles)
    if (taken) return undone(taken)
    await reserve(tx, platformId, [...waiting.values()], { revision, now })
    await settleStatuses(tx, platformId, now)
    return kept(CHANGED)
  })
}

/** An administrator drops roles that wait; when the platform brings them again they wait again. */
export function refuseRoles(
  orm: Transacts,
  ...[platformId, roles]: Parameters<Registry['refuseRoles']>
): Promise<SettledResult> {
  return change<SettledResult>(orm, async (tx, revision) => {
    if (!(await touch(tx, platformId, revision, {}))) return undone(UNKNOWN_PLATFORM)
    const waiting = await findPending(tx, platformId, roles)
    const missing = roles.find((role) => !waiting.has(nameOf(role)))
    if (missing) return undone({ kind: 'not-pending', role: missing })
    await dropPending(tx, platformId, roles)
    return kept(CHANGED)
  })
}

/** In the order in which they came. */
export async function listPendingRoles(
  orm: Orm,
  { limit, afterNumber }: Parameters<Registry['listPendingRoles']>[0],
): Promise<readonly PendingRow[]> {
  return orm
    .select({
      number: pendingRoles.number,
      platformId: pendingRoles.platformId,
      countryCode: pendingRoles.countryCode,
      partyId: pendingRoles.partyId,
      role: pendingRoles.role,
      why: pendingRoles.why,
      since: pendingRoles.since,
    })
    .from(pendingRoles)
    .where(afterNumber === null ? undefined : gt(pendingRoles.number, afterNumber))
    .orderBy(asc(pendingRoles.number))
    .limit(limit)
}

/** Lets any platform bring what others gave up of a party, as if its time were over. Nothing that routes changes. */
export async function freeParty(
  orm: Transacts,
  ...[key, role]: Parameters<Registry['freeParty']>
): Promise<FreedResult> {
  return orm.transaction(async (tx) => {
    const givenUp = await tx
      .update(partyRoles)
      .set({ givenUpAt: 0 })
      .where(
        and(
          eq(partyRoles.partyKey, key),
          eq(partyRoles.state, 'GIVEN_UP'),
          role === null ? undefined : eq(partyRoles.role, role),
        ),
      )
      .returning({ role: partyRoles.role })
    const departed = await tx
      .update(departedRoles)
      .set({ freeAt: 0 })
      .where(and(eq(departedRoles.partyKey, key), role === null ? undefined : eq(departedRoles.role, role)))
      .returning({ role: departedRoles.role })
    return givenUp.length + departed.length > 0 ? { kind: 'freed' } : { kind: 'unknown-party' }
  })
}
