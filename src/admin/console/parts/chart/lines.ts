import { tenth } from '../figures.ts'
import { type Html, html } from '../html.ts'
import { axis, gridLines, topOf, WIDTH } from './scale.ts'

const HEIGHT = 64

/** Two lines over time, the second one dashed. A line is broken where there is no value. */
export function lines(label: string, main: readonly (number | null)[], dashed: readonly (number | null)[]): Html {
  const top = topOf([...main, ...dashed].map((value) => value ?? 0))
  return html`${axis([top, 0])}<svg class="low" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${gridLines([0, HEIGHT])}<path class="line2" d="${path(dashed, top)}"/><path class="line1" d="${path(main, top)}"/></svg>`
}

function path(values: readonly (number | null)[], top: number): string {
  return values
    .map((value, i) => {
      if (value === null) return ''
      const isFirst = i === 0 || values[i - 1] === null
      const x = tenth(((i + 0.5) * WIDTH) / values.length)
      // A value between two that are missing is a dot.
      const alone = isFirst && (values[i + 1] ?? null) === null ? 'h.1' : ''
      return `${isFirst ? 'M' : 'L'}${x} ${tenth(HEIGHT - (value / top) * HEIGHT)}${alone}`
    })
    .join('')
}
