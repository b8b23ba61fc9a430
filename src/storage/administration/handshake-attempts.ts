import { randomUUID } from 'node:crypto'
import { and, desc, eq, isNotNull, isNull, lt, lte, sql } from 'drizzle-orm'
import {
  type Attempt,
  type AttemptStore,
  CALLS_APART_MS,
  MOST_ATTEMPTS,
  MOST_CALLS,
  MOST_STRANGERS_ATTEMPTS,
  type NotedCalls,
} from '../../hub/administration/handshake-attempts.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { handshakeAttempts } from './schema.ts'

const DEADLINE_MS = 8_000

/** Handshake attempts in the database, the same for all processes. */
export function createAttemptStore(orm: Orm): AttemptStore {
  return withDeadline(
    {
      note: (noted) => orm.transaction((tx) => note(tx, noted)),
      async find({ platformId }, limit, before) {
        const rows = await orm
          .select()
          .from(handshakeAttempts)
          .where(
            and(
              before === null ? undefined : lt(handshakeAttempts.number, before),
              platformId === null ? undefined : eq(handshakeAttempts.platformId, platformId),
            ),
          )
          .orderBy(desc(handshakeAttempts.number))
          .limit(limit)
        return rows.map(asAttempt)
      },
      async one(id) {
        const [row] = await orm.select().from(handshakeAttempts).where(eq(handshakeAttempts.id, id))
        return row ? asAttempt(row) : null
      },
    } satisfies AttemptStore,
    DEADLINE_MS,
  )
}

/** Calls of one platform follow one another here, whichever process they came to: so no two begin an attempt each. */
async function note(tx: Transaction, noted: NotedCalls): Promise<string> {
  const { platformId, address, ledBy, startedBy, at, isFirst, calls, verdict } = noted
  const whose = platformId ?? `address ${address}`
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`handshake ${whose}`}, 0))`)
  const found = {
    ...(verdict && { outcome: verdict.outcome, why: verdict.advice?.key ?? null, told: verdict.advice?.told ?? null }),
  }
  const goingOn = isFirst ? undefined : await findGoingOn(tx, noted)
  if (goingOn) {
    const room = Math.max(0, MOST_CALLS - goingOn.calls.length)
    await tx
      .update(handshakeAttempts)
      .set({
        lastAt: Math.max(at, goingOn.lastAt),
        calls: [...goingOn.calls, ...calls.slice(0, room)],
        // What is noted late decides nothing: a later call was answered meanwhile.
        ...(at >= goingOn.lastAt && (verdict ? found : { outcome: null, why: null, told: null })),
      })
      .where(eq(handshakeAttempts.number, goingOn.number))
    return goingOn.id
  }
  const id = randomUUID()
  await tx.insert(handshakeAttempts).values({
    ...{ id, platformId, address, ledBy, startedBy, startedAt: at, lastAt: at, calls: calls.slice(0, MOST_CALLS) },
    ...found,
  })
  await dropOldest(tx, platformId === null)
  return id
}

async function findGoingOn(tx: Transaction, { platformId, address, ledBy, at }: NotedCalls) {
  const isOf =
    platformId === null
      ? and(isNull(handshakeAttempts.platformId), eq(handshakeAttempts.address, address ?? ''))
      : eq(handshakeAttempts.platformId, platformId)
  const [newest] = await tx
    .select()
    .from(handshakeAttempts)
    .where(and(isOf, eq(handshakeAttempts.ledBy, ledBy)))
    .orderBy(desc(handshakeAttempts.number))
    .limit(1)
  const isOver = newest?.outcome === 'registered' && at > newest.lastAt
  return newest && !isOver && Math.abs(at - newest.lastAt) <= CALLS_APART_MS ? newest : undefined
}

/** Strangers push out nobody else's. */
async function dropOldest(tx: Transaction, isStrangers: boolean): Promise<void> {
  const isSame = isStrangers ? isNull(handshakeAttempts.platformId) : isNotNull(handshakeAttempts.platformId)
  const [tooOld] = await tx
    .select({ number: handshakeAttempts.number })
    .from(handshakeAttempts)
    .where(isSame)
    .orderBy(desc(handshakeAttempts.number))
    .offset(isStrangers ? MOST_STRANGERS_ATTEMPTS : MOST_ATTEMPTS)
    .limit(1)
  if (tooOld) await tx.delete(handshakeAttempts).where(and(isSame, lte(handshakeAttempts.number, tooOld.number)))
}

function asAttempt({ why, told, ...row }: typeof handshakeAttempts.$inferSelect): Attempt {
  const calls = row.calls.toSorted((a, b) => a.at - b.at)
  return { ...row, calls, advice: why === null ? null : { key: why, told: told ?? {} } }
}
