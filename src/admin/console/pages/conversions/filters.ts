import type { Fate, Kind } from '../../../../ocpi/convert/conversion.ts'
import type { listConversions } from '../../../api/conversions/conversions.ts'
import type { InputOf, Problem } from '../../api.ts'
import { choice, faultOf } from '../../parts/field.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'

export type Query = NonNullable<InputOf<typeof listConversions>['query']>

const VERSIONS = ['2.1.1', '2.2.1', '2.3.0'] as const

const KINDS: Readonly<Record<Kind, string>> = {
  location: 'Location',
  evse: 'EVSE',
  connector: 'Connector',
  tariff: 'Tariff',
  token: 'Token',
  session: 'Session',
  cdr: 'CDR',
  'location-references': 'LocationReferences',
  authorization: 'Authorisation',
  'reserve-now': 'RESERVE_NOW',
  'start-session': 'START_SESSION',
  'stop-session': 'STOP_SESSION',
  'unlock-connector': 'UNLOCK_CONNECTOR',
  'cancel-reservation': 'CANCEL_RESERVATION',
  'command-response': 'Answer to a command',
  'command-result': 'Result of a command',
}

export const FATES: Readonly<Record<Fate, string>> = {
  withheld: 'Withheld',
  lost: 'Lost',
  changed: 'Changed',
  invented: 'Invented',
  unknown: 'Unknown value',
}

/** What somebody looks for, as it stands in the address of the page; empty where nothing does. */
export type Filters = Readonly<Record<'source' | 'platform' | 'from' | 'to' | 'kind' | 'fate', string>>

export function filtersOf(query: (name: string) => string | undefined): Filters {
  const names = ['source', 'platform', 'from', 'to', 'kind', 'fate'] as const
  return Object.fromEntries(names.map((name) => [name, (query(name) ?? '').trim()])) as Filters
}

export function isNarrowed(filters: Filters): boolean {
  return Object.values(filters).some((value) => value !== '')
}

/** A kind as the field calls it. */
export function kindOf(kind: string): string {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind as Kind] : kind
}

/** Names of the platforms that are looked at, as they are called now; null for one that is gone. */
export type Named = Readonly<Record<'source' | 'platform', string | null>>

export function filterForm(filters: Filters, named: Named, problem: Problem | undefined): Html {
  const { from, to, kind, fate } = filters
  const any = (words: readonly (readonly [string, string])[]) => [['', 'Any'], ...words] as const
  const versions = any(VERSIONS.map((version) => [version, version] as const))
  return html`<form class="filters" method="get" action="/admin/conversions" hx-get="/admin/conversions" hx-target="#found" hx-select="#found" hx-push-url="true">
${platformNote(filters, 'source', named.source, 'Of what', 'sent, only', 'Of all')}${platformNote(filters, 'platform', named.platform, 'Toward', 'only', 'Toward all')}
${choice({ name: 'from', label: 'From version', value: from, options: versions, fault: faultOf(problem, 'from') })}
${choice({ name: 'to', label: 'To version', value: to, options: versions, fault: faultOf(problem, 'to') })}
${choice({ name: 'kind', label: 'Kind', value: kind, options: any(Object.entries(KINDS)), fault: faultOf(problem, 'kind') })}
${choice({ name: 'fate', label: 'What became of it', value: fate, options: any(Object.entries(FATES)), fault: faultOf(problem, 'fate') })}
<button class="btn">Filter</button></form>`
}

/** Of which platform alone, with the way back to all. */
function platformNote(
  filters: Filters,
  field: 'source' | 'platform',
  name: string | null,
  before: string,
  behind: string,
  all: string,
): Html | '' {
  const id = filters[field]
  if (id === '') return ''
  const toAll = address('/admin/conversions', { ...filters, [field]: '' })
  return html`<input type="hidden" name="${field}" value="${id}"><p class="note wide">${before} ${name ?? 'a platform that is gone'} ${behind}. <a href="${toAll}">${all}</a></p>`
}
