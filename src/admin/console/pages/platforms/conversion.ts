import type { Hono } from 'hono'
import type { changePlatform } from '../../../api/platforms/platforms.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { checkBox, choice, faultOf, problemNote, textField } from '../../parts/field.ts'
import { head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import type { Platform } from '../../views.ts'
import { optionsOf, platformOf } from './action-pages.ts'
import { type ConversionField, changeOf, fieldsFor, type Typed, typedIn, typedOf } from './conversion-fields.ts'

/** What becomes of what its version cannot say? */
export function addConversionPages(app: Hono<ConsoleEnv>): void {
  const path = '/admin/platforms/:id{[0-9a-f-]{36}}/conversion'
  app.get(path, onlyWhoMay('PATCH /platforms/{id}'), async (c) => {
    const platform = await platformOf(c)
    return showPage(c, optionsOf(titleOf(platform), undefined), form(platform, typedOf(platform), ''))
  })
  app.post(path, async (c) => {
    const sent = await readForm(c)
    const platform = await platformOf(c)
    const typed = typedIn(platform, sent)
    const conversion = changeOf(platform, typed, sent.text('preset'))
    const page = `/admin/platforms/${platform.id}`
    if (conversion === null) return seeOther(c, page, 'unchanged')
    const result = await c.get('api').send<typeof changePlatform>('patch', '/platforms/{id}', {
      params: { id: platform.id },
      body: { conversion, reason: sent.maybe('reason') },
    })
    if (result.kind === 'done') return seeOther(c, page, 'saved')
    const { problem } = result
    return showPage(c, optionsOf(titleOf(platform), problem), form(platform, typed, sent.text('reason'), problem))
  })
}

function form(platform: Platform, typed: Typed, reason: string, problem?: Problem): Html {
  const above = `/admin/platforms/${platform.id}`
  const { version } = platform
  const speaks = version === null ? 'Its version is agreed in its handshake' : `It speaks OCPI ${version}`
  return html`${head({ title: titleOf(platform), above: [platform.name, above], sub: `${speaks}. Between equal versions nothing is converted. What you change holds at once.` })}
<section class="card confirm"><form class="pad form" method="post" action="${above}/conversion">
${problemNote(problem)}
${choice({
  name: 'preset',
  label: 'Begin from',
  hint: 'Before what you change below. Ids and the counterparty stay as they are.',
  options: [
    ['', 'how it is now'],
    ['default', 'the defaults'],
    ['gireve', 'what partners know of GIREVE: authorization_id, and signed_data in CDRs'],
  ],
})}
${fieldsFor(platform).map((field) => input(field, typed[field.name] ?? '', problem))}
${textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', value: reason, maxLength: 500, fault: faultOf(problem, '#/reason') })}
<div class="acts"><button class="btn main">Save</button><a class="btn" href="${above}">Cancel</a></div>
</form></section>`
}

function input({ name, label, hint, input: kind }: ConversionField, value: string, problem: Problem | undefined): Html {
  const field = { name, label, hint, value, fault: faultOf(problem, `#/conversion/${name}`) }
  if (kind === 'box') return checkBox({ name, label, hint, isChecked: value === 'on' })
  if (kind === 'text' || kind === 'number') return textField({ ...field, type: kind, maxLength: 64 })
  return choice({ ...field, options: kind })
}

function titleOf({ name }: Platform): string {
  return `Conversion: ${name}`
}
