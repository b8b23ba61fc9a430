import type { Context } from 'hono'
import { FUNCTIONAL_MODULES } from '../../../../ocpi/modules.ts'
import type { matrix } from '../../../api/agreements/pairs.ts'
import { type AnswerOf, nextOf, type Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { choice, faultOf, textField } from '../../parts/field.ts'
import { counted } from '../../parts/figures.ts'
import { emptyState } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { momentField, momentOf } from '../../parts/moment.ts'
import { pairAddress, partyText } from '../../parts/party.ts'
import { pages } from '../../parts/table.ts'

type Matrix = AnswerOf<typeof matrix>
type Cell = Matrix['cells'][number][number]

/** Up to so many cells each is a link; of more a browser would be slow, and a keyboard lost. */
const MOST_LINKED = 900

const FILTERS = ['cpo', 'emsp', 'module', 'at'] as const

type Filters = Readonly<Record<(typeof FILTERS)[number], string>>

/** A cell is a class and nothing else: 200 by 200 are 40,000 of them. The sheet draws a shape, and names it to who cannot see. */
const CELLS: Readonly<Record<Cell, Html>> = {
  all: html`<td class="a">`,
  some: html`<td class="p">`,
  none: html`<td>`,
}

const WORDS: Readonly<Record<Cell, string>> = { all: 'all modules', some: 'some modules', none: 'may not talk' }

/** CPOs against all others. `policy` is null where what was asked for could not be. */
export async function matrixCard(c: Context<ConsoleEnv>) {
  const filters = Object.fromEntries(FILTERS.map((name) => [name, c.req.query(name)?.trim() ?? ''])) as Filters
  const sent = await c.get('api').send<typeof matrix>('get', '/agreements/matrix', {
    query: {
      cpo: namesOf(filters.cpo),
      emsp: namesOf(filters.emsp),
      module: filters.module,
      at: momentOf(filters.at),
      cursor: c.req.query('cursor'),
    },
  })
  if (sent.kind === 'problem') {
    const card = framed('Nothing to show', filterForm(filters, sent.problem))
    return { policy: null, status: sent.problem.status as 400, card }
  }
  const { body, headers } = sent
  const title = `${counted(body.cpos.length, 'CPO')} × ${counted(body.emsps.length, 'eMSP')}`
  const isEmpty = body.cpos.length === 0 || body.emsps.length === 0
  const shown = html`${filterForm(filters)}${isEmpty ? nobody(filters, body) : grid(body, filters)}${pages(c.req.url, nextOf(headers), PARTS)}`
  return { policy: body.policy, status: 200 as const, card: framed(title, shown, isEmpty ? '' : KEYS) }
}

const PARTS = { first: '← First part', next: 'Next part →' }
const KEYS = html`<div class="keys"><span><i class="cell a"></i>all modules</span><span><i class="cell p"></i>some modules</span><span><i class="cell"></i>may not talk</span></div>`

function framed(title: string, body: Html, beside: Html | '' = ''): Html {
  return html`<section class="card" id="matrix"><header><h2>${title}</h2>${beside}</header>${body}</section>`
}

/** As people type lists: `nl-abc, DE` is `nl-abc,DE`. */
function namesOf(typed: string): string {
  return typed
    .split(/[\s,;]+/)
    .filter((name) => name !== '')
    .join(',')
}

function filterForm(filters: Filters, problem?: Problem): Html {
  const names = (name: 'cpo' | 'emsp', label: string) =>
    textField({
      name,
      label,
      value: filters[name],
      placeholder: 'NL-ABC, DE',
      maxLength: 1600,
      fault: faultOf(problem, name),
    })
  const modules = [['', 'All modules'], ...FUNCTIONAL_MODULES.map((module) => [module, module] as const)] as const
  const own = filters.module
  const options = modules.some(([value]) => value === own) ? modules : [...modules, [own, own] as const]
  return html`<form class="filters" method="get" action="/admin/agreements" hx-get="/admin/agreements" hx-target="#matrix" hx-select="#matrix" hx-swap="outerHTML" hx-push-url="true">
${names('cpo', 'CPOs or countries')}${names('emsp', 'eMSPs or countries')}
${choice({ name: 'module', label: 'Module', value: own, options, fault: faultOf(problem, 'module') })}
${momentField({ name: 'at', label: 'At', value: filters.at, fault: faultOf(problem, 'at') })}
<button class="btn">Show</button></form>`
}

function nobody({ cpo, emsp }: Filters, { cpos }: Matrix): Html {
  if (cpo !== '' || emsp !== '')
    return emptyState(
      'No party matches',
      'Parties are named as NL-ABC, countries as NL.',
      html`<a class="btn" href="/admin/agreements">Clear the filters</a>`,
    )
  return emptyState(
    cpos.length === 0 ? 'No CPO yet' : 'No eMSP yet',
    'Parties stand here once a platform brings them, connected or announced. Rules may be made before.',
    html`<a class="btn" href="/admin/agreements?view=rules">See the rules</a>`,
  )
}

function grid({ cpos, emsps, cells }: Matrix, filters: Filters): Html {
  const isLinked = cpos.length * emsps.length <= MOST_LINKED
  const only = (query: Partial<Filters>) => address('/admin/agreements', { ...filters, ...query })
  const rows = cpos.map(partyText)
  const columns = emsps.map(partyText)
  const at = filters.at
  return html`<div class="mx${isLinked ? ' big' : ''}" tabindex="0" role="region" aria-label="Who may talk with whom"><table>
<thead><tr><td></td>${columns.map((name) => html`<th scope="col"><a href="${only({ emsp: name })}">${name}</a></th>`)}</tr></thead>
<tbody>${rows.map((row, i) => {
    const its = cells[i] ?? []
    const linked = (cell: Cell, j: number) =>
      html`${CELLS[cell]}<a href="${pairAddress(row, columns[j] ?? '', { at })}"><span class="vh">${row} and ${columns[j]}: ${WORDS[cell]}</span></a>`
    return html`<tr><th scope="row"><a href="${only({ cpo: row })}">${row}</a></th>${isLinked ? its.map(linked) : its.map((cell) => CELLS[cell])}\n`
  })}</tbody></table></div>`
}
