import { eq } from 'drizzle-orm'
import { BY_ADMIN } from '../../hub/administration/events.ts'
import type { ChangeResult, PlatformChange } from '../../hub/network/registry.ts'
import type { Transacts } from '../database.ts'
import { change, kept, together, undone } from './change.ts'
import { goLive } from './go-live.ts'
import { CHANGED, changePlatform, touch, UNKNOWN_PLATFORM } from './platforms.ts'
import { platforms } from './schema.ts'

/** Why a platform with credentials is PLANNED. */
export const WAITS_FOR_CHECK = 'waits for a connection check without faults'
export const WAITS_FOR_RELEASE = 'waits to be released by an administrator'

/** Whether an administrator may release a platform that waits for its connection check. */
export type HoldTerms = { readonly requiresCheck: boolean }

/**
 * Holds a platform before it goes live, or releases it: with credentials it is CONNECTED from then on, and gets what is pushed from
 * then on. `wrong-status` where it is live already; `awaits-check` where it waits for nothing but a connection check that it has to pass.
 */
export function setHeld(
  orm: Transacts,
  platformId: string,
  isHeld: boolean,
  now: number,
  { requiresCheck }: HoldTerms,
  origin = BY_ADMIN,
): Promise<ChangeResult> {
  return change<ChangeResult>(orm, async (tx, revision) => {
    const [platform] = await tx.select().from(platforms).where(eq(platforms.id, platformId))
    if (!platform) return undone(UNKNOWN_PLATFORM)
    const { status } = platform
    const awaitsCheck = platform.awaitsCheck && (isHeld || requiresCheck)
    if (platform.isHeld === isHeld && platform.awaitsCheck === awaitsCheck) {
      return undone(awaitsCheck && !isHeld ? { kind: 'awaits-check' } : CHANGED)
    }
    if (isHeld && (status === 'CONNECTED' || status === 'OFFLINE')) return undone({ kind: 'wrong-status', status })
    await touch(tx, platformId, revision, { isHeld, awaitsCheck })
    if (!isHeld && status === 'PLANNED' && platform.sealedToken !== null) {
      if (awaitsCheck) await touch(tx, platformId, revision, { statusCause: WAITS_FOR_CHECK })
      else await goLive(tx, platform, { cause: 'released by an administrator', origin, revision, now })
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
  terms: HoldTerms,
  origin = BY_ADMIN,
  told = (tx: Transacts, _part: Part) => tx,
): Promise<ChangeResult> {
  if (isHeld === undefined) return changePlatform(told(orm, 'change'), platformId, wanted, now)
  return together(orm, [
    ...(Object.keys(wanted).length > 0
      ? [(tx: Transacts) => changePlatform(told(tx, 'change'), platformId, wanted, now)]
      : []),
    async (tx) => {
      const result = await setHeld(told(tx, isHeld ? 'hold' : 'release'), platformId, isHeld, now, terms, origin)
      // It is not held, which is all that was asked for.
      return result.kind === 'awaits-check' ? CHANGED : result
    },
  ])
}
