import { counted } from '../../admin/console/parts/figures.ts'
import { card } from '../../admin/console/parts/head.ts'
import { type Html, html } from '../../admin/console/parts/html.ts'
import { pill, status } from '../../admin/console/parts/status.ts'
import { table } from '../../admin/console/parts/table.ts'
import type { PlatformRecord } from '../../hub/network/registry.ts'
import { showParty } from '../../ocpi/party.ts'

/** Platforms host thousands: of more the rest is folded away. */
const SHOWN = 12

type Line = { readonly party: string; readonly role: string; readonly state: Html }

/** The roles that the platform has, and those that wait for an administrator. */
export function rolesCard({ parties, pendingRoles }: PlatformRecord): Html {
  const lines: Line[] = [
    ...pendingRoles.map((one) => ({ party: showParty(one), role: one.role, state: pill('warn', 'waits for the hub') })),
    ...parties.map((one) => ({ party: showParty(one), role: one.role, state: status(one.status) })),
  ]
  const rest = lines.slice(SHOWN)
  return card(
    'Your roles',
    html`${list(lines.slice(0, SHOWN))}${rest.length === 0 ? '' : html`<details class="further"><summary>${counted(rest.length, 'more role')}</summary>${list(rest)}</details>`}`,
    html`<span class="dim">${counted(lines.length, 'role')}</span>`,
  )
}

function list(lines: readonly Line[]): Html {
  return table(
    'Roles',
    [
      { head: 'Party', cell: ({ party }) => party, is: 'mono' },
      { head: 'Role', cell: ({ role }) => role },
      { head: 'Status', cell: ({ state }) => state },
    ],
    lines,
    html`<p class="pad dim">None yet: you bring them in your handshake.</p>`,
  )
}
