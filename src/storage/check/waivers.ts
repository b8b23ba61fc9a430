import { and, eq } from 'drizzle-orm'
import type { ChangeOrigin } from '../../hub/administration/events.ts'
import type { ProbeName } from '../../hub/check/check.ts'
import type { WaiveResult, Waiver } from '../../hub/check/runs/check-runs.ts'
import type { Transacts } from '../database.ts'
import { change, kept, undone } from '../network/change.ts'
import { platforms } from '../network/schema.ts'
import { passCheck } from './pass-check.ts'
import { checkWaivers } from './schema.ts'

const CHANGED: WaiveResult = { kind: 'changed' }

/** Lets a fault of a platform pass, which may be the last that kept it from going live. A later reason takes the place of one before. */
export function waive(
  orm: Transacts,
  platformId: string,
  waiver: Omit<Waiver, 'at'>,
  now: number,
  origin: ChangeOrigin,
): Promise<WaiveResult> {
  return change<WaiveResult>(orm, async (tx, revision) => {
    const [known] = await tx.select({ id: platforms.id }).from(platforms).where(eq(platforms.id, platformId))
    if (!known) return undone({ kind: 'unknown-platform' })
    const told = { ...waiver, at: now }
    await tx
      .insert(checkWaivers)
      .values({ platformId, ...told })
      .onConflictDoUpdate({ target: [checkWaivers.platformId, checkWaivers.probe], set: told })
    await passCheck(tx, platformId, { revision, now }, origin)
    return kept(CHANGED)
  })
}

/** Whoever went live by it stays so. */
export function unwaive(orm: Transacts, platformId: string, probe: ProbeName): Promise<WaiveResult> {
  return orm.transaction(async (tx) => {
    const [known] = await tx.select({ id: platforms.id }).from(platforms).where(eq(platforms.id, platformId))
    if (!known) return { kind: 'unknown-platform' }
    await tx.delete(checkWaivers).where(and(eq(checkWaivers.platformId, platformId), eq(checkWaivers.probe, probe)))
    return CHANGED
  })
}
