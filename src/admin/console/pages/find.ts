import type { Hono } from 'hono'
import type { getMessage, listMessages } from '../../api/messages/messages.ts'
import type { listPlatforms } from '../../api/platforms/platform-list.ts'
import { seeOther, showPage } from '../answer.ts'
import type { Api, InputOf } from '../api.ts'
import type { ConsoleEnv } from '../console-env.ts'
import { emptyState, head } from '../parts/head.ts'
import { address } from '../parts/href.ts'
import { type Html, html } from '../parts/html.ts'
import { status } from '../parts/status.ts'
import { clock } from '../parts/time.ts'
import type { Message, Platform } from '../views.ts'

/** Of each kind. */
const MOST_HITS = 10
/** How far back an object or a party is looked for. */
const LATELY_MS = 7 * 86_400_000
const PARTY = /^[A-Za-z]{2}[-*]\S{1,3}$/

type Hit = { readonly link: string; readonly what: string; readonly text: Html }

/** What the search at the top leads to: straight to the only hit, or to a page of hits. */
export function addFindPage(app: Hono<ConsoleEnv>): void {
  app.get('/admin/find', async (c) => {
    const wanted = (c.req.query('q') ?? '').trim()
    if (wanted === '') return seeOther(c, '/admin')
    const hits = await findHits(c.get('api'), wanted)
    const [only] = hits
    if (only && hits.length === 1) return seeOther(c, only.link)
    return showPage(c, { title: `Find ${wanted}`, section: 'none' }, found(wanted, hits))
  })
}

async function findHits(api: Api, wanted: string): Promise<Hit[]> {
  const [platforms, message, byCorrelation, byRequest, byObject, byParty] = await Promise.all([
    platformsLike(api, wanted),
    messageOf(api, wanted),
    messagesBy(api, { correlation_id: wanted }),
    messagesBy(api, { request_id: wanted }),
    messagesBy(api, { object: wanted, since: lately() }),
    PARTY.test(wanted) ? messagesBy(api, { party: wanted, since: lately() }) : [],
  ])
  return [
    ...platforms.map((platform) => hitOf(platform)),
    ...(message === null ? [] : [oneExchange(message, 'Exchange')]),
    ...hitsAmong(byCorrelation, 'correlation ID', { correlation_id: wanted }),
    ...hitsAmong(byRequest, 'request ID', { request_id: wanted }),
    ...hitsAmong(byObject, 'object', { object: wanted, period: '7d' }),
    // Its platform shows its messages; a party without one, or with several, is known by them.
    ...(platforms.length === 1 ? [] : hitsAmong(byParty, 'party', { party: wanted, period: '7d' })),
  ]
}

/** Platforms by name, party or id; only the one that has just this party where one has it. */
async function platformsLike(api: Api, wanted: string): Promise<readonly Platform[]> {
  const sent = await api.send<typeof listPlatforms>('get', '/platforms', { query: { q: wanted, limit: MOST_HITS } })
  if (sent.kind === 'problem') return []
  const party = wanted.toUpperCase().replace('*', '-')
  const exact = sent.body.filter(({ parties }) =>
    parties.some(({ country_code, party_id }) => `${country_code}-${party_id}`.toUpperCase() === party),
  )
  return exact.length > 0 ? exact : sent.body
}

async function messageOf(api: Api, wanted: string): Promise<Message | null> {
  if (!/^[\w-]{1,64}$/.test(wanted)) return null
  const sent = await api.send<typeof getMessage>('get', '/messages/{id}', { params: { id: wanted } })
  return sent.kind === 'done' ? sent.body : null
}

/** What is no ID that could be asked for, or takes too long to look for, is not found. */
async function messagesBy(api: Api, query: NonNullable<InputOf<typeof listMessages>['query']>): Promise<Message[]> {
  const sent = await api.send<typeof listMessages>('get', '/messages', { query: { ...query, limit: MOST_HITS } })
  return sent.kind === 'done' ? sent.body : []
}

function hitOf({ id, name, parties, status: now }: Platform): Hit {
  const names = parties.map(({ country_code, party_id, role }) => `${country_code}-${party_id} ${role}`)
  return {
    link: `/admin/platforms/${id}`,
    what: 'Platform',
    text: html`<b>${name}</b> <span class="mono dim">${names.slice(0, 4).join(', ')}</span> ${status(now)}`,
  }
}

function lately(): string {
  return new Date(Date.now() - LATELY_MS).toISOString()
}

/** The one exchange that has an ID, or a search for all that have it. */
function hitsAmong(messages: readonly Message[], what: string, query: Readonly<Record<string, string>>): Hit[] {
  const [first] = messages
  if (first === undefined) return []
  if (messages.length === 1) return [oneExchange(first, `Exchange with this ${what}`)]
  const all = messages.length < MOST_HITS ? `${messages.length}` : `${MOST_HITS} or more`
  return [
    {
      link: address('/admin/messages', query),
      what: `Exchanges with this ${what}`,
      text: html`<b>${all} exchanges</b>, the latest ${clock(first.at, 'day')}`,
    },
  ]
}

function oneExchange({ id, method, module, from_party, to_party, at }: Message, what: string): Hit {
  const text = html`<b>${method} ${module}</b> <span class="mono dim">${from_party ?? 'hub'} → ${to_party ?? 'all'}</span> ${clock(at, 'day')}`
  return { link: `/admin/messages/${encodeURIComponent(id)}`, what, text }
}

function found(wanted: string, hits: readonly Hit[]): Html {
  const nothing = emptyState(
    'Nothing has this name or ID',
    'Platforms are found by name and party; exchanges by correlation ID, request ID, or the ID of a location, session, CDR, tariff or token of the last 7 days.',
    html`<a class="btn" href="/admin/messages">Search messages</a>`,
  )
  const list = html`<ul class="hits">${hits.map(({ link, what, text }) => html`<li><a href="${link}">${text}</a><span class="dim">${what}</span></li>`)}</ul>`
  return html`${head({ title: html`Find <span class="mono">${wanted}</span>` })}<section class="card">${hits.length === 0 ? nothing : list}</section>`
}
