import { tenth } from '../figures.ts'
import { type Html, html } from '../html.ts'

const WIDTH = 240
const HEIGHT = 34

/** The course of a figure, without a scale: whether it rises. */
export function spark(values: readonly number[]): Html {
  const top = Math.max(1e-9, ...values) * 1.15
  const step = WIDTH / Math.max(1, values.length - 1)
  const points = values.map((value, i) => `${tenth(i * step)} ${tenth(HEIGHT - (value / top) * (HEIGHT - 3))}`)
  if (points.length < 2) return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true"></svg>`
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="sparkfill" d="M0 ${HEIGHT}L${points.join('L')}L${WIDTH} ${HEIGHT}Z"/><path class="spark" d="M${points.join('L')}"/></svg>`
}
