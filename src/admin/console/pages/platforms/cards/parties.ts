import { counted } from '../../../parts/figures.ts'
import { card } from '../../../parts/head.ts'
import { type Html, html } from '../../../parts/html.ts'
import { pill, status } from '../../../parts/status.ts'
import { table } from '../../../parts/table.ts'
import type { Platform } from '../../../views.ts'

const SHOWN = 12

type Hosted = Platform['parties'][number]

/** Who it hosts, in which roles, and what waits to be confirmed. */
export function partiesCard({ id, parties, pending_roles }: Platform): Html {
  const waiting =
    pending_roles.length === 0
      ? ''
      : html`<p class="note warn">${counted(pending_roles.length, 'role waits', 'roles wait')} for you: it brought more than was announced. <a href="/admin/platforms/${id}/roles">Confirm or refuse →</a></p>`
  const rest = parties.slice(SHOWN)
  const none = html`<p class="pad dim">None yet: it brings them in its handshake.</p>`
  return card(
    'Parties',
    html`${waiting === '' ? '' : html`<div class="pad">${waiting}</div>`}${list(parties.slice(0, SHOWN), none)}${rest.length === 0 ? '' : html`<details class="further"><summary>${counted(rest.length, 'more role')}</summary>${list(rest, none)}</details>`}`,
    html`${waiting === '' ? '' : pill('warn', 'to confirm')}<span class="dim">${counted(parties.length, 'role')}</span>`,
    waiting === '' ? '' : 'first-s',
  )
}

function list(rows: readonly Hosted[], none: Html): Html {
  return table(
    'Parties',
    [
      { head: 'Party', cell: ({ country_code, party_id }) => `${country_code}-${party_id}`, is: 'mono' },
      { head: 'Role', cell: ({ role }) => role },
      { head: 'Status', cell: (party) => status(party.status) },
    ],
    rows,
    none,
  )
}
