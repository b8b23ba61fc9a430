import type { Context, Hono } from 'hono'
import type { listQueues } from '../../../api/queues/queues.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { InputOf } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { choice } from '../../parts/field.ts'
import { many } from '../../parts/figures.ts'
import { act, card, emptyState, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { livePart, streamPart } from '../../parts/live.ts'
import { isHeld, nameOf, oldest, standing } from '../../parts/queue-standing.ts'
import { type Column, pages, table } from '../../parts/table.ts'
import type { Queue } from '../../views.ts'
import { addMissedPages } from './missed.ts'
import { addQueuePage } from './queue.ts'
import { addSteeringPages, STEERED } from './steering.ts'

/** What is asked for, with all that has a default. */
type Query = Omit<NonNullable<InputOf<typeof listQueues>['query']>, 'limit'>

const STATES = [
  ['', 'All'],
  ['waiting', 'Something waits'],
  ['lagging', 'Behind'],
  ['paused', 'Nothing is sent'],
] as const

const SORTS = [
  ['waiting', 'Most waiting first'],
  ['oldest', 'Longest waiting first'],
  ['platform', 'By platform'],
] as const

const LIVE_KINDS = ['queue.paused', 'queue.resumed', 'queue.lags', 'objects.missed'] as const

/** Who lags? */
export function addQueuePages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/queues', async (c) => {
    const query = queryOf(c)
    const shown = livePart('queues', address('/admin/queues/live', query), await list(c, query))
    return showPage(
      c,
      { title: 'Queues', section: 'queues', done: STEERED },
      html`${head({ title: 'Queues', sub: 'What waits to be delivered, platform by platform.' })}
${card('Queues', html`${filterForm(query)}${shown}`)}`,
    )
  })

  app.get('/admin/queues/live', (c) => streamPart(c, [...LIVE_KINDS], () => list(c, queryOf(c))))

  addSteeringPages(app)
  addMissedPages(app)
  addQueuePage(app)
}

/** What is unknown is left out: these are choices, not typed. */
function queryOf(c: Context<ConsoleEnv>): Query {
  const { state, sort, cursor } = c.req.query()
  const known = STATES.find(([value]) => value === state && value !== '')?.[0]
  return {
    sort: SORTS.find(([value]) => value === sort)?.[0] ?? 'waiting',
    ...(known !== undefined && known !== '' && { state: known }),
    ...(cursor !== undefined && { cursor }),
  }
}

function filterForm({ state, sort }: Query): Html {
  return html`<form class="filters" method="get" action="/admin/queues">
${choice({ name: 'state', label: 'Show', value: state ?? '', options: STATES })}
${choice({ name: 'sort', label: 'Order', value: sort ?? '', options: SORTS })}
<button class="btn">Show</button></form>`
}

async function list(c: Context<ConsoleEnv>, query: Query): Promise<Html> {
  const { rows, next } = await c.get('api').list<typeof listQueues>('/queues', { query })
  const url = new URL(address('/admin/queues', query), c.req.url)
  const rest = pages(String(url), next, { first: '← First', next: 'Further →' })
  return html`${table('Queues', columns(mayAsk(c, 'POST /queues/{platform_id}/pause')), rows, empty(query))}${rest}`
}

function empty({ state }: Query): Html {
  if (state === undefined)
    return emptyState('No queue yet', 'A platform gets one when it connects: for what is broadcast to it.')
  return state === 'paused'
    ? emptyState('Every queue goes on', 'None is paused, and no platform is away.')
    : emptyState('Everything is delivered', 'What is sent and not delivered yet stands here.')
}

function columns(maySteer: boolean): readonly Column<Queue>[] {
  const acts: Column<Queue> = {
    head: { hidden: 'Actions' },
    cell: (queue) => steer(queue),
    is: 'num',
  }
  return [
    {
      head: 'Platform',
      cell: (queue) => html`<a href="/admin/queues/${queue.platform_id}">${nameOf(queue)}</a>`,
      is: 'grow',
    },
    { head: 'State', cell: standing },
    { head: 'Waiting', cell: ({ waiting }) => many(waiting), is: 'num' },
    { head: 'Oldest', cell: oldest, is: 'num hide-s' },
    { head: 'Under way', cell: ({ in_flight }) => many(in_flight), is: 'num hide-s' },
    { head: 'A minute', cell: ({ delivered_last_minute: n }) => many(n), is: 'num hide-s' },
    { head: 'Delivered', cell: ({ delivered }) => many(delivered), is: 'num dim hide-s' },
    {
      head: 'Never arrive',
      cell: ({ platform_id, failed, missed }) =>
        failed + missed === 0
          ? html`<span class="dim">0</span>`
          : html`<a href="/admin/queues/${platform_id}/missed">${many(failed + missed)}</a>`,
      is: 'num hide-s',
    },
    ...(maySteer ? [acts] : []),
  ]
}

/** At once: it loses nothing, and is undone by its opposite. */
function steer(queue: Queue): Html {
  const verb = isHeld(queue) ? 'Resume' : 'Pause'
  return act(`/admin/queues/${queue.platform_id}/${verb.toLowerCase()}`, verb, { fields: { from: 'list' } })
}
