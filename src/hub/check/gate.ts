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
  const isOpen = faults.length === 0 && isTold(findings, 'versions-answer') && listsAreRead(findings, waivers)
  return { isOpen, faults, waived }
}

/** A run that could call nobody finds no faults, and says nothing. */
function isTold(findings: readonly Finding[], name: ProbeName): boolean {
  return findings.some(({ probe, outcome }) => probe === name && outcome !== 'skipped')
}

/** Nor does one say anything of a module whose lists were never answered: a partner that says "too many calls" to each would pass. */
function listsAreRead(findings: readonly Finding[], waivers: ReadonlySet<ProbeName>): boolean {
  if (waivers.has('list-answers')) return true
  const ofLists = findings.filter(({ probe, module }) => probe === 'list-answers' && module !== null)
  const read = new Set(ofLists.filter(({ outcome }) => outcome !== 'skipped').map(({ module }) => module))
  return ofLists.every(({ module }) => read.has(module))
}
