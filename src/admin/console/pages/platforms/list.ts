import type { Hono } from 'hono'
import type { listPlatforms } from '../../../api/platforms/platform-list.ts'
import { mayAsk, showPage } from '../../answer.ts'
import { type Api, ApiProblem, type InputOf, type Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { many, percent } from '../../parts/figures.ts'
import { emptyState, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { status } from '../../parts/status.ts'
import { type Column, pages, table } from '../../parts/table.ts'
import { age, ago } from '../../parts/time.ts'
import type { ListedPlatform } from '../../views.ts'
import { type Filter, filterForm, filterOf, isNarrowed } from './list-filter.ts'

const ROWS = 100
/** So many parties of a platform are named in its row. */
const NAMED_PARTIES = 3
/** A share of failures from which on it is marked. */
const MANY_FAILED = 0.05

const COLUMNS: readonly Column<ListedPlatform>[] = [
  {
    head: 'Name',
    cell: ({ id, name }) => html`<a href="/admin/platforms/${id}" title="${name}">${name}</a>`,
    is: 'name',
  },
  {
    head: 'Status',
    cell: ({ status: now, status_since, status_cause }) =>
      html`<span title="${status_cause}">${status(now)} <span class="dim hide-s">${age((Date.now() - Date.parse(status_since)) / 1000)}</span></span>`,
  },
  { head: 'Parties', cell: parties, is: 'mono' },
  { head: 'Version', cell: ({ version }) => version ?? html`<span class="dim">–</span>`, is: 'hide-s' },
  { head: 'Waiting', cell: waiting, is: 'num hide-s' },
  { head: 'Failed, 24 h', cell: failed, is: 'num hide-s' },
  { head: 'Last heard', cell: ({ last_seen_at }) => ago(last_seen_at), is: 'num hide-s' },
]

/** Where is that platform? */
export function addPlatformList(app: Hono<ConsoleEnv>): void {
  app.get('/admin/platforms', async (c) => {
    const filter = filterOf((name) => c.req.query(name))
    const query = { ...filter, figures: 'true', limit: ROWS, cursor: c.req.query('cursor') } as const
    const { rows, next, problem } = await found(c.get('api'), query)
    const add = mayAsk(c, 'POST /platforms')
      ? html`<a class="btn main" href="/admin/onboarding/new">Add a platform</a>`
      : ''
    return showPage(
      c,
      {
        title: 'Platforms',
        section: 'platforms',
        status: problem === undefined ? 200 : 400,
        done: { removed: 'Removed, with its tokens, parties and endpoints.' },
      },
      html`${head({ title: 'Platforms', sub: 'Connected systems, each with the parties that it hosts.', acts: add })}
<section class="card">${filterForm(filter, problem)}
<div id="rows">${problem === undefined ? table('Platforms', COLUMNS, rows, nothing(filter, add)) : unasked(problem)}
${pages(c.req.url, next, { first: '← First', next: 'Next →' })}</div></section>`,
    )
  })
}

type Query = NonNullable<InputOf<typeof listPlatforms>['query']>

/** A page of platforms; what the API would not look for is told at the form. */
async function found(api: Api, query: Query): Promise<Found> {
  try {
    return await api.list<typeof listPlatforms>('/platforms', { query })
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 400)
      return { rows: [], next: null, problem: error.problem }
    throw error
  }
}

type Found = { readonly rows: readonly ListedPlatform[]; readonly next: string | null; readonly problem?: Problem }

function unasked({ detail }: Problem): Html {
  return emptyState('That cannot be looked for', detail)
}

function nothing(filter: Filter, add: Html | ''): Html {
  return isNarrowed(filter)
    ? emptyState('Nothing matches', html`<a href="/admin/platforms">Clear the filters</a>, or add it.`)
    : emptyState('No platform yet', 'Add one, and send its operators the invitation.', add)
}

/** `NL-ABC CPO, EMSP`, and how many more there are. */
function parties({ parties: roles, pending_roles }: ListedPlatform): Html {
  const byParty = new Map<string, string[]>()
  for (const { country_code, party_id, role } of roles) {
    const name = `${country_code}-${party_id}`
    byParty.set(name, [...(byParty.get(name) ?? []), role])
  }
  const named = [...byParty].slice(0, NAMED_PARTIES)
  const more = byParty.size - named.length
  return html`${named.map(([name, own], i) => html`${i === 0 ? '' : ', '}${name} <span class="dim">${own.join(' ')}</span>`)}${more > 0 ? html` <span class="dim">+${many(more)}</span>` : ''}${byParty.size === 0 ? html`<span class="dim">none yet</span>` : ''}${pending_roles.length === 0 ? '' : html` <span class="warn">${many(pending_roles.length)} to confirm</span>`}`
}

function waiting({ id, figures }: ListedPlatform): Html | string {
  const n = figures?.waiting ?? null
  if (n === null) return html`<span class="dim">–</span>`
  return n === 0 ? html`<span class="dim">0</span>` : html`<a href="/admin/queues/${id}">${many(n)}</a>`
}

function failed({ id, figures }: ListedPlatform): Html {
  const { exchanges_24h: all, failed_24h: n } = figures ?? { exchanges_24h: 0, failed_24h: 0 }
  if (all === 0) return html`<span class="dim" title="No exchange">–</span>`
  const text = `${percent(n, all)} %`
  const title = `${many(n)} of ${many(all)} exchanges`
  if (n === 0) return html`<span class="dim" title="${title}">${text}</span>`
  const found = address('/admin/messages', { platform_id: id, outcome: 'failed' })
  return html`<a href="${found}" title="${title}"${n / all >= MANY_FAILED ? html` class="bad"` : ''}>${text}</a>`
}
