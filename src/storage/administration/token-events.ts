import { sql } from 'drizzle-orm'
import { DAY_MS } from '../../hub/moments.ts'
import type { Orm } from '../database.ts'
import { appendEvents } from './events.ts'

type Row = { readonly platform_id: string; readonly expires_at: string; readonly told_days: number }

/**
 * Tells of registration tokens that end soon: 7, 3 and 1 days before, once each. What was told stands with the token, in the same
 * transaction, so that neither a restart nor another process tells it again.
 */
export async function noteTokensThatEnd(orm: Orm, now: number): Promise<void> {
  await orm.transaction(async (tx) => {
    const rows = await tx.execute<Row>(sql`
      update credentials_tokens set told_days = due.days
      from (
        select digest, case when expires_at <= ${now + DAY_MS}::bigint then 1
          when expires_at <= ${now + 3 * DAY_MS}::bigint then 3 else 7 end as days
        from credentials_tokens
        where kind = 'registration' and expires_at > ${now}::bigint and expires_at <= ${now + 7 * DAY_MS}::bigint
      ) due
      where credentials_tokens.digest = due.digest and (told_days is null or told_days > due.days)
      returning platform_id, expires_at, told_days`)
    await appendEvents(
      tx,
      rows.map(({ platform_id: platformId, expires_at, told_days: days }) => ({
        at: now,
        kind: 'token.expires-soon',
        platformId,
        correlationId: null,
        data: { days, expires_at: new Date(Number(expires_at)).toISOString() },
      })),
    )
  })
}
