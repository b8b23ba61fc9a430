import { type Html, html } from './html.ts'

/**
 * Text to take along: shown whole, so that it can be marked, with a button that copies it where scripts run.
 *
 * @param id of its own on the page
 */
export function copyText(id: string, label: string, text: string, beside: Html | '' = ''): Html {
  const rows = Math.min(24, text.split('\n').length + 1)
  return html`<div class="take"><textarea id="${id}" class="mono" readonly rows="${rows}" aria-label="${label}">${text}</textarea>
<div class="acts"><button type="button" class="btn main scripted" data-copy="${id}">Copy</button>${beside}</div></div>`
}

/** An address that opens a mail with this in it, to whom the sender likes. Programs for mail take about 2,000 characters. */
export function mailAddress(subject: string, body: string): string {
  const fields = Object.entries({ subject, body }).map((pair) =>
    pair.map((text) => encodeURIComponent(text.toWellFormed())).join('='),
  )
  return `mailto:?${fields.join('&')}`
}
