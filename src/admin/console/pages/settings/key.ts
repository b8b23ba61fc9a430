import type { Context, Hono } from 'hono'
import type { changeKey, getKey, removeKey } from '../../../api/accounts/keys.ts'
import { seeOther } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { type Form, readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { checkBox, faultOf, problemNote, textField } from '../../parts/field.ts'
import { card, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { html } from '../../parts/html.ts'
import { ago, clock } from '../../parts/time.ts'
import type { ApiKey } from '../../views.ts'
import { reasonField, rightsFields, rightsIn, showSettings, standing } from './parts.ts'

const KEYS = '/admin/settings/keys'

/** One key: what it may do, until when, and its end. */
export function addKeyChangePages(app: Hono<ConsoleEnv>): void {
  app.get(`${KEYS}/:id`, async (c) => showKey(c, await keyOf(c), null))

  app.post(`${KEYS}/:id`, async (c) => {
    const form = await readForm(c)
    const change = { ...rightsIn(form), expires_at: endOf(form), disabled: !form.isChecked('may_be_used') }
    const sent = await c.get('api').send<typeof changeKey>('patch', '/keys/{id}', {
      params: { id: c.req.param('id') },
      body: { ...change, reason: form.maybe('reason') },
    })
    if (sent.kind === 'problem') return showKey(c, await keyOf(c), form, sent.problem)
    return seeOther(c, `${KEYS}/${sent.body.id}`, 'changed')
  })

  app.get(`${KEYS}/:id/revoke`, async (c) => showRevocation(c, await keyOf(c), ''))

  app.post(`${KEYS}/:id/revoke`, async (c) => {
    const form = await readForm(c)
    const sent = await c.get('api').send<typeof removeKey>('delete', '/keys/{id}', {
      params: { id: c.req.param('id') },
      body: { reason: form.maybe('reason') },
    })
    if (sent.kind === 'problem') return showRevocation(c, await keyOf(c), form.text('reason'), sent.problem)
    return seeOther(c, KEYS, 'revoked')
  })
}

function keyOf(c: Context<ConsoleEnv>): Promise<ApiKey> {
  return c.get('api').get<typeof getKey>('/keys/{id}', { params: { id: c.req.param('id') ?? '' } })
}

/** The first moment after the day that was typed, in UTC, or the moment that the key had when its day was left. */
function endOf(form: Form): string | null {
  const [day, had] = [form.maybe('last_day'), form.text('had')]
  if (day === undefined) return null
  if (had !== '' && day === lastDayOf(had)) return had
  const at = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? day : new Date(at + 86_400_000).toISOString()
}

/** The last day in which a key is good to the end or for a part of it. */
function lastDayOf(expiresAt: string | null): string {
  return expiresAt === null ? '' : new Date(Date.parse(expiresAt) - 1).toISOString().slice(0, 10)
}

function showKey(c: Context<ConsoleEnv>, key: ApiKey, form: Form | null, problem?: Problem) {
  const { id, name, prefix, created_at, created_by, last_used_at, expires_at, disabled_at } = key
  const now = form === null ? key : rightsIn(form)
  const mayBeUsed = form === null ? disabled_at === null : form.isChecked('may_be_used')
  const acts = html`<a class="btn risk" href="${KEYS}/${id}/revoke">Revoke…</a>`
  const sub = html`<span class="mono">${prefix}…</span> · made ${clock(created_at, 'day')} by ${created_by} · last used ${ago(last_used_at)}`
  return showSettings(
    c,
    { title: name, done: { changed: 'Changed. Its next request finds it so.' }, problem },
    html`${head({ title: html`${name} ${standing(disabled_at, expires_at)}`, above: ['Keys', KEYS], sub, acts })}
${card(
  'What it may do',
  html`<form class="pad form" method="post" action="${KEYS}/${id}">${problemNote(problem)}
${rightsFields(now, problem)}
<input type="hidden" name="had" value="${expires_at ?? ''}">
${textField({ name: 'last_day', label: 'Last day (UTC)', type: 'date', value: form?.text('last_day') ?? lastDayOf(expires_at), hint: 'Left empty: until it is revoked.', fault: faultOf(problem, '#/expires_at') })}
${checkBox({ name: 'may_be_used', label: 'May be used', isChecked: mayBeUsed })}
${reasonField(form?.text('reason') ?? '')}
<p class="dim">Sessions that were opened with the key end when this changes.</p>
<div class="acts"><button class="btn main">Save</button></div></form>`,
  html`<a class="more" href="${address('/admin/audit', { who: name })}">What it changed →</a>`,
)}`,
  )
}

function showRevocation(c: Context<ConsoleEnv>, { id, name, last_used_at }: ApiKey, reason: string, problem?: Problem) {
  const title = `Revoke ${name}`
  const body = confirmPage({
    title,
    above: [name, `${KEYS}/${id}`],
    consequences: [
      'Whatever calls with it is answered 401 from the next request on.',
      html`It was last used ${ago(last_used_at)}.`,
      'What it changed stays in the audit trail, with its name.',
      'This is not undone: another key is another secret. To stop it for a time, take away that it may be used.',
    ],
    action: `${KEYS}/${id}/revoke`,
    verb: 'Revoke',
    isRisky: true,
    reason,
    problem,
  })
  return showSettings(c, { title, problem }, body)
}
