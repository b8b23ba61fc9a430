import type { NoteBound } from '../../hub/ports.ts'
import type { Database } from '../../storage/database.ts'
import { withDeadline } from '../../storage/deadline.ts'
import type { Settings } from '../settings/settings.ts'
import { describeError } from '../shared/cannot-start.ts'
import type { Log } from '../shared/log-rules.ts'
import { type Chore, housekeepingOf, shadowChore } from '../wiring/housekeeping.ts'

const LOG_EVERY_MS = 5_000
const ROUND_WITHIN_MS = 30_000
/** Between two looks whether another administrator's token was made. */
const ADMIN_TOKEN_EVERY_MS = 5_000
/** Changes are heard of at once; this is for the one whose news got lost, or that could not be read when it came. */
const TABLE_EVERY_MS = 5_000
/** Runs of the connection check that nobody woke this process for: after handshakes, of the schedule, and those that another process left. */
const CHECKS_EVERY_MS = 3_000
/** Without a change of the routing table this asks nothing of the database. */
const PARTIES_EVERY_MS = 5_000
/** What was counted since is lost with a process that is killed. */
const COUNTS_EVERY_MS = 10_000
const CERTIFICATES_EVERY_MS = 10_000

/**
 * Rounds that keep the database within its limits, and this process in step with it. Several processes may make them; the
 * database sorts them out.
 */
export function startHousekeeping(
  { orm, sql }: Pick<Database, 'orm' | 'sql'>,
  own: {
    readonly refreshTable: () => Promise<void>
    readonly refreshAdminToken: () => Promise<void>
    readonly writeTraffic: () => Promise<void>
    readonly writeConversions: () => Promise<void>
    readonly storeCertificates: () => Promise<void>
    readonly lookForChecks: () => Promise<void>
    readonly tellParties: () => Promise<void>
  },
  settings: Settings,
  log: Log,
  noteBound: NoteBound,
): { readonly stop: () => void } {
  const chores = [
    ...housekeepingOf(orm, settings, noteBound, LOG_EVERY_MS),
    shadowChore(sql, settings, noteBound),
    { what: 'routing table', everyMs: TABLE_EVERY_MS, run: own.refreshTable },
    { what: 'administrator token', everyMs: ADMIN_TOKEN_EVERY_MS, run: own.refreshAdminToken },
    { what: 'connection checks', everyMs: CHECKS_EVERY_MS, run: own.lookForChecks },
    { what: 'parties in credentials', everyMs: PARTIES_EVERY_MS, run: own.tellParties },
    { what: 'counts of traffic', everyMs: COUNTS_EVERY_MS, run: own.writeTraffic },
    { what: 'counts of conversions', everyMs: COUNTS_EVERY_MS, run: own.writeConversions },
    { what: "partners' certificates", everyMs: CERTIFICATES_EVERY_MS, run: own.storeCertificates },
  ]

  function keepDoing({ what, everyMs, run: work }: Chore): () => void {
    const { run } = withDeadline({ run: work }, ROUND_WITHIN_MS)
    const round = () => {
      run().catch((error: unknown) => log.warn({ what, why: describeError(error) }, 'housekeeping failed'))
    }
    round()
    const timer = setInterval(round, everyMs)
    return () => clearInterval(timer)
  }

  const stops = chores.map(keepDoing)
  return { stop: () => stops.forEach((stop) => stop()) }
}
