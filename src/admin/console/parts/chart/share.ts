import { tenth } from '../figures.ts'
import { type Html, html } from '../html.ts'
import type { Tone } from '../status.ts'

const WIDTH = 1000

/** One bar, of parts that add up to the whole. */
export function share(label: string, parts: readonly (readonly [tone: Tone, n: number])[]): Html {
  const sum = parts.reduce((total, [, n]) => total + n, 0)
  let x = 0
  return html`<svg class="share" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" role="img" aria-label="${label}">${sum === 0 ? html`<rect class="off" width="${WIDTH}" height="10"/>` : ''}${parts.map(
    ([tone, n]) => {
      if (n === 0) return ''
      const wide = (n / sum) * WIDTH
      const part = html`<rect class="${tone}" x="${tenth(x)}" width="${tenth(Math.max(2, wide - 3))}" height="10"/>`
      x += wide
      return part
    },
  )}</svg>`
}
