import type { Context, Hono } from 'hono'
import type { getQueue } from '../../../api/queues/queue-detail.ts'
import type { listMissed } from '../../../api/queues/queues.ts'
import type { resend } from '../../../api/queues/resend.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { AnswerOf, Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { choice } from '../../parts/field.ts'
import { act, card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { MISSED_CAUSES } from '../../parts/missed-cause.ts'
import { nameOf } from '../../parts/queue-standing.ts'
import { pill, type Tone } from '../../parts/status.ts'
import { type Column, pages, table } from '../../parts/table.ts'
import { clock } from '../../parts/time.ts'
import type { Missed } from '../../views.ts'

type Resent = AnswerOf<typeof resend>
type ResentObject = Resent['objects'][number]

const OUTCOMES: Readonly<Record<ResentObject['outcome'], readonly [Tone, string]>> = {
  queued: ['good', 'on its way'],
  'newer-push': ['good', 'a newer one is on its way'],
  'not-entitled': ['off', 'it is not to get it now'],
  'not-offered': ['off', 'cannot be got'],
  'not-found': ['warn', 'its owner has it no more'],
  'owner-failed': ['bad', 'its owner failed'],
  'not-tried': ['warn', 'no time left'],
}

/** Sizes of a re-send: each object is asked of its owner. */
const LIMITS = [
  ['20', 'the latest 20 objects'],
  ['50', 'the latest 50 objects'],
] as const

/** What did a platform miss, and can it get it after all? */
export function addMissedPages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/queues/:id/missed', async (c) => {
    const queue = await queueOf(c)
    const { id, cursor } = { id: queue.platform_id, cursor: c.req.query('cursor') }
    const query = cursor === undefined ? {} : { cursor }
    const { rows, next } = await c
      .get('api')
      .list<typeof listMissed>('/queues/{platform_id}/missed', { params: { platform_id: id }, query })
    const mayResend = rows.length > 0 && mayAsk(c, 'POST /queues/{platform_id}/missed/resend')
    const none = emptyState('Nothing was missed', 'What the platform will not get stands here.')
    return showPage(
      c,
      { title: `Missed by ${nameOf(queue)}`, section: 'queues' },
      html`${head({
        title: 'Missed',
        above: [nameOf(queue), `/admin/queues/${id}`],
        sub: 'Objects whose pushes it will not get, each once, the latest first.',
        acts: mayResend ? html`<a class="btn main" href="/admin/queues/${id}/missed/resend">Re-send missed…</a>` : '',
      })}
${card('Objects', html`${table('Missed objects', MISSED, rows, none)}${pages(c.req.url, next)}`)}`,
    )
  })

  app.get('/admin/queues/:id/missed/resend', onlyWhoMay('POST /queues/{platform_id}/missed/resend'), (c) => confirm(c))

  app.post('/admin/queues/:id/missed/resend', async (c) => {
    const form = await readForm(c)
    const queue = await queueOf(c)
    const params = { platform_id: queue.platform_id }
    const limit = Number(form.text('limit'))
    const body = { limit, reason: form.maybe('reason'), cursor: form.text('cursor') || undefined }
    const sent = await c.get('api').send<typeof resend>('post', '/queues/{platform_id}/missed/resend', { params, body })
    if (sent.kind === 'problem') return confirm(c, sent.problem, form.text('reason'))
    const again = { limit: form.text('limit'), reason: form.text('reason') }
    // What became of each is kept nowhere else. Posted again it takes what is still listed.
    return showPage(
      c,
      { title: 'Re-sent', section: 'queues' },
      resentPage(nameOf(queue), queue.platform_id, sent.body, again),
    )
  })
}

function queueOf(c: Context<ConsoleEnv>) {
  return c
    .get('api')
    .get<typeof getQueue>('/queues/{platform_id}', { params: { platform_id: c.req.param('id') ?? '' } })
}

async function confirm(c: Context<ConsoleEnv>, problem?: Problem, reason = '') {
  const queue = await queueOf(c)
  const title = `Re-send what ${nameOf(queue)} missed`
  const page = confirmPage({
    title,
    above: ['Missed', `/admin/queues/${queue.platform_id}/missed`],
    consequences: [
      'The hub asks the owner of each object for it as it is now, one after the other, for 20 seconds at most, and puts it into the queue of the platform.',
      'What is sent goes off the list until it is missed again; what could not be got stays, and you see why.',
      'Agreements hold. CDRs and deletions cannot be got. Nothing is to undo: the platform has the newest state then.',
    ],
    action: `/admin/queues/${queue.platform_id}/missed/resend`,
    verb: 'Re-send',
    fields: choice({ name: 'limit', label: 'How many', value: '20', options: LIMITS }),
    reason,
    problem,
  })
  return showPage(c, { title, section: 'queues', status: (problem?.status ?? 200) as 200 }, page)
}

function resentPage(
  name: string,
  id: string,
  { objects, next }: Resent,
  again: { readonly limit: string; readonly reason: string },
): Html {
  const sent = objects.filter(({ outcome }) => outcome === 'queued').length
  const further =
    next === null
      ? ''
      : act(`/admin/queues/${id}/missed/resend`, 'Go on with the rest', {
          is: 'main',
          fields: { ...again, cursor: next },
        })
  return html`${head({
    title: 'Re-sent',
    above: [name, `/admin/queues/${id}`],
    sub: `${sent} of ${objects.length} objects are on their way. The others stay listed.`,
    acts: html`<a class="btn" href="/admin/queues/${id}/missed">What is still missed</a>${further}`,
  })}
${card('Objects', table('Objects', RESENT, objects, emptyState('Nothing was missed', 'There was nothing to send.')))}`
}

function object({ module, method, path }: Missed): Html {
  return html`<span title="${path}"><span class="tag">${module}</span> <span class="mono">${method} ${path}</span></span>`
}

const MISSED: readonly Column<Missed>[] = [
  { head: 'Missed', cell: ({ missed_at }) => clock(missed_at, 'day') },
  { head: 'Object', cell: object, is: 'path' },
  { head: 'To', cell: ({ to_party }) => to_party ?? 'all its parties', is: 'mono hide-s' },
  { head: 'Why', cell: ({ cause }) => MISSED_CAUSES[cause] },
  { head: 'Times', cell: ({ times }) => times, is: 'num hide-s' },
]

const RESENT: readonly Column<ResentObject>[] = [
  { head: 'Object', cell: (one) => object(one.object), is: 'path' },
  { head: 'What became of it', cell: ({ outcome }) => pill(...OUTCOMES[outcome]) },
  { head: 'Why', cell: ({ detail }) => detail ?? '', is: 'wrap dim hide-s' },
]
