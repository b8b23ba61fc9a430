import { and, desc, eq, gt, inArray, isNotNull, lte, ne, or, type SQL, sql } from 'drizzle-orm'
import type { AuditEntry, By } from '../../hub/administration/audit.ts'
import type { MessageSummary } from '../../hub/message/message-query.ts'
import type { Now } from '../../hub/ports.ts'
import type { NewerPush, PushAgain, SendAgainStore, StoredAgain } from '../../hub/push/drain/send-again.ts'
import { bytesOf } from '../../hub/push/push.ts'
import { appendAudit } from '../administration/audit.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { inTime } from '../in-time.ts'
import { isAbout } from '../message-log/conditions.ts'
import { SUMMARY, showSummary } from '../message-log/rows.ts'
import { messageLog } from '../message-log/schema.ts'
import { byFilters } from '../message-log/sources.ts'
import { platforms } from '../network/schema.ts'
import { findPush } from './find-push.ts'
import { pushCounter, pushLog, pushMissed } from './schema.ts'

/** Longer than a search may take: a server that is silent for as long is away. */
const DEADLINE_MS = 10_000

/** Pushes that are read in no time; looking through more of them, for want of an index, is a search. */
const MOST_AT_A_GLANCE = 10_000

/** Candidates that one look at the message log gives: their paths are read closely by whoever asks. */
const MOST_CANDIDATES = 50

/** Pushes that an administrator has sent again, in Postgres: each stands in the audit trail. */
export function createSendAgainStore({ orm, now }: { readonly orm: Orm; readonly now: Now }, by: By): SendAgainStore {
  return withDeadline<SendAgainStore>(
    {
      find: (ids) => inTime(orm, (run) => findPush(run, ids)),
      lastNumber: () => lastNumber(orm),
      async append(push, after) {
        // Before others have to wait.
        const name = await nameOf(orm, push.onlyTo)
        return append(orm, push, after, (tx) => appendAudit(tx, auditEntry(by, push, name, now())))
      },
      pushedSince: (question) => pushedSince(orm, question),
      async forgetMissed(platformId, chainKey, pathKey) {
        const { platformId: platform, chainKey: chain, pathKey: path } = pushMissed
        await orm.delete(pushMissed).where(and(eq(platform, platformId), eq(chain, chainKey), eq(path, pathKey)))
      },
    },
    DEADLINE_MS,
  )
}

async function lastNumber(orm: Orm): Promise<number> {
  const [row] = await orm.select({ last: pushCounter.last }).from(pushCounter)
  return row?.last ?? 0
}

/** Undoes the transaction. */
class Newer extends Error {
  readonly push: NewerPush

  constructor(push: NewerPush) {
    super('A newer push was accepted')
    this.push = push
  }
}

async function nameOf(orm: Orm, platformId: string): Promise<string | null> {
  const [platform] = await orm.select({ name: platforms.name }).from(platforms).where(eq(platforms.id, platformId))
  return platform?.name ?? null
}

function auditEntry(
  by: By,
  { onlyTo, module, method, path, correlationId }: PushAgain,
  name: string | null,
  at: number,
): AuditEntry {
  const after = { module, method, path, correlation_id: correlationId }
  const on = { kind: 'queue', id: onlyTo, name } as const
  return { at, by, action: 'queue.send-again', on, platformId: onlyTo, before: null, after }
}

async function append(
  orm: Orm,
  push: PushAgain,
  after: number,
  note: (tx: Transaction) => Promise<void>,
): Promise<StoredAgain> {
  try {
    // Most of the log is looked at before others have to wait.
    const seenTo = await lastNumber(orm)
    const look = (tx: Transaction) => refuseNewer(tx, push, after, seenTo)
    await (seenTo - after > MOST_AT_A_GLANCE ? inTime(orm, (run) => run(look)) : orm.transaction(look))
    return await orm.transaction(async (tx) => {
      const bytes = bytesOf(push)
      const [counter] = await tx
        .update(pushCounter)
        .set({ last: sql`${pushCounter.last} + 1`, bytes: sql`${pushCounter.bytes} + ${bytes}` })
        .returning()
      if (!counter) throw new Error('Expected one row in push_counter, got none: is the database migrated?')
      await refuseNewer(tx, push, seenTo, counter.last)
      const { from, owner, ...rest } = push
      await tx.insert(pushLog).values({
        ...rest,
        number: counter.last,
        fromCountryCode: from.countryCode,
        fromPartyId: from.partyId,
        ownerCountryCode: owner.countryCode,
        ownerPartyId: owner.partyId,
        bytes,
        bytesEnd: counter.bytes,
      })
      await note(tx)
      return { kind: 'stored', number: counter.last }
    })
  } catch (error) {
    if (error instanceof Newer) return { kind: 'newer', push: error.push }
    throw error
  }
}

/** What was sent again of the same push is no newer state. */
async function refuseNewer(tx: Transaction, push: PushAgain, after: number, upTo: number): Promise<void> {
  const [newer] = await tx
    .select()
    .from(pushLog)
    .where(
      and(
        eq(pushLog.module, push.module),
        gt(pushLog.number, after),
        lte(pushLog.number, upTo),
        eq(pushLog.chainKey, push.chainKey),
        or(
          sql`${pushLog.onlyTo} is null`,
          ne(pushLog.correlationId, push.correlationId),
          ne(pushLog.requestId, push.requestId),
        ),
      ),
    )
    .orderBy(desc(pushLog.number))
    .limit(1)
  if (newer) throw new Newer(newer)
}

/** By the index of objects: of all times that index alone is short enough, however long the log and however busy the platform. */
async function pushedSince(
  orm: Orm,
  { module, objectId, since, toPlatformId, broadcastBy }: Parameters<SendAgainStore['pushedSince']>[0],
): Promise<MessageSummary[]> {
  const toIt = and(inArray(messageLog.kind, ['direct', 'open']), eq(messageLog.toPlatformId, toPlatformId))
  const toAll: SQL | undefined =
    broadcastBy === null ? undefined : and(eq(messageLog.kind, 'broadcast'), eq(messageLog.fromPlatformId, broadcastBy))
  const where = and(
    gt(messageLog.at, since),
    // The log leaves NUL out, which Postgres refuses.
    isAbout(objectId.replaceAll('\0', '')),
    eq(messageLog.module, module),
    eq(messageLog.interfaceRole, 'RECEIVER'),
    inArray(messageLog.method, ['PUT', 'PATCH', 'DELETE']),
    isNotNull(messageLog.ocpiStatus),
    sql`${messageLog.httpStatus} between 200 and 299 and ${messageLog.ocpiStatus} between 1000 and 1999`,
    or(toIt, toAll),
  )
  const rows = await inTime(orm, (run) =>
    run((tx) => tx.select(SUMMARY).from(byFilters(where)).orderBy(desc(messageLog.at)).limit(MOST_CANDIDATES)),
  )
  return rows.map(showSummary)
}
