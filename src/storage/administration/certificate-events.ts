import { type SQL, sql } from 'drizzle-orm'
import { DAY_MS } from '../../hub/moments.ts'
import type { Orm } from '../database.ts'
import { appendEvents } from './events.ts'

/**
 * From when on the end of a certificate is worth a word: 30 days before, and again 7 days before. Of those that last for less than four
 * months a quarter and an eighth of their time: machines renew them when a third is left, and nobody has to know.
 */
export const CERTIFICATE_ENDS_SOON_AT = sql`(ends_at - least(${30 * DAY_MS}::bigint, (ends_at - began_at) / 4))`
export const CERTIFICATE_ENDS_NOW_AT = sql`(ends_at - least(${7 * DAY_MS}::bigint, (ends_at - began_at) / 8))`

/** Of connections that are still there: of others nobody sees the certificate that takes its place. */
export const IS_CONNECTED = sql`platform_id in (select id from platforms where sealed_token is not null and status <> 'SUSPENDED')`

type Row = { readonly platform_id: string; readonly host: string; readonly ends_at: string }

/**
 * Tells of partners' certificates that end soon, twice each. What was told stands with the certificate, in the same transaction, so that
 * neither a restart nor another process tells it again.
 */
export async function noteCertificatesThatEnd(orm: Orm, now: number): Promise<void> {
  const isDue = (at: SQL) => sql`${at} <= ${now}::bigint`
  await orm.transaction(async (tx) => {
    const rows = await tx.execute<Row>(sql`
      update platform_certificates set told = due.told
      from (
        select platform_id as owner, host as at_host, ends_at as until,
          case when ${isDue(CERTIFICATE_ENDS_NOW_AT)} then 2 else 1 end as told
        from platform_certificates where ends_at > ${now}::bigint and ${isDue(CERTIFICATE_ENDS_SOON_AT)}
          and ${IS_CONNECTED}
      ) due
      where platform_id = due.owner and host = due.at_host and ends_at = due.until and platform_certificates.told < due.told
      returning platform_id, host, ends_at`)
    await appendEvents(
      tx,
      rows.map(({ platform_id: platformId, host, ends_at }) => ({
        at: now,
        kind: 'certificate.expires-soon',
        platformId,
        correlationId: null,
        data: {
          days: Math.ceil((Number(ends_at) - now) / DAY_MS),
          host,
          expires_at: new Date(Number(ends_at)).toISOString(),
        },
      })),
    )
  })
}
