import type { Context } from 'hono'
import type { AdminRole } from '../../../../hub/administration/author.ts'
import { type PageOptions, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import type { Form } from '../../form.ts'
import { checkBox, choice, faultOf, textField } from '../../parts/field.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'

// What the pages of the settings share.

const TABS = [
  ['People', '/admin/settings/people'],
  ['Keys', '/admin/settings/keys'],
  ['Notifications', '/admin/settings/notifications'],
  ['Sign-in', '/admin/settings/sign-in'],
] as const

/** Links to the parts of the settings. */
export function tabs(current: (typeof TABS)[number][0]): Html {
  return html`<nav class="seg" aria-label="Settings">${TABS.map(([text, link]) => html`<a href="${link}"${text === current ? html` aria-current="page"` : ''}>${text}</a>`)}</nav>`
}

/** Answers with a page of the settings; with a problem, in the words of the API. */
export function showSettings(
  c: Context<ConsoleEnv>,
  of: Pick<PageOptions, 'title' | 'done'> & { readonly problem?: Problem | undefined },
  body: Html,
) {
  const { title, done = {}, problem } = of
  return showPage(c, { title, section: 'settings', done, status: (problem?.status ?? 200) as 200 }, body)
}

const ROLES = [
  ['read-only', 'read-only: sees, and changes nothing'],
  ['operator', 'operator: all but people and keys'],
  ['owner', 'owner: everything'],
] as const satisfies readonly (readonly [AdminRole, string])[]

type Rights = { readonly role: AdminRole; readonly may_see_bodies: boolean }

/** What somebody may do: a role, and the sight of bodies that a role may lack. */
export function rightsFields({ role, may_see_bodies }: Rights, problem: Problem | undefined): Html {
  return html`${choice({ name: 'role', label: 'Role', value: role, options: ROLES, fault: faultOf(problem, '#/role') })}
${checkBox({ name: 'may_see_bodies', label: 'If read-only: sees headers and bodies of messages, which the other roles do anyway', isChecked: may_see_bodies })}`
}

/** The rights in a form. The API refuses what is no role. */
export function rightsIn(form: Form): Rights {
  return { role: form.text('role') as AdminRole, may_see_bodies: form.isChecked('may_see_bodies') }
}

export function reasonField(reason: string): Html {
  return textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', value: reason, maxLength: 500 })
}

/** The role, and whether it sees more than its name says. */
export function rights({ role, may_see_bodies }: Rights): Html {
  return html`${role}${role === 'read-only' && may_see_bodies ? html` <span class="dim">and bodies</span>` : ''}`
}

/** Whether an account or a key opens anything now. */
export function standing(disabledAt: string | null, expiresAt: string | null = null): Html {
  if (disabledAt !== null) return pill('off', 'disabled')
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) return pill('off', 'over')
  return pill('good', 'active')
}

/** A secret that is shown this once, in a field that the keyboard reaches. */
export function secretOnce(label: string, secret: string, hint: string): Html {
  return html`<div class="field"><label for="secret">${label}</label><input id="secret" type="text" class="mono" value="${secret}" readonly autofocus spellcheck="false" autocomplete="off" aria-describedby="secret-hint"><p class="hint" id="secret-hint">${hint}</p></div>`
}
