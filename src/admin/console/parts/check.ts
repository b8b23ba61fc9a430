import type { CheckRun } from '../views.ts'
import { type Html, html } from './html.ts'
import { pill, type Tone } from './status.ts'

type Counts = CheckRun['counts']

/** `44 of 47 passed. 2 to mend, 1 to know.` */
export function countsInWords({ pass, warn, fail }: Counts): string {
  const made = pass + warn + fail
  const rest = [fail > 0 ? `${fail} to mend` : '', warn > 0 ? `${warn} to know` : ''].filter(Boolean).join(', ')
  return `${pass} of ${made} passed.${rest === '' ? '' : ` ${rest}.`}`
}

/** Of what an outcome is: passed, to know, to mend. */
export const OUTCOME_TONES = { pass: 'good', warn: 'warn', fail: 'bad', skipped: 'off' } as const satisfies Readonly<
  Record<string, Tone>
>

/** How a run stands, in a word or two. */
export function runPill({ state, ended_at, counts }: Pick<CheckRun, 'state' | 'ended_at' | 'counts'>): Html {
  if (state === 'waiting') return pill('info', 'waits')
  if (state === 'running') return pill('info', 'runs')
  if (state === 'broken-off') return ended_at === null ? pill('info', 'begins anew') : pill('warn', 'broken off')
  if (counts.fail > 0) return pill('bad', `${counts.fail} to mend`)
  return counts.warn > 0 ? pill('warn', `${counts.warn} to know`) : pill('good', 'passed')
}

/** Who asked for a run. */
export function askedBy({ asked_by }: Pick<CheckRun, 'asked_by'>): string {
  const words: Readonly<Record<string, string>> = {
    admin: 'asked for by an administrator',
    handshake: 'begun after its handshake',
    schedule: 'begun by schedule',
    partner: 'asked for by the partner',
  }
  return words[asked_by] ?? `asked for by ${asked_by.replace(/^admin:/, '')}`
}

/** Where the checks of a platform stand, or one of them. */
export function checkAddress(platformId: string, run?: number): string {
  return `/admin/platforms/${platformId}/checks${run === undefined ? '' : `/${run}`}`
}

/** What is said of a run where it is told of in passing. */
export function runLine(run: CheckRun): Html {
  const { state, counts, why } = run
  if (state === 'waiting') return html`It waits for its turn.`
  if (state === 'running') return html`It goes on: ${countsInWords(counts)}`
  return state === 'broken-off' ? html`${why ?? ''}.` : html`${countsInWords(counts)}`
}
