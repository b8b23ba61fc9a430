import type { Context } from 'hono'
import { AUDIT_ACTIONS } from '../../../../hub/administration/audit.ts'
import type { Problem } from '../../api.ts'
import { choice, faultOf, problemNote, textField } from '../../parts/field.ts'
import { type Html, html } from '../../parts/html.ts'

const DAY_MS = 86_400_000

const FIELDS = ['who', 'what', 'q', 'since', 'until', 'platform'] as const

/** What the form asks for, as it was typed; empty where nothing was. `since` and `until` are days, both inclusive. */
export type Search = Readonly<Record<(typeof FIELDS)[number], string>>

export function searchIn(c: Context): Search {
  return Object.fromEntries(FIELDS.map((name) => [name, (c.req.query(name) ?? '').trim()])) as Search
}

/** The search as the API is asked, which takes moments. */
export function queryOf({ since, until, ...words }: Search) {
  return { ...words, since: startOf(since, 0), until: startOf(until, 1) }
}

/** The first moment of a day, in UTC, or of a day after it. What is no day stays as it is, for the API to say so. */
function startOf(day: string, daysAfter: number): string {
  const at = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return Number.isNaN(at) ? day : new Date(at + daysAfter * DAY_MS).toISOString()
}

export function auditFilters(search: Search, problem: Problem | undefined): Html {
  const { who, what, q, since, until, platform } = search
  const fault = (name: string) => faultOf(problem, name)
  return html`${problem === undefined ? '' : html`<div class="pad">${problemNote(problem)}</div>`}
<form class="filters" method="get" action="/admin/audit">
${textField({ name: 'who', label: 'Who', value: who, placeholder: 'Name or ID', fault: fault('who') })}
${choice({ name: 'what', label: 'What', value: what, options: actionsWith(what), fault: fault('what') })}
<div class="field wide">${textField({ name: 'q', label: 'Words', value: q, placeholder: 'On what, reason, values', fault: fault('q') })}</div>
${textField({ name: 'since', label: 'From day (UTC)', type: 'date', value: since, fault: fault('since') })}
${textField({ name: 'until', label: 'To day', type: 'date', value: until, fault: fault('until') })}
${platform === '' ? '' : textField({ name: 'platform', label: 'Platform', value: platform, isMono: true, fault: fault('platform') })}
<button class="btn">Search</button></form>`
}

/** All actions, below what several of them begin with: `platform` is any change of a platform. */
function actionsWith(asked: string): (readonly [string, string])[] {
  const kinds = [...new Set(AUDIT_ACTIONS.map((action) => action.slice(0, action.indexOf('.'))))]
  const options = kinds.flatMap((kind): (readonly [string, string])[] => {
    const own = AUDIT_ACTIONS.filter((action) => action.startsWith(`${kind}.`))
    return [...(own.length > 1 ? [[kind, `${kind}: all`] as const] : []), ...own.map((one) => [one, one] as const)]
  })
  const isKnown = asked === '' || options.some(([value]) => value === asked)
  return [['', 'Any change'], ...(isKnown ? [] : [[asked, asked] as const]), ...options]
}
