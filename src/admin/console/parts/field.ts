import type { Problem } from '../api.ts'
import { type Html, html } from './html.ts'

type Field = {
  /** As the form posts it. */
  readonly name: string
  readonly label: string
  /** What was typed already. */
  readonly value?: string
  readonly hint?: string | Html
  /** What is wrong with it, see `faultOf`. */
  readonly fault?: string | undefined
  readonly isRequired?: boolean
}

type TextField = Field & {
  readonly type?: 'text' | 'password' | 'url' | 'email' | 'date' | 'datetime-local' | 'number' | 'search'
  readonly placeholder?: string
  readonly maxLength?: number
  /** What the browser may fill in. @default nothing */
  readonly autocomplete?: string
  readonly isMono?: boolean
}

/** One line of text. */
export function textField(field: TextField): Html {
  const { name, value = '', type = 'text', placeholder = '', maxLength = 255, autocomplete = 'off' } = field
  return labelled(
    field,
    html`<input id="${idOf(name)}" name="${name}" type="${type}" value="${value}" placeholder="${placeholder}" maxlength="${maxLength}" autocomplete="${autocomplete}"${field.isMono ? html` class="mono"` : ''}${marks(field)}>`,
  )
}

/** Several lines of text. */
export function textArea(field: Field & { readonly rows?: number; readonly isMono?: boolean }): Html {
  const { name, value = '', rows = 4 } = field
  return labelled(
    field,
    html`<textarea id="${idOf(name)}" name="${name}" rows="${rows}"${field.isMono ? html` class="mono"` : ''}${marks(field)}>${value}</textarea>`,
  )
}

/** One of several, each with what it is called. */
export function choice(field: Field & { readonly options: readonly (readonly [value: string, text: string])[] }): Html {
  const { name, value = '', options } = field
  return labelled(
    field,
    html`<select id="${idOf(name)}" name="${name}"${marks(field)}>${options.map(([own, text]) => html`<option value="${own}"${own === value ? html` selected` : ''}>${text}</option>`)}</select>`,
  )
}

/** Yes or no. */
export function checkBox(field: {
  readonly name: string
  readonly label: string | Html
  readonly value?: string
  readonly isChecked?: boolean
  readonly hint?: string
}): Html {
  const { name, label, value = 'on', isChecked = false, hint } = field
  const about = hint === undefined ? '' : html`<span class="hint">${hint}</span>`
  return html`<label class="check"><input type="checkbox" name="${name}" value="${value}"${isChecked ? html` checked` : ''}><span>${label}${about}</span></label>`
}

/** What an answer of the API says of one place in its input: `faultOf(problem, '#/name')` for a body, `'since'` for a query. */
export function faultOf(problem: Problem | undefined, place: string): string | undefined {
  const isAt = (at: string | undefined) => at !== undefined && (at === place || at.startsWith(`${place}/`))
  return problem?.errors?.find(({ pointer, parameter }) => isAt(pointer) || parameter === place)?.detail
}

/** Says above a form why it was not done. Nothing without a problem. */
export function problemNote(problem: Problem | undefined): Html | '' {
  if (problem === undefined) return ''
  const places = (problem.errors ?? []).map(
    ({ pointer, parameter = '', detail }) => `${inWords(pointer ?? parameter)}: ${detail}`,
  )
  const why = places.length === 0 ? [problem.detail] : places
  return html`<div class="note bad" role="alert"><strong>${problem.title}</strong>${why.map((each) => html`<p>${each}</p>`)}</div>`
}

/** `#/b/country_code` is `b, country code`. */
function inWords(place: string): string {
  return place.replace(/^#\/?/, '').replaceAll('/', ', ').replaceAll('_', ' ')
}

function labelled({ name, label, hint, fault }: Field, input: Html): Html {
  return html`<div class="field${fault === undefined ? '' : ' is-bad'}"><label for="${idOf(name)}">${label}</label>${input}${hint === undefined ? '' : html`<p class="hint" id="${idOf(name)}-hint">${hint}</p>`}${fault === undefined ? '' : html`<p class="fault" id="${idOf(name)}-fault">${fault}</p>`}</div>`
}

function marks({ name, hint, fault, isRequired }: Field): Html {
  const about = [hint === undefined ? '' : `${idOf(name)}-hint`, fault === undefined ? '' : `${idOf(name)}-fault`]
  const ids = about.filter((id) => id !== '').join(' ')
  return html`${isRequired ? html` required` : ''}${fault === undefined ? '' : html` aria-invalid="true"`}${ids === '' ? '' : html` aria-describedby="${ids}"`}`
}

function idOf(name: string): string {
  return `f-${name}`
}
