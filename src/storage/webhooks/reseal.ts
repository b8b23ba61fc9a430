import { asc, eq } from 'drizzle-orm'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import type { SealedToken } from '../network/reseal.ts'
import { webhooks } from './schema.ts'

const DEADLINE_MS = 10_000

/**
 * Replaces the stored secrets of webhooks by what `reseal` makes of each; null leaves it as it is. There are few, so they are one
 * transaction. Returns how many were replaced.
 */
export function resealWebhooks(orm: Orm, reseal: (secret: SealedToken) => string | null): Promise<number> {
  const { run } = withDeadline({ run: () => resealAll(orm, reseal) }, DEADLINE_MS)
  return run()
}

function resealAll(orm: Orm, reseal: (secret: SealedToken) => string | null): Promise<number> {
  return orm.transaction(async (tx) => {
    const rows = await tx.select().from(webhooks).orderBy(asc(webhooks.id)).for('update')
    let replaced = 0
    for (const { id, name, sealedSecret, olderSealedSecret } of rows) {
      const newest = reseal({ id, name, sealed: sealedSecret })
      const older = olderSealedSecret === null ? null : reseal({ id, name, sealed: olderSealedSecret })
      const set = {
        ...(newest !== null && { sealedSecret: newest }),
        ...(older !== null && { olderSealedSecret: older }),
      }
      const count = Object.keys(set).length
      if (count > 0) await tx.update(webhooks).set(set).where(eq(webhooks.id, id))
      replaced += count
    }
    return replaced
  })
}
