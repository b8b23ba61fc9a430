import { and, eq, inArray, max, type SQL, sql } from 'drizzle-orm'
import type { HubEvent } from '../../hub/administration/events.ts'
import { type Finding, PROBES, type ProbeName } from '../../hub/check/check.ts'
import {
  type AskedBy,
  type CheckWork,
  HANDSHAKE_SETTLES_MS,
  type HeldRun,
  type Kept,
  type ProbeCounts,
} from '../../hub/check/runs/check-runs.ts'
import type { ConnectionStatus } from '../../hub/network/routing-table.ts'
import type { Now } from '../../hub/ports.ts'
import { showKey } from '../../ocpi/party.ts'
import { appendEvents } from '../administration/events.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { change, kept, undone } from '../network/change.ts'
import { platforms } from '../network/schema.ts'
import { passCheck } from './pass-check.ts'
import { checkResults, checkRuns } from './schema.ts'
import { readFindings } from './views.ts'

const DEADLINE_MS = 8_000
/** A worker renews three times within it. */
export const CHECK_LEASE_MS = 30_000
/** A run that ended its worker as often is let be. */
const BEGUN_MOST = 3
const NEVER_ENDS = `It was begun ${BEGUN_MOST} times and never came to its end`

/** What a partner may take amiss is tried once, however often a run is begun. */
const TRIED_ONCE: readonly ProbeName[] = [
  'wrong-token',
  'no-token',
  ...PROBES.filter(({ isConsented }) => isConsented).map(({ name }) => name),
]

