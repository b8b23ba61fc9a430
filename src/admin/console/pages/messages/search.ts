import type { Hono } from 'hono'
import type { listMessages } from '../../../api/messages/messages.ts'
import { showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import { nextOf } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { exchangeTable } from '../../parts/exchanges.ts'
import { problemNote } from '../../parts/field.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { pages } from '../../parts/table.ts'
import { ago, clock } from '../../parts/time.ts'
import { filtersOf, queryOf } from './filters.ts'
import { searchForm } from './search-form.ts'

const PAGE = 100

/** Where did my message go? */
export function addSearchPage(app: Hono<ConsoleEnv>): void {
  app.get('/admin/messages', async (c) => {
    const filters = filtersOf((name) => c.req.query(name))
    const query = { ...queryOf(filters, Date.now()), limit: PAGE, cursor: c.req.query('cursor') }
    const sent = await c.get('api').send<typeof listMessages>('get', '/messages', { query })
    const problem = sent.kind === 'problem' ? sent.problem : undefined
    const found =
      sent.kind === 'problem'
        ? html`<div class="pad">${problemNote(inWords(sent.problem))}</div>`
        : html`${exchangeTable(sent.body, nothing(sent.headers))}${pages(c.req.url, nextOf(sent.headers))}`
    return showPage(
      c,
      { title: 'Messages', section: 'messages', status: (problem?.status ?? 200) as 200 },
      html`${head({ title: 'Messages', sub: 'Where did my message go?' })}
${card('Search', searchForm(filters, problem))}
${card('Exchanges', found, sent.kind === 'done' ? searched(sent.headers) : '')}`,
    )
  })
}

/** How far back was looked, which is not always as far as was asked. */
function searched(headers: Headers): Html | '' {
  const since = headers.get('X-Search-Since')
  return since === null ? '' : html`<span class="dim">newest first, since ${clock(since, 'day')}</span>`
}

function nothing(headers: Headers): Html {
  const since = headers.get('X-Search-Since')
  const log = headers.get('X-Log-Since')
  if (log === null)
    return emptyState('The log is empty', 'Whatever partners send, and whatever the hub sends them, stands here.')
  const period = since === null ? '' : html`Looked for since ${clock(since, 'day')}. `
  return emptyState(
    'Nothing in this period',
    html`${period}The log goes back to ${clock(log, 'day')} (${ago(log)}). Of deliveries that succeeded it holds a part only.`,
  )
}

/** For people rather than for programs: what to do now. */
function inWords(problem: Problem): Problem {
  switch (problem.status) {
    case 400:
      return { ...problem, title: 'This cannot be looked for', detail: 'What is wrong stands beside its field.' }
    case 422:
      return {
        ...problem,
        title: 'The search takes too long',
        detail:
          'It was ended after 8 seconds. Choose a shorter period, or name a party, an object or the ID of a request.',
      }
    default:
      return problem
  }
}
