import { tenth } from '../figures.ts'
import { type Html, html } from '../html.ts'
import { axis, gridLines, topOf, WIDTH } from './scale.ts'

const HEIGHT = 64

/** Two lines over time, the second one dashed. A line is broken where there is no value; a value alone between two gaps is a dot. */
export function lines(label: string, main: readonly (number | null)[], dashed: readonly (number | null)[]): Html {
  const top = topOf([...main, ...dashed].map((value) => value ?? 0))
  return html`${axis([top, 0])}<svg class="low" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${gridLines([0, HEIGHT])}${line('line2', dashed, top)}${line('line1', main, top)}</svg>`
}

function line(is: string, values: readonly (number | null)[], top: number): Html {
  const [joined, alone]: [string[], string[]] = [[], []]
  for (const [i, value] of values.entries()) {
    if (value === null) continue
    const point = `${tenth(((i + 0.5) * WIDTH) / values.length)} ${tenth(HEIGHT - (value / top) * HEIGHT)}`
    const isFirst = (values[i - 1] ?? null) === null
    if (isFirst && (values[i + 1] ?? null) === null) alone.push(`M${point}h.1`)
    else joined.push(`${isFirst ? 'M' : 'L'}${point}`)
  }
  const dots = alone.length === 0 ? '' : html`<path class="${is} dots" d="${alone.join('')}"/>`
  return html`<path class="${is}" d="${joined.join('')}"/>${dots}`
}
