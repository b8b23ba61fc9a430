import { type Bar, barTitle, failedBars, trafficBars } from '../../parts/chart/bars.ts'
import { lines } from '../../parts/chart/lines.ts'
import { many, took } from '../../parts/figures.ts'
import { card } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { clock } from '../../parts/time.ts'
import type { Bucket, Traffic } from './traffic.ts'

const TICKS = 7

/** Traffic over time, what failed on a scale of its own, and how long it took; the same as figures. */
export function trafficCard({ words, stepMs, buckets }: Traffic): Html {
  const bars = buckets.map(
    (bucket): Bar => ({ ...bucket, href: searchOf(bucket, stepMs), title: barTitle(bucket, stepMs) }),
  )
  const all = buckets.reduce((sum, { ok, refused, failed }) => sum + ok + refused + failed, 0)
  const failed = buckets.reduce((sum, bucket) => sum + bucket.failed, 0)
  const ticks = Array.from({ length: TICKS }, (_, i) => buckets[Math.round((i * (buckets.length - 1)) / (TICKS - 1))])
  const keys = html`<div class="keys"><span><i class="ok"></i>answered</span><span><i class="refused"></i>refused by a partner</span></div>`
  return card(
    'Traffic',
    html`<div class="chart">${trafficBars(bars, `Exchanges of the last ${words}: ${many(all)}, of which ${many(failed)} failed`)}
<div class="cap"><span class="keys"><span><i class="failed"></i>failed: no answer, 5xx, or the hub could not</span></span></div>
${failedBars(bars, `${many(failed)} exchanges failed`)}
<div class="x" aria-hidden="true">${ticks.map((bucket) => html`<span>${bucket === undefined ? '' : clock(iso(bucket.at), 'day')}</span>`)}</div>
<div class="cap"><span>Answer time, ms</span><span class="keys"><span>— median</span><span>┄ 95 %</span></span></div>
${lines(
  `Answer times of the last ${words}`,
  buckets.map(({ p50 }) => p50),
  buckets.map(({ p95 }) => p95),
)}</div>
${figures(buckets, stepMs)}`,
    html`${keys}<a class="more" href="${address('/admin/messages', { outcome: 'failed' })}">Failed exchanges →</a>`,
  )
}

function figures(buckets: readonly Bucket[], stepMs: number): Html {
  const time = (ms: number | null) => (ms === null ? '–' : took(ms))
  const rows = buckets.filter(({ ok, refused, failed }) => ok + refused + failed > 0).toReversed()
  return html`<details class="figures"><summary>Figures as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Figures"><table class="rows"><thead><tr><th scope="col">From (UTC)</th><th scope="col" class="num">Answered</th><th scope="col" class="num">Refused</th><th scope="col" class="num">Failed</th><th scope="col" class="num">Median</th><th scope="col" class="num">95 %</th></tr></thead><tbody>
${rows.map((bucket) => html`<tr><td><a href="${searchOf(bucket, stepMs)}">${iso(bucket.at).slice(5, 16).replace('T', ' ')}</a></td><td class="num">${many(bucket.ok)}</td><td class="num">${many(bucket.refused)}</td><td class="num">${many(bucket.failed)}</td><td class="num">${time(bucket.p50)}</td><td class="num">${time(bucket.p95)}</td></tr>\n`)}</tbody></table></div></details>`
}

/** The exchanges of a step; those that failed where some did. */
function searchOf({ at, failed }: Bucket, stepMs: number): string {
  return address('/admin/messages', { since: iso(at), until: iso(at + stepMs), outcome: failed > 0 ? 'failed' : null })
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
