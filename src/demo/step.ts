/** A part of the demo that has an outcome to check. */
export type Step = {
  /** Steps of one section follow each other under its heading. */
  readonly section: string
  readonly name: string
  /** Needs what the steps before it in its section did. @default false */
  readonly buildsOnSection?: boolean
  /** What should come, in the words that `run` uses. */
  readonly expected: string
  /** Does it and says what came. A rejection is an unexpected outcome, told by its message. */
  readonly run: () => Promise<string>
}

export type StepResult = Pick<Step, 'section' | 'name' | 'expected'> & {
  readonly came: string
  readonly isAsExpected: boolean
}

/** Runs steps one after the other. One that builds on a section in which something failed is not tried, which is a failure. */
export async function runSteps(steps: readonly Step[], onSection: (section: string) => void): Promise<StepResult[]> {
  const results: StepResult[] = []
  let section: string | null = null
  let hasFailed = false
  for (const { run, buildsOnSection = false, ...step } of steps) {
    if (step.section !== section) {
      section = step.section
      hasFailed = false
      onSection(section)
    }
    const isTried: boolean = !(buildsOnSection && hasFailed)
    const came: string = isTried ? await run().catch((error: unknown) => explain(error)) : 'not tried'
    const isAsExpected: boolean = isTried && came === step.expected
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
