import { readSettings, type Settings } from '../settings/settings.ts'
import { CannotStart, describeError } from '../shared/cannot-start.ts'

/**
 * Runs a command on a hub's data and prints what it returns. Resolves to the exit code: 0 when all is done, 2 for what the
 * administrator can mend, a line each on stderr, and 1 for anything else.
 */
export async function runCommand(
  environment: NodeJS.ProcessEnv,
  work: (settings: Settings) => Promise<string>,
): Promise<number> {
  try {
    const { settings, problems } = readSettings(environment)
    if (problems.length > 0) throw new CannotStart(problems)
    process.stdout.write(`${await work(settings)}\n`)
    return 0
  } catch (error) {
    const problems = error instanceof CannotStart ? error.problems : [describeError(error)]
    process.stderr.write(problems.map((problem) => `${problem}\n`).join(''))
    return error instanceof CannotStart ? 2 : 1
  }
}
