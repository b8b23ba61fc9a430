import { type Advice, advise } from '../administration/advice.ts'
import type { Verdict } from '../administration/handshake-attempts.ts'
import { adviceOfFailure, adviceOfField, isUnreachable } from '../administration/handshake-causes.ts'
import type { HandshakeOutcome } from './handshake-outcome.ts'
import { whyTaken } from './roles-in-words.ts'

export const NO_CREDENTIALS = 'The version details list no credentials endpoint'

/** What administrators are told of a handshake that the hub led. */
export function verdictOf(outcome: HandshakeOutcome, served: readonly string[]): Verdict {
  if (outcome.kind === 'done') return { outcome: 'registered', advice: null }
  const advice = adviceOf(outcome, served)
  if (outcome.kind === 'roles-unusable') return { outcome: 'registered', advice }
  if (outcome.kind === 'answer-lost') return { outcome: 'answer-lost', advice }
  return { outcome: advice && isUnreachable(advice.key) ? 'unreachable' : 'refused', advice }
}

function adviceOf(outcome: Exclude<HandshakeOutcome, { kind: 'done' }>, served: readonly string[]): Advice | null {
  switch (outcome.kind) {
    case 'partner-unreachable':
      return adviceOfFailure({ kind: 'unreachable', detail: outcome.detail }, served)
    case 'partner-refused':
      return outcome.detail === NO_CREDENTIALS
        ? advise('no-endpoint')
        : adviceOfFailure({ ...outcome, kind: 'refused' }, served)
    case 'forbidden-url':
    case 'unsupported-version':
    case 'no-matching-endpoints':
      return adviceOfFailure(outcome, served)
    case 'answer-lost':
      return advise('answer-lost', { detail: outcome.detail })
    case 'party-taken':
      return outcome.heldBy === null && outcome.why === 'held'
        ? advise('party-is-hub')
        : advise('party-taken', { detail: whyTaken(outcome) })
    case 'roles-unusable':
      return adviceOfField(outcome.detail)
    case 'under-way':
      return advise('too-many')
    case 'wrong-status':
    case 'unknown-platform':
      return null
  }
}
