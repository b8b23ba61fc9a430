import { card } from '../../../parts/head.ts'
import { href } from '../../../parts/href.ts'
import { type Html, html } from '../../../parts/html.ts'
import { pill } from '../../../parts/status.ts'
import type { Platform } from '../../../views.ts'

type Endpoint = Platform['endpoints'][number]

/** Where the hub calls it, and what an administrator mended in that. */
export function interfacesCard({ id, endpoints, versions_url }: Platform, may: (route: string) => boolean): Html {
  const change = may('PATCH /platforms/{id}')
    ? html`<a class="more" href="/admin/platforms/${id}/interfaces">Mend →</a>`
    : ''
  const mended = endpoints.filter(({ override }) => override !== undefined).length
  const count = `${endpoints.length - mended} as announced${mended > 0 ? `, ${mended} mended` : ''}`
  if (endpoints.length === 0 && versions_url === null)
    return card('Interfaces', html`<p class="pad dim">None are known before its handshake.</p>`, change)
  const versions =
    versions_url === null
      ? ''
      : html`<p class="versions"><span class="dim">Versions</span> <a class="mono" href="${href(versions_url)}" rel="noreferrer noopener">${versions_url}</a></p>`
  const ofRole = (role: Endpoint['role']) => endpoints.filter((one) => one.role === role)
  return card(
    'Interfaces',
    html`<div class="pad">${versions}<div class="ifaces">${list('Sender: the hub asks it', ofRole('SENDER'))}${list('Receiver: the hub sends to it', ofRole('RECEIVER'))}</div></div>`,
    html`<span class="dim">${count}</span>${change}`,
  )
}

function list(title: string, endpoints: readonly Endpoint[]): Html {
  return html`<div><h3 class="lead dim">${title}</h3>${endpoints.length === 0 ? html`<p class="dim">none</p>` : html`<ul class="ends">${endpoints.map(line)}</ul>`}</div>`
}

function line({ identifier, url, override }: Endpoint): Html {
  const mended = override === undefined ? '' : pill('warn', url === null ? 'hidden' : 'mended')
  const announced = override?.announced_url ?? null
  const title = override === undefined ? (url ?? '') : `${url ?? 'hidden'}; announced: ${announced ?? 'nothing'}`
  return html`<li title="${title}"><span>${identifier} ${mended}</span><span class="mono dim">${pathOf(url ?? announced)}</span></li>`
}

/** The path alone: the host is nearly always that of its versions. */
function pathOf(url: string | null): string {
  if (url === null) return '–'
  return URL.parse(url)?.pathname ?? url
}
