import { type SQL, sql } from 'drizzle-orm'
import type { Told } from '../../hub/administration/advice.ts'
import {
  type Concern,
  type ConcernFacts,
  type ConcernStore,
  NEW_FOR_MS,
  type Overview,
  TOKEN_ENDS_SOON_MS,
  TONES,
} from '../../hub/administration/concerns.ts'
import type { AdviceKey } from '../../hub/administration/handshake-advice.ts'
import { ABANDONED_AFTER_MS, type Verdict } from '../../hub/administration/handshake-attempts.ts'
import { DAY_MS } from '../../hub/moments.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { CERTIFICATE_ENDS_NOW_AT, CERTIFICATE_ENDS_SOON_AT, IS_CONNECTED } from './certificate-events.ts'
import { LAGS_AFTER_MS } from './queue-events.ts'

const DEADLINE_MS = 8_000

/** Failed handshakes that nobody went on with, and missed objects, concern nobody any more after so long. */
const FAILED_FOR_MS = 30 * DAY_MS
const MISSED_FOR_MS = 7 * DAY_MS
/** In order, so that the index is read no further: a list may have 10,000. */
const MOST_MISSED = 101

/** Ranks are places in `TONES`. */
type Row = {
  readonly platform_id: string
  readonly platform_name: string
  readonly rank: number
  readonly since: string
  readonly kind: ConcernFacts['kind']
  /** JSON text: whether the driver parses JSON depends on what else uses it. */
  readonly facts: string
}

type Facts = {
  readonly cause: string
  readonly waiting: number
  readonly outcome: Verdict['outcome'] | null
  readonly why: AdviceKey | null
  readonly told: Told | null
  readonly objects: number
  readonly endsAt: number
  readonly host: string
  readonly run: number
  readonly faults: number
}

export function createConcernStore(orm: Orm): ConcernStore {
  return withDeadline<ConcernStore>(
    { concerns: (now, limit) => findConcerns(orm, now, limit), overview: (now) => readOverview(orm, now) },
    DEADLINE_MS,
  )
}

/** A queue that sends nothing though its platform is there: until an administrator or the partner does something. */
const IS_PAUSED = sql`(queue.is_paused or coalesce(queue.pause_cause in ('token-refused', 'failing'), false))`

/** Of a platform that is there, and of a queue that is not paused. */
function isLagging(now: number): SQL {
  return sql`(queue.oldest_at < ${now - LAGS_AFTER_MS}::bigint and platform.status = 'CONNECTED' and not ${IS_PAUSED})`
}

/**
 * One statement: of each kind the latest, and of these the worst. Each kind is one look at a table of a row for a platform, or for an
 * attempt; what costs more is looked up for the few rows that are left.
 */
async function findConcerns(orm: Orm, now: number, limit: number): Promise<Concern[]> {
  const kinds = [
    sql`select 0, 'platform-offline', id, status_since, json_build_object('cause', status_cause)
      from platforms where status = 'OFFLINE'`,
    pausedQueues(limit),
    sql`select 1, 'queue-lags', platform_id, oldest_at, json_build_object('waiting', waiting)
      from push_cursor queue join platforms platform on platform.id = platform_id where ${isLagging(now)}`,
    failedHandshakes(now),
    missedObjects(now, limit),
    FAILED_CHECKS,
    sql`select 2, 'token-ends', platform_id, expires_at - ${TOKEN_ENDS_SOON_MS}::bigint,
        json_build_object('endsAt', expires_at)
      from credentials_tokens
      where kind = 'registration' and expires_at > ${now} and expires_at <= ${now + TOKEN_ENDS_SOON_MS}`,
    sql`select case when ${CERTIFICATE_ENDS_NOW_AT} <= ${now}::bigint then 1 else 2 end, 'certificate-ends', platform_id,
        ${CERTIFICATE_ENDS_SOON_AT}, json_build_object('host', host, 'endsAt', ends_at)
      from platform_certificates where ends_at > ${now}::bigint and ${CERTIFICATE_ENDS_SOON_AT} <= ${now}::bigint
        and ${IS_CONNECTED}`,
  ]
  const latest = kinds.map(
    (kind) =>
      sql`(select * from (${kind}) each (rank, kind, platform_id, since, facts) order by since desc limit ${limit})`,
  )
  const rows = await orm.execute<Row>(sql`
    select platform_id, platforms.name as platform_name, rank, kind, since, facts::text as facts
    from (${sql.join(latest, sql` union all `)}) concern join platforms on platforms.id = platform_id
    order by rank, since desc, platform_id, kind limit ${limit}`)
  return rows.map(toConcern)
}

/** Since when, the events tell. */
function pausedQueues(limit: number): SQL {
  return sql`
    select rank, 'queue-paused', platform_id, coalesce(told.at, oldest_at, saved_at),
      json_build_object('cause', cause, 'waiting', waiting)
    from (
      select case when is_paused then 1 else 0 end as rank, platform_id, oldest_at, saved_at, waiting,
        case when is_paused then 'administrator' else pause_cause end as cause
      from push_cursor queue where ${IS_PAUSED} order by 1, oldest_at limit ${limit}
    ) paused left join lateral (
      select at from events
      where events.platform_id = paused.platform_id and events.kind = 'queue.paused' order by number desc limit 1
    ) told on true`
}

