import type { Context, Hono } from 'hono'
import type { changeAdmin, getAdmin, removeAdmin } from '../../../api/accounts/admins.ts'
import type { AdminPorts } from '../../../ports.ts'
import { seeOther } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { type Form, readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { checkBox, faultOf, problemNote, textField } from '../../parts/field.ts'
import { card, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { ago, clock } from '../../parts/time.ts'
import type { Admin } from '../../views.ts'
import { reasonField, rightsFields, rightsIn, secretOnce, showSettings } from './parts.ts'
import { passwordField, stateOf, wayIn } from './people.ts'

const PEOPLE = '/admin/settings/people'

/** One administrator: what they may do, another password, and their end. */
export function addPersonPages(app: Hono<ConsoleEnv>, { random }: Pick<AdminPorts, 'random'>): void {
  app.get(`${PEOPLE}/:id`, async (c) => showPerson(c, await personOf(c), null))

  app.post(`${PEOPLE}/:id`, async (c) => {
    const form = await readForm(c)
    const change = { email: form.maybe('email') ?? null, ...rightsIn(form), disabled: !form.isChecked('may_sign_in') }
    const sent = await c.get('api').send<typeof changeAdmin>('patch', '/admins/{id}', {
      params: { id: c.req.param('id') },
      body: { ...change, reason: form.maybe('reason') },
    })
    if (sent.kind === 'problem') return showPerson(c, await personOf(c), form, sent.problem)
    return seeOther(c, `${PEOPLE}/${sent.body.id}`, 'changed')
  })

  app.get(`${PEOPLE}/:id/password`, async (c) => showPassword(c, await personOf(c), ''))

  app.post(`${PEOPLE}/:id/password`, async (c) => {
    const form = await readForm(c)
    const typed = form.maybe('password')
    const password = typed === undefined ? random.token() : form.text('password')
    const sent = await c.get('api').send<typeof changeAdmin>('patch', '/admins/{id}', {
      params: { id: c.req.param('id') },
      body: { password, reason: form.maybe('reason') },
    })
    if (sent.kind === 'problem') return showPassword(c, await personOf(c), form.text('reason'), sent.problem)
    if (typed !== undefined) return seeOther(c, `${PEOPLE}/${sent.body.id}`, 'password')
    return showSettings(c, { title: 'Another password' }, newPassword(sent.body, password))
  })

  app.get(`${PEOPLE}/:id/remove`, async (c) => showRemoval(c, await personOf(c), ''))

  app.post(`${PEOPLE}/:id/remove`, async (c) => {
    const form = await readForm(c)
    const sent = await c.get('api').send<typeof removeAdmin>('delete', '/admins/{id}', {
      params: { id: c.req.param('id') },
      body: { reason: form.maybe('reason') },
    })
    if (sent.kind === 'problem') return showRemoval(c, await personOf(c), form.text('reason'), sent.problem)
    return seeOther(c, PEOPLE, 'removed')
  })
}

function personOf(c: Context<ConsoleEnv>): Promise<Admin> {
  return c.get('api').get<typeof getAdmin>('/admins/{id}', { params: { id: c.req.param('id') ?? '' } })
}

function showPerson(c: Context<ConsoleEnv>, person: Admin, form: Form | null, problem?: Problem) {
  const { id, name, from_provider, created_at, last_used_at, disabled_at } = person
  const now = form === null ? person : rightsIn(form)
  const maySignIn = form === null ? disabled_at === null : form.isChecked('may_sign_in')
  const acts = [
    from_provider ? '' : html`<a class="btn" href="${PEOPLE}/${id}/password">Set a password…</a>`,
    html`<a class="btn risk" href="${PEOPLE}/${id}/remove">Remove…</a>`,
  ] as const
  const done = { changed: 'Changed.', password: 'The password is changed. Their sessions have ended.' }
  const isYou = id === c.get('caller').id ? ' · you' : ''
  return showSettings(
    c,
    { title: name, done, problem },
    html`${head({ title: html`${name} ${stateOf(person)}`, above: ['People', PEOPLE], sub: html`Since ${clock(created_at, 'day')} · signs in by ${wayIn(person)} · last here ${ago(last_used_at)}${isYou}`, acts })}
${card(
  'What they may do',
  html`<form class="pad form" method="post" action="${PEOPLE}/${id}">${problemNote(problem)}
${textField({ name: 'email', label: 'E-mail', type: 'email', value: form?.text('email') ?? person.email ?? '', maxLength: 254, fault: faultOf(problem, '#/email') })}
${rightsFields(now, problem)}
${from_provider ? html`<p class="note">The identity provider says their role, name and e-mail again at each sign-in.</p>` : ''}
${checkBox({ name: 'may_sign_in', label: 'May sign in', isChecked: maySignIn })}
${reasonField(form?.text('reason') ?? '')}
<p class="dim">Another role or sight of bodies ends their sessions, and so does being locked out.</p>
<div class="acts"><button class="btn main">Save</button></div></form>`,
  changesBy(name),
)}`,
  )
}

/** A way to what they changed. */
function changesBy(name: string): Html {
  return html`<a class="more" href="${address('/admin/audit', { who: name })}">What they changed →</a>`
}

function showPassword(c: Context<ConsoleEnv>, { id, name }: Admin, reason: string, problem?: Problem) {
  const title = `Set a password for ${name}`
  const body = confirmPage({
    title,
    above: [name, `${PEOPLE}/${id}`],
    consequences: [
      'The password that they have does not let them in any more.',
      `All ${id === c.get('caller').id ? 'your' : 'their'} sessions end at once.`,
      'Nobody is told: give them the new one over a channel that you trust.',
    ],
    action: `${PEOPLE}/${id}/password`,
    verb: 'Set the password',
    fields: passwordField(faultOf(problem, '#/password')),
    reason,
    problem,
  })
  return showSettings(c, { title, problem }, body)
}

function newPassword({ id, name }: Admin, password: string): Html {
  return html`${head({ title: `${name} has another password`, above: [name, `${PEOPLE}/${id}`] })}
<section class="card"><div class="pad form">
${secretOnce('Password', password, 'Shown this once. Give it over a channel that you trust.')}
<div class="acts"><a class="btn main" href="${PEOPLE}/${id}">To ${name}</a></div></div></section>`
}

function showRemoval(c: Context<ConsoleEnv>, { id, name }: Admin, reason: string, problem?: Problem) {
  const title = `Remove ${name}`
  const body = confirmPage({
    title,
    above: [name, `${PEOPLE}/${id}`],
    consequences: [
      id === c.get('caller').id
        ? 'This is you: you are signed out at once.'
        : 'They are signed out at once, and cannot sign in again.',
      'API keys that they made stay; revoke those under Keys.',
      'What they changed stays in the audit trail, with their name.',
      'This is not undone. To lock them out for a time, take away that they may sign in.',
    ],
    action: `${PEOPLE}/${id}/remove`,
    verb: 'Remove',
    isRisky: true,
    reason,
    problem,
  })
  return showSettings(c, { title, problem }, body)
}
