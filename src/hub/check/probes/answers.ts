import { header } from '../../../ocpi/headers.ts'
import { type Party, showParty } from '../../../ocpi/party.ts'
import { parseDateTime } from '../../../ocpi/timestamp.ts'
import type { ProbeName } from '../check.ts'
import { type Judged, judgedAs } from '../probe.ts'
import { type Answered, isHttpGood, type Reading, statusCodeOf } from '../reading.ts'
import { fail, pass, quoted, saidOf, skipped, textOf, type Verdict, warn } from '../verdict.ts'

const SOON_MS = 60_000
const LATE_MS = 5 * 60_000

type Judge = (answer: Answered, hub: Party) => Verdict

/** What is looked at in every answer. Of each the worst is told, with how many are like it. */
const JUDGES: readonly (readonly [ProbeName, (answer: Answered) => boolean, Judge])[] = [
  ['request-id-back', isHttpGood, (answer) => judgeId(answer, 'X-Request-ID', answer.id)],
  ['correlation-id-back', isHttpGood, (answer) => judgeId(answer, 'X-Correlation-ID', answer.correlationId)],
  ['routing-headers-back', (answer) => isHttpGood(answer) && answer.to !== null, judgeRouting],
  ['content-type', isHttpGood, judgeContentType],
  ['timestamp-format', hasEnvelope, judgeTimestamp],
  ['timestamp-now', (answer) => hasEnvelope(answer) && timestampOf(answer) !== null, judgeClock],
  ['status-code-present', isHttpGood, judgeStatusCode],
  ['http-versus-ocpi', (answer) => statusCodeOf(answer) !== null, judgeStatus],
]

/** Probes that look at all answers of a platform. */
export function* answerProbes(readings: readonly Reading[], hub: Party): Iterable<Judged> {
  const answers = readings.filter((reading) => reading.kind === 'answered')
  for (const [probe, isMeant, judge] of JUDGES) {
    const meant = answers.filter(isMeant)
    const verdicts = meant.map((answer) => ({ answer, verdict: judge(answer, hub) }))
    const bad = (['fail', 'warn'] as const)
      .map((outcome) => verdicts.filter(({ verdict }) => verdict.outcome === outcome))
      .find(({ length }) => length > 0)
    const [first] = bad ?? []
    if (bad && first) {
      const { verdict } = first
      const share = `${bad.length} of ${meant.length} answers: ${verdict.detail}`
      yield judgedAs(probe, { ...verdict, detail: share }, ...bad.map(({ answer }) => answer))
    } else {
      const evidence = meant.slice(0, 1)
      yield judgedAs(probe, meant.length > 0 ? pass(`${meant.length} answers`) : NONE, ...evidence)
    }
  }
}

const NONE = skipped('There was no answer to look at')

function hasEnvelope(answer: Answered): boolean {
  return isHttpGood(answer) && answer.envelope !== null
}

function judgeId({ headers }: Answered, name: string, sent: string): Verdict {
  const came = header(headers, name.toLowerCase())
  if (came === undefined) return fail(`${name} is missing`)
  return came.trim() === sent ? pass('As sent') : fail(`${name} is ${quoted(came, 60)}, not as sent`)
}

/** From and to change places in an answer [transport_and_format: Message Routing Headers]. */
function judgeRouting({ headers, to }: Answered, hub: Party): Verdict {
  const party = to as Party
  const expected = [
    ['OCPI-to-country-code', hub.countryCode],
    ['OCPI-to-party-id', hub.partyId],
    ['OCPI-from-country-code', party.countryCode],
    ['OCPI-from-party-id', party.partyId],
  ] as const
  const missing = expected.filter(([name]) => header(headers, name.toLowerCase()) === undefined).map(([name]) => name)
  const other = expected.find(([name, value]) => !isLike(header(headers, name.toLowerCase()), value))
  if (other) {
    const [name, value] = other
    return fail(
      `${name} is ${quoted(header(headers, name.toLowerCase()) ?? '', 20)}, not ${value}: ${showParty(party)} was asked`,
    )
  }
  return missing.length > 0
    ? warn(`${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`)
    : pass('Swapped')
}

function isLike(came: string | undefined, value: string): boolean {
  return came === undefined || came.trim().toUpperCase() === value.toUpperCase()
}

function judgeContentType({ headers }: Answered): Verdict {
  const type = header(headers, 'content-type')
  if (type === undefined) return fail('Content-Type is missing')
  const [media = '', ...parameters] = type.split(';').map((part) => part.trim().toLowerCase())
  if (media !== 'application/json') return fail(`Content-Type is ${quoted(type)}`)
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset)
    ? pass(type)
    : warn(`Content-Type is ${quoted(type)}`)
}

function timestampOf({ envelope }: Answered): number | null {
  return typeof envelope?.timestamp === 'string' ? parseDateTime(envelope.timestamp) : null
}

/** As the specification writes them, and no other way [types: DateTime]. */
const AS_SPECIFIED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?$/
const WITH_OFFSET = /[+-]\d\d:?\d\d$/

function judgeTimestamp(answer: Answered): Verdict {
  const { timestamp } = answer.envelope ?? {}
  if (timestamp === undefined) return fail('timestamp is missing')
  if (typeof timestamp !== 'string') return fail(`timestamp is ${quoted(textOf(timestamp), 40)}`)
  const said = `timestamp is ${quoted(timestamp, 40)}`
  if (timestampOf(answer) === null) return fail(said)
  if (AS_SPECIFIED.test(timestamp)) return pass(quoted(timestamp, 40))
  return WITH_OFFSET.test(timestamp) ? warn(`${said}, with an offset`) : fail(said)
}

function judgeClock(answer: Answered): Verdict {
  const at = timestampOf(answer) ?? 0
  const off = at < answer.sentAt ? answer.sentAt - at : Math.max(0, at - answer.sentAt - answer.ms)
  const how = `timestamp is ${Math.round(off / 1000)} s ${at < answer.sentAt ? 'behind' : 'ahead'}`
  if (off <= SOON_MS) return pass('Within a minute')
  return off <= LATE_MS ? warn(how) : fail(how)
}

function judgeStatusCode(answer: Answered): Verdict {
  const { envelope, body } = answer
  if (body.kind !== 'whole') return pass('Not read')
  if (!envelope) return fail(`It answered ${saidOf(answer)}`)
  const { status_code: code } = envelope
  if (code === undefined) return fail('status_code is missing')
  if (typeof code !== 'number') return fail(`status_code is no number but ${quoted(textOf(code), 20)}`)
  return statusCodeOf(answer) === null ? fail(`status_code is ${code}, which is none of OCPI`) : pass(String(code))
}

function judgeStatus(answer: Answered): Verdict {
  const code = statusCodeOf(answer) ?? 0
  return answer.status >= 400 && code < 2000
    ? warn(`HTTP ${answer.status} with status_code ${code}`)
    : pass('They agree')
}
