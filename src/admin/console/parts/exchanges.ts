import type { Message } from '../views.ts'
import { took } from './figures.ts'
import { type Html, html } from './html.ts'
import { outcome, shortPath } from './outcome.ts'
import { table } from './table.ts'
import { clock } from './time.ts'

/** Exchanges as they stand in every list: when, between whom, what, and how it ended. */
export function exchangeTable(messages: readonly Message[], empty: Html): Html {
  return table(
    'Exchanges',
    [
      {
        head: 'Time',
        cell: ({ id, at }) => html`<a href="/admin/messages/${encodeURIComponent(id)}">${clock(at)}</a>`,
      },
      {
        head: 'From → to',
        cell: ({ from_party, to_party, kind }) =>
          html`${from_party ?? 'hub'}<span class="arrow">→</span>${to_party ?? (kind === 'broadcast' ? 'all' : 'hub')}`,
        is: 'mono',
      },
      { head: 'Module', cell: ({ module }) => html`<span class="tag">${module}</span>`, is: 'hide-s' },
      {
        head: 'Request',
        cell: ({ method, path }) => html`<span title="${path}">${method} ${shortPath(path)}</span>`,
        is: 'path mono hide-s',
      },
      { head: 'Outcome', cell: outcome },
      { head: 'Took', cell: ({ duration_ms }) => took(duration_ms), is: 'num dim hide-s' },
    ],
    messages,
    empty,
  )
}
