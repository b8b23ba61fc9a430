import { OUTCOME_TONES } from '../../parts/check.ts'
import { type Html, html } from '../../parts/html.ts'
import { mark } from '../../parts/status.ts'
import type { CheckReport } from '../../views.ts'

type Change = NonNullable<CheckReport['compared_with']>['changes'][number]

const WORDS = { pass: 'passed', warn: 'to know', fail: 'to mend', skipped: 'not looked at' } as const

/** What differs from the check before: what became worse first. */
export function differences(changes: readonly Change[]): Html {
  if (changes.length === 0) return html`<p class="pad dim">Nothing differs.</p>`
  const isWorse = ({ is }: Change) => is === 'fail' || is === 'warn'
  const sorted = [...changes.filter(isWorse), ...changes.filter((change) => !isWorse(change))]
  return html`<ul class="events">${sorted.map(
    ({ name, party, module, was, is }) =>
      html`<li>${mark(is === null ? 'off' : OUTCOME_TONES[is])}<span><b>${is === null ? 'not looked at' : WORDS[is]}</b> <span class="mono">${name}</span> <span class="mono dim">${party ?? ''} ${module ?? ''}</span></span><span class="dim">was ${was === null ? 'not looked at' : WORDS[was]}</span></li>\n`,
  )}</ul>`
}
