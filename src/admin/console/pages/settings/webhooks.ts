import type { Context, Hono } from 'hono'
import { DEFAULT_KINDS } from '../../../../hub/webhooks/webhook.ts'
import type { addWebhook, listWebhooks } from '../../../api/webhooks/webhooks.ts'
import type { AnswerOf, Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { type Form, readForm } from '../../form.ts'
import { problemNote } from '../../parts/field.ts'
import { counted, many } from '../../parts/figures.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { table } from '../../parts/table.ts'
import type { Webhook } from '../../views.ts'
import { reasonField, secretOnce, showSettings, tabs } from './parts.ts'
import { standingOf, WEBHOOKS, webhookFields, wishIn } from './webhook-parts.ts'

/** Who is told of what happens, and how another one is added. */
export function addWebhookPages(app: Hono<ConsoleEnv>): void {
  app.get(WEBHOOKS, async (c) => {
    const webhooks = await c.get('api').get<typeof listWebhooks>('/webhooks')
    return showSettings(
      c,
      { title: 'Notifications', done: { removed: 'Removed. Nothing is sent there any more.' } },
      list(webhooks),
    )
  })

  app.get(`${WEBHOOKS}/new`, (c) => showAdding(c, null))

  app.post(`${WEBHOOKS}/new`, async (c) => {
    const form = await readForm(c)
    const wish = await wishIn(c, form)
    if (wish.kind === 'problem') return showAdding(c, form, wish.problem)
    const body = { ...wish.body, reason: form.maybe('reason') }
    const sent = await c.get('api').send<typeof addWebhook>('post', '/webhooks', { body })
    if (sent.kind === 'problem') return showAdding(c, form, sent.problem)
    // A secret goes into no address, so this page is the answer itself; asked for anew, it says that the name is taken.
    return showSettings(c, { title: 'The secret' }, showSecret(sent.body, 'Added'))
  })
}

function list(webhooks: readonly Webhook[]): Html {
  const rows = table(
    'Webhooks',
    [
      { head: 'Name', cell: ({ id, name }) => html`<a href="${WEBHOOKS}/${id}"><b>${name}</b></a>` },
      { head: 'To', cell: ({ url }) => new URL(url).host, is: 'grow hide-s' },
      { head: 'Taken', cell: ({ delivered }) => many(delivered), is: 'num' },
      { head: 'Waiting', cell: ({ waiting }) => many(waiting), is: 'num hide-s' },
      { head: 'Given up', cell: ({ given_up }) => many(given_up), is: 'num hide-s' },
      { head: 'State', cell: standingOf },
    ],
    webhooks,
    emptyState(
      'Nobody is told',
      'Add an address, and the hub tells it when a platform goes offline, a handshake fails, a queue lags or something else needs you.',
    ),
  )
  const add = html`<a class="btn main" href="${WEBHOOKS}/new">Add a webhook</a>`
  const sub = `Who is told of what happens? ${counted(webhooks.length, 'webhook')}.`
  return html`${head({ title: 'Notifications', sub, acts: [tabs('Notifications'), add] })}
<section class="card">${rows}</section>`
}

function showAdding(c: Context<ConsoleEnv>, form: Form | null, problem?: Problem) {
  const typed = {
    name: form?.text('name') ?? '',
    url: form?.text('url') ?? '',
    platform: form?.text('platform') ?? '',
    kinds: form?.all('kinds') ?? DEFAULT_KINDS,
  }
  return showSettings(
    c,
    { title: 'Add a webhook', problem },
    html`${head({ title: 'Add a webhook', above: ['Notifications', WEBHOOKS], sub: 'The hub sends what happens there by POST, signed as Standard Webhooks has it.' })}
<section class="card"><form class="pad form" method="post" action="${WEBHOOKS}/new">${problemNote(problem)}
${webhookFields(typed, problem)}
${reasonField(form?.text('reason') ?? '')}
<div class="acts"><button class="btn main">Add</button><a class="btn" href="${WEBHOOKS}">Cancel</a></div>
</form></section>`,
  )
}

/** The page with a new secret. */
export function showSecret(webhook: AnswerOf<typeof addWebhook>, done: string): Html {
  const { id, name, secret } = webhook
  return html`${head({ title: `${done}: ${name}`, above: ['Notifications', WEBHOOKS] })}
${card(
  'Copy the secret now',
  html`<div class="pad form">
${secretOnce('Secret', secret, 'Shown this once. Lost, give the webhook a new one.')}
<p class="dim">The receiver checks with it that what it gets comes from this hub: any library of Standard Webhooks does.</p>
<div class="acts"><a class="btn main" href="${WEBHOOKS}/${id}">I have copied it</a></div></div>`,
)}`
}
