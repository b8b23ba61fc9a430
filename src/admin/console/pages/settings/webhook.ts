import type { Context, Hono } from 'hono'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import type { listWebhookDeliveries, rotateWebhookSecret, testWebhook } from '../../../api/webhooks/deliveries.ts'
import type { changeWebhook, getWebhook, removeWebhook } from '../../../api/webhooks/webhooks.ts'
import { seeOther } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { type Form, readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { problemNote } from '../../parts/field.ts'
import { counted, many } from '../../parts/figures.ts'
import { act, card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill, type Tone } from '../../parts/status.ts'
import { table } from '../../parts/table.ts'
import { ago, clock } from '../../parts/time.ts'
import type { Webhook, WebhookDelivery } from '../../views.ts'
import { reasonField, showSettings } from './parts.ts'
import { standingOf, WEBHOOKS, webhookFields, wishIn } from './webhook-parts.ts'
import { showSecret } from './webhooks.ts'

const DONE = {
  changed: 'Changed.',
  on: 'Turned on. It is told of what happens from now on.',
  off: 'Turned off. Nothing is sent there.',
  taken: 'The test was taken.',
  refused: 'The test was not taken: the first row says why.',
}

/** One webhook: what it was told, what it is told of, and its end. */
export function addWebhookChangePages(app: Hono<ConsoleEnv>): void {
  app.get(`${WEBHOOKS}/:id`, (c) => showWebhook(c, null))

  app.post(`${WEBHOOKS}/:id`, async (c) => {
    const form = await readForm(c)
    const wish = await wishIn(c, form)
    if (wish.kind === 'problem') return showWebhook(c, form, wish.problem)
    const sent = await patch(c, { ...wish.body, reason: form.maybe('reason') })
    if (sent.kind === 'problem') return showWebhook(c, form, sent.problem)
    return seeOther(c, `${WEBHOOKS}/${sent.body.id}`, 'changed')
  })

  for (const [verb, on] of [
    ['on', true],
    ['off', false],
  ] as const)
    app.post(`${WEBHOOKS}/:id/${verb}`, async (c) => {
      const sent = await patch(c, { on })
      if (sent.kind === 'problem') return showWebhook(c, null, sent.problem)
      return seeOther(c, `${WEBHOOKS}/${sent.body.id}`, verb)
    })

  app.post(`${WEBHOOKS}/:id/test`, async (c) => {
    const { id } = c.req.param()
    const sent = await c.get('api').send<typeof testWebhook>('post', '/webhooks/{id}/test', { params: { id } })
    if (sent.kind === 'problem') return showWebhook(c, null, sent.problem)
    return seeOther(c, `${WEBHOOKS}/${id}`, sent.body.state === 'delivered' ? 'taken' : 'refused')
  })

  app.get(`${WEBHOOKS}/:id/rotate`, async (c) => showRotation(c, await webhookOf(c), ''))

  app.post(`${WEBHOOKS}/:id/rotate`, async (c) => {
    const form = await readForm(c)
    const path = '/webhooks/{id}/rotate-secret'
    const asked = { params: { id: c.req.param('id') }, body: { reason: form.maybe('reason') } }
    const sent = await c.get('api').send<typeof rotateWebhookSecret>('post', path, asked)
    if (sent.kind === 'problem') return showRotation(c, await webhookOf(c), form.text('reason'), sent.problem)
    return showSettings(c, { title: 'The new secret' }, showSecret(sent.body, 'Changed'))
  })

  app.get(`${WEBHOOKS}/:id/remove`, async (c) => showRemoval(c, await webhookOf(c), ''))

  app.post(`${WEBHOOKS}/:id/remove`, async (c) => {
    const form = await readForm(c)
    const asked = { params: { id: c.req.param('id') }, body: { reason: form.maybe('reason') } }
    const sent = await c.get('api').send<typeof removeWebhook>('delete', '/webhooks/{id}', asked)
    if (sent.kind === 'problem') return showRemoval(c, await webhookOf(c), form.text('reason'), sent.problem)
    return seeOther(c, WEBHOOKS, 'removed')
  })
}

function webhookOf(c: Context<ConsoleEnv>): Promise<Webhook> {
  return c.get('api').get<typeof getWebhook>('/webhooks/{id}', { params: { id: c.req.param('id') ?? '' } })
}

function patch(c: Context<ConsoleEnv>, body: Readonly<Record<string, unknown>>) {
  const params = { id: c.req.param('id') ?? '' }
  return c.get('api').send<typeof changeWebhook>('patch', '/webhooks/{id}', { params, body })
}

async function showWebhook(c: Context<ConsoleEnv>, form: Form | null, problem?: Problem) {
  const webhook = await webhookOf(c)
  const { id, name, url, kinds, on, created_at, created_by } = webhook
  const [deliveries, platform] = await Promise.all([
    c.get('api').get<typeof listWebhookDeliveries>('/webhooks/{id}/deliveries', { params: { id } }),
    platformOf(c, webhook),
  ])
  const typed = {
    name: form?.text('name') ?? name,
    url: form?.text('url') ?? url,
    platform: form?.text('platform') ?? platform?.id ?? '',
    kinds: form?.all('kinds') ?? kinds,
  }
  const acts = [
    act(`${WEBHOOKS}/${id}/test`, 'Send a test', { is: 'main' }),
    act(`${WEBHOOKS}/${id}/${on ? 'off' : 'on'}`, on ? 'Turn off' : 'Turn on'),
    html`<a class="btn" href="${WEBHOOKS}/${id}/rotate">New secret…</a>`,
    html`<a class="btn risk" href="${WEBHOOKS}/${id}/remove">Remove…</a>`,
  ]
  const sub = html`To <span class="mono">${new URL(url).host}</span>${platform === null ? '' : html`, of <a href="/admin/platforms/${platform.id}">${platform.name}</a> alone`} · added ${clock(created_at, 'day')} by ${created_by}`
  return showSettings(
    c,
    { title: name, done: DONE, problem },
    html`${head({ title: html`${name} ${standingOf(webhook)}`, above: ['Notifications', WEBHOOKS], sub, acts })}
${card('What it was told', deliveryTable(deliveries), countsOf(webhook))}
${card(
  'What it is told of',
  html`<form class="pad form" method="post" action="${WEBHOOKS}/${id}">${problemNote(problem)}
${webhookFields(typed, problem)}
${reasonField(form?.text('reason') ?? '')}
<div class="acts"><button class="btn">Save</button></div></form>`,
)}`,
  )
}

/** The one platform that it is told of, which may be gone. */
async function platformOf(c: Context<ConsoleEnv>, { platform_id: id }: Webhook) {
  if (id === null) return null
  return c
    .get('api')
    .get<typeof getPlatform>('/platforms/{id}', { params: { id } })
    .catch(() => ({ id, name: id }))
}

function countsOf({ delivered, waiting, given_up, failing_since, older_secret_ends_at }: Webhook): Html {
  return html`<span class="dim">${many(delivered)} taken · ${many(waiting)} waiting · ${many(given_up)} given up${failing_since === null ? '' : html` · failing since ${ago(failing_since)}`}${older_secret_ends_at === null || Date.parse(older_secret_ends_at) < Date.now() ? '' : html` · the secret before signs until ${clock(older_secret_ends_at)}`}</span>`
}

const STATES: Readonly<Record<WebhookDelivery['state'], readonly [Tone, string]>> = {
  delivered: ['good', 'taken'],
  waits: ['warn', 'waits'],
  'given-up': ['bad', 'given up'],
  refused: ['bad', 'not taken'],
}

function deliveryTable(deliveries: readonly WebhookDelivery[]): Html {
  return table(
    'Deliveries',
    [
      { head: 'Happened', cell: ({ at }) => clock(at) },
      { head: 'What', cell: ({ kind, id }) => html`<span title="${id}">${kind}</span>`, is: 'mono' },
      { head: 'State', cell: ({ state }) => pill(...STATES[state]) },
      { head: 'Attempts', cell: attempts, is: 'hide-s' },
      { head: 'Answer', cell: answer, is: 'grow' },
    ],
    deliveries,
    emptyState(
      'Nothing yet',
      'It is told of what happens from the moment it was added. A test shows whether it gets there.',
    ),
  )
}

function attempts({ attempts: made, next_attempt_at: next }: WebhookDelivery): Html {
  return html`${counted(made, 'attempt')}${next === null ? '' : html`<br><span class="dim">next ${clock(next)}</span>`}`
}

function answer({ last_attempt: last }: WebhookDelivery): Html {
  if (last === null) return html`<span class="dim">not tried yet</span>`
  const came = last.failure ?? `HTTP ${last.http_status}`
  return html`${came} <span class="dim">in ${many(last.ms)} ms</span>${last.answer === '' ? '' : html`<br><span class="mono dim cut" title="${last.answer}">${last.answer}</span>`}`
}

function showRotation(c: Context<ConsoleEnv>, { id, name }: Webhook, reason: string, problem?: Problem) {
  const title = `A new secret for ${name}`
  const consequences = [
    'You are shown the new secret once.',
    'For 24 hours what is sent is signed by both, so that the receiver can be changed meanwhile.',
    'After that the one before signs nothing any more.',
  ]
  const of = { title, above: [name, `${WEBHOOKS}/${id}`] as const, consequences, reason, problem }
  return showSettings(
    c,
    { title, problem },
    confirmPage({ ...of, action: `${WEBHOOKS}/${id}/rotate`, verb: 'Make a new secret' }),
  )
}

function showRemoval(c: Context<ConsoleEnv>, { id, name, waiting }: Webhook, reason: string, problem?: Problem) {
  const title = `Remove ${name}`
  const consequences = [
    'Nothing is sent there any more, and what it was told is forgotten.',
    `${counted(waiting, 'delivery', 'deliveries')} that wait are dropped.`,
    'This is not undone: another webhook has another secret. To stop it for a time, turn it off.',
  ]
  const of = { title, above: [name, `${WEBHOOKS}/${id}`] as const, consequences, reason, problem }
  return showSettings(
    c,
    { title, problem },
    confirmPage({ ...of, action: `${WEBHOOKS}/${id}/remove`, verb: 'Remove', isRisky: true }),
  )
}
