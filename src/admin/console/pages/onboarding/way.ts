import type { listChecks } from '../../../api/checks/checks.ts'
import type { listHandshakes } from '../../../api/handshakes/handshakes.ts'
import type { listRefusedCalls } from '../../../api/handshakes/refused-calls.ts'
import type { listNewcomers } from '../../../api/onboarding/onboarding.ts'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import type { Api } from '../../api.ts'
import type { CheckRun, Handshake, Newcomer, Platform, RefusedCall } from '../../views.ts'
import { readTrials, type Trials } from './trial.ts'

/** Attempts on the page. */
const MOST_ATTEMPTS = 10
/** Of calls with tokens that nobody knows. */
const MOST_STRANGERS = 3
const STRANGERS_SINCE_MS = 86_400_000

/** All that is known of somebody on the way. */
export type Way = {
  readonly platform: Platform
  readonly newcomer: Newcomer
  /** Its newest connection check; null: it was never checked. */
  readonly check: CheckRun | null
  readonly attempts: readonly Handshake[]
  /** These are all attempts there are. */
  readonly isAll: boolean
  /** Calls of the last day with tokens that nobody knows, which may be theirs. */
  readonly strangers: readonly RefusedCall[]
  readonly trials: Trials
}

export async function readWay(api: Api, id: string): Promise<Way> {
  const platform = await api.get<typeof getPlatform>('/platforms/{id}', { params: { id } })
  const since = new Date(Math.max(Date.parse(platform.created_at), Date.now() - STRANGERS_SINCE_MS)).toISOString()
  const [newcomers, attempts, refused, [check], trials] = await Promise.all([
    api.get<typeof listNewcomers>('/onboarding', { query: { platform: id } }),
    api.list<typeof listHandshakes>('/handshakes', { query: { platform: id, limit: MOST_ATTEMPTS } }),
    api.get<typeof listRefusedCalls>('/refused-calls', { query: { since, why: 'token-unknown', limit: 10 } }),
    api.get<typeof listChecks>('/platforms/{id}/checks', { params: { id } }),
    readTrials(api, platform),
  ])
  const [newcomer] = newcomers
  if (newcomer === undefined) throw new Error('Expected a platform that was just found to be on its way')
  const strangers = refused.filter(({ platform_id }) => platform_id === null).slice(0, MOST_STRANGERS)
  return {
    platform,
    newcomer,
    check: check ?? null,
    attempts: attempts.rows,
    isAll: attempts.next === null,
    strangers,
    trials,
  }
}
