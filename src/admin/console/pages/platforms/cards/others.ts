import type { listClientInfo } from '../../../../api/platforms/client-info.ts'
import type { Rows } from '../../../api.ts'
import { many } from '../../../parts/figures.ts'
import { card } from '../../../parts/head.ts'
import { type Html, html } from '../../../parts/html.ts'
import { status } from '../../../parts/status.ts'
import { type Column, table } from '../../../parts/table.ts'
import { ago } from '../../../parts/time.ts'

type Others = Rows<typeof listClientInfo>

/** What it is told of others, in HubClientInfo. */
export function othersCard(id: string, { rows, next, headers }: Others): Html {
  const total = Number(headers.get('X-Total-Count') ?? rows.length)
  return card(
    'What it sees of others',
    othersTable(rows),
    html`<span class="dim">${many(total)}</span>${next === null ? '' : html`<a class="more" href="/admin/platforms/${id}/others">All →</a>`}`,
  )
}

const COLUMNS: readonly Column<Others['rows'][number]>[] = [
  { head: 'Party', cell: ({ country_code, party_id }) => `${country_code}-${party_id}`, is: 'mono' },
  { head: 'Role', cell: ({ role }) => role },
  { head: 'Status', cell: (other) => status(other.status) },
]

export function othersTable(rows: Others['rows'], isWhole = false): Html {
  const since = { head: 'Since', cell: ({ last_updated }: Others['rows'][number]) => ago(last_updated), is: 'num' }
  return table(
    'What it sees of others',
    isWhole ? [...COLUMNS, since] : COLUMNS,
    rows,
    html`<p class="pad dim">Nobody: it is alone, or may see none of the others.</p>`,
  )
}
