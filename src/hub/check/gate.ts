import type { Finding, ProbeName } from './check.ts'

/** Whether a run lets a platform go live, and what of it does not. */
export type Gate = {
  readonly isOpen: boolean
  /** What fails and is not waived. */
  readonly faults: readonly Finding[]
  /** What fails and is. */
  readonly waived: readonly Finding[]
}

/**
 * Looks at a run that came to its end.
 *
 * @param waivers probes of which an administrator said, with a reason, that their faults do not hold this platform up
 */
export function gateOf(findings: readonly Finding[], waivers: ReadonlySet<ProbeName>): Gate {
  const failed = findings.filter(({ outcome }) => outcome === 'fail')
  const faults = failed.filter(({ probe }) => !waivers.has(probe))
  const waived = failed.filter(({ probe }) => waivers.has(probe))
  // A run that could call nobody finds no faults, and says nothing.
  const hasAnswers = findings.some(({ probe, outcome }) => probe === 'versions-answer' && outcome !== 'skipped')
  return { isOpen: faults.length === 0 && hasAnswers, faults, waived }
}
