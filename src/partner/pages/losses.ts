import { counted, many } from '../../admin/console/parts/figures.ts'
import { card } from '../../admin/console/parts/head.ts'
import { type Html, html } from '../../admin/console/parts/html.ts'
import { pill, type Tone } from '../../admin/console/parts/status.ts'
import type { RemarkCount } from '../../hub/translate/conversion-counts.ts'

const WORDS: Readonly<Record<RemarkCount['fate'], readonly [Tone, string]>> = {
  withheld: ['bad', 'not sent to you'],
  lost: ['warn', 'left out'],
  changed: ['warn', 'another value'],
  invented: ['info', 'filled in'],
  unknown: ['off', 'of no version'],
}

/** What partners of other versions say and this platform's version cannot; nothing where all are of one. */
export function lossesCard(version: string | null, remarks: readonly RemarkCount[]): Html | '' {
  if (remarks.length === 0) return ''
  return card(
    'From partners of other OCPI versions',
    html`<p class="pad dim">The hub makes OCPI ${version ?? ''} of what they send. What that cannot say, most often:</p><ul class="events">${remarks.map(row)}</ul>`,
  )
}

function row({ fate, kind, pointer, reason, n, from }: RemarkCount): Html {
  const [tone, word] = WORDS[fate]
  return html`<li><span></span><span>${pill(tone, word)} ${kind} <span class="mono">${pointer}</span><br><span class="dim">${reason}, from ${from}</span></span><span class="dim" title="${counted(n, 'time')}">${many(n)} ×</span></li>`
}
