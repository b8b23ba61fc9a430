import { brief } from '../figures.ts'
import { type Html, html } from '../html.ts'

/** All charts are so wide, in units of their own; the sheet stretches them. */
export const WIDTH = 960

const ROUND = [1, 1.5, 2, 3, 4, 6, 8, 10]

/** A round number at or above the largest value, which four steps divide well: 6,200 gives 8,000. */
export function topOf(values: readonly number[]): number {
  const most = Math.max(1, ...values)
  const power = 10 ** Math.floor(Math.log10(most))
  return (ROUND.find((step) => step * power >= most) ?? 10) * power
}

/** The numbers beside a chart, from its top down. */
export function axis(values: readonly number[]): Html {
  return html`<div class="y" aria-hidden="true">${values.map((value) => html`<span>${brief(value)}</span>`)}</div>`
}

/** Lines across a chart, at these heights. */
export function gridLines(heights: readonly number[]): Html {
  return html`<g class="grid">${heights.map((y) => html`<line x1="0" x2="${WIDTH}" y1="${y}" y2="${y}"/>`)}</g>`
}
