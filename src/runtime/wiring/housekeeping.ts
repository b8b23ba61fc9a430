import type { NoteBound } from '../../hub/ports.ts'
import { deleteAuditBefore } from '../../storage/administration/audit.ts'
import { deleteSessionsEndedBefore } from '../../storage/administration/credentials.ts'
import type { Orm } from '../../storage/database.ts'
import { deleteExpiredPlans, deletePlansBeyond, MOST_PLANS } from '../../storage/get-all-plans.ts'
import { maintainMessageLog } from '../../storage/message-log/segments.ts'
import { deleteExpiredUrls, deleteUrlsBeyond, MOST_URLS } from '../../storage/stored-urls.ts'
import type { Settings } from '../settings/settings.ts'
import { earlierNow } from '../shared/earlier-now.ts'

const OBJECTS_EVERY_MS = 600_000
const AUDIT_EVERY_MS = 3_600_000
const DAY_MS = 86_400_000

/** Something done again and again, `everyMs` after it was begun last. */
export type Chore = { readonly what: string; readonly everyMs: number; readonly run: () => Promise<unknown> }

/** What keeps the database within its bounds, on every runtime. Several processes may do it; the database sorts them out. */
export function housekeepingOf(
  orm: Orm,
  settings: Settings,
  noteBound: NoteBound,
  messageLogEveryMs: number,
): readonly Chore[] {
  const { messageLogBytes: bytes, messageLogDays: days, auditDays } = settings
  return [
    {
      what: 'message log',
      everyMs: messageLogEveryMs,
      run: () => maintainMessageLog(orm, earlierNow(), { bytes, days }),
    },
    { what: 'sessions', everyMs: OBJECTS_EVERY_MS, run: () => deleteSessionsEndedBefore(orm, earlierNow()) },
    {
      what: 'audit trail',
      everyMs: AUDIT_EVERY_MS,
      run: () => deleteAuditBefore(orm, earlierNow() - auditDays * DAY_MS),
    },
    {
      what: 'stored URLs',
      everyMs: OBJECTS_EVERY_MS,
      async run() {
        await deleteExpiredUrls(orm, earlierNow())
        if ((await deleteUrlsBeyond(orm, MOST_URLS)) > 0) noteBound('stored-urls')
      },
    },
    {
      what: 'totals of lists',
      everyMs: OBJECTS_EVERY_MS,
      async run() {
        await deleteExpiredPlans(orm, earlierNow())
        if ((await deletePlansBeyond(orm, MOST_PLANS)) > 0) noteBound('stored-totals')
      },
    },
  ]
}
