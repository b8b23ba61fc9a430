import type { Hono } from 'hono'
import type { Caller } from '../../../../hub/administration/author.ts'
import type { getAdmin } from '../../../api/accounts/admins.ts'
import type { getSignInWays } from '../../../api/session/sign-in-ways.ts'
import type { AnswerOf, Api } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { card, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { table } from '../../parts/table.ts'
import { age, clock } from '../../parts/time.ts'
import type { Admin } from '../../views.ts'
import { showSettings, tabs } from './parts.ts'

type Ways = AnswerOf<typeof getSignInWays>

/** How does one get in? */
export function addSignInSettings(app: Hono<ConsoleEnv>): void {
  app.get('/admin/settings/sign-in', async (c) => {
    const api = c.get('api')
    const caller = c.get('caller')
    const [account, ways] = await Promise.all([
      accountOf(api, caller.id),
      api.get<typeof getSignInWays>('/session/ways'),
    ])
    return showSettings(
      c,
      { title: 'Sign-in' },
      html`${head({ title: 'Sign-in', sub: 'How does one get in?', acts: tabs('Sign-in') })}
${card('Your session', own(caller, c.get('sessionEndsAt'), account))}
${card('Identity provider', provider(ways))}
${card('Limits', limits(ways))}`,
    )
  })
}

/** The account of who is signed in; null for who came with a key or the administrator token. */
async function accountOf(api: Api, id: string | null): Promise<Admin | null> {
  if (id === null) return null
  const sent = await api.send<typeof getAdmin>('get', '/admins/{id}', { params: { id } })
  return sent.kind === 'done' ? sent.body : null
}

function own({ name, role }: Caller, endsAt: number | undefined, account: Admin | null): Html {
  const ends =
    endsAt === undefined
      ? ''
      : html`<dt>Ends</dt><dd>${clock(new Date(endsAt).toISOString(), 'day')}, or when you sign out</dd>`
  return html`<div class="pad form"><dl class="facts"><dt>You are</dt><dd>${name}</dd><dt>Role</dt><dd>${role}</dd>${ends}</dl>
${account === null ? html`<p class="note">You came with a token or a key. Invite yourself, so that the audit trail knows you by name.</p>` : accountLinks(account)}</div>`
}

function accountLinks({ from_provider }: Admin): Html {
  if (from_provider) return html`<p class="note">Your account and its password are kept by the identity provider.</p>`
  return html`<div class="acts"><a class="btn" href="/admin/you">Change your password</a></div>`
}

function provider({ provider: set, redirect_uri }: Ways): Html {
  const back = html`<dt>Sends browsers back to</dt><dd class="mono">${redirect_uri}</dd>`
  if (set === null)
    return html`<div class="pad form"><p>None is set: people sign in by name and password. Operators set one by OIDC_ISSUER and the settings beside it, when the hub starts.</p><dl class="facts">${back}</dl></div>`
  const rows = table(
    'Roles',
    [
      { head: `Value of ${set.role_claim}`, cell: ([value]) => value, is: 'mono' },
      { head: 'Role here', cell: ([, role]) => role },
    ],
    Object.entries(set.roles),
    html``,
  )
  return html`<div class="pad"><dl class="facts"><dt>Issuer</dt><dd class="mono">${set.issuer}</dd>${back}<dt>Its sessions last</dt><dd>${age(set.session_seconds)}, then it is asked again</dd></dl></div>${rows}`
}

function limits({ session_seconds }: Ways): Html {
  return html`<ul class="pad consequences"><li>A session lasts ${age(session_seconds)}.</li>
<li>After ten wrong passwords of one name from one address, that address waits with that name: one more try a minute. Nobody else is shut out.</li>
<li>Whoever lost every way in makes an account on the hub’s machine.</li></ul>`
}
