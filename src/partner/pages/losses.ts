import { counted, many } from '../../admin/console/parts/figures.ts'
import { card } from '../../admin/console/parts/head.ts'
import { type Html, html } from '../../admin/console/parts/html.ts'
import { pill, type Tone } from '../../admin/console/parts/status.ts'
import type { Loss } from '../reads.ts'

type Words = Readonly<Record<Loss['fate'], readonly [Tone, string]>>

const TOWARD: Words = {
  withheld: ['bad', 'not sent to you'],
  lost: ['warn', 'left out'],
  changed: ['warn', 'another value'],
  invented: ['info', 'filled in'],
  unknown: ['off', 'of no version'],
}

const FROM: Words = { ...TOWARD, withheld: ['bad', 'not sent on'] }

/** What partners of other versions say and this platform's version cannot; nothing where all are of one. */
export function lossesCard(version: string | null, losses: readonly Loss[]): Html | '' {
  if (losses.length === 0) return ''
  return card(
    'From partners of other OCPI versions',
    html`<p class="pad dim">The hub makes OCPI ${version ?? ''} of what they send. What that cannot say, most often:</p><ul class="events">${losses.map((loss) => row(TOWARD, loss, `from ${loss.from}`))}</ul>`,
  )
}

/** What this platform says and the versions of its partners cannot. */
export function ownLossesCard(version: string | null, losses: readonly Loss[]): Html | '' {
  if (losses.length === 0) return ''
  return card(
    'To partners of other OCPI versions',
    html`<p class="pad dim">The hub makes of your OCPI ${version ?? ''} what they understand. What theirs cannot say, most often:</p><ul class="events">${losses.map((loss) => row(FROM, loss, `to ${loss.to}`))}</ul>`,
  )
}

function row(words: Words, { fate, kind, pointer, reason, n }: Loss, way: string): Html {
  const [tone, word] = words[fate]
  return html`<li><span></span><span>${pill(tone, word)} ${kind} <span class="mono">${pointer}</span><br><span class="dim">${reason}, ${way}</span></span><span class="dim" title="${counted(n, 'time')}">${many(n)} ×</span></li>`
}
