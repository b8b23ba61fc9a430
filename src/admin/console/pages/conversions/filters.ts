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
export type Filters = Readonly<Record<'platform' | 'from' | 'to' | 'kind' | 'fate', string>>

export function filtersOf(query: (name: string) => string | undefined): Filters {
  const names = ['platform', 'from', 'to', 'kind', 'fate'] as const
  return Object.fromEntries(names.map((name) => [name, (query(name) ?? '').trim()])) as Filters
}

export function isNarrowed(filters: Filters): boolean {
  return Object.values(filters).some((value) => value !== '')
}

/** A kind as the field calls it. */
export function kindOf(kind: string): string {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind as Kind] : kind
}

/** @param platformName of the platform that is looked at */
export function filterForm(filters: Filters, platformName: string | null, problem: Problem | undefined): Html {
  const { platform, from, to, kind, fate } = filters
  const any = (words: readonly (readonly [string, string])[]) => [['', 'Any'], ...words] as const
  const versions = any(VERSIONS.map((version) => [version, version] as const))
  const all = address('/admin/conversions', { ...filters, platform: '' })
  return html`<form class="filters" method="get" action="/admin/conversions" hx-get="/admin/conversions" hx-target="#found" hx-select="#found" hx-push-url="true">
${platform === '' ? '' : html`<input type="hidden" name="platform" value="${platform}"><p class="note wide">Toward ${platformName ?? 'a platform that is gone'} only. <a href="${all}">Toward all</a></p>`}
${choice({ name: 'from', label: 'From version', value: from, options: versions, fault: faultOf(problem, 'from') })}
${choice({ name: 'to', label: 'To version', value: to, options: versions, fault: faultOf(problem, 'to') })}
${choice({ name: 'kind', label: 'Kind', value: kind, options: any(Object.entries(KINDS)), fault: faultOf(problem, 'kind') })}
${choice({ name: 'fate', label: 'What became of it', value: fate, options: any(Object.entries(FATES)), fault: faultOf(problem, 'fate') })}
<button class="btn">Filter</button></form>`
}
