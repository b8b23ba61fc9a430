import type { Finding, Outcome, ProbeName } from '../check.ts'
import type { ProbeCounts } from './check-runs.ts'

const RANKS: Readonly<Record<Outcome, number>> = { skipped: 0, pass: 1, warn: 2, fail: 3 }

/** The worst of what each probe found. */
export function worstByProbe(findings: readonly Finding[]): ReadonlyMap<ProbeName, Outcome> {
  const worst = new Map<ProbeName, Outcome>()
  for (const { probe, outcome } of findings) {
    const known = worst.get(probe)
    if (known === undefined || RANKS[outcome] > RANKS[known]) worst.set(probe, outcome)
  }
  return worst
}

export function countProbes(findings: readonly Finding[]): ProbeCounts {
  const counts = { pass: 0, warn: 0, fail: 0, skipped: 0 }
  for (const outcome of worstByProbe(findings).values()) counts[outcome]++
  return counts
}
