import type { MessageDetail } from '../views.ts'
import type { HeaderLine } from './both-legs.ts'
import { bytes } from './figures.ts'
import { type Html, html } from './html.ts'
import { bodyText, type Replaced } from './json.ts'

/** Of bytes that are no text, in Base64. */
const MOST_BASE64 = 2_000

/** A request or an answer. */
export type Side = {
  readonly title: Html
  readonly lines: readonly HeaderLine[]
  readonly folded: string
  readonly body: Html
}

/** Seven rows, so that both legs stand beside each other line by line. */
export function leg(title: string, who: string, asked: Side, answered: Side): Html {
  return html`<section class="card leg"><header><h2>${title}</h2><span class="mono dim">${who}</span></header>
${[asked, answered].map(({ title: heading, lines, folded, body: text }) => html`<h3>${heading}</h3>${headers(lines, folded)}${text}`)}</section>`
}

/** What was changed stands first; what was not is folded away. */
function headers(lines: readonly HeaderLine[], folded: string): Html {
  const marked = lines.filter(({ mark }) => mark !== null)
  const rest = lines.filter(({ mark }) => mark === null)
  const count = `${rest.length} ${rest.length === 1 ? 'header' : 'headers'} ${folded}`
  return html`<div>${marked.length === 0 ? '' : headerList(marked)}${rest.length === 0 ? '' : html`<details><summary>${count}</summary>${headerList(rest)}</details>`}</div>`
}

function headerList(lines: readonly HeaderLine[]): Html {
  return html`<dl class="hd">${lines.map(({ name, value, mark }) => html`<div${mark === null ? '' : html` class="chg"`}><dt>${name}${mark === null ? '' : html`<span class="vh"> (${mark === 'gone' ? 'not passed on' : 'changed by the hub'})</span>`}</dt><dd${mark === 'gone' ? html` class="gone"` : ''}>${value}</dd></div>`)}</dl>`
}

/** What was kept of a body. @param size in bytes; null: it streamed */
export function body(
  kept: Omit<MessageDetail['request'], 'headers'>,
  size: number | null,
  replaced: Replaced | null = null,
): Html {
  const { body: text, body_encoding, body_is_cut } = kept
  if (size === null) return html`<p class="pad dim">A body that streamed, which is not kept.</p>`
  if (text === null)
    return html`<p class="pad dim">${size === 0 ? 'No body.' : `A body of ${bytes(size)}, which is not kept.`}</p>`
  if (body_encoding === 'base64') {
    const more = text.length > MOST_BASE64 ? '…' : ''
    return html`<div><p class="pad dim">${bytes(size)} that are no text, in Base64:</p><pre class="body" tabindex="0">${text.slice(0, MOST_BASE64)}${more}</pre></div>`
  }
  const cut = body_is_cut ? html`<p class="dim after">Cut: the log keeps the beginning of ${bytes(size)}.</p>` : ''
  return html`<div><pre class="body" tabindex="0">${bodyText(text, !body_is_cut, replaced)}</pre>${cut}</div>`
}
