import type { Context, Hono } from 'hono'
import { LEAST_PASSWORD_LENGTH, MOST_PASSWORD_LENGTH } from '../../../hub/administration/passwords.ts'
import type { changeOwnPassword } from '../../api/session/own-password.ts'
import type { getSession } from '../../api/session/session.ts'
import { seeOther, showPage } from '../answer.ts'
import type { Problem } from '../api.ts'
import type { ConsoleEnv } from '../console-env.ts'
import { readForm } from '../form.ts'
import { faultOf, problemNote, textField } from '../parts/field.ts'
import { card, head } from '../parts/head.ts'
import { type Html, html } from '../parts/html.ts'
import { clock } from '../parts/time.ts'

const YOU = '/admin/you'

/** Who one is here, and one's own password, whatever one's role. */
export function addOwnPage(app: Hono<ConsoleEnv>): void {
  app.get(YOU, (c) => show(c))

  app.post(`${YOU}/password`, async (c) => {
    const form = await readForm(c)
    const body = { present: form.text('present'), password: form.text('password') }
    const sent = await c.get('api').send<typeof changeOwnPassword>('put', '/session/password', { body })
    if (sent.kind === 'problem') return show(c, sent.problem)
    for (const cookie of sent.headers.getSetCookie()) c.header('Set-Cookie', cookie, { append: true })
    return seeOther(c, YOU, 'password')
  })
}

async function show(c: Context<ConsoleEnv>, problem?: Problem) {
  const { name, role, has_password } = await c.get('api').get<typeof getSession>('/session')
  const endsAt = c.get('sessionEndsAt')
  const ends =
    endsAt === undefined ? '' : html`<dt>Session ends</dt><dd>${clock(new Date(endsAt).toISOString(), 'day')}</dd>`
  // A wrong password is no reason to sign in anew.
  const status = problem?.status === 401 ? 400 : (problem?.status ?? 200)
  const done = { password: 'Your password is changed. Your other sessions have ended.' }
  return showPage(
    c,
    { title: 'You', section: 'none', done, status: status as 200 },
    html`${head({ title: 'You', sub: 'Who are you here?' })}
${card('Your account', html`<div class="pad"><dl class="facts"><dt>Name</dt><dd>${name}</dd><dt>Role</dt><dd>${role}</dd>${ends}</dl></div>`)}
${card('Your password', has_password ? passwordForm(problem && inWords(problem)) : nothingToChange())}`,
  )
}

function passwordForm(problem: Problem | undefined): Html {
  return html`<form class="pad form" method="post" action="${YOU}/password">${problemNote(problem)}
${textField({ name: 'present', label: 'Present password', type: 'password', maxLength: MOST_PASSWORD_LENGTH, autocomplete: 'current-password', isRequired: true, fault: faultOf(problem, '#/present') })}
${textField({ name: 'password', label: 'New password', type: 'password', hint: `At least ${LEAST_PASSWORD_LENGTH} characters.`, maxLength: MOST_PASSWORD_LENGTH, autocomplete: 'new-password', isRequired: true, fault: faultOf(problem, '#/password') })}
<p class="dim">You stay signed in here; wherever else you are signed in, that ends.</p>
<div class="acts"><button class="btn main">Change the password</button></div></form>`
}

function inWords(problem: Problem): Problem {
  if (problem.status === 401)
    return { ...problem, title: 'The present password is another one', detail: 'Nothing is changed.' }
  return problem.status === 429 ? { ...problem, title: 'Wait a minute' } : problem
}

function nothingToChange(): Html {
  return html`<p class="pad">You have none here: you came with a key or the administrator token, or your account is kept by the identity provider.</p>`
}
