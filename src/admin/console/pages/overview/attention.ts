import type { listConcerns } from '../../../api/overview/overview.ts'
import type { AnswerOf } from '../../api.ts'
import { many } from '../../parts/figures.ts'
import { card, emptyState } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { mark } from '../../parts/status.ts'
import { ago } from '../../parts/time.ts'

export type Concern = AnswerOf<typeof listConcerns>[number]

/** Of more the number stands above. */
const MOST_SHOWN = 12

/** What needs an administrator, the worst first, each with why and since when. */
export function attentionCard(concerns: readonly Concern[]): Html {
  const quiet = emptyState('All quiet', 'Every platform answers, and no queue lags.')
  const list = html`<ul class="todo">${concerns.slice(0, MOST_SHOWN).map(concernRow)}</ul>`
  const rest = concerns.length - MOST_SHOWN
  const more = rest > 0 ? html`<p class="pad dim">and ${many(rest)} more</p>` : ''
  const count = html`<span class="dim">${concerns.length === 0 ? '' : many(concerns.length)}</span>`
  return card('Needs attention', concerns.length === 0 ? quiet : html`${list}${more}`, count, 'first-s')
}

function concernRow(concern: Concern): Html {
  return html`<li>${mark(concern.tone)}<a href="${placeOf(concern)}"><b>${concern.platform_name}</b></a>${ago(concern.since)}<p>${concern.why}</p></li>`
}

/** Where one sees more of it, and does something about it. */
function placeOf({ kind, platform_id: id }: Concern): string {
  switch (kind) {
    case 'queue-paused':
    case 'queue-lags':
      return address(`/admin/queues/${id}`)
    case 'objects-missed':
      return address(`/admin/queues/${id}/missed`)
    case 'check-failed':
      return address(`/admin/platforms/${id}/checks`)
    case 'handshake-failed':
    case 'token-ends':
      return address(`/admin/onboarding/${id}`)
    case 'platform-offline':
    case 'certificate-ends':
      return address(`/admin/platforms/${id}`)
  }
}
