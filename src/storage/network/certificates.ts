import { sql } from 'drizzle-orm'
import type { ShownCertificates } from '../../hub/network/certificates.ts'
import type { Orm } from '../database.ts'

/** One that was shown last so long before another at the same host is in use no more. Hosts with several machines show several. */
const REPLACED_AFTER_MS = 2 * 3_600_000

/** Notes which certificates platforms showed, and forgets those that others took the place of, and those of hosts that are theirs no more. */
export async function noteCertificates(orm: Orm, shown: readonly ShownCertificates[], now: number): Promise<void> {
  if (shown.length === 0) return
  const rows = shown.flatMap(({ platformId: id, certificates }) =>
    certificates.map(({ host, beganAt, endsAt }) => ({ id, host, began: beganAt, ends: endsAt })),
  )
  const owners = shown.map(({ platformId: id, hosts }) => ({ id, hosts }))
  await orm.transaction(async (tx) => {
    await tx.execute(sql`
      insert into platform_certificates (platform_id, host, began_at, ends_at, seen_at)
      select platform.id, host, began, ends, ${now}::bigint
      from json_to_recordset(${JSON.stringify(rows)}::json) shown (id text, host text, began bigint, ends bigint)
        join platforms platform on platform.id = shown.id
      order by platform.id, host for key share of platform
      on conflict (platform_id, host, ends_at) do update set seen_at = excluded.seen_at`)
    await tx.execute(sql`
      delete from platform_certificates old
      using json_to_recordset(${JSON.stringify(rows)}::json) shown (id text, host text)
      where old.platform_id = shown.id and old.host = shown.host and old.seen_at < ${now - REPLACED_AFTER_MS}`)
    await tx.execute(sql`
      delete from platform_certificates old
      using json_to_recordset(${JSON.stringify(owners)}::json) owner (id text, hosts jsonb)
      where old.platform_id = owner.id and not jsonb_exists(owner.hosts, old.host)`)
  })
}
