import type { Hono } from 'hono'
import type { listMessages } from '../../../api/messages/messages.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { exchangeTable } from '../../parts/exchanges.ts'
import { many } from '../../parts/figures.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { keyFigures } from './key-figures.ts'
import { trafficOf, WINDOWS, type Window, windowOf } from './traffic.ts'
import { trafficCard } from './traffic-card.ts'

const LATEST = 8

/** Is all well, and what needs me? */
export function addOverviewPage(app: Hono<ConsoleEnv>): void {
  app.get('/admin', async (c) => {
    const api = c.get('api')
    const window = windowOf(c.req.query('window'))
    const [traffic, latest] = await Promise.all([
      trafficOf(api, window, Date.now()),
      api.get<typeof listMessages>('/messages', { query: { limit: LATEST } }),
    ])
    const all = traffic.buckets.reduce((sum, { ok, refused, failed }) => sum + ok + refused + failed, 0)
    const add = mayAsk(c, 'POST /platforms')
      ? html`<a class="btn main" href="/admin/onboarding/new">Add a platform</a>`
      : ''
    const sub = `${many(all)} exchanges in the last ${traffic.words}.`
    const none = emptyState(
      'No exchange in the last 24 hours',
      'Whatever partners send, and whatever the hub sends them, stands here.',
    )
    return showPage(
      c,
      { title: 'Overview', section: 'overview' },
      html`${head({ title: 'Overview', sub, acts: [windows(window), add] })}
${keyFigures(traffic, null)}
${trafficCard(traffic)}
${card('Latest exchanges', exchangeTable(latest, none), html`<a class="more" href="/admin/messages">Search messages →</a>`)}`,
    )
  })
}

function windows(current: Window): Html {
  return html`<div class="seg" role="group" aria-label="Period">${WINDOWS.map((window) => html`<a href="${address('/admin', { window })}"${window === current ? html` aria-current="true"` : ''}>${window}</a>`)}</div>`
}
