import { type Finding, findingKey, type Outcome, type ProbeName } from './check.ts'

/** A finding that is another than in the run before. */
export type Change = Pick<Finding, 'party' | 'module'> & {
  readonly probe: ProbeName
  readonly was: Outcome
  readonly is: Outcome
}

/** What changed from one run to the next. */
export type Comparison = { readonly better: readonly Change[]; readonly worse: readonly Change[] }

const BADNESS: Readonly<Record<Outcome, number>> = { pass: 0, skipped: 0, warn: 1, fail: 2 }

/**
 * Compares a run with the one before it. Told is what both looked at, and faults that only one of them found; what was skipped in one and
 * passed in the other is no news.
 */
export function compare(before: readonly Finding[], now: readonly Finding[]): Comparison {
  const was = new Map(before.map((finding) => [findingKey(finding), finding]))
  const better: Change[] = []
  const worse: Change[] = []
  for (const finding of now) {
    const earlier = was.get(findingKey(finding))
    const change = changeOf(finding, earlier?.outcome ?? 'skipped', finding.outcome)
    if (isUnknown(change)) continue
    if (BADNESS[change.is] > BADNESS[change.was]) worse.push(change)
    if (BADNESS[change.is] < BADNESS[change.was]) better.push(change)
  }
  return { better, worse }
}

/** What failed and was not looked at again is not mended. */
function isUnknown({ is }: Change): boolean {
  return is === 'skipped'
}

function changeOf({ probe, party, module }: Finding, was: Outcome, is: Outcome): Change {
  return { probe, party, module, was, is }
}
