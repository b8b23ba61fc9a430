import type { Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { signIn } from '../../api/session/session.ts'
import type { AdminPorts } from '../../ports.ts'
import { HOME, nextAddress } from '../../sign-in/next-address.ts'
import { PROVIDER_REFUSED } from '../../sign-in/provider-refused.ts'
import { seeOther } from '../answer.ts'
import { type AskInside, createApi, type Problem } from '../api.ts'
import type { ConsoleEnv } from '../console-env.ts'
import { type Form, readForm } from '../form.ts'
import { problemNote, textField } from '../parts/field.ts'
import { address } from '../parts/href.ts'
import { type Html, html } from '../parts/html.ts'
import { plainPage } from '../parts/layout.ts'
import { otherMethod } from '../problems.ts'
import { followLink, LINK_FAILED } from './sign-in-link.ts'

const NOTES: Readonly<Record<string, string>> = Object.assign(Object.create(null), LINK_FAILED, PROVIDER_REFUSED, {
  out: 'You are signed out.',
})

/** The page for whoever is not signed in: by name and password, by the hub's token or a key, or at the identity provider. */
export function addSignInPages(app: Hono<ConsoleEnv>, { provider }: AdminPorts, askInside: AskInside): void {
  const show = (c: Context<ConsoleEnv>, filled: Filled, status: ContentfulStatusCode = 200) =>
    c.html(plainPage('Sign in', c.get('hub'), signInForms({ ...filled, hasProvider: provider !== null })), status)

  app.get('/admin/sign-in', (c) => {
    const ticket = c.req.query('ticket')
    // Who only looks at a link, by HEAD, does not use it up.
    if (ticket !== undefined && c.req.method === 'GET') return followLink(c, ticket, askInside)
    return show(c, { next: nextAddress(c.req.query('next')), note: NOTES[c.req.query('done') ?? ''] })
  })

  app.post('/admin/sign-in', async (c) => {
    const form = await readForm(c)
    const next = nextAddress(form.text('next'))
    const sent = await createApi(askInside, c, null).send<typeof signIn>('post', '/session', credentialsIn(form))
    if (sent.kind === 'problem') {
      const status = sent.problem.status as ContentfulStatusCode
      return show(c, { next, name: form.text('name'), problem: sent.problem }, status)
    }
    for (const cookie of sent.headers.getSetCookie()) c.header('Set-Cookie', cookie, { append: true })
    return seeOther(c, next)
  })

  app.all('/admin/sign-in', (c) => otherMethod(c, ['GET', 'HEAD', 'POST']))
}

/** Spaces and line ends around a token come from copying it. */
function credentialsIn(form: Form) {
  const token = form.text('token').trim()
  return token === '' ? { body: { name: form.text('name'), password: form.text('password') } } : { bearer: token }
}

type Filled = {
  readonly next: string
  readonly name?: string
  readonly problem?: Problem
  /** What was done, or not, right before. */
  readonly note?: string | undefined
}

function signInForms({ next, name = '', problem, note, hasProvider }: Filled & { hasProvider: boolean }): Html {
  const where = html`<input type="hidden" name="next" value="${next}">`
  return html`<section class="card sign-in"><header><h1>Sign in</h1></header><div class="pad form">
${note === undefined ? '' : html`<p class="note">${note}</p>`}${problem === undefined ? '' : problemNote(inWords(problem))}
${hasProvider ? html`<a class="btn main wide" href="${address('/admin/api/session/provider', { next: next === HOME ? null : next })}">Sign in with your organisation's account</a><p class="or">or</p>` : ''}
<form class="form" method="post" action="/admin/sign-in">${where}
${textField({ name: 'name', label: 'Name', value: name, maxLength: 100, autocomplete: 'username', isRequired: true })}
${textField({ name: 'password', label: 'Password', type: 'password', maxLength: 1000, autocomplete: 'current-password', isRequired: true })}
<button class="btn ${hasProvider ? '' : 'main'} wide">Sign in</button></form>
<p class="or">or</p>
<form class="form" method="post" action="/admin/sign-in">${where}
${textField({ name: 'token', label: 'Administrator token or API key', type: 'password', maxLength: 1000, isRequired: true, isMono: true })}
<button class="btn wide">Sign in with it</button></form>
</div></section>`
}

/** What went wrong, for people rather than for programs. */
function inWords(problem: Problem): Problem {
  if (problem.status === 401) return { ...problem, title: 'This did not let you in' }
  if (problem.status === 400)
    return { ...problem, title: 'Something is missing', detail: 'A name and a password, or a token.' }
  return problem.status === 429 ? { ...problem, title: 'Wait a minute' } : problem
}
