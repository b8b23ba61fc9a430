import { and, eq, sql } from 'drizzle-orm'
import type { ChangeOrigin } from '../../hub/administration/events.ts'
import { gateOf } from '../../hub/check/gate.ts'
import type { Transaction } from '../database.ts'
import type { ChangeMoment } from '../network/change.ts'
import { goLive } from '../network/go-live.ts'
import { WAITS_FOR_RELEASE } from '../network/hold.ts'
import { touch } from '../network/platforms.ts'
import { platforms } from '../network/schema.ts'
import { checkRuns, checkWaivers } from './schema.ts'
import { readFindings } from './views.ts'

const BY_CHECK: ChangeOrigin = { by: 'check', correlationId: null }

/**
 * Ends the wait of a platform for its connection check once its latest run, of the connection that it has now, found no fault but those
 * that are waived: it goes live, unless an administrator holds it as well.
 */
export async function passCheck(
  tx: Transaction,
  platformId: string,
  { revision, now }: ChangeMoment,
  origin = BY_CHECK,
): Promise<void> {
  const awaits = and(eq(platforms.id, platformId), eq(platforms.awaitsCheck, true))
  const [platform] = await tx.select().from(platforms).where(awaits)
  if (!platform || platform.sealedToken === null || !(await isPassed(tx, platformId, platform.sealedToken))) return
  const isHeld = platform.isHeld && platform.status === 'PLANNED'
  await touch(tx, platformId, revision, { awaitsCheck: false, ...(isHeld && { statusCause: WAITS_FOR_RELEASE }) })
  const cause = 'passed its connection check'
  if (!platform.isHeld && platform.status === 'PLANNED') await goLive(tx, platform, { cause, origin, revision, now })
}

async function isPassed(tx: Transaction, platformId: string, sealedToken: string): Promise<boolean> {
  const isLatest = and(eq(checkRuns.platformId, platformId), eq(checkRuns.isLatest, true))
  const isOfConnection = sql`${checkRuns.tokenMark} = md5(${sealedToken})`
  const [run] = await tx.select({ number: checkRuns.number }).from(checkRuns).where(and(isLatest, isOfConnection))
  if (!run) return false
  const findings = await readFindings(tx, platformId, run.number)
  const ofPlatform = eq(checkWaivers.platformId, platformId)
  const waivers = await tx.select({ probe: checkWaivers.probe }).from(checkWaivers).where(ofPlatform)
  return gateOf(findings, new Set(waivers.map(({ probe }) => probe))).isOpen
}
