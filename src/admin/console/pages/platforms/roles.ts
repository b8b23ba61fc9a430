import type { Hono } from 'hono'
import type { confirmRoles, refuseRoles } from '../../../api/platforms/roles.ts'
import { mayAsk, seeOther, showPage } from '../../answer.ts'
import type { InputOf, Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { readForm } from '../../form.ts'
import { checkBox, problemNote, textField } from '../../parts/field.ts'
import { emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { ago } from '../../parts/time.ts'
import type { Platform } from '../../views.ts'
import { optionsOf, platformOf } from './action-pages.ts'

type Waiting = Platform['pending_roles'][number]
type Roles = NonNullable<InputOf<typeof confirmRoles>['body']>['roles']

const WHY: Readonly<Record<Waiting['why'], string>> = {
  'not-announced': 'nobody announced it',
  'named-by-rule': 'a rule names the party, and nobody reserved it',
  'given-up-lately': 'the party was another platform’s until lately',
}

/** Roles that a platform brought and that count once they are confirmed. */
export function addRolePages(app: Hono<ConsoleEnv>): void {
  const path = '/admin/platforms/:id{[0-9a-f-]{36}}/roles'
  app.get(path, async (c) => {
    const platform = await platformOf(c)
    const may = mayAsk(c, 'POST /platforms/{id}/pending-roles/confirm')
    return showPage(c, optionsOf(titleOf(platform), undefined), waiting(platform, may, { chosen: [], reason: '' }))
  })
  app.post(path, async (c) => {
    const form = await readForm(c)
    const api = c.get('api')
    const params = { id: c.req.param('id') }
    const isConfirmed = form.text('decision') === 'confirm'
    const chosen = form.all('role')
    const body = { roles: chosen.flatMap(roleOf), reason: form.maybe('reason') }
    const sent = isConfirmed
      ? await api.send<typeof confirmRoles>('post', '/platforms/{id}/pending-roles/confirm', { params, body })
      : await api.send<typeof refuseRoles>('post', '/platforms/{id}/pending-roles/refuse', { params, body })
    if (sent.kind === 'done') return seeOther(c, `/admin/platforms/${params.id}`, isConfirmed ? 'confirmed' : 'refused')
    const platform = await platformOf(c)
    const problem =
      chosen.length === 0
        ? { ...sent.problem, errors: [], detail: 'Choose the roles that you decide of.' }
        : sent.problem
    const typed = { chosen, reason: form.text('reason'), problem }
    return showPage(c, optionsOf(titleOf(platform), problem), waiting(platform, true, typed))
  })
}

type Typed = { readonly chosen: readonly string[]; readonly reason: string; readonly problem?: Problem }

function waiting(platform: Platform, may: boolean, { chosen, reason, problem }: Typed): Html {
  const { id, name, pending_roles: roles } = platform
  const above = [name, `/admin/platforms/${id}`] as const
  const top = head({
    title: titleOf(platform),
    above,
    sub: 'Is the party really its own? Ask its operators, then decide.',
  })
  if (roles.length === 0)
    return html`${top}<section class="card">${emptyState('No role waits', 'All that it brought counts, or was refused.')}</section>`
  const lines = roles.map(
    (role) =>
      html`<li>${checkBox({ name: 'role', value: keyOf(role), label: labelOf(role), isChecked: roles.length === 1 || chosen.includes(keyOf(role)) })}</li>`,
  )
  if (!may)
    return html`${top}<section class="card"><ul class="pad">${roles.map((role) => html`<li>${labelOf(role)}</li>`)}</ul></section>`
  return html`${top}
<section class="card confirm"><form class="pad form" method="post" action="${above[1]}/roles">
${problemNote(problem)}
<ul class="chosen">${lines}</ul>
<ul class="consequences"><li>Confirmed, a role counts: it takes part in routing, broadcasts and GET All, and others are told. Refused, it is dropped until the platform brings it again.</li><li>The partner is not told.</li><li>What counts stays so over later handshakes. To end it, take the role from the parties of the platform.</li></ul>
${textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', value: reason, maxLength: 500 })}
<div class="acts"><button class="btn main" name="decision" value="confirm">Confirm</button><button class="btn risk" name="decision" value="refuse">Refuse</button><a class="btn" href="${above[1]}">Cancel</a></div>
</form></section>`
}

function labelOf(role: Waiting): Html {
  return html`<b class="mono">${role.country_code}-${role.party_id}</b> ${role.role} <span class="dim">· ${WHY[role.why]} · came</span> ${ago(role.since)}`
}

function keyOf({ country_code, party_id, role }: Waiting): string {
  return `${country_code} ${party_id} ${role}`
}

/** What was chosen of the form's boxes; the API says what is wrong with anything else. */
function roleOf(text: string): Roles {
  const [, country_code = '', party_id = '', role = ''] = /^(\S+) (\S+) (\S+)$/.exec(text) ?? []
  return [{ country_code, party_id, role: role as Roles[number]['role'] }]
}

function titleOf({ name }: Platform): string {
  return `Roles that wait: ${name}`
}
