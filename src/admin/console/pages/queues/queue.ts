import type { Context, Hono } from 'hono'
import type { getQueue } from '../../../api/queues/queue-detail.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { AnswerOf } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { many } from '../../parts/figures.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { outcome } from '../../parts/outcome.ts'
import { isHeld, nameOf, standing } from '../../parts/queue-standing.ts'
import { type Column, table } from '../../parts/table.ts'
import { age, ago, clock } from '../../parts/time.ts'
import { STEERED } from './steering.ts'

type Detail = AnswerOf<typeof getQueue>
type Waiting = Detail['waits'][number]
type DeliveryError = Detail['last_errors'][number]

/** What waits for a platform, what failed, and what did it miss? */
export function addQueuePage(app: Hono<ConsoleEnv>): void {
  app.get('/admin/queues/:id', async (c) => {
    const params = { platform_id: c.req.param('id') }
    const queue = await c.get('api').get<typeof getQueue>('/queues/{platform_id}', { params })
    return showPage(c, { title: `Queue of ${nameOf(queue)}`, section: 'queues', done: STEERED }, queuePage(c, queue))
  })
}

function queuePage(c: Context<ConsoleEnv>, queue: Detail): Html {
  const maySteer = mayAsk(c, 'POST /queues/{platform_id}/pause')
  const id = queue.platform_id
  const settings = html`<a class="more" href="/admin/platforms/${id}">The platform, its pace and settings →</a>`
  return html`${head({
    title: html`${nameOf(queue)} ${standing(queue)}`,
    above: ['Queues', '/admin/queues'],
    acts: maySteer ? acts(queue) : '',
  })}
${card('Queue', sums(queue), settings)}
<div class="two"><div class="stack">
${card('What waits', table('What waits', WAITING, queue.waits, emptyState('Everything is delivered', 'Nothing waits for this platform.')), html`<span class="dim">the oldest of each module</span>`)}
${card('Last errors', table('Last errors', ERRORS, queue.last_errors, emptyState('No error in the last 24 hours', 'Deliveries that fail stand here, and are tried again.')))}
</div><div class="stack">
${card('Missed', missedByModule(queue), html`<a class="more" href="/admin/queues/${id}/missed">All objects →</a>`)}
</div></div>`
}

function acts(queue: Detail): Html {
  const { platform_id: id, waiting, missed_by_module: missed } = queue
  const verb = isHeld(queue)
    ? html`<a class="btn" href="/admin/queues/${id}/resume">Resume…</a>`
    : html`<a class="btn" href="/admin/queues/${id}/pause">Pause…</a>`
  const drop = waiting > 0 ? html`<a class="btn risk" href="/admin/queues/${id}/skip">Drop what waits…</a>` : ''
  const resend =
    missed.length > 0 ? html`<a class="btn main" href="/admin/queues/${id}/missed/resend">Re-send missed…</a>` : ''
  return html`${drop}${verb}${resend}`
}

function sums(queue: Detail): Html {
  const {
    waiting,
    oldest_age_seconds,
    in_flight,
    delivered_last_minute,
    delivered,
    collapsed,
    failed,
    missed,
    withheld,
  } = queue
  const figures: readonly (readonly [name: string, text: string])[] = [
    ['waiting', many(waiting)],
    ['oldest', oldest_age_seconds === null ? '–' : age(oldest_age_seconds)],
    ['under way', many(in_flight)],
    ['delivered a minute', many(delivered_last_minute)],
    ['delivered in all', many(delivered)],
    ['replaced by newer', many(collapsed)],
    ['refused for good', many(failed)],
    ['given up', many(missed)],
    ['withheld', many(withheld)],
  ]
  return html`<dl class="sums">${figures.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`
}

function request({ module, method, path }: Waiting | DeliveryError): Html {
  return html`<span title="${path}"><span class="tag">${module}</span> <span class="mono">${method} ${path}</span></span>`
}

const WAITING: readonly Column<Waiting>[] = [
  { head: 'Waits', cell: ({ accepted_at }) => ago(accepted_at) },
  { head: 'Push', cell: request, is: 'path' },
  { head: 'To', cell: ({ to_party }) => to_party ?? 'all its parties', is: 'mono hide-s' },
  {
    head: 'Failed',
    cell: ({ attempts }) => (attempts === 0 ? html`<span class="dim">0</span>` : `${attempts} ×`),
    is: 'num',
  },
  {
    head: 'Last answer',
    cell: ({ last_attempt: last }) =>
      last === null
        ? html`<span class="dim">not tried yet</span>`
        : html`<a href="/admin/messages/${encodeURIComponent(last.message_id)}">${outcome(last)}</a>`,
    is: 'hide-s',
  },
]

const ERRORS: readonly Column<DeliveryError>[] = [
  {
    head: 'Time',
    cell: ({ at, message_id }) =>
      html`<a href="/admin/messages/${encodeURIComponent(message_id)}">${clock(at, 'day')}</a>`,
  },
  { head: 'Push', cell: request, is: 'path' },
  { head: 'Answer', cell: outcome },
  {
    head: 'What it said',
    cell: ({ detail }) => html`<span title="${detail ?? ''}">${detail}</span>`,
    is: 'wrap dim hide-s',
  },
]

function missedByModule({ missed_by_module: missed }: Detail): Html {
  const columns: readonly Column<Detail['missed_by_module'][number]>[] = [
    { head: 'Module', cell: ({ module }) => html`<span class="tag">${module}</span>` },
    { head: 'Objects', cell: ({ objects }) => many(objects), is: 'num' },
    { head: 'Last', cell: ({ last_at }) => ago(last_at), is: 'num dim' },
  ]
  return table(
    'Missed by module',
    columns,
    missed,
    emptyState('Nothing was missed', 'What the platform will not get stands here.'),
  )
}
