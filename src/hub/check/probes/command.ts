import { isObject } from '../../../ocpi/parsed.ts'
import type { Party } from '../../../ocpi/party.ts'
import type { Caller } from '../caller.ts'
import { beneath } from '../lists.ts'
import type { CheckPorts } from '../ports.ts'
import { type Judged, judgedAs } from '../probe.ts'
import { isGood, type Reading, statusCodeOf } from '../reading.ts'
import { fail, judged, pass, quoted, saidOf, skipped, textOf, type Verdict } from '../verdict.ts'
import { ownToken } from './own-token.ts'

/** Longest wait for a result, whatever the partner says. */
const RESULT_MOST_MS = 60_000

/** [mod_commands: CommandResultType] */
const RESULTS: ReadonlySet<string> = new Set([
  'ACCEPTED',
  'CANCELED_RESERVATION',
  'EVSE_OCCUPIED',
  'EVSE_INOPERATIVE',
  'FAILED',
  'NOT_SUPPORTED',
  'REJECTED',
  'TIMEOUT',
  'UNKNOWN_RESERVATION',
])

/**
 * Starts a session at an EVSE that is not there, so that nothing can begin: whoever accepts such a command has to say later that it came to
 * nothing [mod_commands: START_SESSION].
 */
export async function commandProbe(
  caller: Caller,
  { hub, now, results }: CheckPorts,
  commands: string | undefined,
  to: Party,
  id: string,
): Promise<Judged> {
  if (commands === undefined) return judgedAs('command-result', skipped('The platform lists no commands as RECEIVER'))
  if (!results) return judgedAs('command-result', skipped('This hub takes no results of commands of its own'))
  const result = await results.open()
  const body = {
    response_url: result.url,
    token: ownToken(hub, id, now()),
    location_id: id,
    evse_uid: id,
  }
  const url = beneath(commands, 'START_SESSION')
  const reading = await caller.call({ method: 'POST', url, module: 'commands', to, body })
  return judgedAs('command-result', await judgeCommand(reading, (ms) => result.within(ms)), reading)
}

async function judgeCommand(reading: Reading, within: (ms: number) => Promise<string | null>): Promise<Verdict> {
  if (reading.kind !== 'answered') return judged(reading, () => pass(''))
  const said = saidOf(reading)
  const code = statusCodeOf(reading)
  if (code !== null && code >= 2000 && code < 3000) return pass(`Refused with ${said}: no result is due`)
  if (!isGood(reading)) return fail(`It answered ${said}`)
  const data = reading.envelope?.data
  if (!isObject(data)) return fail('The answer has no CommandResponse')
  const { result, timeout } = data
  if (result !== 'ACCEPTED') return pass(`The command is answered with ${quoted(textOf(result), 20)}: no result is due`)
  const ms = typeof timeout === 'number' && timeout > 0 ? Math.min(timeout * 1000, RESULT_MOST_MS) : RESULT_MOST_MS
  const came = await within(ms)
  if (came === null) return fail(`The command was ACCEPTED, no result came within ${ms / 1000} s`)
  if (!RESULTS.has(came)) return fail(`ACCEPTED, then ${quoted(came, 30)}, which is no CommandResultType`)
  return pass(`ACCEPTED, then ${quoted(came, 30)}`)
}
