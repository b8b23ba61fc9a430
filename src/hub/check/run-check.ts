import type { Finding } from './check.ts'
import type { AskedCheck, CheckPorts } from './ports.ts'

/**
 * Checks how a platform speaks OCPI: one call at a time, at most two a second, `CHECK_CALLS_MOST` in all, within five minutes. Gives each
 * finding as it is made, each probe once for each list it is about; whatever the partner does ends in one, and nothing is thrown but what
 * the ports throw. With an aborted signal it just ends.
 */
export async function* runCheck(_ports: CheckPorts, _asked: AskedCheck): AsyncGenerator<Finding, void, undefined> {
  yield* []
  throw new Error('not yet')
}
