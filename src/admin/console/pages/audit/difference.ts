import { type Html, html } from '../../parts/html.ts'
import type { AuditEntry } from '../../views.ts'

/** More fields than that are folded. */
const SHOWN = 4
/** Longer values are cut; all of them stand in the file. */
const LONGEST = 160

type Fields = AuditEntry['before']

/** What changed, field by field: what was, struck through, and what is now. */
export function difference(before: Fields, after: Fields): Html {
  const [old, fresh] = [before === null ? {} : flat(before), after === null ? {} : flat(after)]
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
  const told = names.filter((name) => !isNothing(old[name]) || !isNothing(fresh[name]))
  if (told.length === 0) return html`<span class="dim">–</span>`
  const lines = told.map((name) => line(name, old[name], fresh[name]))
  const folded = lines.slice(SHOWN)
  return html`<dl class="diff">${lines.slice(0, SHOWN)}</dl>
${folded.length === 0 ? '' : html`<details><summary>${folded.length} more</summary><dl class="diff">${folded}</dl></details>`}`
}

/** Fields of fields under their whole name: `delivery.concurrency`. */
function flat(fields: object, within = ''): Record<string, unknown> {
  const entries = Object.entries(fields).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(flat(value, `${within}${name}.`))
      : [[within + name, value]],
  )
  return Object.fromEntries(entries)
}

function line(name: string, was: unknown, is: unknown): Html {
  const old = isNothing(was) ? '' : html`<del>${inWords(was)}</del>`
  const fresh = isNothing(is) ? '' : html`<ins>${inWords(is)}</ins>`
  const arrow = html`<span class="arrow">→</span>`
  const nothing = html`<span class="dim">none</span>`
  // What was not there before is what was added, and needs no arrow.
  const values = old === '' ? fresh || nothing : html`${old}${arrow}${fresh || nothing}`
  return html`<div><dt>${name}</dt><dd>${values}</dd></div>`
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0)
}

function inWords(value: unknown): string {
  const text = typeof value === 'string' ? value : shown(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** Fields and lists as people read them: `country_code NL, party_id ABC`. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'string' ? item : shown(item))).join('; ')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, one]) => `${name} ${typeof one === 'string' ? one : shown(one)}`)
    .join(', ')
}
