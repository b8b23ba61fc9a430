import { adviceInWords, advise } from '../../hub/administration/advice.ts'
import { ABANDONED_AFTER_MS } from '../../hub/administration/handshake-attempts.ts'
import type { CheckMode } from '../../hub/check/runs/check-runs.ts'
import type { Newcomer } from '../../hub/network/newcomers.ts'
import { isInForce } from '../../hub/network/policy.ts'
import type { RoutingTable } from '../../hub/network/routing-table.ts'
import { keyOf, type PartyKey } from '../../ocpi/party.ts'

export const STEP_STATES = ['done', 'under-way', 'failed', 'open', 'not-needed'] as const

/** How one step stands, since when where that is known, and why where it is not as it has to be. */
export type Step = {
  readonly state: (typeof STEP_STATES)[number]
  readonly at: number | null
  readonly why: string | null
}

/** The way of a platform into the network, in order. */
export type Steps = {
  readonly named: Step
  readonly invited: Step
  readonly handshake: Step
  readonly check: Step
  readonly agreements: Step
  readonly live: Step
}

const OPEN: Step = { state: 'open', at: null, why: null }

/**
 * How far a newcomer is.
 *
 * @param mode what a connection check is to who is new
 * @param agreed when the first rule in force was made that lets each party talk, as `firstAgreed` finds it
 */
export function onboardingSteps(
  newcomer: Newcomer,
  table: RoutingTable,
  agreed: ReadonlyMap<PartyKey, number>,
  mode: CheckMode,
  now: number,
): Steps {
  const { createdAt, token, attempt, hasCredentials } = newcomer
  const hasBegun = hasCredentials || attempt !== null
  const isInvited = token !== null || hasBegun
  return {
    named: done(createdAt),
    invited: isInvited ? done(token?.createdAt ?? null) : { ...OPEN, why: 'No registration token is open' },
    handshake: handshakeStep(newcomer, now),
    check: checkStep(newcomer, mode),
    agreements: agreementsStep(newcomer, table, agreed),
    live: liveStep(newcomer),
  }
}

/** By party, when the first of the rules that let it talk was made, of those in force; empty where all may talk. */
export function firstAgreed({ policy, agreements }: RoutingTable, now: number): ReadonlyMap<PartyKey, number> {
  const first = new Map<PartyKey, number>()
  if (policy.kind === 'open') return first
  for (const rules of agreements.values()) {
    for (const rule of rules) {
      if (rule.effect !== 'allow' || !isInForce(rule, now)) continue
      for (const key of [keyOf(rule.a), keyOf(rule.b)])
        first.set(key, Math.min(first.get(key) ?? Number.POSITIVE_INFINITY, rule.createdAt))
    }
  }
  return first
}

function handshakeStep({ hasCredentials, attempt, firstLiveAt }: Newcomer, now: number): Step {
  if (hasCredentials) return done(attempt?.outcome === 'registered' ? attempt.lastAt : firstLiveAt)
  if (attempt === null) return OPEN
  const { outcome, lastAt: at } = attempt
  if (outcome === null && now - at < ABANDONED_AFTER_MS) return { state: 'under-way', at, why: null }
  const advice = outcome === null ? advise('abandoned') : attempt.advice
  return { state: 'failed', at, why: advice && adviceInWords(advice).title }
}

function checkStep({ check, firstLiveAt, awaitsCheck }: Newcomer, mode: CheckMode): Step {
  if (check === null) {
    if (awaitsCheck) return { state: 'under-way', at: null, why: null }
    const isNeeded = mode !== 'off' && firstLiveAt === null
    return isNeeded ? OPEN : { state: 'not-needed', at: null, why: 'Nobody has asked for a check' }
  }
  const { isOpen, isBrokenOff, at, faults } = check
  if (isOpen) return { state: 'under-way', at, why: null }
  if (isBrokenOff) return { state: 'failed', at, why: 'The check was broken off' }
  return faults === 0
    ? done(at)
    : { state: 'failed', at, why: `${faults === 1 ? '1 fault' : `${faults} faults`} to mend` }
}

function agreementsStep(
  { platformId }: Newcomer,
  { policy, platforms }: RoutingTable,
  agreed: ReadonlyMap<PartyKey, number>,
): Step {
  if (policy.kind === 'open') return { state: 'not-needed', at: null, why: 'All may talk unless a rule denies it' }
  const parties = platforms.get(platformId)?.parties ?? []
  const moments = parties.flatMap(({ key }) => agreed.get(key) ?? [])
  return moments.length > 0 ? done(Math.min(...moments)) : { ...OPEN, why: 'No rule lets one of its parties talk' }
}

function liveStep({ status, firstLiveAt, hasCredentials, isHeld, awaitsCheck }: Newcomer): Step {
  if (firstLiveAt !== null && status !== 'PLANNED') return done(firstLiveAt)
  if (!hasCredentials || !(isHeld || awaitsCheck)) return OPEN
  const why = isHeld ? 'It waits to be released by an administrator' : 'It waits for a connection check without faults'
  return { state: 'under-way', at: null, why }
}

function done(at: number | null): Step {
  return { state: 'done', at, why: null }
}
