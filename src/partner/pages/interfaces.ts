import { card } from '../../admin/console/parts/head.ts'
import { type Html, html } from '../../admin/console/parts/html.ts'
import { pill } from '../../admin/console/parts/status.ts'
import type { PlatformRecord } from '../../hub/network/registry.ts'
import { type Endpoint, endpointKey } from '../../ocpi/modules.ts'

type Line = Pick<Endpoint, 'identifier' | 'role'> & { readonly url: string | null; readonly isMended: boolean }

/** What the hub read in the partner's version details, and what its administrators mended in that. */
export function interfacesCard({ endpoints, endpointOverrides, versionsUrl }: PlatformRecord): Html {
  if (versionsUrl === null)
    return card('Interfaces, as the hub read them', html`<p class="pad dim">None are known before your handshake.</p>`)
  const overrides = new Map(endpointOverrides.map((one) => [endpointKey(one.identifier, one.role), one]))
  const read = endpoints.filter(({ identifier, role }) => !overrides.has(endpointKey(identifier, role)))
  const lines: Line[] = [
    ...read.map((endpoint) => ({ ...endpoint, isMended: false })),
    ...[...overrides.values()].map((one) => ({ ...one, isMended: true })),
  ]
  const ofRole = (role: Line['role']) => lines.filter((line) => line.role === role)
  return card(
    'Interfaces, as the hub read them',
    html`<div class="pad"><p class="versions"><span class="dim">Versions</span> <span class="mono">${versionsUrl}</span></p><div class="ifaces">${list('Sender: the hub asks you', ofRole('SENDER'))}${list('Receiver: the hub sends to you', ofRole('RECEIVER'))}</div></div>`,
  )
}

function list(title: string, lines: readonly Line[]): Html {
  return html`<div><h3 class="lead dim">${title}</h3>${lines.length === 0 ? html`<p class="dim">none</p>` : html`<ul class="ends">${lines.map(item)}</ul>`}</div>`
}

function item({ identifier, url, isMended }: Line): Html {
  const mended = isMended ? pill('warn', url === null ? 'not used' : 'changed at the hub') : ''
  return html`<li title="${url ?? ''}"><span>${identifier} ${mended}</span><span class="mono dim">${url === null ? '–' : (URL.parse(url)?.pathname ?? url)}</span></li>`
}
