import type { ChangedBy, StoredEvent } from '../../hub/administration/events.ts'
import type { ConnectionStatus } from '../../hub/network/routing-table.ts'
import type { EventFeed } from '../ports.ts'

/** One status that a platform had, and how it came to have it. */
export type StatusSpan = {
  /** Of the event of its beginning. */
  readonly number: number
  readonly from: ConnectionStatus | null
  /** Null: the platform was removed. */
  readonly to: ConnectionStatus | null
  readonly cause: string
  readonly by: ChangedBy
  readonly correlationId: string | null
  /** Milliseconds since the epoch; `until` is null while it lasts. */
  readonly at: number
  readonly until: number | null
}

/** What `platform.status` events hold. */
type StatusData = Pick<StatusSpan, 'from' | 'to' | 'cause' | 'by'>

/**
 * The statuses of a platform, newest first, at most `limit`, before the event of a number (null: to this day). They outlive the
 * platform.
 */
export async function statusHistory(
  events: Pick<EventFeed, 'before' | 'after'>,
  platformId: string,
  before: number | null,
  limit: number,
): Promise<readonly StatusSpan[]> {
  const filter = { platformId, kinds: ['platform.status'] as const }
  const found = await events.before(before, filter, limit)
  const [next] = before === null ? [] : await events.after(before - 1, filter, 1)
  return found.map((event, i) => spanOf(event, i === 0 ? next : found[i - 1]))
}

function spanOf({ number, at, correlationId, data }: StoredEvent, next: StoredEvent | undefined): StatusSpan {
  const { from, to, cause, by } = data as StatusData
  return { number, at, until: next?.at ?? null, from, to, cause, by, correlationId }
}
