import { and, eq, getTableColumns, gt, isNull, or, sql } from 'drizzle-orm'
import type { StoredUrl, StoredUrls } from '../hub/network/registry.ts'
import type { Now } from '../hub/ports.ts'
import type { Orm } from './database.ts'
import { withDeadline } from './deadline.ts'
import { parties, partyRoles } from './network/schema.ts'
import { storedUrls } from './schema.ts'

/** A request waits for these. */
const DEADLINE_MS = 5_000

/** What is known of a URL to whoever follows it. */
const { createdAt: _, ...COLUMNS } = getTableColumns(storedUrls)

/** Where URLs led through the hub really go. */
export function createStoredUrls(ports: { readonly orm: Orm; readonly now: Now }): StoredUrls {
  const { orm, now } = ports
  return withDeadline<StoredUrls>(
    {
      save: async (url) => {
        await orm.insert(storedUrls).values({ ...url, createdAt: now() })
      },
      find: async (id) => {
        const isLive = or(isNull(storedUrls.expiresAt), gt(storedUrls.expiresAt, now()))
        const [url] = await orm
          .select(COLUMNS)
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

/**
 * URLs that are kept of one kind for whoever caused them: a `response_url` its own platform, a next link or Location the party that it was
 * made for. More than partners of the largest size make: a command every 10 s for 30 days, a page each second for a day, CDRs of years.
 */
export const MOST_URLS: Readonly<Record<StoredUrl['kind'], number>> = {
  response: 250_000,
  next: 100_000,
  location: 1_000_000,
}

/** Forgets the oldest URLs of those who have more than may be kept. Returns how many. */
export async function deleteUrlsBeyond(orm: Orm, most: Readonly<Record<StoredUrl['kind'], number>>): Promise<number> {
  let deleted = 0
  for (const kind of ['response', 'next', 'location'] as const) {
    const causedBy = sql.raw(kind === 'response' ? 'to_platform_id' : 'for_party')
    const crowded = await orm.execute<{ who: string }>(sql`
      select ${causedBy} as who from ${storedUrls} where kind = ${kind}
        group by ${causedBy} having count(*) > ${most[kind]}`)
    for (const { who } of crowded) {
      const gone = await orm.execute(sql`
        delete from ${storedUrls} where id in (
          select id from ${storedUrls} where kind = ${kind} and ${causedBy} = ${who}
            order by created_at desc, id offset ${most[kind]})`)
      deleted += gone.count
    }
  }
  return deleted
}
