import { and, eq, gt, inArray, lte, sql } from 'drizzle-orm'
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

/** Plans that are kept of one calling platform: two are stored for a crawl, of which it may begin hundreds in a minute. */
export const MOST_PLANS = 2_000

/** Forgets the oldest plans of platforms that have more than may be kept. Returns how many. */
export async function deletePlansBeyond(orm: Orm, most: number): Promise<number> {
  const gone = await orm.execute(sql`
    delete from ${getAllPlans} where key in (
      select key from (
        select key, row_number() over (partition by split_part(key, ' ', 1) order by expires_at desc, key) as place
          from ${getAllPlans}) as placed
        where place > ${most})`)
  return gone.count
}
