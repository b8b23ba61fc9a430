import { PARTY_ROLES, type Role } from '../../../../ocpi/party.ts'
import type { Problem } from '../../api.ts'
import { choice, faultOf, textField } from '../../parts/field.ts'
import { type Html, html } from '../../parts/html.ts'

const STATUSES = ['CONNECTED', 'OFFLINE', 'PLANNED', 'SUSPENDED'] as const

const VERSIONS = ['2.1.1', '2.2.1', '2.3.0'] as const

const SORTS = {
  '-created': 'Added last',
  created: 'Added first',
  name: 'Name',
  '-status_since': 'Status changed last',
  status_since: 'Status unchanged longest',
  '-last_seen': 'Heard last',
  last_seen: 'Not heard longest',
} as const

type Sort = keyof typeof SORTS

/** Which platforms, and in which order; what is undefined narrows nothing. */
export type Filter = {
  readonly q: string | undefined
  readonly status: (typeof STATUSES)[number] | undefined
  readonly role: Role | undefined
  readonly party: string | undefined
  readonly version: string | undefined
  readonly sort: Sort
}

/** The filter in the address of a page. What it cannot be is left out of it. */
export function filterOf(query: (name: string) => string | undefined): Filter {
  const sorts = Object.keys(SORTS) as Sort[]
  return {
    q: query('q')?.trim().slice(0, 100) || undefined,
    status: STATUSES.find((one) => one === query('status')),
    role: PARTY_ROLES.find((one) => one === query('role')),
    party: query('party')?.trim() || undefined,
    version: VERSIONS.find((one) => one === query('version')),
    sort: sorts.find((one) => one === query('sort')) ?? '-created',
  }
}

export function isNarrowed({ q, status, role, party, version }: Filter): boolean {
  return [q, status, role, party, version].some((value) => value !== undefined)
}

/** The filter as a form, so that a search is a link. */
export function filterForm(filter: Filter, problem: Problem | undefined): Html {
  const { q = '', status = '', role = '', party = '', version = '', sort } = filter
  const any = (words: string, values: readonly string[]) =>
    [['', words], ...values.map((one) => [one, one] as const)] as const
  return html`<form class="filters" method="get" action="/admin/platforms" hx-get="/admin/platforms" hx-target="#rows" hx-select="#rows" hx-push-url="true">
<div class="wide">${textField({ name: 'q', label: 'Name, party or ID', value: q, type: 'search', maxLength: 100, fault: faultOf(problem, 'q') })}</div>
${choice({ name: 'status', label: 'Status', value: status, options: any('Any', STATUSES) })}
${choice({ name: 'role', label: 'Role', value: role, options: any('Any', PARTY_ROLES) })}
${textField({ name: 'party', label: 'Party', value: party, placeholder: 'NL-ABC', maxLength: 6, isMono: true, fault: faultOf(problem, 'party') })}
${choice({ name: 'version', label: 'OCPI', value: version, options: any('Any', VERSIONS) })}
${choice({ name: 'sort', label: 'Order', value: sort, options: Object.entries(SORTS) })}
<button class="btn">Filter</button></form>`
}
