import type { EventKind } from '../../../hub/administration/events.ts'
import { address } from './href.ts'
import { type Html, html } from './html.ts'

/**
 * A part of a page that is read anew whenever something happens that may have changed it: the browser follows the API's events, and
 * asks for the page again, of which it takes this part. Without scripts it stays as it was read.
 *
 * @param of.id of the part, the same whenever the page is made
 * @param of.page the address of the page that it is on
 * @param of.platform whose events these are; left out: everybody's
 */
export function live(
  of: { readonly id: string; readonly page: string; readonly kinds: readonly EventKind[]; readonly platform?: string },
  body: Html,
): Html {
  const { id, page, kinds, platform } = of
  const events = address('/admin/api/events', { kinds: kinds.join(','), platform })
  // What comes in a burst is read once, half a second later.
  const trigger = kinds.map((kind) => `${kind} from:#${id}-live delay:500ms`).join(', ')
  return html`<div class="contents" id="${id}-live" hx-sse:connect="${events}" hx-swap="none"><div class="contents" id="${id}" hx-get="${page}" hx-select="#${id}" hx-swap="outerHTML" hx-trigger="${trigger}">${body}</div></div>`
}
