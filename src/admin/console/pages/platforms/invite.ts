import type { Hono } from 'hono'
import type { createRegistration } from '../../../api/platforms/registration.ts'
import { showPage } from '../../answer.ts'
import type { AnswerOf } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { card, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { clock } from '../../parts/time.ts'
import type { Platform } from '../../views.ts'
import { optionsOf, platformOf } from './action-pages.ts'

const ROUTE = 'POST /platforms/{id}/registration'

/** A new registration token: asked for, and shown once. */
export function addInvitePages(app: Hono<ConsoleEnv>): void {
  const path = '/admin/platforms/:id{[0-9a-f-]{36}}/invite'
  app.get(path, onlyWhoMay(ROUTE), async (c) => {
    const platform = await platformOf(c)
    return showPage(c, optionsOf(titleOf(platform), undefined), asked(platform, {}))
  })
  // Answered with the token itself: a redirect would have to carry it in an address.
  app.post(path, async (c) => {
    const form = await readForm(c)
    const params = { id: c.req.param('id') }
    const body = { reason: form.maybe('reason') }
    const sent = await c
      .get('api')
      .send<typeof createRegistration>('post', '/platforms/{id}/registration', { params, body })
    const platform = await platformOf(c)
    if (sent.kind === 'done') return showPage(c, optionsOf(titleOf(platform), undefined), shown(platform, sent.body))
    const { problem } = sent
    return showPage(c, optionsOf(titleOf(platform), problem), asked(platform, { problem, reason: form.text('reason') }))
  })
}

function asked(
  platform: Platform,
  before: Partial<Pick<Parameters<typeof confirmPage>[0], 'problem' | 'reason'>>,
): Html {
  const { id, name, registration, has_credentials } = platform
  return confirmPage({
    title: titleOf(platform),
    above: [name, `/admin/platforms/${id}`],
    consequences: [
      `A token is made that opens the handshake once, within 30 days. It is shown to you once.${registration === null ? '' : ' The one that is open now ends.'}`,
      !has_credentials
        ? 'Nobody is told: you send it to its operators.'
        : 'Nobody is told: you send it to its operators. All goes on as it is until they register with it, which replaces the connection.',
      'Making another one ends it.',
    ],
    action: `/admin/platforms/${id}/invite`,
    verb: 'Make a new token',
    ...before,
  })
}

function shown({ id, name, parties }: Platform, made: AnswerOf<typeof createRegistration>): Html {
  const { token, versions_url, expires_at, fingerprint } = made
  const roles = parties.map(({ country_code, party_id, role }) => `${country_code}-${party_id} ${role}`)
  return html`${head({ title: `New token for ${name}`, above: [name, `/admin/platforms/${id}`], sub: 'This is shown once. Send it over a channel that you trust.' })}
${card(
  'Invitation',
  html`<div class="pad"><dl class="facts">
<dt>Token</dt><dd class="mono">${token}</dd>
<dt>Versions URL</dt><dd class="mono">${versions_url}</dd>
<dt>Good until</dt><dd>${clock(expires_at, 'day')}, once</dd>
<dt>Fingerprint</dt><dd><span class="mono">${fingerprint ?? ''}</span> <span class="dim">to compare by telephone, should it not be taken</span></dd>
${roles.length === 0 ? '' : html`<dt>Its roles</dt><dd class="mono">${roles.join(', ')}</dd>`}
</dl><div class="acts steering"><a class="btn main" href="/admin/platforms/${id}">I have sent it</a></div></div>`,
)}`
}

function titleOf({ name }: Platform): string {
  return `New invitation token: ${name}`
}
