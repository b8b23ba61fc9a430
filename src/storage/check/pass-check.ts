import { and, eq, sql } from 'drizzle-orm'
import type { ChangeOrigin } from '../../hub/administration/events.ts'
import type { Transaction } from '../database.ts'
import type { ChangeMoment } from '../network/change.ts'
import { goLive } from '../network/go-live.ts'
import { WAITS_FOR_RELEASE } from '../network/hold.ts'
import { touch } from '../network/platforms.ts'
import { platforms } from '../network/schema.ts'

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
  const rows = await tx.execute(sql`
    select from check_runs run
    where platform_id = ${platformId} and is_latest and token_mark = md5(${sealedToken}) and passed > 0
      and not exists (
        select from check_results found
        where found.platform_id = run.platform_id and found.run = run.number and outcome = 'fail'
          and probe not in (select probe from check_waivers where platform_id = run.platform_id)
      )`)
  return rows.length > 0
}
