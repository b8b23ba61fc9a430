import type { Hono } from 'hono'
import type { changePlatform } from '../../../api/platforms/platforms.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { checkBox, choice, faultOf, problemNote, textArea, textField } from '../../parts/field.ts'
import { head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import type { Platform } from '../../views.ts'
import { optionsOf, platformOf } from './action-pages.ts'
import { changeOf, type Fields, fieldsOf, typedIn } from './settings-change.ts'

const ROUTE = 'PATCH /platforms/{id}'

/** How do the two speak, and what is it called? */
export function addSettingsPages(app: Hono<ConsoleEnv>): void {
  const path = '/admin/platforms/:id{[0-9a-f-]{36}}/settings'
  app.get(path, onlyWhoMay(ROUTE), async (c) => {
    const platform = await platformOf(c)
    return showPage(c, optionsOf(titleOf(platform), undefined), form(platform, fieldsOf(platform), ''))
  })
  app.post(path, async (c) => {
    const sent = await readForm(c)
    const platform = await platformOf(c)
    const typed = typedIn(sent)
    const change = changeOf(fieldsOf(platform), typed)
    const page = `/admin/platforms/${platform.id}`
    if (change === null) return seeOther(c, page, 'unchanged')
    const result = await c.get('api').send<typeof changePlatform>('patch', '/platforms/{id}', {
      params: { id: platform.id },
      body: { ...change, reason: sent.maybe('reason') },
    })
    if (result.kind === 'done') return seeOther(c, page, 'saved')
    const { problem } = result
    return showPage(c, optionsOf(titleOf(platform), problem), form(platform, typed, sent.text('reason'), problem))
  })
}

function form(platform: Platform, typed: Fields, reason: string, problem?: Problem): Html {
  const above = `/admin/platforms/${platform.id}`
  const number = (name: 'requests_per_second' | 'concurrency' | 'max_age_seconds', label: string, hint: string) =>
    textField({ name, label, hint, type: 'number', value: typed[name], fault: faultOf(problem, `#/delivery/${name}`) })
  const box = (name: 'strict_authorization' | 'strict' | 'left_out_of_get_all' | 'hold', label: string, hint: string) =>
    checkBox({ name, label, hint, isChecked: typed[name] === 'on' })
  return html`${head({ title: titleOf(platform), above: [platform.name, above], sub: 'What you change holds at once. The partner is not told.' })}
<section class="card confirm"><form class="pad form" method="post" action="${above}/settings">
${problemNote(problem)}
${textField({ name: 'name', label: 'Name', value: typed.name, maxLength: 100, isRequired: true, fault: faultOf(problem, '#/name') })}
${textArea({ name: 'parties', label: 'Announced roles', rows: 4, isMono: true, value: typed.parties, fault: partyFault(problem), hint: 'One a line, such as NL-ABC CPO: reserved for it, and PLANNED to others until it brings them. What is connected already does not stand here.' })}
<h2>Delivery</h2>
${number('requests_per_second', 'Requests a second', 'At most. Empty: the default of the hub.')}
${number('concurrency', 'At once', 'At most so many deliveries under way. Empty: the default of the hub.')}
${number('max_age_seconds', 'Try for, in seconds', 'What fails for longer is listed as missed. Empty: the default of the hub.')}
${choice({
  name: 'after_offline',
  label: 'What waits while it is OFFLINE',
  value: typed.after_offline,
  options: [
    ['none', 'is dropped, and listed as missed'],
    ['resync', 'is kept for its return, of each object the latest'],
  ],
})}
${choice({
  name: 'broadcast_to',
  label: 'A broadcast comes',
  value: typed.broadcast_to,
  options: [
    ['platform', 'once for all its parties'],
    ['party', 'once for each of its parties'],
  ],
})}
<h2>Connection</h2>
${choice({
  name: 'token_encoding',
  label: 'Our token goes to it',
  hint: 'In the Authorization header of all calls of the hub. A partner that answers 401 to one way may want the other.',
  value: typed.token_encoding,
  options: [
    ['base64', 'in Base64, as the specification has it'],
    ['raw', 'raw, not in Base64'],
  ],
})}
${box('strict_authorization', 'Take its token as the specification writes it only', 'In Base64, and raw in OCPI 2.1.1. Else it may come either way, or with the scheme in another spelling.')}
${box('strict', 'Hold it to the specification in all else, too', 'To find its mistakes before others do: what deviates is refused. Else it is taken where it can mean one thing only.')}
${box('left_out_of_get_all', 'Leave its lists out of GET All', 'Whoever asks all parties at once is told that its objects are missing.')}
${platform.status === 'CONNECTED' || platform.status === 'OFFLINE' ? '' : box('hold', 'Hold it after its handshake', 'It stays PLANNED, and nobody talks to it, until an administrator releases it.')}
${textField({ name: 'most_roles', label: 'Most roles', type: 'number', value: typed.most_roles, fault: faultOf(problem, '#/most_roles'), hint: 'Empty: the default of the hub.' })}
${textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', value: reason, maxLength: 500, fault: faultOf(problem, '#/reason') })}
<div class="acts"><button class="btn main">Save</button><a class="btn" href="${above}">Cancel</a></div>
</form></section>`
}

/** What is wrong with a role, and in which line it stands. */
function partyFault(problem: Problem | undefined): string | undefined {
  for (const { pointer = '', detail } of problem?.errors ?? []) {
    const [, index] = /^#\/parties\/(\d+)/.exec(pointer) ?? []
    if (index !== undefined) return `Line ${Number(index) + 1}: ${detail}`
  }
  return undefined
}

function titleOf({ name }: Platform): string {
  return `Settings: ${name}`
}
