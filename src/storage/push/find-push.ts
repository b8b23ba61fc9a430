import { and, asc, desc, eq, gte, lt, sql } from 'drizzle-orm'
import { CLOCKS_APART_MS } from '../../hub/moments.ts'
import type { PushIds } from '../../hub/push/drain/send-again.ts'
import type { Push } from '../../hub/push/push.ts'
import type { Transaction } from '../database.ts'
import type { Run } from '../in-time.ts'
import { messageLog } from '../message-log/schema.ts'
import { pushLog } from './schema.ts'

/** The push is accepted this long after its message came at most: its body is read and it waits to be stored. */
const ACCEPTED_WITHIN_MS = 60_000

/**
 * Looked for around the moment at which the message log has its broadcast, since of its IDs the push log has no index; in all of the
 * push log where the message log has it no more. Of several with the same IDs, as some senders make them, the latest.
 */
export async function findPush(run: Run, ids: PushIds): Promise<Push | null> {
  const at = await run((tx) => broadcastAt(tx, ids))
  const since = at === null ? null : await run((tx) => firstNumberSince(tx, at - CLOCKS_APART_MS))
  const until = at === null ? null : await run((tx) => firstNumberSince(tx, at + ACCEPTED_WITHIN_MS + CLOCKS_APART_MS))
  const where = and(
    eq(pushLog.module, ids.module),
    since === null ? undefined : gte(pushLog.number, since),
    until === null ? undefined : lt(pushLog.number, until),
    eq(pushLog.correlationId, ids.correlationId),
    eq(pushLog.requestId, ids.requestId),
    eq(pushLog.fromPlatformId, ids.fromPlatformId),
    eq(pushLog.method, ids.method),
    eq(pushLog.path, ids.path),
  )
  const [row] = await run((tx) => tx.select().from(pushLog).where(where).orderBy(asc(pushLog.number)).limit(1))
  return row ? asPush(row) : null
}

/** A push as it stands in the log. */
export function asPush(row: typeof pushLog.$inferSelect): Push {
  const { fromCountryCode, fromPartyId, ownerCountryCode, ownerPartyId, onlyTo, bytes: _, bytesEnd: __, ...rest } = row
  return {
    ...rest,
    ...(onlyTo !== null && { onlyTo }),
    from: { countryCode: fromCountryCode, partyId: fromPartyId },
    owner: { countryCode: ownerCountryCode, partyId: ownerPartyId },
  }
}

/** When the latest broadcast of these IDs came. */
async function broadcastAt(tx: Transaction, ids: PushIds): Promise<number | null> {
  const { kind, module, method, path, correlationId, requestId, fromPlatformId } = messageLog
  const [row] = await tx
    .select({ at: messageLog.at })
    .from(messageLog)
    .where(
      and(
        eq(correlationId, ids.correlationId),
        eq(requestId, ids.requestId),
        eq(kind, 'broadcast'),
        eq(module, ids.module),
        eq(method, ids.method),
        eq(fromPlatformId, ids.fromPlatformId),
        sql`right(split_part(${path}, '?', 1), length(${ids.path})) = ${ids.path}`,
      ),
    )
    .orderBy(desc(messageLog.at))
    .limit(1)
  return row?.at ?? null
}

/** Of the pushes since a moment the lowest number; one more than all where there are none. Halves the log some thirty times. */
async function firstNumberSince(tx: Transaction, moment: number): Promise<number> {
  const [row] = await tx.execute<{ number: number }>(sql`
    with recursive half (low, high) as (
      select coalesce(min(number), 0), coalesce(max(number), 0) + 1 from push_log
      union all
      select case when at < ${moment} then number + 1 else low end, case when at < ${moment} then high else middle end
        from half cross join lateral (select (low + high) / 2 as middle) as halved cross join lateral (
          select number, at from push_log where number >= middle order by number limit 1) as push
        where low < high
    )
    select low::float8 as number from half where low >= high`)
  return row?.number ?? 0
}
