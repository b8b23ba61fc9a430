import { and, eq, gt, inArray, lte } from 'drizzle-orm'
import type { GetAllPlans } from '../hub/get-all/plan.ts'
import type { Now } from '../hub/ports.ts'
import type { Orm } from './database.ts'
import { withDeadline } from './deadline.ts'
import { getAllPlans } from './schema.ts'

/** A request waits for these. */
const DEADLINE_MS = 5_000

/** The totals of sources that pages of a GET All are mapped through, for all processes. */
export function createGetAllPlans(ports: { readonly orm: Orm; readonly now: Now }): GetAllPlans {
  const { orm, now } = ports
  return withDeadline<GetAllPlans>(
    {
      save: async (keys, { id, sources, expiresAt }) => {
        const values = { id, sources, expiresAt }
        await orm
          .insert(getAllPlans)
          .values(keys.map((key) => ({ key, ...values })))
          .onConflictDoUpdate({ target: getAllPlans.key, set: values })
      },
      learn: async (keys, { id, sources }) => {
        await orm
          .update(getAllPlans)
          .set({ sources })
          .where(and(inArray(getAllPlans.key, [...keys]), eq(getAllPlans.id, id)))
      },
      find: async (key) => {
        const [plan] = await orm
          .select({ id: getAllPlans.id, sources: getAllPlans.sources, expiresAt: getAllPlans.expiresAt })
          .from(getAllPlans)
          .where(and(eq(getAllPlans.key, key), gt(getAllPlans.expiresAt, now())))
        // A hub of the version before keeps less of a source.
        const isOlder = plan?.sources.some(({ places }) => (places as typeof places | undefined) === undefined)
        return plan && !isOlder ? plan : null
      },
    },
    DEADLINE_MS,
  )
}

/** Forgets plans that are past their time. */
export async function deleteExpiredPlans(orm: Orm, now: number): Promise<void> {
  await orm.delete(getAllPlans).where(lte(getAllPlans.expiresAt, now))
}
