import type { Context, Hono } from 'hono'
import { mayAsk, showPage } from '../../answer.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { livePart, streamPart } from '../../parts/live.ts'
import { status } from '../../parts/status.ts'
import { ago } from '../../parts/time.ts'
import type { HubEvent, Newcomer } from '../../views.ts'
import { partiesInWords } from './parties.ts'
import { stepList } from './steps.ts'
import { TRIED } from './trial.ts'
import { readWay, type Way } from './way.ts'

const CHECKS = ['check.started', 'check.ended'] as const
const KINDS = ['handshake.call', 'handshake.ended', 'handshake.unknown-token', 'platform.status', ...CHECKS] as const

const DONE = {
  connected: 'Connected: the credentials are exchanged.',
  'gone-on': 'What its check found is let pass.',
  allowed: 'Allowed. They may talk from the day that was given.',
  ...TRIED,
}

/** What is the next step? One platform on its way into the network, as it happens. */
export function addNewcomerPage(app: Hono<ConsoleEnv>): void {
  app.get('/admin/onboarding/:id', async (c) => {
    const way = await readWay(c.get('api'), c.req.param('id'))
    const { id, name } = way.platform
    const body = livePart('way', `/admin/onboarding/${id}/live`, wayPage(c, way, false))
    return showPage(c, { title: `Bring ${name} on board`, section: 'onboarding', done: DONE }, body)
  })

  app.get('/admin/onboarding/:id/live', async (c) => {
    const id = c.req.param('id')
    const make = async () => wayPage(c, await readWay(c.get('api'), id), true)
    return streamPart(c, KINDS, make, (event) => isAbout(event, id))
  })
}

function isAbout({ kind, platform_id }: HubEvent, id: string): boolean {
  return platform_id === id || (kind === 'handshake.unknown-token' && platform_id === null)
}

/** @param isLive it is sent anew as things happen */
function wayPage(c: Context<ConsoleEnv>, way: Way, isLive: boolean): Html {
  const { platform } = way
  const sub = html`${platform.parties.length === 0 ? '' : html`<span class="mono">${partiesInWords(platform.parties)}</span> · `}added ${ago(platform.created_at)}${tokenInWords(way.newcomer)}`
  const mayAskFor = (route: string) => mayAsk(c, route)
  return html`${head({ title: html`${platform.name} ${status(platform.status)}`, above: ['Onboarding', '/admin/onboarding'], sub, acts: acts(way, mayAskFor) })}
<section class="card"><ol class="steps">${stepList(way, { hub: c.get('hub'), isLive, mayAsk: mayAskFor })}</ol></section>`
}

function tokenInWords({ token_days_left, steps }: Newcomer): string {
  if (token_days_left === null) return ''
  const used = steps.handshake.state === 'done' ? '' : ', not used yet'
  return ` · token ends in ${token_days_left} days${used}`
}

function acts({ platform, newcomer }: Way, mayAskFor: (route: string) => boolean): Html {
  const path = `/admin/onboarding/${platform.id}`
  const isOpen = newcomer.steps.handshake.state !== 'done'
  const link = (route: string, to: string, verb: string, is = '') =>
    mayAskFor(route) ? html`<a class="btn ${is}" href="${to}">${verb}</a>` : ''
  return html`${isOpen ? link('POST /platforms/{id}/registration', `${path}/token`, 'New token…') : ''}${isOpen ? link('POST /platforms/{id}/connect', `${path}/connect`, 'Connect from our side…') : ''}<a class="btn" href="/admin/platforms/${platform.id}">Its page</a>`
}
