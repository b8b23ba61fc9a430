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
        cell: betweenWhom,
        is: 'between',
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

/** Parties where there are any; else the name of the platform, as of a delivery, which is for all of its parties. */
function betweenWhom(message: Message): Html {
  const from = sideOf(message.from_party, message.from_platform_name, 'hub')
  const to = sideOf(message.to_party, message.to_platform_name, message.kind === 'broadcast' ? 'all' : 'hub')
  return html`${from}<span class="arrow">→</span>${to}`
}

function sideOf(party: string | null, platform: string | null, otherwise: string): Html {
  if (party !== null) return html`<span class="mono">${party}</span>`
  return platform === null ? html`<span class="dim">${otherwise}</span>` : html`${platform}`
}
