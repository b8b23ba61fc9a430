import type { Hono } from 'hono'
import type { listChecks } from '../../../api/checks/checks.ts'
import type { listMessages } from '../../../api/messages/messages.ts'
import type { listPartnerLinks } from '../../../api/partner-links/partner-links.ts'
import type { listClientInfo } from '../../../api/platforms/client-info.ts'
import type { listHistory } from '../../../api/platforms/history.ts'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import type { getQueue } from '../../../api/queues/queue-detail.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { Api } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { html } from '../../parts/html.ts'
import { agreementsCard, readRules } from './cards/agreements.ts'
import { checkCard } from './cards/check.ts'
import { connectionCard } from './cards/connection.ts'
import { conversionCard, readConversions } from './cards/conversion.ts'
import { exchangesCard } from './cards/exchanges.ts'
import { interfacesCard } from './cards/interfaces.ts'
import { othersCard } from './cards/others.ts'
import { partiesCard } from './cards/parties.ts'
import { partnerPageCard } from './cards/partner-page.ts'
import { queueCard } from './cards/queue.ts'
import { statusCard } from './cards/status.ts'
import { readTrafficOf, trafficCard } from './cards/traffic.ts'
import { DONE } from './done.ts'
import { platformHead } from './platform-head.ts'

/** Statuses of seven days: of one that changes them all the time the latest. */
const MOST_SPANS = 500
const LATEST = 8
const OTHERS = 6

/** How is this partner, and why? */
export function addPlatformPage(app: Hono<ConsoleEnv>): void {
  app.get('/admin/platforms/:id{[0-9a-f-]{36}}', async (c) => {
    const api = c.get('api')
    const now = Date.now()
    const params = { id: c.req.param('id') }
    const platform = await api.get<typeof getPlatform>('/platforms/{id}', { params })
    const [spans, traffic, exchanges, queue, rules, others, [check], links, conversions] = await Promise.all([
      api.get<typeof listHistory>('/platforms/{id}/history', { params, query: { limit: MOST_SPANS } }),
      readTrafficOf(api, platform.id, now),
      api.send<typeof listMessages>('get', '/messages', { query: { platform_id: platform.id, limit: LATEST } }),
      queueOf(api, platform.id),
      readRules(api, platform),
      api.list<typeof listClientInfo>('/platforms/{id}/client-info', { params, query: { limit: OTHERS } }),
      api.get<typeof listChecks>('/platforms/{id}/checks', { params }),
      api.get<typeof listPartnerLinks>('/platforms/{id}/partner-links', { params }),
      readConversions(api, platform.id),
    ])
    const may = (route: string) => mayAsk(c, route)
    return showPage(
      c,
      { title: platform.name, section: 'platforms', done: DONE },
      html`${platformHead(platform, may)}
<div class="two"><div class="stack">
${statusCard(platform, spans, now)}
${trafficCard(platform.id, traffic)}
${exchangesCard(platform.id, exchanges)}
${interfacesCard(platform, may)}
</div><div class="stack">
${partiesCard(platform)}
${checkCard(platform, check ?? null)}
${queueCard(platform.id, queue, may)}
${agreementsCard(platform, rules)}
${connectionCard(platform, may)}
${conversionCard(platform, conversions, may)}
${partnerPageCard(platform.id, links)}
${othersCard(platform.id, others)}
</div></div>`,
    )
  })
}

/** Null before it has connected for the first time. */
async function queueOf(api: Api, platform_id: string) {
  const sent = await api.send<typeof getQueue>('get', '/queues/{platform_id}', { params: { platform_id } })
  return sent.kind === 'done' ? sent.body : null
}
