import { header } from '../../../ocpi/headers.ts'
import { isObject } from '../../../ocpi/parsed.ts'
import type { Caller, Question } from '../caller.ts'
import type { CheckedPlatform } from '../check.ts'
import { beneath, type List } from '../lists.ts'
import { type Judged, judgedAs, skipAll } from '../probe.ts'
import { type Answered, isGood, type Reading, statusCodeOf } from '../reading.ts'
import { fail, judged, pass, saidOf, skipped, type Verdict, warn } from '../verdict.ts'
import { NOBODYS_ID } from './objects.ts'

/** Asks whether a token may charge that nobody has [mod_tokens: Real-time authorization]. */
export async function probeAuthorize(caller: Caller, tokens: List | undefined): Promise<Judged> {
  if (!tokens) return judgedAs('authorize-unknown', skipped('The platform has no tokens of its own'))
  const url = `${beneath(tokens.url, NOBODYS_ID, 'authorize')}?type=RFID`
  // Without a body: a place may be named in it, and there is none.
  const reading = await caller.call({ method: 'POST', url, module: 'tokens', to: tokens.party })
  return judgedAs('authorize-unknown', judged(reading, judgeAuthorize), reading)
}

export async function probeGzip(caller: Caller, question: Question): Promise<Judged> {
  const reading = await caller.call({ ...question, acceptEncoding: 'gzip' })
  return judgedAs('gzip', judged(reading, judgeGzip), reading)
}

export async function probeUnknownPath(caller: Caller, platform: CheckedPlatform): Promise<Judged> {
  const url = new URL(NOBODYS_ID.toLowerCase(), platform.versionsUrl).href
  const reading = await caller.call({ url, module: 'versions' })
  return judgedAs('unknown-path', judged(reading, judgeUnknownPath), reading)
}

/** DELETE of what is not there: of the list itself it might be obeyed. */
export async function probeMethod(caller: Caller, list: List | undefined): Promise<Judged> {
  if (!list) return judgedAs('method-wrong', skipped('The platform offers no list'))
  const { url, module, party } = list
  const reading = await caller.call({ method: 'DELETE', url: beneath(url, NOBODYS_ID), module, to: party })
  return judgedAs('method-wrong', judged(reading, judgeMethod), reading)
}

export function judgeSpeed(readings: readonly Exclude<Reading, { kind: 'not-made' }>[], timeoutMs: number): Judged {
  if (readings.length === 0) return judgedAs('speed', skipped('No call was made'))
  const late = readings.filter((reading) => reading.kind === 'unanswered' && reading.isTimeout)
  if (late.length > 0) {
    const detail = `${late.length} of ${readings.length} calls had no answer within ${Math.round(timeoutMs / 1000)} s`
    return judgedAs('speed', fail(detail), ...late)
  }
  const sorted = [...readings].sort((a, b) => a.ms - b.ms)
  const median = sorted[Math.floor(sorted.length / 2)]?.ms ?? 0
  const slowest = sorted.at(-1)
  const detail = `Half of ${readings.length} answers came within ${Math.round(median)} ms, all within ${Math.round(slowest?.ms ?? 0)} ms`
  const evidence = slowest ? [slowest] : []
  return judgedAs('speed', median < 1_000 ? pass(detail) : median < 5_000 ? warn(detail) : fail(detail), ...evidence)
}

/** Tries a token that is none, and no token, once each and last of all. */
export async function* probeTokens(caller: Caller, question: Question, isSkipped: boolean): AsyncGenerator<Judged> {
  if (isSkipped) return yield* skipAll(['wrong-token', 'no-token'], 'Left out as asked')
  const wrong = await caller.call({ ...question, authorization: 'wrong' })
  yield judgedAs('wrong-token', judged(wrong, judgeRefusal), wrong)
  const none = await caller.call({ ...question, authorization: 'none' })
  yield judgedAs('no-token', judged(none, judgeRefusal), none)
}

function judgeAuthorize(answer: Answered): Verdict {
  const said = saidOf(answer)
  const { data } = answer.envelope ?? {}
  const allowed = isObject(data) ? data['allowed'] : undefined
  const code = statusCodeOf(answer)
  if (answer.status >= 500 || (code !== null && code >= 3000)) return fail(`It is answered with ${said}`)
  if (allowed === 'ALLOWED') return fail('A token that nobody has is ALLOWED')
  if (code === 2004) return allowed === undefined ? pass(said) : warn(`It is answered with ${said} and data`)
  if (typeof allowed === 'string') return warn('It is answered as a token that is known and not allowed')
  if (isGood(answer)) return warn(`It is answered with ${said}, without 2004`)
  const isMissing = code === null && (answer.status === 404 || answer.status === 405)
  return isMissing
    ? warn(
        `It is answered with ${said}`,
        'Offer real-time authorisation, unless whitelist is ALWAYS with all your tokens.',
      )
    : warn(`It is answered with ${said}, not with 2004`)
}

function judgeGzip(answer: Answered): Verdict {
  const coding = header(answer.headers, 'content-encoding')
  const isCompressed = coding !== undefined && coding.toLowerCase() !== 'identity'
  if (answer.body.kind === 'unreadable' || (answer.body.kind === 'whole' && !answer.envelope && isCompressed)) {
    return fail('An answer that says it is compressed cannot be inflated')
  }
  if (answer.body.kind === 'whole' && answer.body.bytes[0] === 0x1f && answer.body.bytes[1] === 0x8b) {
    return fail('An answer is compressed and does not say so in Content-Encoding')
  }
  if (!isGood(answer)) return skipped(`It answered ${saidOf(answer)}`)
  return pass(isCompressed ? 'Compressed' : 'Plain')
}

function judgeUnknownPath(answer: Answered): Verdict {
  const said = saidOf(answer)
  if (answer.status === 404) return pass(said)
  return warn(`It is answered with ${said}`)
}

function judgeMethod(answer: Answered): Verdict {
  const said = `DELETE is answered with ${saidOf(answer)}`
  if (answer.status === 405 || answer.status === 501) return pass(saidOf(answer))
  return isGood(answer) ? fail(said) : warn(said)
}

function judgeRefusal(answer: Answered): Verdict {
  const said = saidOf(answer)
  if (answer.status === 401) return pass(said)
  if (isGood(answer)) return fail(`It is answered with ${said}`)
  return warn(`It is answered with ${said}, not with HTTP 401`)
}
