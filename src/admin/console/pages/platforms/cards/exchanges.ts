import type { listMessages } from '../../../../api/messages/messages.ts'
import type { Sent } from '../../../api.ts'
import { took } from '../../../parts/figures.ts'
import { card, emptyState } from '../../../parts/head.ts'
import { address } from '../../../parts/href.ts'
import { type Html, html } from '../../../parts/html.ts'
import { outcome, shortPath } from '../../../parts/outcome.ts'
import { type Column, table } from '../../../parts/table.ts'
import { clock } from '../../../parts/time.ts'
import type { Message } from '../../../views.ts'

/** Its latest exchanges, told from its side. */
export function exchangesCard(id: string, found: Sent<typeof listMessages>): Html {
  const none =
    found.kind === 'done'
      ? emptyState('No exchange in the last 24 hours', 'What it sends, and what is sent to it, stands here.')
      : emptyState('Its exchanges could not be read', found.problem.detail)
  return card(
    'Last exchanges',
    table('Last exchanges', columns(id), found.kind === 'done' ? found.body : [], none),
    html`<a class="more" href="${address('/admin/messages', { platform_id: id })}">All of this platform →</a>`,
  )
}

function columns(id: string): readonly Column<Message>[] {
  return [
    {
      head: 'Time',
      cell: (message) => html`<a href="/admin/messages/${encodeURIComponent(message.id)}">${clock(message.at)}</a>`,
    },
    {
      head: { hidden: 'Direction' },
      cell: ({ from_platform_id }) =>
        from_platform_id === id
          ? html`<span title="It called">↗ sent</span>`
          : html`<span title="It was called">↘ got</span>`,
      is: 'dim',
    },
    { head: 'With', cell: (message) => other(message, id), is: 'mono' },
    { head: 'Module', cell: ({ module }) => html`<span class="tag">${module}</span>`, is: 'hide-s' },
    {
      head: 'Request',
      cell: ({ method, path }) => html`<span title="${path}">${method} ${shortPath(path)}</span>`,
      is: 'path mono hide-s',
    },
    { head: 'Outcome', cell: outcome },
    { head: 'Took', cell: ({ duration_ms }) => took(duration_ms), is: 'num dim hide-s' },
  ]
}

function other({ from_platform_id, from_party, to_party, kind }: Message, id: string): string {
  if (from_platform_id !== id) return from_party ?? 'hub'
  return to_party ?? (kind === 'broadcast' ? 'all' : 'hub')
}
