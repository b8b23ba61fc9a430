import { type Html, html } from './html.ts'

/** The head of a page: where one is, its name with what stands beside it, a line about it, and what can be done. */
export function head(of: {
  readonly title: string | Html
  /** The page above: what it is called, and its address. */
  readonly above?: readonly [text: string, address: string]
  readonly sub?: string | Html
  readonly acts?: Html | '' | readonly (Html | '')[]
}): Html {
  return html`<div class="head"><div>${of.above === undefined ? '' : html`<div class="crumb"><a href="${of.above[1]}">${of.above[0]}</a> /</div>`}
<h1>${of.title}</h1>${of.sub === undefined ? '' : html`<p class="sub">${of.sub}</p>`}</div>
${of.acts === undefined ? '' : html`<div class="acts">${of.acts}</div>`}</div>`
}

/** Says that there is nothing, and what to do about it. */
export function emptyState(title: string, text: string | Html, act: Html | '' = ''): Html {
  return html`<div class="empty"><strong>${title}</strong><p>${text}</p>${act}</div>`
}

/** A card with a title, and what stands beside that. */
export function card(title: string, body: Html, beside: Html | '' = '', is = ''): Html {
  return html`<section class="card ${is}"><header><h2>${title}</h2>${beside}</header>${body}</section>`
}

/** A button that does something at once: a form of its own, so that it works without scripts. */
export function act(
  address: string,
  verb: string,
  { is = '', fields = {} }: { readonly is?: string; readonly fields?: Readonly<Record<string, string>> } = {},
): Html {
  return html`<form method="post" action="${address}">${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<button class="btn ${is}">${verb}</button></form>`
}
