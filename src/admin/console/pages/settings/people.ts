import type { Context, Hono } from 'hono'
import { LEAST_PASSWORD_LENGTH, MOST_PASSWORD_LENGTH } from '../../../../hub/administration/passwords.ts'
import type { addAdmin, listAdmins } from '../../../api/accounts/admins.ts'
import type { listLockOuts } from '../../../api/accounts/lock-outs.ts'
import type { AdminPorts } from '../../../ports.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { type Form, readForm } from '../../form.ts'
import { faultOf, problemNote, textField } from '../../parts/field.ts'
import { counted } from '../../parts/figures.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'
import { table } from '../../parts/table.ts'
import { ago, clock } from '../../parts/time.ts'
import type { Admin } from '../../views.ts'
import { lockOutCard } from './lock-outs.ts'
import { reasonField, rights, rightsFields, rightsIn, secretOnce, showSettings, standing, tabs } from './parts.ts'

const PEOPLE = '/admin/settings/people'

/** The people who administer the hub, and how one becomes one of them. */
export function addPeoplePages(app: Hono<ConsoleEnv>, { random }: Pick<AdminPorts, 'random'>): void {
  app.get(PEOPLE, async (c) => {
    const api = c.get('api')
    const [people, lockOuts] = await Promise.all([
      api.get<typeof listAdmins>('/admins'),
      api.get<typeof listLockOuts>('/lock-outs'),
    ])
    const done = {
      removed: 'Removed. Their sessions have ended.',
      lifted: 'Lifted. They may try again at once.',
      over: 'It was over already.',
    }
    return showSettings(c, { title: 'People', done }, html`${list(people, c.get('caller').id)}${lockOutCard(lockOuts)}`)
  })

  app.get(`${PEOPLE}/new`, (c) => showInvitation(c, null))

  app.post(`${PEOPLE}/new`, async (c) => {
    const form = await readForm(c)
    const typed = form.maybe('password')
    const password = typed === undefined ? random.token() : form.text('password')
    const person = { name: form.text('name'), email: form.maybe('email'), ...rightsIn(form), password }
    const body = { ...person, reason: form.maybe('reason') }
    const sent = await c.get('api').send<typeof addAdmin>('post', '/admins', { body })
    if (sent.kind === 'problem') return showInvitation(c, form, sent.problem)
    // A secret goes into no address, so this page is the answer itself; asked for anew, it says that the name is taken.
    return showSettings(c, { title: 'Invited' }, invited(sent.body, typed === undefined ? password : null))
  })
}

function list(people: readonly Admin[], ownId: string | null): Html {
  const rows = table(
    'People',
    [
      {
        head: 'Name',
        cell: ({ id, name }) =>
          html`<a href="${PEOPLE}/${id}"><b>${name}</b></a>${id === ownId ? html` <span class="dim">you</span>` : ''}`,
      },
      { head: 'Role', cell: rights },
      { head: 'E-mail', cell: ({ email }) => email ?? html`<span class="dim">–</span>`, is: 'grow hide-s' },
      { head: 'Signs in by', cell: wayIn, is: 'hide-s' },
      { head: 'Last here', cell: ({ last_used_at }) => ago(last_used_at), is: 'hide-s' },
      { head: 'Since', cell: ({ created_at }) => clock(created_at, 'day'), is: 'hide-s dim' },
      { head: 'State', cell: stateOf },
    ],
    people,
    emptyState(
      'Nobody yet',
      'The administrator token opens everything. Invite people, so that the audit trail can say who changed what.',
    ),
  )
  const invite = html`<a class="btn main" href="${PEOPLE}/new">Invite</a>`
  const sub = `Who may do what? ${counted(people.length, 'person', 'people')}, beside the administrator token.`
  return html`${head({ title: 'People', sub, acts: [tabs('People'), invite] })}
<section class="card">${rows}</section>`
}

/** Whether they may sign in, and can. */
export function stateOf({ disabled_at, from_provider, has_password }: Admin): Html {
  if (disabled_at === null && !from_provider && !has_password) return pill('warn', 'no password')
  return standing(disabled_at)
}

export function wayIn({ from_provider, has_password }: Pick<Admin, 'from_provider' | 'has_password'>): string {
  if (from_provider) return 'identity provider'
  return has_password ? 'password' : 'nothing yet'
}

function showInvitation(c: Context<ConsoleEnv>, form: Form | null, problem?: Problem) {
  const role = form === null ? { role: 'operator' as const, may_see_bodies: false } : rightsIn(form)
  const fault = (place: string) => faultOf(problem, place)
  return showSettings(
    c,
    { title: 'Invite somebody', problem },
    html`${head({ title: 'Invite somebody', above: ['People', PEOPLE], sub: 'They sign in with this name and a password that you give them.' })}
<section class="card"><form class="pad form" method="post" action="${PEOPLE}/new">${problemNote(problem)}
${textField({ name: 'name', label: 'Name', value: form?.text('name') ?? '', hint: 'What they sign in with, and what the audit trail calls them.', maxLength: 100, isRequired: true, fault: fault('#/name') })}
${textField({ name: 'email', label: 'E-mail', type: 'email', value: form?.text('email') ?? '', hint: 'May be left empty; the hub sends no mail.', maxLength: 254, fault: fault('#/email') })}
${rightsFields(role, problem)}
${passwordField(fault('#/password'))}
${reasonField(form?.text('reason') ?? '')}
<div class="acts"><button class="btn main">Invite</button><a class="btn" href="${PEOPLE}">Cancel</a></div>
</form></section>`,
  )
}

/** A password is not shown again, so it is typed anew where a form comes back. */
export function passwordField(fault: string | undefined): Html {
  return textField({
    name: 'password',
    label: 'Password',
    type: 'password',
    hint: `At least ${LEAST_PASSWORD_LENGTH} characters. Left empty: the hub makes one and shows it once.`,
    maxLength: MOST_PASSWORD_LENGTH,
    autocomplete: 'new-password',
    fault,
  })
}

function invited({ id, name }: Admin, password: string | null): Html {
  return html`${head({ title: `${name} may sign in now`, above: ['People', PEOPLE] })}
${card(
  'What to give them',
  html`<div class="pad form">
<dl class="facts"><dt>Name</dt><dd>${name}</dd><dt>Where</dt><dd class="mono">/admin</dd></dl>
${password === null ? html`<p>The password is the one that you typed.</p>` : secretOnce('Password', password, 'Shown this once. Give it over a channel that you trust.')}
<div class="acts"><a class="btn main" href="${PEOPLE}">To the people</a><a class="btn" href="${PEOPLE}/${id}">What they may do</a></div></div>`,
)}`
}
