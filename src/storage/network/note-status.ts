import type { ChangeOrigin } from '../../hub/administration/events.ts'
import type { ConnectionStatus } from '../../hub/network/routing-table.ts'
import { appendEvents } from '../administration/events.ts'
import type { Transaction } from '../database.ts'

/** A platform's status as it was and as it is now; null before the platform was added and once it is removed. */
type StatusChange = {
  readonly from: ConnectionStatus | null
  readonly to: ConnectionStatus | null
  readonly cause: string
}

/** Tells the administrators of a platform's new status, within the transaction that changes it: to come last there. */
export function noteStatus(
  tx: Transaction,
  platformId: string,
  { from, to, cause }: StatusChange,
  { by, correlationId }: ChangeOrigin,
  now: number,
): Promise<void> {
  const data = { from, to, cause, by }
  return appendEvents(tx, [{ at: now, kind: 'platform.status', platformId, correlationId, data }])
}
