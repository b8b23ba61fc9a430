import { FUNCTIONAL_MODULES } from '../../../../ocpi/modules.ts'
import type { Problem } from '../../api.ts'
import type { Form } from '../../form.ts'
import { checkBox, problemNote, textField } from '../../parts/field.ts'
import { emptyState } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import type { Platform } from '../../views.ts'
import type { Choice, Found, Standing } from './rules.ts'

export const NOTHING_CHOSEN: Choice = { as: '', others: [], isAll: false, modules: [], from: '', until: '' }

export function readChoice(form: Form): Choice {
  return {
    as: form.text('as'),
    others: form.all('with'),
    isAll: form.isChecked('all'),
    modules: form.all('module'),
    from: form.text('from'),
    until: form.text('until'),
  }
}

/** A choice carried on to the page that asks whether it is meant. */
export function choiceFields({ as, others, modules, from, until }: Choice): Html {
  const hidden = (name: string, value: string) => html`<input type="hidden" name="${name}" value="${value}">`
  return html`${hidden('as', as)}${others.map((name) => hidden('with', name))}${modules.map((name) => hidden('module', name))}${hidden('from', from)}${hidden('until', until)}`
}

export function noCounterparties(title: string, text: string): Html {
  return html`<section class="card">${emptyState(title, text)}</section>`
}

export function choiceForm(of: {
  readonly platform: Platform
  readonly sides: readonly Standing[]
  readonly side: Standing
  readonly found: Found
  readonly choice: Choice
  /** The filter of the other side, as it was typed. */
  readonly only: string
  readonly problem: Problem | undefined
}): Html {
  const { platform, side, found, choice, only } = of
  const path = `/admin/onboarding/${platform.id}/agreements`
  const word = side.side === 'cpo' ? 'eMSPs and others' : 'CPOs'
  const chosen = new Set(choice.others)
  return html`${of.sides.length < 2 ? '' : sideLinks(of.sides, side, path)}
<section class="card">
<form class="filters" method="get"><input type="hidden" name="as" value="${side.as}">${textField({ name: 'only', label: 'Only these countries or parties', value: only, placeholder: 'NL, DE-ABC' })}<button class="btn">Filter</button></form>
<form class="form pad" method="post" action="${path}">
${problemNote(of.problem)}
<input type="hidden" name="as" value="${side.as}">
<fieldset><legend>${side.party} may talk with these ${word}</legend>
${found.others.length === 0 ? html`<p class="dim">There are none${only === '' ? ' yet' : ' that the filter lets through'}.</p>` : ''}
<div class="boxes">${found.others.map(({ name, may }) => (may === 'all' ? html`<span class="dim">✓ ${name} already</span>` : checkBox({ name: 'with', value: name, isChecked: chosen.has(name), label: html`<span class="mono">${name}</span>${may === 'some' ? html` <span class="dim">some already</span>` : ''}` })))}</div>
${found.isMore ? html`<p class="hint">The first ${found.others.length}. The filter finds the others.</p>` : ''}
${checkBox({ name: 'all', label: `All, also those that do not stand here`, isChecked: choice.isAll })}</fieldset>
<fieldset><legend>About <span class="dim">(none chosen: everything)</span></legend><div class="boxes">${FUNCTIONAL_MODULES.map((name) => checkBox({ name: 'module', value: name, label: name, isChecked: choice.modules.includes(name) }))}</div></fieldset>
<div class="days">${textField({ name: 'from', label: 'From', type: 'date', value: choice.from, hint: '00:00 UTC. Empty: at once.' })}${textField({ name: 'until', label: 'Until', type: 'date', value: choice.until, hint: '00:00 UTC. Empty: until it is ended.' })}</div>
<div class="acts"><button class="btn main">Preview</button><a class="btn" href="/admin/onboarding/${platform.id}">Cancel</a></div>
</form></section>`
}

/** A party may be on both sides, and a platform have several. */
function sideLinks(sides: readonly Standing[], current: Standing, path: string): Html {
  return html`<div class="seg" role="group" aria-label="Party">${sides.slice(0, 20).map(({ party, side, as }) => html`<a href="${address(path, { as })}"${as === current.as ? html` aria-current="true"` : ''}>${party} ${side === 'cpo' ? 'CPO' : 'eMSP side'}</a>`)}</div>`
}
