import { sql } from 'drizzle-orm'
import type { Told } from '../../hub/administration/advice.ts'
import { NEW_FOR_MS } from '../../hub/administration/concerns.ts'
import type { AdviceKey } from '../../hub/administration/handshake-advice.ts'
import type { Verdict } from '../../hub/administration/handshake-attempts.ts'
import type { ListNewcomers, Newcomer } from '../../hub/network/newcomers.ts'
import type { ConnectionStatus } from '../../hub/network/routing-table.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'

const DEADLINE_MS = 8_000

type Row = {
  readonly id: string
  readonly name: string
  readonly status: ConnectionStatus
  readonly number: string
  readonly created_at: string
  readonly first_live_at: string | null
  readonly has_credentials: boolean
  readonly is_held: boolean
  readonly awaits_check: boolean
  readonly last_seen_at: string | null
  readonly token_created_at: string | null
  readonly token_expires_at: string | null
  readonly attempt: string | null
  readonly attempt_at: string | null
  readonly outcome: Verdict['outcome'] | null
  readonly why: AdviceKey | null
  /** JSON text. */
  readonly told: string | null
  readonly run: number | null
  readonly state: string
  readonly run_at: string
  readonly is_open: boolean
  readonly passed: number
  readonly warned: number
  readonly failed: number
  readonly skipped: number
  readonly faults: string
}

/** Platforms on their way, with what shows how far they are. Only of those on the page more than their own row is looked up. */
export function createNewcomerList(orm: Orm): ListNewcomers {
  const list: ListNewcomers = async ({ now, limit, before, platformId }) => {
    const isOnItsWay = sql`sandbox is null and (status = 'PLANNED' or first_live_at > ${now - NEW_FOR_MS}::bigint)`
    const rows = await orm.execute<Row>(sql`
      select newcomer.*, seen.last_seen_at, token.created_at as token_created_at, token.expires_at as token_expires_at,
        attempt.id as attempt, attempt.last_at as attempt_at, outcome, why, told::text as told,
        checked.*, coalesce(found.faults, 0) as faults
      from (
        select id, name, status, number, created_at, first_live_at, sealed_token is not null as has_credentials, is_held,
          awaits_check
        from platforms
        where ${platformId === null ? isOnItsWay : sql`id = ${platformId}`}
          ${before === null ? sql`` : sql`and number < ${before}`}
        order by number desc limit ${limit}
      ) newcomer
      left join platform_seen seen on seen.platform_id = newcomer.id
      left join lateral (
        select created_at, expires_at from credentials_tokens
        where platform_id = newcomer.id and kind = 'registration' and expires_at > ${now}
        order by expires_at desc limit 1
      ) token on true
      left join lateral (
        select id, last_at, outcome, why, told from handshake_attempts
        where platform_id = newcomer.id order by number desc limit 1
      ) attempt on true
      left join lateral (
        select number as run, state, coalesce(ended_at, started_at, asked_at) as run_at, ended_at is null as is_open,
          passed, warned, failed, skipped
        from check_runs where platform_id = newcomer.id order by number desc limit 1
      ) checked on true
      left join lateral (
        select count(distinct probe) as faults from check_results
        where platform_id = newcomer.id and check_results.run = checked.run and check_results.outcome = 'fail'
          and probe not in (select probe from check_waivers where platform_id = newcomer.id)
      ) found on true
      order by number desc`)
    return rows.map(toNewcomer)
  }
  return withDeadline({ list }, DEADLINE_MS).list
}

function toNewcomer(row: Row): Newcomer {
  const { attempt, outcome, why, told } = row
  const advice = why === null ? null : { key: why, told: told === null ? {} : (JSON.parse(told) as Told) }
  return {
    platformId: row.id,
    name: row.name,
    status: row.status,
    number: Number(row.number),
    createdAt: Number(row.created_at),
    firstLiveAt: momentOf(row.first_live_at),
    hasCredentials: row.has_credentials,
    isHeld: row.is_held,
    awaitsCheck: row.awaits_check,
    lastSeenAt: momentOf(row.last_seen_at),
    token:
      row.token_expires_at === null
        ? null
        : { createdAt: Number(row.token_created_at), expiresAt: Number(row.token_expires_at) },
    attempt: attempt === null ? null : { id: attempt, lastAt: Number(row.attempt_at), outcome, advice },
    check: row.run === null ? null : checkOf(row, row.run),
  }
}

function checkOf(
  { state, run_at, is_open, passed, warned, failed, skipped, faults }: Row,
  run: number,
): Newcomer['check'] {
  const counts = { pass: passed, warn: warned, fail: failed, skipped }
  return {
    run,
    at: Number(run_at),
    isOpen: is_open,
    isBrokenOff: !is_open && state === 'broken-off',
    counts,
    faults: Number(faults),
  }
}

function momentOf(value: string | null): number | null {
  return value === null ? null : Number(value)
}
