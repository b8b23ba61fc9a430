import type { Hono } from 'hono'
import type { changePlatform } from '../../../api/platforms/platforms.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { InputOf, Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { type Form, readForm } from '../../form.ts'
import { checkBox, choice, faultOf, problemNote, textField } from '../../parts/field.ts'
import { act, card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'
import { table } from '../../parts/table.ts'
import type { Platform } from '../../views.ts'
import { optionsOf, platformOf } from './action-pages.ts'

const ROUTE = 'PATCH /platforms/{id}'

type Endpoint = Platform['endpoints'][number]
type Override = NonNullable<NonNullable<InputOf<typeof changePlatform>['body']>['endpoint_overrides']>[number]
type Typed = { readonly override: Override; readonly reason: string; readonly problem: Problem }

/** Where does the hub call it, and what is mended in that? */
export function addInterfacePages(app: Hono<ConsoleEnv>): void {
  const path = '/admin/platforms/:id{[0-9a-f-]{36}}/interfaces'
  app.get(path, onlyWhoMay(ROUTE), async (c) => {
    const platform = await platformOf(c)
    return showPage(c, { ...optionsOf(titleOf(platform), undefined), done: DONE }, page(platform))
  })
  app.post(path, async (c) => {
    const form = await readForm(c)
    const platform = await platformOf(c)
    const override = overrideIn(form)
    const others = overridesOf(platform).filter((one) => keyOf(one) !== keyOf(override))
    const isUndone = form.text('do') === 'undo'
    const sent = await c.get('api').send<typeof changePlatform>('patch', '/platforms/{id}', {
      params: { id: platform.id },
      body: { endpoint_overrides: isUndone ? others : [...others, override], reason: form.maybe('reason') },
    })
    if (sent.kind === 'done')
      return seeOther(c, `/admin/platforms/${platform.id}/interfaces`, isUndone ? 'undone' : 'mended')
    const typed = { override, reason: form.text('reason'), problem: sent.problem }
    return showPage(c, optionsOf(titleOf(platform), sent.problem), page(platform, typed))
  })
}

const DONE = {
  mended: 'Mended. The hub calls it there from now on.',
  undone: 'Undone. What the partner announces holds again.',
}

function page(platform: Platform, typed?: Typed): Html {
  const { id, name, endpoints } = platform
  return html`${head({ title: titleOf(platform), above: [name, `/admin/platforms/${id}`], sub: 'What its version details say, and what you mended in that. It holds over its next handshakes, until you undo it.' })}
${card(
  'Endpoints',
  table(
    'Endpoints',
    [
      {
        head: 'Module',
        cell: ({ identifier, role }) => html`${identifier}<br><span class="dim">${role}</span>`,
      },
      { head: 'Called at', cell: (endpoint) => called(id, endpoint), is: 'wrap' },
    ],
    endpoints,
    emptyState('None are known', 'They are read in its handshake. You can set one before.'),
  ),
)}
${mendForm(id, typed)}`
}

function mendForm(id: string, typed: Typed | undefined): Html {
  const { override, reason = '', problem } = typed ?? {}
  const faultAt = (field: string) =>
    problem?.errors?.find(({ pointer }) => new RegExp(`^#/endpoint_overrides/\\d+/${field}$`).test(pointer ?? ''))
      ?.detail
  return card(
    'Mend one',
    html`<form class="pad form" method="post" action="/admin/platforms/${id}/interfaces">
${problemNote(problem)}
${textField({ name: 'identifier', label: 'Module', placeholder: 'locations', isMono: true, isRequired: true, value: override?.identifier ?? '', fault: faultAt('identifier') })}
${choice({
  name: 'role',
  label: 'Role',
  value: override?.role ?? 'SENDER',
  options: [
    ['SENDER', 'SENDER: the hub asks it'],
    ['RECEIVER', 'RECEIVER: the hub sends to it'],
  ],
})}
${textField({ name: 'url', label: 'URL', type: 'url', isMono: true, maxLength: 2048, value: override?.url ?? '', fault: faultAt('url') ?? faultOf(problem, '#/endpoint_overrides'), hint: 'In the place of what is announced, or beside it.' })}
${checkBox({ name: 'hide', label: 'Hide it instead: the hub acts as if it were not announced', isChecked: override?.url === null })}
${textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', value: reason, maxLength: 500 })}
<div class="acts"><button class="btn main" name="do" value="mend">Mend</button></div>
</form>`,
    '',
    'confirm',
  )
}

/** Where it is called; of one that was mended also what was announced, and the way back to that. */
function called(id: string, { identifier, role, url, override }: Endpoint): Html {
  if (override === undefined) return html`<span class="mono">${url ?? ''}</span>`
  const undo = act(`/admin/platforms/${id}/interfaces`, 'Undo', { fields: { do: 'undo', identifier, role } })
  return html`<div class="mended"><div>${pill('warn', url === null ? 'hidden' : 'mended')} <span class="mono">${url ?? ''}</span><br><span class="dim">announced: <span class="mono">${override.announced_url ?? 'nothing'}</span></span></div>${undo}</div>`
}

function overridesOf({ endpoints }: Platform): Override[] {
  return endpoints.flatMap(({ identifier, role, url, override }) => (override ? [{ identifier, role, url }] : []))
}

function overrideIn(form: Form): Override {
  const url = form.isChecked('hide') ? null : form.text('url').trim()
  return { identifier: form.text('identifier').trim(), role: form.text('role') as Override['role'], url }
}

/** The role of a credentials endpoint says nothing. */
function keyOf({ identifier, role }: Override): string {
  return identifier === 'credentials' ? identifier : `${identifier} ${role}`
}

function titleOf({ name }: Platform): string {
  return `Interfaces: ${name}`
}
