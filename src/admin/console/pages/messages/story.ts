import type { getStory } from '../../../api/messages/messages.ts'
import type { Sent } from '../../api.ts'
import { counted } from '../../parts/figures.ts'
import { card } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { outcome, shortPath } from '../../parts/outcome.ts'
import { clock } from '../../parts/time.ts'
import type { Message, MessageDetail } from '../../views.ts'

/** What belongs to an exchange: the command, its result, the session and the CDR. */
export function storyCard(message: MessageDetail, told: Sent<typeof getStory>): Html {
  const all = address('/admin/messages', { correlation_id: message.correlation_id })
  if (told.kind === 'problem')
    return card(
      'The whole story',
      html`<p class="pad dim">${told.problem.detail}. <a class="more" href="${all}">Look for its correlation ID</a></p>`,
    )
  const rows = told.body.map((one) => row(one, one.id === message.id))
  const beside = html`<span class="dim">${counted(told.body.length, 'exchange')} by correlation ID, led URL and object</span>`
  return card('The whole story', html`<ul class="story">${rows}</ul>`, beside)
}

function row(one: Message, isCurrent: boolean): Html {
  const { id, at, kind, method, path, from_party, to_party, from_platform_name, to_platform_name } = one
  const from = from_party ?? (kind === 'hub-call' || kind === 'check' ? 'hub' : (from_platform_name ?? 'hub'))
  const to = to_party ?? to_platform_name ?? (kind === 'broadcast' ? 'all' : 'hub')
  return html`<li${isCurrent ? html` aria-current="true"` : ''}><a href="/admin/messages/${encodeURIComponent(id)}">${clock(at)}</a><span class="tag kind">${kind}</span><span class="path mono" title="${path}">${from} → ${to} · ${method} ${shortPath(path)}</span>${outcome(one)}</li>`
}
