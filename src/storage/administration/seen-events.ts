import { sql } from 'drizzle-orm'
import { CLOCKS_APART_MS } from '../../hub/moments.ts'
import type { Orm } from '../database.ts'
import { appendEvents } from './events.ts'

/** Between two events of one platform. */
const SEEN_EVERY_MS = 60_000
/** Platforms of one look: with a look every 5 seconds 10 a second, so that 10,000 that talk all day do not fill the events. */
const MOST_AT_ONCE = 50

type Row = { readonly platform_id: string; readonly last_seen_at: string }

/**
 * Tells of platforms that were heard since that was told last, a minute ago or earlier, the longest untold first. It reads what the
 * still-alive checks go by, so that no message costs more for it.
 */
export async function noteSeenPlatforms(orm: Orm, now: number): Promise<void> {
  await orm.transaction(async (tx) => {
    const rows = await tx.execute<Row>(sql`
      update platform_seen set told_at = ${now}
      where platform_id in (
        select platform_id from platform_seen
        where last_seen_at > told_at and told_at <= ${now - SEEN_EVERY_MS} or told_at > ${now + CLOCKS_APART_MS}
        order by told_at limit ${MOST_AT_ONCE} for update skip locked
      )
      returning platform_id, last_seen_at`)
    await appendEvents(
      tx,
      rows.map(({ platform_id: platformId, last_seen_at: at }) => ({
        at: Number(at),
        kind: 'platform.seen',
        platformId,
        correlationId: null,
        data: {},
      })),
    )
  })
}
