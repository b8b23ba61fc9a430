/**
 * The hub cannot start, for reasons its administrator can mend. Each problem is one readable line: what was found, what was
 * expected. Printed as one list; the process ends with exit code 2.
 */
export class CannotStart extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options)
    this.name = 'CannotStart'
    this.problems = problems
  }
}

/** The code of a system error, `EACCES`; empty when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** One line about any thrown value, without its stack. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describeError).join('; ')
  if (!(error instanceof Error)) return String(error)
  return error.message.split('\n')[0] || codeOf(error) || error.name
}
