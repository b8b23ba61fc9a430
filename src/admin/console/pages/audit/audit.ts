import type { Context, Hono } from 'hono'
import type { listAudit } from '../../../api/audit/audit.ts'
import { mayAsk, showPage } from '../../answer.ts'
import { ApiProblem, type Problem, type Rows } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { pages } from '../../parts/table.ts'
import { entryTable } from './entries.ts'
import { auditFilters, queryOf, type Search, searchIn } from './filters.ts'

type Found = Rows<typeof listAudit>

/** Who changed what? */
export function addAuditPages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/audit', async (c) => {
    const search = searchIn(c)
    const query = { ...queryOf(search), cursor: c.req.query('cursor') }
    const found = await orRefused(c.get('api').list<typeof listAudit>('/audit', { query }))
    return found instanceof ApiProblem ? show(c, search, null, found.problem) : show(c, search, found)
  })

  // A link cannot say which form of an answer it wants, so the file has an address of its own.
  app.get('/admin/audit.csv', async (c) => {
    const query = { ...queryOf(searchIn(c)), cursor: c.req.query('cursor') }
    const answer = await c.get('api').ask('get', address('/audit', query), { Accept: 'text/csv' })
    if (!answer.ok) throw new ApiProblem((await answer.json()) as Problem)
    return answer
  })
}

/** A search that cannot be made is said at its form; whatever else goes wrong is a page of its own. */
async function orRefused(searching: Promise<Found>): Promise<Found | ApiProblem> {
  try {
    return await searching
  } catch (error) {
    if (error instanceof ApiProblem && [400, 422].includes(error.problem.status)) return error
    throw error
  }
}

function show(c: Context<ConsoleEnv>, search: Search, found: Found | null, problem?: Problem) {
  const file = address('/admin/audit.csv', { ...search })
  const acts = found && found.rows.length > 0 ? html`<a class="btn main" href="${file}" download>Export CSV</a>` : ''
  const sub = 'Who changed what? Every change by a person, a key or a command, the latest first.'
  return showPage(
    c,
    { title: 'Audit trail', section: 'audit', status: (problem?.status ?? 200) as 200 },
    html`${head({ title: 'Audit trail', sub, acts })}
<section class="card">${auditFilters(search, problem)}</section>
${found === null ? '' : card('Changes', html`${entryTable(found.rows, mayAsk(c, 'GET /admins'), nothing(search))}${pages(c.req.url, found.next)}`, note(found))}`,
  )
}

function note({ next }: Found): Html {
  return html`<span class="more dim">${next === null ? '' : 'A file has up to 10,000 changes; name a period for those before.'}</span>`
}

function nothing(search: Search): Html {
  const isSearch = Object.values(search).some((text) => text !== '')
  if (!isSearch) return emptyState('No change yet', 'Whatever somebody changes stands here, with the reason they gave.')
  const all = html`<a class="btn" href="/admin/audit">Show all changes</a>`
  return emptyState('Nothing matches', 'No change in this period has these words.', all)
}