function failedHandshakes(now: number): SQL {
  return sql`
    select 0, 'handshake-failed', platform_id, last_at, json_build_object('outcome', outcome, 'why', why, 'told', told)
    from handshake_attempts
    where number in (select max(number) from handshake_attempts group by platform_id)
      and platform_id in (select id from platforms) and last_at > ${now - FAILED_FOR_MS}::bigint
      and (outcome <> 'registered' or outcome is null and last_at <= ${now - ABANDONED_AFTER_MS}::bigint)`
}

function missedObjects(now: number, limit: number): SQL {
  return sql`
    select 1, 'objects-missed', platform_id, missed_at, json_build_object('cause', cause, 'objects', counted.objects)
    from (
      select queue.platform_id, latest.missed_at, latest.cause from push_cursor queue, lateral (
        select missed_at, cause from push_missed
        where push_missed.platform_id = queue.platform_id order by missed_at desc limit 1
      ) latest
      where queue.failed + queue.missed + queue.cut > 0 and latest.missed_at > ${now - MISSED_FOR_MS}::bigint
      order by latest.missed_at desc limit ${limit}
    ) lately, lateral (
      select count(*) as objects from (
        select from push_missed
        where push_missed.platform_id = lately.platform_id order by push_missed.missed_at desc limit ${MOST_MISSED}
      ) found
    ) counted`
}

/** Of connections that are still there. */
const FAILED_CHECKS = sql`
  select 1, 'check-failed', run.platform_id, run.ended_at, json_build_object('run', run.number, 'faults', counted.faults)
  from check_runs run join platforms platform on platform.id = run.platform_id, lateral (
    select count(distinct probe) as faults from check_results found
    where found.platform_id = run.platform_id and found.run = run.number and outcome = 'fail'
      and probe not in (select probe from check_waivers where platform_id = run.platform_id)
  ) counted
  where is_latest and failed > 0 and sealed_token is not null and platform.status <> 'SUSPENDED' and counted.faults > 0`

function toConcern({ platform_id, platform_name, rank, since, kind, facts }: Row): Concern {
  const about = {
    platformId: platform_id,
    platformName: platform_name,
    tone: TONES[rank] ?? 'info',
    since: Number(since),
  }
  const { cause, waiting, outcome, why, told, objects, endsAt, host, run, faults } = JSON.parse(facts) as Facts
  switch (kind) {
    case 'platform-offline':
      return { ...about, kind, cause }
    case 'queue-paused':
      return { ...about, kind, cause, waiting }
    case 'queue-lags':
      return { ...about, kind, waiting }
    case 'handshake-failed':
      return { ...about, kind, outcome, advice: why === null ? null : { key: why, told: told ?? {} } }
    case 'objects-missed':
      return { ...about, kind, objects, cause }
    case 'check-failed':
      return { ...about, kind, run, faults }
    case 'token-ends':
      return { ...about, kind, endsAt }
    case 'certificate-ends':
      return { ...about, kind, host, endsAt }
  }
}

type Counts = Record<
  | 'total'
  | 'connected'
  | 'offline'
  | 'planned'
  | 'suspended'
  | 'newcomers'
  | 'queues'
  | 'paused'
  | 'lagging'
  | 'waiting'
  | 'pending',
  string
>

async function readOverview(orm: Orm, now: number): Promise<Overview> {
  const [row] = await orm.execute<Counts>(sql`
    select * from (
      select count(*) as total, count(*) filter (where status = 'CONNECTED') as connected,
        count(*) filter (where status = 'OFFLINE') as offline, count(*) filter (where status = 'PLANNED') as planned,
        count(*) filter (where status = 'SUSPENDED') as suspended,
        count(*) filter (where status = 'PLANNED' or first_live_at > ${now - NEW_FOR_MS}::bigint) as newcomers
      from platforms where sandbox is null
    ) of_platforms, (
      select count(*) as queues, count(*) filter (where ${IS_PAUSED}) as paused,
        count(*) filter (where ${isLagging(now)}) as lagging, coalesce(sum(waiting), 0) as waiting
      from push_cursor queue join platforms platform on platform.id = platform_id
    ) of_queues, (select count(*) as pending from pending_roles) of_roles`)
  const of = (name: keyof Counts) => Number(row?.[name] ?? 0)
  return {
    platforms: {
      total: of('total'),
      connected: of('connected'),
      offline: of('offline'),
      planned: of('planned'),
      suspended: of('suspended'),
    },
    newcomers: of('newcomers'),
    queues: { total: of('queues'), paused: of('paused'), lagging: of('lagging'), waiting: of('waiting') },
    pendingRoles: of('pending'),
  }
}
