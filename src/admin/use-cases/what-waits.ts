import type { MessageSummary } from '../../hub/message/message-query.ts'
import { DAY_MS } from '../../hub/moments.ts'
import type { RoutingTable } from '../../hub/network/routing-table.ts'
import { addressed } from '../../hub/push/attempt/receivers.ts'
import { isUnread } from '../../hub/push/cursor.ts'
import type { DeliveryTraces } from '../../hub/push/drain/delivery-traces.ts'
import type { Push } from '../../hub/push/push.ts'

/** Pushes that are shown, and failures that are looked at and shown. */
const MOST_WAITING = 50
const MOST_FAILURES = 500
const MOST_ERRORS = 10
/** How far back errors are shown. */
const ERRORS_MS = DAY_MS

export type Waiting = {
  readonly push: Push
  /** Attempts that failed, of the latest failures. */
  readonly attempts: number
  readonly last: MessageSummary | null
}

export type WhatWaits = {
  /** The oldest first. */
  readonly waiting: readonly Waiting[]
  /** The latest first. */
  readonly errors: readonly MessageSummary[]
}

/** What waits in the queue of a platform, as last saved, and what failed lately. Null: it has no queue. */
export async function whatWaits(
  traces: DeliveryTraces,
  table: RoutingTable,
  platformId: string,
  now: number,
): Promise<WhatWaits | null> {
  const place = (await traces.places([platformId])).get(platformId)
  if (!place) return null
  const platform = table.platforms.get(platformId)
  const pushes = await traces.unread(platformId, place.cursor)
  const waiting = pushes
    .flatMap((push) => (platform ? addressed(table, platform, push, now, { suspendedToo: true }) : []))
    .filter((push) => isUnread(place.cursor, push))
    .slice(0, MOST_WAITING)
  const since = Math.min(now - ERRORS_MS, ...waiting.map(({ at }) => at))
  const failures = await traces.failures(platformId, since, MOST_FAILURES)
  const byPush = Map.groupBy(failures, (each) => nameOf(each, each.path))
  return {
    waiting: waiting.map((push) => {
      const failed = byPush.get(nameOf(push, push.path)) ?? []
      return { push, attempts: failed.length, last: failed[0] ?? null }
    }),
    errors: failures.filter(({ at }) => at >= now - ERRORS_MS).slice(0, MOST_ERRORS),
  }
}

/** Some senders use the same IDs for all that they send. */
function nameOf(
  { correlationId, requestId, module }: Pick<Push, 'correlationId' | 'requestId' | 'module'>,
  path: string,
): string {
  return [module, correlationId, requestId, path.split('?')[0]].join(' ')
}
