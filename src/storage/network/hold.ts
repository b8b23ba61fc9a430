import { eq } from 'drizzle-orm'
import { BY_ADMIN } from '../../hub/administration/events.ts'
import type { ChangeResult, PlatformChange } from '../../hub/network/registry.ts'
import type { Transacts } from '../database.ts'
import { restartPushCursor } from '../push/cursors.ts'
import { change, kept, together, undone } from './change.ts'
import { noteStatus } from './note-status.ts'
import { settleStatuses } from './parties.ts'
import { CHANGED, changePlatform, touch, UNKNOWN_PLATFORM } from './platforms.ts'
import { platforms } from './schema.ts'

/**
 * Holds a platform before it goes live, or releases it: with credentials it is CONNECTED from then on, and gets what is pushed from
 * then on. `wrong-status` where it is live already.
 */
export function setHeld(
  orm: Transacts,
  platformId: string,
  isHeld: boolean,
  now: number,
  origin = BY_ADMIN,
): Promise<ChangeResult> {
  return change<ChangeResult>(orm, async (tx, revision) => {
    const [platform] = await tx.select().from(platforms).where(eq(platforms.id, platformId))
    if (!platform) return undone(UNKNOWN_PLATFORM)
    const { status } = platform
    if (platform.isHeld === isHeld) return undone(CHANGED)
    if (isHeld && (status === 'CONNECTED' || status === 'OFFLINE')) return undone({ kind: 'wrong-status', status })
    const goesLive = !isHeld && status === 'PLANNED' && platform.sealedToken !== null
    const live = {
      status: 'CONNECTED',
      statusCause: 'released by an administrator',
      statusSince: now,
      firstLiveAt: platform.firstLiveAt ?? now,
    } as const
    await touch(tx, platformId, revision, { isHeld, ...(goesLive && live) })
    if (goesLive) {
      await settleStatuses(tx, platformId, now)
      await restartPushCursor(tx, platformId)
      await noteStatus(tx, platformId, { from: status, to: live.status, cause: live.statusCause }, origin, now)
    }
    return kept(CHANGED)
  })
}

/** A change of a platform is told in parts. */
type Part = 'change' | 'hold' | 'release'

/**
 * Changes a platform and holds or releases it, in one transaction: all that is asked for, or nothing.
 *
 * @param told what transactions leave where a part of the change is told
 */
export async function changeAndHold(
  orm: Transacts,
  platformId: string,
  { isHeld, ...wanted }: PlatformChange,
  now: number,
  origin = BY_ADMIN,
  told = (tx: Transacts, _part: Part) => tx,
): Promise<ChangeResult> {
  if (isHeld === undefined) return changePlatform(told(orm, 'change'), platformId, wanted, now)
  return together(orm, [
    ...(Object.keys(wanted).length > 0
      ? [(tx: Transacts) => changePlatform(told(tx, 'change'), platformId, wanted, now)]
      : []),
    (tx) => setHeld(told(tx, isHeld ? 'hold' : 'release'), platformId, isHeld, now, origin),
  ])
}
