import { and, eq, gt, lte, sql } from 'drizzle-orm'
import type { CheckCommands } from '../../hub/check/command-results.ts'
import type { Now } from '../../hub/ports.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { checkCommands } from './schema.ts'

/** A partner waits for its answer. */
const DEADLINE_MS = 5_000

/** Commands that connection checks sent. Those that are past their time go with the next. */
export function createCheckCommands({ orm, now }: { readonly orm: Orm; readonly now: Now }): CheckCommands {
  return withDeadline<CheckCommands>(
    {
      async open(id, platformId, expiresAt) {
        await orm.delete(checkCommands).where(lte(checkCommands.expiresAt, now()))
        await orm.insert(checkCommands).values({ id, platformId, expiresAt })
      },
      async result(id) {
        const [row] = await orm
          .select({ result: checkCommands.result })
          .from(checkCommands)
          .where(eq(checkCommands.id, id))
        return row?.result ?? null
      },
      async take(id, platformId, result) {
        const isOpen = gt(checkCommands.expiresAt, now())
        const taken = await orm
          .update(checkCommands)
          .set({ result: sql`coalesce(${checkCommands.result}, ${result})` })
          .where(and(eq(checkCommands.id, id), eq(checkCommands.platformId, platformId), isOpen))
          .returning({ id: checkCommands.id })
        return taken.length > 0
      },
    },
    DEADLINE_MS,
  )
}
