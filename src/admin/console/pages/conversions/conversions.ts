import type { Hono } from 'hono'
import type { listConversionOutcomes, listConversions } from '../../../api/conversions/conversions.ts'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import { showPage } from '../../answer.ts'
import { type Api, ApiProblem, type Problem, type Rows } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { pages, table } from '../../parts/table.ts'
import { type Filters, filterForm, filtersOf, isNarrowed, type Query } from './filters.ts'
import { outcomeColumns, REMARK_COLUMNS } from './tables.ts'

const ROWS = 100
/** Most frequent ones; a filter shows the others. */
const MOST_OUTCOMES = 30

/** What is lost between versions, and toward whom? */
export function addConversionsPage(app: Hono<ConsoleEnv>): void {
  app.get('/admin/conversions', async (c) => {
    const api = c.get('api')
    const filters = filtersOf((name) => c.req.query(name))
    const { found, problem } = await read(api, filters, c.req.query('cursor'))
    const [source, platform] = await Promise.all([nameOf(api, filters.source), nameOf(api, filters.platform)])
    return showPage(
      c,
      { title: 'Conversions', section: 'conversions', status: problem === undefined ? 200 : 400 },
      html`${head({ title: 'Conversions', sub: 'What becomes of messages between platforms of unlike OCPI versions?' })}
<section class="card">${filterForm(filters, { source, platform }, problem)}</section>
<div id="found" class="stack">${found === null ? refused(problem) : cards(found, filters, c.req.url)}</div>`,
    )
  })
}

type Found = {
  readonly outcomes: Rows<typeof listConversionOutcomes>
  readonly remarks: Rows<typeof listConversions>
}

async function read(
  api: Api,
  { fate, ...filters }: Filters,
  cursor: string | undefined,
): Promise<{ readonly found: Found | null; readonly problem?: Problem }> {
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''))
  const narrowed = { ...given, ...(fate !== '' && { fate }), limit: ROWS, cursor } as Query
  try {
    const [outcomes, remarks] = await Promise.all([
      api.list<typeof listConversionOutcomes>('/conversions/outcomes', { query: { ...given, limit: MOST_OUTCOMES } }),
      api.list<typeof listConversions>('/conversions', { query: narrowed }),
    ])
    return { found: { outcomes, remarks } }
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 400) return { found: null, problem: error.problem }
    throw error
  }
}

async function nameOf(api: Api, id: string): Promise<string | null> {
  if (id === '') return null
  const sent = await api.send<typeof getPlatform>('get', '/platforms/{id}', { params: { id } })
  return sent.kind === 'done' ? sent.body.name : null
}

function refused(problem: Problem | undefined): Html {
  return html`<section class="card">${emptyState('That cannot be looked for', problem?.detail ?? '')}</section>`
}

function cards({ outcomes, remarks }: Found, filters: Filters, url: string): Html {
  const isNothing = outcomes.rows.length === 0 && remarks.rows.length === 0
  if (isNothing) return html`<section class="card">${nothing(filters)}</section>`
  const more = outcomes.next === null ? '' : html`<span class="dim">the ${MOST_OUTCOMES} most frequent</span>`
  const none = emptyState('Nothing of this', 'No conversion lost, invented, changed or withheld it.')
  return html`${card('How many', table('How many', outcomeColumns(filters.source), outcomes.rows, emptyState('None', 'No object was converted so.')), more)}
${card('What was not carried as it was', html`${table('What was not carried as it was', REMARK_COLUMNS, remarks.rows, none)}${pages(url, remarks.next, { first: '← First', next: 'Next →' })}`, html`<span class="dim">Lost where it came from, else where it went; * stands for any index</span>`)}`
}

function nothing(filters: Filters): Html {
  return isNarrowed(filters)
    ? emptyState('Nothing matches', html`<a href="/admin/conversions">Clear the filters</a>.`)
    : emptyState(
        'Nothing was converted yet',
        'Between platforms of equal versions messages go as they come. What is lost between unlike ones stands here, some seconds later.',
      )
}
