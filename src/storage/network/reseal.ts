import { and, asc, gt, isNotNull, sql } from 'drizzle-orm'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { platforms } from './schema.ts'

/** Platforms whose tokens one transaction seals anew: a few milliseconds, for which changes of the network wait. */
const BATCH = 200
const BATCH_DEADLINE_MS = 10_000

/** A platform's token as it is stored. */
export type SealedToken = { readonly id: string; readonly name: string; readonly sealed: string }

/**
 * Replaces stored tokens by what `reseal` makes of each; null leaves it as it is. Goes by batches in order of creation, while
 * hubs run: what they hold in memory is not touched, since a token stays the same whatever it is sealed under. Returns how
 * many were replaced; called again after an interruption it goes through all of them once more.
 */
export async function resealTokens(orm: Orm, reseal: (token: SealedToken) => string | null): Promise<number> {
  const { resealBatch } = withDeadline(
    { resealBatch: (after: number) => resealOneBatch(orm, after, reseal) },
    BATCH_DEADLINE_MS,
  )
  let replaced = 0
  let after: number | null = -1
  while (after !== null) {
    const batch: Batch = await resealBatch(after)
    replaced += batch.replaced
    after = batch.last
  }
  return replaced
}

/** `last` is the number of the batch's last platform; null when there was none. */
type Batch = { readonly replaced: number; readonly last: number | null }

function resealOneBatch(orm: Orm, after: number, reseal: (token: SealedToken) => string | null): Promise<Batch> {
  return orm.transaction(async (tx) => {
    // As every change of a platform does first: so a handshake comes before or after, and is never overwritten.
    await tx.execute(sql`select from routing_revision for update`)
    const found = await tx
      .select({ id: platforms.id, name: platforms.name, number: platforms.number, sealed: platforms.sealedToken })
      .from(platforms)
      .where(and(isNotNull(platforms.sealedToken), gt(platforms.number, after)))
      .orderBy(asc(platforms.number))
      .limit(BATCH)
    const renewed = found.flatMap(({ id, name, sealed }) => {
      const anew = sealed === null ? null : reseal({ id, name, sealed })
      return anew === null ? [] : [sql`(${id}, ${anew})`]
    })
    if (renewed.length > 0)
      await tx.execute(sql`
        update ${platforms} p set sealed_token = v.sealed
        from (values ${sql.join(renewed, sql`, `)}) v (id, sealed) where p.id = v.id`)
    return { replaced: renewed.length, last: found.at(-1)?.number ?? null }
  })
}
