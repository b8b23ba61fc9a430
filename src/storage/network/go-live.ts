import type { ChangeOrigin } from '../../hub/administration/events.ts'
import type { Transaction } from '../database.ts'
import { restartPushCursor } from '../push/cursors.ts'
import type { ChangeMoment } from './change.ts'
import { noteStatus } from './note-status.ts'
import { settleStatuses } from './parties.ts'
import { touch } from './platforms.ts'
import type { platforms } from './schema.ts'

/** A platform with credentials that was kept PLANNED is CONNECTED from now on, and gets what is pushed from now on. */
export async function goLive(
  tx: Transaction,
  platform: Pick<typeof platforms.$inferSelect, 'id' | 'status' | 'firstLiveAt'>,
  { cause, origin, revision, now }: ChangeMoment & { readonly cause: string; readonly origin: ChangeOrigin },
): Promise<void> {
  const status = 'CONNECTED'
  const firstLiveAt = platform.firstLiveAt ?? now
  await touch(tx, platform.id, revision, { status, statusCause: cause, statusSince: now, firstLiveAt })
  await settleStatuses(tx, platform.id, now)
  await restartPushCursor(tx, platform.id)
  await noteStatus(tx, platform.id, { from: platform.status, to: status, cause }, origin, now)
}
