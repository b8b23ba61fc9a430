import { eq, type SQL, sql } from 'drizzle-orm'
import { type PresenceStore, REVIVED_BY_MESSAGE } from '../../hub/presence/presence-store.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { platformChecks, platformSeen, platforms } from './schema.ts'

const DEADLINE_MS = 8_000

/** Who was heard and who was asked, shared by all processes. */
export function createPresenceStore(orm: Orm): PresenceStore {
  const store: PresenceStore = {
    claimSilent: (claim) => claimSilent(orm, claim),
    lastHeard: (platformId) => lastHeard(orm, platformId),
  }
  return withDeadline(store, DEADLINE_MS)
}

/**
 * The condition stands twice: to find who is due, and again on the row as it is once its lock is held, where another process
 * may have been faster. Of two that claim in the same moment neither sees what the other picked; but both find the same
 * platforms, longest silence first, and so have one share between them as well.
 */
async function claimSilent(orm: Orm, claim: Parameters<PresenceStore['claimSilent']>[0]): Promise<readonly string[]> {
  const { now, connectedSilentSince, offlineSilentSince, longestPauseMs, limit, sharedSince, believedUntil } = claim
  const believed = (moment: SQL) => sql`case when ${moment} <= ${believedUntil} then ${moment} end`
  const silentSince = [sql`s.last_seen_at`, sql`k.checked_at`, sql`p.status_since`].map(believed)
  const rows = await orm.execute<{ platform_id: string }>(sql`
    insert into ${platformChecks} as c (platform_id, checked_at)
    select due.id, ${now} from (
      select p.id
      from ${platforms} p
      left join ${platformSeen} s on s.platform_id = p.id
      left join ${platformChecks} k on k.platform_id = p.id
      cross join lateral (
        select coalesce(greatest(${sql.join(silentSince, sql`, `)}), 0) as silent_since,
          coalesce(${believed(sql`p.status_since`)}, 0) as offline_since
      ) heard
      where p.sealed_token is not null and p.sandbox is null and (
        p.status = 'CONNECTED' and silent_since <= ${connectedSilentSince}
        or p.status = 'OFFLINE' and silent_since <= ${offlineSilentSince}
          and ${now} - silent_since >= least(silent_since - offline_since, ${longestPauseMs})
      )
      order by silent_since, p.id
      limit greatest(0, ${limit} - (
        select count(*) from ${platformChecks} where checked_at > ${sharedSince} and checked_at <= ${believedUntil}
      ))
      for key share of p
    ) due
    order by due.id
    on conflict (platform_id) do update set checked_at = excluded.checked_at
      where c.checked_at <= greatest(${connectedSilentSince}::bigint, ${offlineSilentSince}::bigint)
        or c.checked_at > ${believedUntil}
    returning c.platform_id`)
  return rows.map((row) => row.platform_id)
}

async function lastHeard(orm: Orm, platformId: string): ReturnType<PresenceStore['lastHeard']> {
  const [row] = await orm
    .select({
      seenAt: platformSeen.lastSeenAt,
      status: platforms.status,
      cause: platforms.statusCause,
      since: platforms.statusSince,
    })
    .from(platforms)
    .leftJoin(platformSeen, eq(platformSeen.platformId, platforms.id))
    .where(eq(platforms.id, platformId))
  const isRevived = row?.status === 'CONNECTED' && row.cause === REVIVED_BY_MESSAGE
  return { seenAt: row?.seenAt ?? null, revivedAt: isRevived ? row.since : null }
}
