import type { Context, Hono } from 'hono'
import type { listMessages } from '../../../api/messages/messages.ts'
import type { getOverview, listConcerns } from '../../../api/overview/overview.ts'
import type { listPendingRoles } from '../../../api/platforms/roles.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { exchangeTable } from '../../parts/exchanges.ts'
import { counted, many } from '../../parts/figures.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { livePart, streamPart } from '../../parts/live.ts'
import { attentionCard } from './attention.ts'
import { keyFigures } from './key-figures.ts'
import { platformsCard, queuesCard } from './network-cards.ts'
import { type Traffic, trafficOf, WINDOWS, type Window, windowOf } from './traffic.ts'
import { trafficCard } from './traffic-card.ts'

const LATEST = 8

/** What may bring something up that needs somebody, or end it. */
const THAT_CHANGE_IT = [
  'platform.status',
  'queue.paused',
  'queue.resumed',
  'queue.lags',
  'objects.missed',
  'handshake.ended',
] as const

/** Is all well, and what needs me? */
export function addOverviewPage(app: Hono<ConsoleEnv>): void {
  app.get('/admin', async (c) => {
    const api = c.get('api')
    const window = windowOf(c.req.query('window'))
    const [traffic, latest, network] = await Promise.all([
      trafficOf(api, window, Date.now()),
      api.get<typeof listMessages>('/messages', { query: { limit: LATEST } }),
      readNetwork(c),
    ])
    const { concerns, counts } = network
    const add = addButton(c)
    return showPage(
      c,
      { title: 'Overview', section: 'overview' },
      html`${head({ title: 'Overview', sub: inWords(concerns.length, traffic), acts: [windows(window), add] })}
${keyFigures(traffic, counts.queues)}
<div class="two"><div class="stack">
${trafficCard(traffic)}
${latestCard(exchangeTable(latest, noExchange()))}
</div><div class="stack">
${livePart('network', '/admin/live', networkCards(c, network))}
</div></div>`,
    )
  })

  app.get('/admin/live', (c) => streamPart(c, THAT_CHANGE_IT, async () => networkCards(c, await readNetwork(c))))
}

type Network = {
  readonly counts: Parameters<typeof queuesCard>[0]
  readonly concerns: Parameters<typeof attentionCard>[0]
  /** Whose roles wait for an administrator the longest; null: nobody's do. */
  readonly waiting: string | null
}

async function readNetwork(c: Context<ConsoleEnv>): Promise<Network> {
  const api = c.get('api')
  const [counts, concerns] = await Promise.all([
    api.get<typeof getOverview>('/overview'),
    api.get<typeof listConcerns>('/attention'),
  ])
  if (counts.pending_roles === 0) return { counts, concerns, waiting: null }
  const [oldest] = await api.get<typeof listPendingRoles>('/pending-roles', { query: { limit: 1 } })
  return { counts, concerns, waiting: oldest?.platform_id ?? null }
}

function networkCards(c: Context<ConsoleEnv>, { counts, concerns, waiting }: Network): Html {
  return html`${attentionCard(concerns)}${platformsCard(counts, waiting, addButton(c))}${queuesCard(counts)}`
}

function addButton(c: Context<ConsoleEnv>): Html | '' {
  if (!mayAsk(c, 'POST /platforms')) return ''
  return html`<a class="btn main" href="/admin/onboarding/new">Add a platform</a>`
}

/** `Nothing needs you. 1,204 exchanges in the last 24 hours.` */
function inWords(concerns: number, { words, buckets }: Traffic): string {
  const all = buckets.reduce((sum, { ok, refused, failed }) => sum + ok + refused + failed, 0)
  const needs = concerns === 0 ? 'Nothing needs you' : `${counted(concerns, 'thing needs', 'things need')} you`
  return `${needs}. ${many(all)} exchanges in the last ${words}.`
}

function windows(current: Window): Html {
  return html`<div class="seg" role="group" aria-label="Period">${WINDOWS.map((window) => html`<a href="${address('/admin', { window })}"${window === current ? html` aria-current="true"` : ''}>${window}</a>`)}</div>`
}

function latestCard(table: Html): Html {
  return card('Latest exchanges', table, html`<a class="more" href="/admin/messages">Search messages →</a>`)
}

function noExchange(): Html {
  return emptyState(
    'No exchange in the last 24 hours',
    'Whatever partners send, and whatever the hub sends them, stands here.',
  )
}
