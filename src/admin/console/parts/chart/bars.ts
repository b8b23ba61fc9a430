import { many, tenth } from '../figures.ts'
import { type Html, html } from '../html.ts'
import { axis, gridLines, topOf, WIDTH } from './scale.ts'

/** What happened in one step of time. */
export type Bar = {
  /** Beginning of the step, milliseconds since the epoch. */
  readonly at: number
  readonly ok: number
  readonly refused: number
  readonly failed: number
  /** Where a click on it leads. */
  readonly href: string
  /** What the pointer is told. */
  readonly title: string
}

const HEIGHT = 190
const FAILED_HEIGHT = 44

/** One bar a step: what was refused stands below what was answered. The table of figures beside the chart carries the links. */
export function trafficBars(bars: readonly Bar[], label: string): Html {
  const top = topOf(bars.map(({ ok, refused }) => ok + refused))
  const width = WIDTH / Math.max(1, bars.length)
  const high = (n: number) => (n / top) * HEIGHT
  return html`${axis([1, 0.75, 0.5, 0.25, 0].map((share) => share * top))}<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${gridLines([0, 0.25, 0.5, 0.75, 1].map((share) => share * HEIGHT))}
${bars.map((bar, i) => {
  const x = tenth(i * width + width * 0.12)
  const wide = tenth(width * 0.76)
  const refused = high(bar.refused)
  const ok = high(bar.ok)
  return html`<g data-href="${bar.href}"><title>${bar.title}</title><rect class="hit" x="${tenth(i * width)}" y="0" width="${tenth(width)}" height="${HEIGHT}"/><rect class="ok" x="${x}" width="${wide}" y="${tenth(HEIGHT - refused - ok)}" height="${tenth(ok)}"/><rect class="refused" x="${x}" width="${wide}" y="${tenth(HEIGHT - refused)}" height="${tenth(refused)}"/></g>`
})}</svg>`
}

/** What failed hangs below, on a scale of its own: beside the traffic it would be a hair, or lie if it were made visible. */
export function failedBars(bars: readonly Bar[], label: string): Html {
  const top = topOf(bars.map(({ failed }) => failed))
  const width = WIDTH / Math.max(1, bars.length)
  return html`${axis([0, top])}<svg class="fails" viewBox="0 0 ${WIDTH} ${FAILED_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${gridLines([0, FAILED_HEIGHT])}
${bars.map((bar, i) => {
  if (bar.failed === 0) return ''
  const high = tenth(Math.max(1, (bar.failed / top) * FAILED_HEIGHT))
  return html`<g data-href="${bar.href}"><title>${bar.title}</title><rect class="hit" x="${tenth(i * width)}" y="0" width="${tenth(width)}" height="${FAILED_HEIGHT}"/><rect class="failed" x="${tenth(i * width + width * 0.12)}" width="${tenth(width * 0.76)}" y="0" height="${high}"/></g>`
})}</svg>`
}

/** `14:15–14:30 UTC: 1,204 answered, 3 refused, 1 failed` */
export function barTitle(
  { at, ok, refused, failed }: Pick<Bar, 'at' | 'ok' | 'refused' | 'failed'>,
  stepMs: number,
): string {
  const clock = (ms: number) => new Date(ms).toISOString().slice(11, 16)
  return `${clock(at)}–${clock(at + stepMs)} UTC: ${many(ok)} answered, ${many(refused)} refused, ${many(failed)} failed`
}
