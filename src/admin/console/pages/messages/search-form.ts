import { CONFIGURATION_MODULES, FUNCTIONAL_MODULES } from '../../../../ocpi/modules.ts'
import type { Problem } from '../../api.ts'
import { choice, faultOf, textField } from '../../parts/field.ts'
import { type Html, html } from '../../parts/html.ts'
import { asTyped, momentField } from '../../parts/moment.ts'
import { type Filters, PERIODS, RARE } from './filters.ts'
import { KIND_WORDS } from './kind-words.ts'

const MODULES = [...FUNCTIONAL_MODULES, ...CONFIGURATION_MODULES]
const OUTCOMES = [
  ['', 'Any'],
  ['ok', 'All went well'],
  ['refused', 'Refused'],
  ['failed', 'Failed'],
] as const

/** What to look for: a form that asks by its address, so that a search is a link. */
export function searchForm(filters: Filters, problem: Problem | undefined): Html {
  const fault = (name: string) => faultOf(problem, name)
  const text = (name: keyof Filters, label: string, placeholder = '', isMono = true) =>
    textField({ name, label, value: filters[name], placeholder, isMono, fault: fault(name) })
  const { module } = filters
  const known: readonly string[] = MODULES
  const modules = [...known, ...(module === '' || known.includes(module) ? [] : [module])]
  const periods = Object.entries(PERIODS).map(([value, [label]]) => [value, label] as const)
  const isRare = RARE.some((name) => filters[name] !== '')
  const platform =
    filters.platform_id === ''
      ? ''
      : html`<div class="field"><label class="check"><input type="checkbox" name="platform_id" value="${filters.platform_id}" checked><span>One platform only</span></label></div>`
  return html`<form method="get" action="/admin/messages">
<div class="filters">${text('party', 'Party', 'NL-ABC')}
${choice({ name: 'module', label: 'Module', value: module, options: [['', 'Any'], ...modules.map((name) => [name, name] as const)], fault: fault('module') })}
${text('object', 'Object ID', 'LOC1')}
${choice({ name: 'outcome', label: 'Outcome', value: filters.outcome, options: OUTCOMES, fault: fault('outcome') })}
${choice({ name: 'period', label: 'Period', value: filters.period, options: periods, fault: filters.since === '' ? fault('since') : undefined })}
${platform}<button class="btn main">Search</button></div>
<details class="further"${isRare ? html` open` : ''}><summary>By an ID, a kind, a status, an address or two moments</summary>
<div class="filters">${text('correlation_id', 'Correlation ID')}${text('request_id', 'Request ID')}
${choice({ name: 'kind', label: 'Kind', value: filters.kind, options: [['', 'Any'], ...Object.entries(KIND_WORDS)], fault: fault('kind') })}
${text('status', 'HTTP or OCPI status', '2001')}${text('client', 'Address of the caller', '192.0.2.7')}
${momentField({ name: 'since', label: 'From', value: asTyped(filters.since), fault: fault('since') })}
${momentField({ name: 'until', label: 'Until', value: asTyped(filters.until), fault: fault('until') })}</div></details>
</form>`
}
