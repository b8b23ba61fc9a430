import type { Context, Hono } from 'hono'
import type { addKey, listKeys } from '../../../api/accounts/keys.ts'
import type { AnswerOf, Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { type Form, readForm } from '../../form.ts'
import { choice, faultOf, problemNote, textField } from '../../parts/field.ts'
import { counted } from '../../parts/figures.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { table } from '../../parts/table.ts'
import { ago, clock } from '../../parts/time.ts'
import type { ApiKey } from '../../views.ts'
import { reasonField, rights, rightsFields, rightsIn, secretOnce, showSettings, standing, tabs } from './parts.ts'

const KEYS = '/admin/settings/keys'
const DAY_MS = 86_400_000

/** How long a new key is good for; empty: for ever. */
const TERMS = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
  ['', 'Until it is revoked'],
] as const

/** The keys of programs, and how one is made. */
export function addKeyPages(app: Hono<ConsoleEnv>): void {
  app.get(KEYS, async (c) => {
    const keys = await c.get('api').get<typeof listKeys>('/keys')
    return showSettings(c, { title: 'Keys', done: { revoked: 'Revoked. It opens nothing any more.' } }, list(keys))
  })

  app.get(`${KEYS}/new`, (c) => showMaking(c, null))

  app.post(`${KEYS}/new`, async (c) => {
    const form = await readForm(c)
    const expires_at = endAfter(form.text('days'))
    const body = { name: form.text('name'), ...rightsIn(form), expires_at, reason: form.maybe('reason') }
    const sent = await c.get('api').send<typeof addKey>('post', '/keys', { body })
    if (sent.kind === 'problem') return showMaking(c, form, sent.problem)
    // A secret goes into no address, so this page is the answer itself; asked for anew, it says that the name is taken.
    return showSettings(c, { title: 'The key' }, made(sent.body))
  })
}

/** When a key made now ends. What is no number of days the API refuses: it stands for no end of its own. */
function endAfter(days: string): string | null {
  if (days === '') return null
  const end = new Date(Date.now() + Number(days) * DAY_MS)
  return Number.isNaN(end.getTime()) ? days : end.toISOString()
}

function list(keys: readonly ApiKey[]): Html {
  const rows = table(
    'Keys',
    [
      { head: 'Name', cell: ({ id, name }) => html`<a href="${KEYS}/${id}"><b>${name}</b></a>` },
      { head: 'Begins', cell: ({ prefix }) => `${prefix}…`, is: 'mono dim hide-s' },
      { head: 'Role', cell: rights },
      { head: 'Last used', cell: ({ last_used_at }) => ago(last_used_at), is: 'hide-s' },
      { head: 'Ends', cell: ({ expires_at }) => ends(expires_at), is: 'hide-s' },
      {
        head: 'Made',
        cell: ({ created_at, created_by }) =>
          html`${clock(created_at, 'day')} <span class="dim">by ${created_by}</span>`,
        is: 'hide-s',
      },
      { head: 'State', cell: ({ disabled_at, expires_at }) => standing(disabled_at, expires_at) },
    ],
    keys,
    emptyState('No key yet', 'Make one for each program that calls the API, so that each can be revoked alone.'),
  )
  const make = html`<a class="btn main" href="${KEYS}/new">Make a key</a>`
  const sub = `Which programs may call the API? ${counted(keys.length, 'key')}.`
  return html`${head({ title: 'Keys', sub, acts: [tabs('Keys'), make] })}
<section class="card">${rows}</section>`
}

export function ends(expiresAt: string | null): Html {
  return expiresAt === null ? html`<span class="dim">never</span>` : clock(expiresAt, 'day')
}

function showMaking(c: Context<ConsoleEnv>, form: Form | null, problem?: Problem) {
  const role = form === null ? { role: 'read-only' as const, may_see_bodies: false } : rightsIn(form)
  return showSettings(
    c,
    { title: 'Make a key', problem },
    html`${head({ title: 'Make a key', above: ['Keys', KEYS], sub: 'It goes where the administrator token goes, and does what its role may.' })}
<section class="card"><form class="pad form" method="post" action="${KEYS}/new">${problemNote(problem)}
${textField({ name: 'name', label: 'Name', value: form?.text('name') ?? '', hint: 'What it is for; the audit trail calls it so.', placeholder: 'nightly export', maxLength: 100, isRequired: true, fault: faultOf(problem, '#/name') })}
${rightsFields(role, problem)}
${choice({ name: 'days', label: 'Good for', value: form?.text('days') ?? '90', options: TERMS, fault: faultOf(problem, '#/expires_at') })}
${reasonField(form?.text('reason') ?? '')}
<div class="acts"><button class="btn main">Make the key</button><a class="btn" href="${KEYS}">Cancel</a></div>
</form></section>`,
  )
}

function made({ name, key, expires_at, role }: AnswerOf<typeof addKey>): Html {
  return html`${head({ title: `The key ${name}`, above: ['Keys', KEYS] })}
${card(
  'Copy it now',
  html`<div class="pad form">
${secretOnce('Key', key, 'Shown this once: the hub keeps no copy. Lost, make another and revoke this one.')}
<dl class="facts"><dt>Role</dt><dd>${role}</dd><dt>Ends</dt><dd>${ends(expires_at)}</dd><dt>Use it as</dt><dd class="mono">Authorization: Bearer …</dd></dl>
<div class="acts"><a class="btn main" href="${KEYS}">I have copied it</a></div></div>`,
)}`
}
