import type { Context, Hono } from 'hono'
import type { listHandshakes } from '../../../api/handshakes/handshakes.ts'
import type { connect } from '../../../api/platforms/connection.ts'
import type { changePlatform, getPlatform } from '../../../api/platforms/platforms.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { type Form, readForm } from '../../form.ts'
import { attemptList } from '../../parts/attempts.ts'
import { choice, faultOf, problemNote, textField } from '../../parts/field.ts'
import { head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import type { Handshake, Platform } from '../../views.ts'
import { attemptsOf } from './attempt-mail.ts'

/** What a partner sends when the hub is to begin. */
export type Theirs = {
  readonly versionsUrl: string
  readonly token: string
  /** How the hub writes the token. */
  readonly encoding: 'base64' | 'raw'
}

export const NOTHING_GIVEN: Theirs = { versionsUrl: '', token: '', encoding: 'base64' }

/** Attempts that stand below the form. */
const MOST_ATTEMPTS = 3

/** They sent us a token: the handshake from the hub's side. */
export function addConnectPages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/onboarding/:id/connect', onlyWhoMay('POST /platforms/{id}/connect'), async (c) => {
    const platform = await platformOf(c)
    return showConnect(c, platform, { ...NOTHING_GIVEN, encoding: platform.token_encoding })
  })

  app.post('/admin/onboarding/:id/connect', async (c) => {
    const theirs = readTheirs(await readForm(c))
    return answerConnect(c, await platformOf(c), theirs)
  })
}

export function readTheirs(form: Form): Theirs {
  return {
    versionsUrl: form.text('versions_url').trim(),
    token: form.text('token').trim(),
    encoding: form.text('encoding') === 'raw' ? 'raw' : 'base64',
  }
}

/** Has the hub begin the handshake, and leads on to how it went; what went wrong stands at the form. */
export async function answerConnect(c: Context<ConsoleEnv>, platform: Platform, theirs: Theirs) {
  const api = c.get('api')
  const { id } = platform
  if (platform.token_encoding !== theirs.encoding) {
    const body = { token_encoding: theirs.encoding }
    const changed = await api.send<typeof changePlatform>('patch', '/platforms/{id}', { params: { id }, body })
    if (changed.kind === 'problem') return showConnect(c, platform, theirs, changed.problem)
  }
  const body = { versions_url: theirs.versionsUrl, token: theirs.token }
  const sent = await api.send<typeof connect>('post', '/platforms/{id}/connect', { params: { id }, body })
  if (sent.kind === 'done') return seeOther(c, `/admin/onboarding/${id}`, 'connected')
  return showConnect(c, platform, theirs, sent.problem)
}

/** Fields for what the partner sent. The token is not shown again once it was sent to the hub. */
export function connectFields({ versionsUrl, encoding }: Theirs, problem?: Problem): Html {
  return html`${textField({ name: 'versions_url', label: 'Their versions URL', type: 'url', value: versionsUrl, placeholder: 'https://', maxLength: 2048, isRequired: true, isMono: true, fault: faultOf(problem, '#/versions_url') })}
${textField({ name: 'token', label: 'The token they sent', isRequired: true, isMono: true, hint: 'As they sent it, not encoded.', fault: faultOf(problem, '#/token') })}
${choice({
  name: 'encoding',
  label: 'How they expect it in the header',
  value: encoding,
  options: [
    ['base64', 'Base64, as OCPI has it'],
    ['raw', 'Raw'],
  ],
  hint: 'Where they refuse Base64 the hub tries raw by itself.',
})}`
}

async function showConnect(c: Context<ConsoleEnv>, platform: Platform, theirs: Theirs, problem?: Problem) {
  const query = { platform: platform.id, limit: MOST_ATTEMPTS }
  const { rows, next } = await c.get('api').list<typeof listHandshakes>('/handshakes', { query })
  const title = `Connect to ${platform.name}`
  const page = { title, section: 'onboarding', status: (problem?.status ?? 200) as 200 } as const
  const before = rows.length === 0 ? '' : attempts(c, platform, rows, next === null)
  return showPage(
    c,
    page,
    // A reload asks this page again, instead of adding the platform once more.
    html`<div hidden data-here="/admin/onboarding/${platform.id}/connect"></div>${head({ title, above: [platform.name, `/admin/onboarding/${platform.id}`], sub: 'They sent us a token: the hub reads their versions and sends its credentials.' })}
<section class="card"><form class="form pad" method="post" action="/admin/onboarding/${platform.id}/connect">
${problemNote(problem)}
${connectFields(theirs, problem)}
<div class="acts"><button class="btn main">Connect</button><a class="btn" href="/admin/onboarding/${platform.id}">Cancel</a></div>
</form></section>${before}`,
  )
}

function attempts(c: Context<ConsoleEnv>, platform: Platform, rows: readonly Handshake[], isAll: boolean): Html {
  return html`<section class="card"><header><h2>How it went</h2></header><div class="pad">${attemptList(rows, attemptsOf(platform, c.get('hub'), isAll))}</div></section>`
}

function platformOf(c: Context<ConsoleEnv, '/admin/onboarding/:id/connect'>): Promise<Platform> {
  return c.get('api').get<typeof getPlatform>('/platforms/{id}', { params: { id: c.req.param('id') } })
}
