import type { getQueue } from '../../../../api/queues/queue-detail.ts'
import type { AnswerOf } from '../../../api.ts'
import { many } from '../../../parts/figures.ts'
import { act, card } from '../../../parts/head.ts'
import { address } from '../../../parts/href.ts'
import { type Html, html } from '../../../parts/html.ts'
import { isHeld, standing } from '../../../parts/queue-standing.ts'
import { age } from '../../../parts/time.ts'

type Queue = Pick<
  AnswerOf<typeof getQueue>,
  'waiting' | 'oldest_age_seconds' | 'delivered' | 'collapsed' | 'failed' | 'missed' | 'pause_cause'
>

/** What waits for it, and what became of the rest; paused and resumed at once, or with a reason. */
export function queueCard(id: string, queue: Queue | null, may: (route: string) => boolean): Html {
  if (queue === null)
    return card('Queue', html`<p class="pad dim">It has none before it connects for the first time.</p>`)
  const { waiting, oldest_age_seconds: oldest } = queue
  return card(
    'Queue',
    html`<div class="pad"><div class="score"><b>${many(waiting)}</b><span class="dim">waiting${oldest === null ? '' : `, the oldest for ${age(oldest)}`}</span></div>
<div class="legend">${figure(queue.delivered, 'delivered')}${figure(queue.collapsed, 'replaced')}${figure(queue.failed, 'refused')}${figure(queue.missed, 'missed', `/admin/queues/${id}/missed`)}</div>
${may('POST /queues/{platform_id}/pause') ? steering(id, isHeld(queue)) : ''}</div>`,
    html`${standing(queue)}<a class="more" href="/admin/queues/${id}">Open →</a>`,
  )
}

function figure(n: number, word: string, link: string | null = null): Html {
  const text = html`<b>${many(n)}</b><span>${word}</span>`
  return link === null ? html`<div class="figure">${text}</div>` : html`<a href="${link}">${text}</a>`
}

function steering(id: string, isPaused: boolean): Html {
  const path = `/admin/queues/${id}/${isPaused ? 'resume' : 'pause'}`
  const at = { fields: { from: 'platform' } }
  return html`<div class="acts steering">${act(path, isPaused ? 'Resume the queue' : 'Pause the queue', at)}<a class="more" href="${address(path, { from: 'platform' })}">with a reason…</a></div>`
}
