import { inArray, sql } from 'drizzle-orm'
import type { ClientInfoCursors } from '../../hub/presence/client-info-lane.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { clientInfoCursors } from './schema.ts'

const DEADLINE_MS = 8_000

export function createClientInfoCursors(orm: Orm): ClientInfoCursors {
  const cursors: ClientInfoCursors = {
    async load(platformIds) {
      const rows = await orm
        .select()
        .from(clientInfoCursors)
        .where(inArray(clientInfoCursors.platformId, [...platformIds]))
      return new Map(rows.map(({ platformId, revision, at }) => [platformId, { revision, at }]))
    },
    async save(platformId, { revision, at }) {
      await orm.execute(sql`
        update ${clientInfoCursors} set revision = ${revision}, at = ${at}
        where platform_id = ${platformId} and revision <= ${revision} and at <= ${at}`)
    },
  }
  return withDeadline(cursors, DEADLINE_MS)
}

/** A platform that connects knows nothing and asks; from here on it is told of changes. */
export async function startCursor(tx: Transaction, platformId: string, revision: number, now: number): Promise<void> {
  const start = { revision, at: now }
  await tx
    .insert(clientInfoCursors)
    .values({ platformId, ...start })
    .onConflictDoUpdate({ target: clientInfoCursors.platformId, set: start })
}

/** A platform whose roles all wait is told of everybody once one of them counts: until then it sees what nobody agreed to show it. */
export async function startCursorAtNothing(tx: Transaction, platformId: string): Promise<void> {
  await startCursor(tx, platformId, 0, 0)
}
