import type { Hono } from 'hono'
import type { listClientInfo } from '../../../api/platforms/client-info.ts'
import type { listHistory } from '../../../api/platforms/history.ts'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import { showPage } from '../../answer.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { mark, toneOf } from '../../parts/status.ts'
import { type Column, pages, table } from '../../parts/table.ts'
import type { StatusSpan } from '../../views.ts'
import { platformOf } from './action-pages.ts'
import { othersTable } from './cards/others.ts'
import { changeText, spanTime } from './cards/status.ts'

const ROWS = 100

const COLUMNS: readonly Column<StatusSpan>[] = [
  { head: 'Since', cell: spanTime },
  {
    head: 'Status',
    cell: (span) => html`${mark(span.to === null ? 'off' : toneOf(span.to))} ${changeText(span)}`,
    is: 'grow',
  },
  { head: 'By', cell: ({ by }) => byOf(by), is: 'hide-s' },
  { head: { hidden: 'Exchange' }, cell: ({ correlation_id }) => exchange(correlation_id), is: 'num' },
]

/** Since when is it so, and what was before? And what does it see of others? */
export function addHistoryPages(app: Hono<ConsoleEnv>): void {
  // It outlives the platform.
  app.get('/admin/platforms/:id{[0-9a-f-]{36}}/history', async (c) => {
    const api = c.get('api')
    const id = c.req.param('id')
    const query = { limit: ROWS, cursor: c.req.query('cursor') }
    const [{ rows, next }, found] = await Promise.all([
      api.list<typeof listHistory>('/platforms/{id}/history', { params: { id }, query }),
      api.send<typeof getPlatform>('get', '/platforms/{id}', { params: { id } }),
    ])
    const name = found.kind === 'done' ? found.body.name : 'A platform that was removed'
    const audit = html`<a class="btn" href="${address('/admin/audit', { platform: id })}">What administrators changed</a>`
    return showPage(
      c,
      { title: `Status changes: ${name}`, section: 'platforms' },
      html`${head({ title: 'Status changes', above: [name, `/admin/platforms/${id}`], sub: 'Of the last 90 days, the latest first.', acts: audit })}
${card('Changes', html`${table('Changes', COLUMNS, rows, emptyState('No change in the last 90 days', 'It stands as it stood.'))}${pages(c.req.url, next)}`)}`,
    )
  })

  app.get('/admin/platforms/:id{[0-9a-f-]{36}}/others', async (c) => {
    const platform = await platformOf(c)
    const { id, name } = platform
    const query = { limit: ROWS, cursor: c.req.query('cursor') }
    const { rows, next, headers } = await c
      .get('api')
      .list<typeof listClientInfo>('/platforms/{id}/client-info', { params: { id }, query })
    const sub = `${headers.get('X-Total-Count') ?? ''} roles, as HubClientInfo tells it. PLANNED also where no rule lets the two talk.`
    return showPage(
      c,
      { title: `What ${name} sees of others`, section: 'platforms' },
      html`${head({ title: 'What it sees of others', above: [name, `/admin/platforms/${id}`], sub })}
${card('Roles of others', html`${othersTable(rows, true)}${pages(c.req.url, next, { first: '← First', next: 'Next →' })}`)}`,
    )
  })
}

/** Who brought it about: `admin:ada`, `partner`, `still-alive`, `traffic`. */
function byOf(by: string): Html | string {
  const words: Readonly<Record<string, string>> = {
    admin: 'an administrator',
    partner: 'the partner',
    'still-alive': 'a check of the hub',
    traffic: 'a message of the partner',
    check: 'its connection check',
  }
  return words[by] ?? by.replace(/^admin:/, '')
}

function exchange(correlation_id: string | null): Html | string {
  if (correlation_id === null) return ''
  return html`<a class="more" href="${address('/admin/messages', { correlation_id })}">exchange →</a>`
}
