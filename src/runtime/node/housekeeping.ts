import type { NoteBound } from '../../hub/ports.ts'
import type { Orm } from '../../storage/database.ts'
import { withDeadline } from '../../storage/deadline.ts'
import { deleteExpiredPlans, deletePlansBeyond, MOST_PLANS } from '../../storage/get-all-plans.ts'
import { maintainMessageLog } from '../../storage/message-log/segments.ts'
import { deleteExpiredUrls, deleteUrlsBeyond, MOST_URLS } from '../../storage/stored-urls.ts'
import type { Settings } from '../settings/settings.ts'
import { describeError } from '../shared/cannot-start.ts'
import { earlierNow } from '../shared/earlier-now.ts'
import type { Log } from '../shared/log-rules.ts'

const LOG_EVERY_MS = 5_000
const URLS_EVERY_MS = 600_000
const ROUND_WITHIN_MS = 30_000
/** Between two looks whether another administrator's token was made. */
const ADMIN_TOKEN_EVERY_MS = 5_000
/** Changes are heard of at once; this is for the one whose news got lost, or that could not be read when it came. */
const TABLE_EVERY_MS = 5_000

/**
 * Rounds that keep the database within its limits, and this process in step with it. Several processes may make them; the
 * database sorts them out.
 */
export function startHousekeeping(
  orm: Orm,
  refresh: { readonly table: () => Promise<void>; readonly adminToken: () => Promise<void> },
  settings: Settings,
  log: Log,
  noteBound: NoteBound,
): { readonly stop: () => void } {
  const { messageLogBytes: bytes, messageLogDays: days } = settings
  const stops = [
    every(LOG_EVERY_MS, 'message log', () => maintainMessageLog(orm, earlierNow(), { bytes, days })),
    every(TABLE_EVERY_MS, 'routing table', refresh.table),
    every(ADMIN_TOKEN_EVERY_MS, 'administrator token', refresh.adminToken),
    every(URLS_EVERY_MS, 'stored URLs', async () => {
      await deleteExpiredUrls(orm, earlierNow())
      if ((await deleteUrlsBeyond(orm, MOST_URLS)) > 0) noteBound('stored-urls')
    }),
    every(URLS_EVERY_MS, 'totals of lists', async () => {
      await deleteExpiredPlans(orm, earlierNow())
      if ((await deletePlansBeyond(orm, MOST_PLANS)) > 0) noteBound('stored-totals')
    }),
  ]

  function every(ms: number, what: string, work: () => Promise<unknown>): () => void {
    const { run } = withDeadline({ run: work }, ROUND_WITHIN_MS)
    const round = () => {
      run().catch((error: unknown) => log.warn({ what, why: describeError(error) }, 'housekeeping failed'))
    }
    round()
    const timer = setInterval(round, ms)
    return () => clearInterval(timer)
  }

  return { stop: () => stops.forEach((stop) => stop()) }
}
