import type { CheckReport } from '../views.ts'
import { OUTCOME_TONES } from './check.ts'
import { type Html, html } from './html.ts'
import { mark } from './status.ts'

type Compared = Pick<NonNullable<CheckReport['compared_with']>, 'better' | 'worse'>

const WORDS = { pass: 'passed', warn: 'to know', fail: 'to mend', skipped: 'not looked at' } as const

/** What differs from the check before: what became worse first. */
export function differences({ better, worse }: Compared): Html {
  if (better.length + worse.length === 0) return html`<p class="pad dim">Nothing differs.</p>`
  return html`<ul class="events">${[...worse, ...better].map(
    ({ name, party, module, was, is }) =>
      html`<li>${mark(OUTCOME_TONES[is])}<span><b>${WORDS[is]}</b> <span class="mono">${name}</span> <span class="mono dim">${party ?? ''} ${module ?? ''}</span></span><span class="dim">was ${WORDS[was]}</span></li>\n`,
  )}</ul>`
}
