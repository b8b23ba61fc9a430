import type { Hono } from 'hono'
import { MissedCursorSchema, missedCursor, readMissedCursor, showMissed } from '../../admin/api/queues/queue-view.ts'
import { card, emptyState, head } from '../../admin/console/parts/head.ts'
import { html } from '../../admin/console/parts/html.ts'
import { MISSED_CAUSES } from '../../admin/console/parts/missed-cause.ts'
import { type Column, pages, table } from '../../admin/console/parts/table.ts'
import { clock } from '../../admin/console/parts/time.ts'
import { showPage } from '../answer.ts'
import type { PartnerEnv } from '../env.ts'

const PAGE = 50

type Missed = ReturnType<typeof showMissed>

/** What will we not get, and why? */
export function addMissedPage(app: Hono<PartnerEnv>): void {
  app.get('/partner/missed', async (c) => {
    const cursor = MissedCursorSchema.safeParse(c.req.query('cursor')).data
    const found = (await c.get('reads').missed(PAGE + 1, cursor === undefined ? null : readMissedCursor(cursor))) ?? []
    const rows = found.slice(0, PAGE)
    const last = found.length > PAGE ? rows.at(-1) : undefined
    const next = last ? missedCursor(last) : null
    const none = emptyState('Nothing was missed', 'Whatever the hub cannot deliver to you stands here.')
    return showPage(
      c,
      { title: 'Missed', section: 'queues' },
      html`${head({
        title: 'Missed',
        sub: 'Objects whose pushes you did not take, and will not get again by themselves: the latest first, each once. Pull them from their owners, or ask the administrators of the hub to send them again.',
      })}
${card('Objects', html`${table('Missed objects', COLUMNS, rows.map(showMissed), none)}${pages(c.req.url, next)}`)}`,
    )
  })
}

const COLUMNS: readonly Column<Missed>[] = [
  { head: 'Missed', cell: ({ missed_at }) => clock(missed_at, 'day') },
  {
    head: 'Object',
    cell: ({ module, method, path }) =>
      html`<span title="${path}"><span class="tag">${module}</span> <span class="mono">${method} ${path}</span></span>`,
    is: 'path',
  },
  { head: 'To', cell: ({ to_party }) => to_party ?? 'all your parties', is: 'mono hide-s' },
  { head: 'Why', cell: ({ cause }) => WHY[cause] },
  { head: 'Times', cell: ({ times }) => times, is: 'num hide-s' },
]

/** The same causes, said to the one who missed it. */
const WHY: typeof MISSED_CAUSES = {
  ...MISSED_CAUSES,
  refused: 'you refused it',
  offline: 'you were OFFLINE',
  'not-connected': 'you were not connected',
}
