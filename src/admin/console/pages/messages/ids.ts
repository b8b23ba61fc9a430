import { bytes, took } from '../../parts/figures.ts'
import { type Html, html } from '../../parts/html.ts'
import type { MessageDetail } from '../../views.ts'

/** What an exchange is called on both sides, to be given to a partner's own support. */
export function idsCard(message: MessageDetail): Html {
  const { correlation_id, request_id, forwarded_request_id, module, interface_role, object_key, client, conversion } =
    message
  const ids: readonly (readonly [name: string, value: string | null])[] = [
    ['Correlation ID', correlation_id],
    ['X-Request-ID', request_id],
    ["Hub's own", forwarded_request_id],
    ['Object', object_key],
    ['Address', client],
    ['Message', message.id],
  ]
  const shown = ids.filter(([, value]) => value !== null)
  const size = `${bytes(message.request_bytes)} asked, ${bytes(message.response_bytes)} answered, ${took(message.duration_ms)}`
  return html`<section class="card"><h2 class="vh">IDs</h2><dl class="sum">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd class="mono">${value}</dd></div>`)}<div><dt>Interface</dt><dd>${module} ${interface_role ?? ''}</dd></div>${!conversion ? '' : html`<div><dt>Converted</dt><dd>${conversion}</dd></div>`}<div><dt>Size and time</dt><dd>${size}</dd></div></dl></section>`
}
