import { spark } from '../../parts/chart/spark.ts'
import { counted, many, percent } from '../../parts/figures.ts'
import { type Html, html } from '../../parts/html.ts'
import type { Traffic } from './traffic.ts'

/** What waits in all queues. */
type Queues = { readonly waiting: number; readonly lagging: number; readonly paused: number }

/** Four figures that say whether all is well. */
export function keyFigures({ stepMs, until, buckets }: Traffic, queues: Queues): Html {
  const sum = (of: (bucket: Traffic['buckets'][number]) => number) => buckets.reduce((total, one) => total + of(one), 0)
  const all = sum(({ ok, refused, failed }) => ok + refused + failed)
  const failed = sum((bucket) => bucket.failed)
  // The last step is under way: alone it would say little, and without it a hub that has just begun would stand still.
  const latest = buckets.slice(-2)
  const latestMs = stepMs + until - (buckets.at(-1)?.at ?? until)
  const perMinute = latest.reduce((n, { ok, refused, failed }) => n + ok + refused + failed, 0) / (latestMs / 60_000)
  const timed = buckets.findLast(({ p50 }) => p50 !== null)
  return html`<section class="kpis" aria-label="Key figures">
${figure(
  'Exchanges',
  perMinute < 10 ? perMinute.toFixed(1) : many(Math.round(perMinute)),
  '/ min',
  `${many(all)} in all`,
  buckets.map((bucket) => bucket.ok + bucket.refused + bucket.failed),
)}
${figure(
  'Failed',
  percent(failed, all),
  '%',
  `${many(failed)} · partners refused ${many(sum(({ refused }) => refused))}`,
  buckets.map((bucket) => bucket.failed),
  failed > 0,
)}
${figure(
  'Answer time, median',
  timed === undefined ? '–' : String(Math.round(timed.p50 ?? 0)),
  timed === undefined ? '' : 'ms',
  timed === undefined ? 'nothing was asked' : `95 %: ${Math.round(timed.p95 ?? 0)} ms`,
  buckets.map(({ p50 }) => p50 ?? 0),
)}
${figure('Waiting to be delivered', many(queues.waiting), queues.waiting === 1 ? 'push' : 'pushes', standing(queues), null)}
</section>`
}

function standing({ lagging, paused }: Queues): string {
  if (lagging + paused === 0) return 'no queue is behind'
  return [lagging > 0 ? `${counted(lagging, 'queue')} behind` : '', paused > 0 ? `${many(paused)} paused` : '']
    .filter((text) => text !== '')
    .join(' · ')
}

function figure(
  name: string,
  value: string,
  unit: string,
  about: string,
  course: readonly number[] | null,
  isBad = false,
): Html {
  return html`<div class="card kpi${isBad ? ' is-bad' : ''}"><div class="k">${name}</div><div class="v">${value}<small>${unit}</small></div><div class="d">${about}</div>${course === null ? '' : spark(course)}</div>`
}