const DATABASE_NOW = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`
/** Nobody grants a lease for so long: the database's clock was put back. */
const IS_FREE = sql`(state in ('waiting', 'broken-off') or held_until <= ${DATABASE_NOW}
  or held_until > ${DATABASE_NOW} + ${2 * CHECK_LEASE_MS}::bigint)`
const LEASE_END = sql`${DATABASE_NOW} + ${CHECK_LEASE_MS}::bigint`

/** Runs of connection checks as workers take them. */
export function createCheckWork({ orm, now }: { readonly orm: Orm; readonly now: Now }): CheckWork {
  const work: CheckWork = {
    async take(holder, correlationId) {
      // Mostly there is none, and all processes look every few seconds.
      const open = await orm.execute(sql`select from check_runs where ended_at is null limit 1`)
      return open.length === 0 ? null : orm.transaction((tx) => take(tx, holder, correlationId, now()))
    },
    renew: (run) => orm.transaction((tx) => renew(tx, run, null)),
    add: (run, findings, counts) => orm.transaction((tx) => add(tx, run, findings, counts, now())),
    end: (run) => end(orm, run, now()),
    breakOff: (run, why, how) =>
      orm.transaction(async (tx) => {
        const at = sql`${now()}::bigint`
        const endedAt =
          how === 'over' ? at : sql`case when begun >= ${BEGUN_MOST + (how === 'stopped' ? 1 : 0)} then ${at} end`
        const begun = how === 'stopped' ? sql`begun - 1` : sql`begun`
        const dueAt = now() + HANDSHAKE_SETTLES_MS
        const rows = await conclude(tx, isHeldBy(run), { state: 'broken-off', why, endedAt, begun, dueAt })
        await appendEvents(
          tx,
          rows.filter(({ endedAt }) => endedAt !== null).map((row) => endedEvent(row, now())),
        )
      }),
  }
  return withDeadline(work, DEADLINE_MS)
}

async function take(tx: Transaction, holder: string, correlationId: string, now: number): Promise<HeldRun | null> {
  const lost = await conclude(tx, sql`ended_at is null and begun >= ${BEGUN_MOST} and ${IS_FREE}`, {
    state: 'broken-off',
    why: NEVER_ENDS,
    endedAt: sql`${now}::bigint`,
  })
  const [row] = await tx.execute<{
    platform_id: string
    number: number
    consent: boolean
    skips_wrong_token: boolean
    asked_by: AskedBy
  }>(sql`
    with due as (
      select platform_id, number from check_runs
      where ended_at is null and due_at <= ${now}::bigint and ${IS_FREE}
      order by asked_at, platform_id limit 1 for update skip locked
    )
    update check_runs run set state = 'running', holder = ${holder}, held_until = ${LEASE_END}, begun = begun + 1,
      started_at = ${now}::bigint, why = null, correlation_id = ${correlationId},
      passed = 0, warned = 0, failed = 0, skipped = 0,
      token_mark = (select md5(sealed_token) from platforms where id = run.platform_id)
    from due where run.platform_id = due.platform_id and run.number = due.number
    returning run.platform_id, run.number, consent, skips_wrong_token, asked_by`)
  const events: HubEvent[] = lost.map((gone) => endedEvent(gone, now))
  const run = row && { platformId: row.platform_id, number: row.number }
  if (run) {
    const isOfRun = and(eq(checkResults.platformId, run.platformId), eq(checkResults.run, run.number))
    await tx.delete(checkResults).where(and(isOfRun, sql`not ${inArray(checkResults.probe, [...TRIED_ONCE])}`))
    const data = { run: run.number, by: row.asked_by }
    events.push({ at: now, kind: 'check.started', platformId: run.platformId, correlationId, data })
  }
  const already = run ? await readFindings(tx, run.platformId, run.number) : []
  await appendEvents(tx, events)
  return row && run
    ? { ...run, holder, correlationId, consent: row.consent, skipsWrongToken: row.skips_wrong_token, already }
    : null
}

/** Keeps the lease of a run that may go on. */
async function renew(tx: Transaction, run: HeldRun, counts: ProbeCounts | null): Promise<Kept> {
  const counted = counts
    ? sql`, passed = ${counts.pass}, warned = ${counts.warn}, failed = ${counts.fail}, skipped = ${counts.skipped}`
    : sql``
  const [row] = await tx.execute<{ status: ConnectionStatus; is_gone: boolean; is_other: boolean }>(sql`
    update check_runs run set held_until = ${LEASE_END} ${counted} from platforms platform
    where platform_id = ${run.platformId} and run.number = ${run.number} and holder = ${run.holder} and state = 'running'
      and platform.id = platform_id
    returning platform.status, sealed_token is null as is_gone, md5(sealed_token) is distinct from token_mark as is_other`)
  if (!row) return { kind: 'lost' }
  if (row.status === 'SUSPENDED') return { kind: 'over', why: 'The platform was suspended' }
  if (row.is_gone) return { kind: 'over', why: 'The connection ended' }
  return row.is_other ? { kind: 'anew', why: 'The tokens were exchanged meanwhile' } : { kind: 'kept' }
}

async function add(
  tx: Transaction,
  run: HeldRun,
  findings: readonly Finding[],
  counts: ProbeCounts,
  now: number,
): Promise<Kept> {
  const verdict = await renew(tx, run, counts)
  if (verdict.kind !== 'kept' || findings.length === 0) return verdict
  const { platformId, number } = run
  const [last] = await tx
    .select({ place: max(checkResults.place) })
    .from(checkResults)
    .where(and(eq(checkResults.platformId, platformId), eq(checkResults.run, number)))
  const first = (last?.place ?? 0) + 1
  await tx.insert(checkResults).values(
    findings.map(({ detail, advice, ...finding }, i) => ({
      ...{ ...finding, platformId, run: number, place: first + i },
      ...{ detail: storable(detail), advice: advice === null ? null : storable(advice) },
    })),
  )
  const about = { at: now, kind: 'check.probe', platformId, correlationId: run.correlationId } as const
  await appendEvents(
    tx,
    findings.map(({ probe, outcome, party, module }) => ({
      ...about,
      data: { run: number, probe, outcome, party: party && showKey(party), module },
    })),
  )
  return verdict
}

/** A database takes no NUL as text. */
function storable(text: string): string {
  return text.replaceAll('\0', ' ')
}

/** With what follows of it for a platform that waits for a check, in one transaction. */
async function end(orm: Orm, run: HeldRun, now: number): Promise<void> {
  const finish = async (tx: Transaction): Promise<boolean> => {
    const [row] = await conclude(tx, isHeldBy(run), { state: 'ended', why: null, endedAt: sql`${now}::bigint` })
    if (!row) return false
    await tx.execute(sql`
      update check_runs set is_latest = number = ${run.number}
      where platform_id = ${run.platformId} and (is_latest or number = ${run.number})`)
    await appendEvents(tx, [endedEvent(row, now)])
    return true
  }
  const [platform] = await orm
    .select({ awaitsCheck: platforms.awaitsCheck })
    .from(platforms)
    .where(eq(platforms.id, run.platformId))
  if (!platform?.awaitsCheck) return void (await orm.transaction(finish))
  await change(orm, async (tx, revision) => {
    if (!(await finish(tx))) return undone(undefined)
    await passCheck(tx, run.platformId, { revision, now })
    return kept(undefined)
  })
}

function isHeldBy({ platformId, number, holder }: HeldRun): SQL {
  return sql`platform_id = ${platformId} and number = ${number} and holder = ${holder} and state = 'running'`
}

type Concluded = Pick<
  typeof checkRuns.$inferSelect,
  'platformId' | 'number' | 'correlationId' | 'state' | 'endedAt' | 'passed' | 'warned' | 'failed' | 'skipped'
>

async function conclude(
  tx: Transaction,
  which: SQL,
  to: {
    readonly state: 'ended' | 'broken-off'
    readonly why: string | null
    readonly endedAt: SQL
    readonly begun?: SQL
    readonly dueAt?: number
  },
): Promise<Concluded[]> {
  return tx
    .update(checkRuns)
    .set({ ...to, holder: null, heldUntil: null })
    .where(which)
    .returning({
      platformId: checkRuns.platformId,
      number: checkRuns.number,
      correlationId: checkRuns.correlationId,
      state: checkRuns.state,
      endedAt: checkRuns.endedAt,
      passed: checkRuns.passed,
      warned: checkRuns.warned,
      failed: checkRuns.failed,
      skipped: checkRuns.skipped,
    })
}

function endedEvent(row: Concluded, now: number): HubEvent {
  const { platformId, correlationId, number: run, state, passed, warned, failed, skipped } = row
  const data = { run, outcome: state, passed, warned, failed, skipped }
  return { at: now, kind: 'check.ended', platformId, correlationId, data }
}
