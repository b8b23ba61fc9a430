import { header } from '../../ocpi/headers.ts'
import { kindOf } from '../../ocpi/parsed.ts'
import { words } from '../../ocpi/words.ts'
import { cutText } from '../administration/advice.ts'
import { shown } from '../registration/partner-client.ts'
import type { Outcome } from './check.ts'
import { type Answered, type Reading, statusCodeOf } from './reading.ts'

/** What a probe says of what was read. */
export type Verdict = {
  readonly outcome: Outcome
  readonly detail: string
  /** Instead of what is usually advised. */
  readonly advice?: string
}

export const pass = (detail: string): Verdict => ({ outcome: 'pass', detail })
export const warn = (detail: string, advice?: string): Verdict => ({
  outcome: 'warn',
  detail,
  ...(advice && { advice }),
})
export const fail = (detail: string, advice?: string): Verdict => ({
  outcome: 'fail',
  detail,
  ...(advice && { advice }),
})
export const skipped = (detail: string): Verdict => ({ outcome: 'skipped', detail })

/** Longest detail and longest advice. */
export const MOST_CHARACTERS = 500

/** Judges an answer. A call that got none fails; one that was not made, or came too soon, is skipped. */
export function judged(reading: Reading, judge: (answer: Answered) => Verdict): Verdict {
  switch (reading.kind) {
    case 'answered':
      return reading.status === 429 ? TOO_MANY : judge(reading)
    case 'unanswered':
      return fail(`${reading.method} ${shown(reading.url)} got no answer: ${reading.why}`)
    case 'not-made':
      return skipped(reading.why)
  }
}

/** The call was made a second time, see `caller.ts`. */
const TOO_MANY = skipped('It answered HTTP 429: too many calls')

/** `HTTP 404 with 2003: Unknown location`, or what else there is to say of an answer that is not what was asked for. */
export function saidOf(answer: Answered): string {
  const { status, headers, envelope, body } = answer
  const location = status >= 300 && status < 400 ? header(headers, 'location') : undefined
  const http = `HTTP ${status}${location === undefined ? '' : ` (to ${quoted(shown(location))}, which is not followed)`}`
  if (body.kind === 'too-large') return `${http} with more than the check reads`
  if (body.kind === 'unreadable') return `${http} with a body that cannot be inflated`
  const code = statusCodeOf(answer)
  if (!envelope || code === null) {
    const what = envelope ? 'a status_code of OCPI' : 'an OCPI envelope'
    const begins = quoted(words(body.bytes), 100)
    return `${http} without ${what}${begins === '“”' ? '' : `: ${begins}`}`
  }
  const { status_message: message } = envelope
  const said = code >= 2000 && typeof message === 'string' && message !== '' ? `: ${words(message)}` : ''
  return `${http} with ${code}${said}`
}

/** A partner's text as it may stand in a detail. */
export function quoted(text: string, most = 80): string {
  const line = words(text)
  return `“${line.length > most ? `${line.slice(0, most)}…` : line}”`
}

/** What a partner put where a text should be. An object has whatever members the partner gave it, `toString` too, and any depth. */
export function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? kindOf(value) : String(value)
}

/** Text as a finding holds it: in one line, cut, and nothing that a database refuses. */
export function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${cutText(text, MOST_CHARACTERS - 1)}…` : cutText(text, MOST_CHARACTERS)
}

/** `3 objects`, `1 object`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** The worst of several: what fails before what warns. Of those as bad as each other the first counts. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const rank = (verdict: Verdict) => ['fail', 'warn', 'pass', 'skipped'].indexOf(verdict.outcome)
  const sorted = [...verdicts].sort((a, b) => rank(a) - rank(b))
  return sorted[0] ?? skipped('There was nothing to look at')
}
