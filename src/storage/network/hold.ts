import { eq } from 'drizzle-orm'
import { BY_ADMIN } from '../../hub/administration/events.ts'
import type { ChangeResult } from '../../hub/network/registry.ts'
import type { Transacts } from '../database.ts'
import { restartPushCursor } from '../push/cursors.ts'
import { change, kept, undone } from './change.ts'
import { noteStatus } from './note-status.ts'
import { settleStatuses } from './parties.ts'
import { CHANGED, touch, UNKNOWN_PLATFORM } from './platforms.ts'
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
    const live = { status: 'CONNECTED', statusCause: 'released by an administrator', statusSince: now } as const
    await touch(tx, platformId, revision, { isHeld, ...(goesLive && live) })
    if (goesLive) {
      await settleStatuses(tx, platformId, now)
      await restartPushCursor(tx, platformId)
      await noteStatus(tx, platformId, { from: status, to: live.status, cause: live.statusCause }, origin, now)
    }
    return kept(CHANGED)
  })
}
