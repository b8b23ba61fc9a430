import { and, desc, eq, gt, isNotNull, isNull, lte, sql } from 'drizzle-orm'
import type { By } from '../../hub/administration/audit.ts'
import type { LockOut, LockOutChanges, LockOutStore } from '../../hub/administration/lock-outs.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { lockOuts } from './account-schema.ts'
import { appendAudit } from './audit.ts'

const DEADLINE_MS = 2_000
/** Whoever has many addresses fills no more than this; beyond, those who are shut out are so without being listed. */
const MOST_LOCK_OUTS = 1_000

/** Who is shut out, for all processes. */
export function createLockOutStore(orm: Orm): LockOutStore {
  return withDeadline<LockOutStore>(
    {
      note: (lockOut, now) => noteLockOut(orm, lockOut, now),
      async list(now) {
        const rows = await orm
          .select()
          .from(lockOuts)
          .where(and(gt(lockOuts.endsAt, now), isNull(lockOuts.liftedAt)))
          .orderBy(desc(lockOuts.lastFailedAt))
          .limit(MOST_LOCK_OUTS)
        return rows.map(asLockOut)
      },
      async lifted(now) {
        const rows = await orm
          .select()
          .from(lockOuts)
          .where(and(gt(lockOuts.endsAt, now), isNotNull(lockOuts.liftedAt)))
        return rows.map((row) => ({ ...asLockOut(row), liftedAt: row.liftedAt ?? 0 }))
      },
    },
    DEADLINE_MS,
  )
}

/** Lock-outs as somebody lifts them, with a row in the audit trail. */
export function createAuditedLockOuts(orm: Orm, by: By): LockOutChanges {
  return withDeadline<LockOutChanges>({ lift: (id, now) => liftLockOut(orm, by, id, now) }, DEADLINE_MS)
}

/** Forgets who had to wait, and from where: nobody has to any more. */
export async function deleteLockOutsEndedBy(orm: Orm | Transaction, moment: number): Promise<void> {
  await orm.delete(lockOuts).where(lte(lockOuts.endsAt, moment))
}

async function noteLockOut(orm: Orm, { id, address, name, since, nextTryAt, endsAt }: LockOut, now: number) {
  await orm.transaction(async (tx) => {
    await deleteLockOutsEndedBy(tx, now)
    const isKnown = and(eq(lockOuts.address, address), eq(lockOuts.name, name ?? ''))
    if ((await tx.$count(lockOuts)) >= MOST_LOCK_OUTS && (await tx.$count(lockOuts, isKnown)) === 0) return
    await tx
      .insert(lockOuts)
      .values({ id, address, name: name ?? '', since, lastFailedAt: now, nextTryAt, endsAt })
      .onConflictDoUpdate({
        target: [lockOuts.address, lockOuts.name],
        set: {
          since: sql`case when ${lockOuts.liftedAt} is null then ${lockOuts.since} else excluded.since end`,
          lastFailedAt: now,
          nextTryAt,
          endsAt,
          liftedAt: null,
        },
      })
  })
}

function liftLockOut(orm: Orm, by: By, id: string, now: number): Promise<boolean> {
  return orm.transaction(async (tx) => {
    const [row] = await tx
      .update(lockOuts)
      .set({ liftedAt: now })
      .where(and(eq(lockOuts.id, id), isNull(lockOuts.liftedAt), gt(lockOuts.endsAt, now)))
      .returning()
    if (!row) return false
    const { address, name, since } = asLockOut(row)
    await appendAudit(tx, {
      at: now,
      by,
      action: 'lock-out.lift',
      on: { kind: 'lock-out', id, name },
      platformId: null,
      before: { name, address, since: new Date(since).toISOString() },
      after: null,
    })
    return true
  })
}

function asLockOut(row: typeof lockOuts.$inferSelect): LockOut {
  const { id, address, name, since, nextTryAt, endsAt } = row
  return { id, address, name: name === '' ? null : name, since, nextTryAt, endsAt }
}
