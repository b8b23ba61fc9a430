import { address } from './href.ts'
import { type Html, html } from './html.ts'

export type Column<Row> = {
  /** Above the column; in `hidden` words only screen readers hear, where the cells speak for themselves. */
  readonly head: string | { readonly hidden: string }
  readonly cell: (row: Row) => Html | string | number
  /** Classes of its cells: `num`, `mono`, `path` and `grow` (what is too long is cut), `dim`, `hide-s` (not on a telephone). */
  readonly is?: string
}

/** Rows of a list, in columns; of no rows it is `empty`, see `emptyState`. */
export function table<Row>(
  label: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  empty: Html,
  isCurrent: (row: Row) => boolean = () => false,
): Html {
  if (rows.length === 0) return empty
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="rows">
<thead><tr>${columns.map(({ head, is = '' }) => html`<th scope="col" class="${is.replace(/\b(mono|path|dim)\b/g, '')}">${typeof head === 'string' ? head : html`<span class="vh">${head.hidden}</span>`}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr${isCurrent(row) ? html` aria-current="true"` : ''}>${columns.map(({ cell, is = '' }) => html`<td class="${is}">${cell(row)}</td>`)}</tr>\n`)}</tbody></table></div>`
}

/**
 * Links to the first page of a list and to the next one.
 *
 * @param url of this page
 * @param next the cursor that the API gave; null at the end
 */
export function pages(url: string, next: string | null, words = { first: '← Newest', next: 'Older →' }): Html | '' {
  const { pathname, searchParams } = new URL(url)
  const query = Object.fromEntries(searchParams)
  if (next === null && query['cursor'] === undefined) return ''
  const first = address(pathname, { ...query, cursor: null, done: null })
  const further = address(pathname, { ...query, cursor: next, done: null })
  return html`<nav class="pages" aria-label="Pages">${query['cursor'] === undefined ? '' : html`<a class="btn" href="${first}" rel="first">${words.first}</a>`}${next === null ? '' : html`<a class="btn" href="${further}" rel="next">${words.next}</a>`}</nav>`
}
