import type { Context, Hono } from 'hono'
import type { getQueue } from '../../../api/queues/queue-detail.ts'
import type { pauseQueue, resumeQueue, skipQueue } from '../../../api/queues/queues.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { counted } from '../../parts/figures.ts'
import { html } from '../../parts/html.ts'
import { nameOf } from '../../parts/queue-standing.ts'
import type { Queue } from '../../views.ts'

/** What was done to a queue, on the page that follows. */
export const STEERED = {
  pause: 'Paused. Nothing more is sent to it; what comes in waits.',
  resume: 'Resumed. What waits is sent within a second.',
  skip: 'Dropped. What had waited is listed as missed within a second.',
}

type Verb = keyof typeof STEERED

const CONSEQUENCES: Readonly<Record<Verb, (queue: Queue) => readonly string[]>> = {
  pause: ({ waiting }) => [
    `No broadcast is sent to it any more; ${counted(waiting, 'push', 'pushes')} and all that come in wait. What becomes too old is listed as missed.`,
    'Requests to it go on, it stays CONNECTED, and nobody is told.',
    'Resume undoes it.',
  ],
  resume: ({ waiting }) => [
    `${counted(waiting, 'push is', 'pushes are')} sent to it, in their order and at its pace.`,
    'Pause stops it again.',
  ],
  skip: ({ waiting }) => [
    `All that was accepted for it so far is dropped, ${counted(waiting, 'push', 'pushes')} by now, and listed as missed. What comes in from now on is delivered.`,
    'Nobody is told; the platform has older states of these objects until it asks for them.',
    'It is not undone. Re-send gets what was missed from its owners, but no CDRs and no deletions.',
  ],
}

/** Pausing, resuming and emptying a queue: each with a page that says what follows. */
export function addSteeringPages(app: Hono<ConsoleEnv>): void {
  // Whoever may do one of them may do all.
  app.get('/admin/queues/:id/:verb{pause|resume|skip}', onlyWhoMay('POST /queues/{platform_id}/skip'), (c) =>
    confirm(c, c.req.param('verb') as Verb, c.req.query('from') ?? '', {}),
  )

  app.post('/admin/queues/:id/:verb{pause|resume|skip}', async (c) => {
    const verb = c.req.param('verb') as Verb
    const form = await readForm(c)
    const id = c.req.param('id')
    const input = { params: { platform_id: id }, body: { reason: form.maybe('reason') } }
    const sent = await c
      .get('api')
      .send<typeof pauseQueue | typeof resumeQueue | typeof skipQueue>('post', `/queues/{platform_id}/${verb}`, input)
    const from = form.text('from')
    if (sent.kind === 'problem') return confirm(c, verb, from, { problem: sent.problem, reason: form.text('reason') })
    return seeOther(c, backTo(from, id), verb)
  })
}

/** The page that it was asked from: the list of queues, the platform's, or the queue's own. */
function backTo(from: string, id: string): string {
  if (from === 'list') return '/admin/queues'
  return from === 'platform' ? `/admin/platforms/${id}` : `/admin/queues/${id}`
}

async function confirm(
  c: Context<ConsoleEnv>,
  verb: Verb,
  from: string,
  before: { readonly problem?: Problem; readonly reason?: string },
) {
  const params = { platform_id: c.req.param('id') ?? '' }
  const queue = await c.get('api').get<typeof getQueue>('/queues/{platform_id}', { params })
  const name = nameOf(queue)
  const titles: Readonly<Record<Verb, string>> = {
    pause: `Pause the queue of ${name}`,
    resume: `Resume the queue of ${name}`,
    skip: `Drop what waits for ${name}`,
  }
  const page = confirmPage({
    title: titles[verb],
    above: [name, backTo(from, queue.platform_id)],
    consequences: CONSEQUENCES[verb](queue),
    action: `/admin/queues/${queue.platform_id}/${verb}`,
    verb: verb === 'skip' ? 'Drop it' : verb === 'pause' ? 'Pause' : 'Resume',
    ...before,
    fields: html`<input type="hidden" name="from" value="${from}">`,
    isRisky: verb === 'skip',
  })
  return showPage(c, { title: titles[verb], section: 'queues', status: (before.problem?.status ?? 200) as 200 }, page)
}
