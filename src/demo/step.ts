/** A part of the demo that has an outcome to check. */
export type Step = {
  /** Steps of one section follow each other under its heading. */
  readonly section: string
  readonly name: string
  /** What should come, in the words that `run` uses. */
  readonly expected: string
  /** Does it and says what came. A rejection is an unexpected outcome, told by its message. */
  readonly run: () => Promise<string>
}

export type StepResult = Pick<Step, 'section' | 'name' | 'expected'> & {
  readonly came: string
  readonly isAsExpected: boolean
}

/**
 * Runs steps one after the other. A step that fails ends its section (what follows builds on it), not the others: the rest
 * of the section counts as failed.
 */
export async function runSteps(steps: readonly Step[], onSection: (section: string) => void): Promise<StepResult[]> {
  const results: StepResult[] = []
  let section: string | null = null
  let hasFailed = false
  for (const { run, ...step } of steps) {
    if (step.section !== section) {
      section = step.section
      hasFailed = false
      onSection(section)
    }
    const came: string = hasFailed ? 'not tried' : await run().catch((error: unknown) => explain(error))
    const isAsExpected: boolean = !hasFailed && came === step.expected
    hasFailed ||= !isAsExpected
    results.push({ ...step, came, isAsExpected })
  }
  return results
}

/** An error with its causes, in one line. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : ` (${explain(error.cause)})`
  const parts = error instanceof AggregateError ? `: ${error.errors.map(explain).join('; ')}` : ''
  return `${error.message || error.name}${parts}${cause}`
}
