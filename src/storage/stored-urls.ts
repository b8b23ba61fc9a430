import { and, eq, gt, isNull, or, sql } from 'drizzle-orm'
import type { StoredUrls } from '../hub/network/registry.ts'
import type { Now } from '../hub/ports.ts'
import type { Orm } from './database.ts'
import { withDeadline } from './deadline.ts'
import { parties, partyRoles, storedUrls } from './schema.ts'

/** A request waits for these. */
const DEADLINE_MS = 5_000

/** Where URLs led through the hub really go. */
export function createStoredUrls(ports: { readonly orm: Orm; readonly now: Now }): StoredUrls {
  const { orm, now } = ports
  return withDeadline<StoredUrls>(
    {
      save: async (url) => {
        await orm.insert(storedUrls).values(url)
      },
      find: async (id) => {
        const isLive = or(isNull(storedUrls.expiresAt), gt(storedUrls.expiresAt, now()))
        const [url] = await orm
          .select()
          .from(storedUrls)
          .where(and(eq(storedUrls.id, id), isLive))
        return url ?? null
      },
    },
    DEADLINE_MS,
  )
}

/** Forgets URLs that are past their time and those of parties that are gone or have moved away. Returns how many. */
export async function deleteExpiredUrls(orm: Orm, now: number): Promise<number> {
  const gone = await orm.execute(sql`
    delete from ${storedUrls} u where u.expires_at <= ${now}
      or not exists (select from ${parties} p where p.key = u.for_party)
      or not exists (select from ${partyRoles} p where p.party_key = u.to_party and p.platform_id = u.to_platform_id)`)
  return gone.count
}
