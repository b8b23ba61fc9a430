import type { readTraffic } from '../../../../api/traffic/traffic.ts'
import type { Api } from '../../../api.ts'
import { type Bar, failedBars, trafficBars } from '../../../parts/chart/bars.ts'
import { many } from '../../../parts/figures.ts'
import { card } from '../../../parts/head.ts'
import { address } from '../../../parts/href.ts'
import { type Html, html } from '../../../parts/html.ts'
import { clock } from '../../../parts/time.ts'

const HOUR_MS = 3_600_000
const HOURS = 7 * 24
const TICKS = 7

/** Exchanges of one hour. */
type Hour = { readonly at: number; readonly ok: number; readonly refused: number; readonly failed: number }

/** The hours of the last seven days, those without exchanges included, the last one under way. */
export async function readTrafficOf(api: Api, platform: string, now: number): Promise<Hour[]> {
  const since = now - (now % HOUR_MS) - (HOURS - 1) * HOUR_MS
  const query = { since: iso(since), until: iso(now), step: 'hour', by: 'outcome', platform } as const
  const counts = await api.get<typeof readTraffic>('/traffic', { query })
  const numbers = new Map(counts.map(({ at, outcome, n }) => [`${Date.parse(at)} ${outcome}`, n]))
  return Array.from({ length: HOURS }, (_, i) => {
    const at = since + i * HOUR_MS
    const count = (outcome: string) => numbers.get(`${at} ${outcome}`) ?? 0
    return { at, ok: count('ok'), refused: count('refused'), failed: count('failed') }
  })
}

/** Its traffic of the last seven days by hours, and the same as figures. */
export function trafficCard(platform: string, hours: readonly Hour[]): Html {
  const all = hours.reduce((sum, { ok, refused, failed }) => sum + ok + refused + failed, 0)
  const failed = hours.reduce((sum, hour) => sum + hour.failed, 0)
  if (all === 0)
    return card('Traffic, last 7 days', html`<p class="pad dim">Nothing came from it, and nothing was sent to it.</p>`)
  const bars = hours.map((hour): Bar => ({ ...hour, href: searchOf(platform, hour), title: titleOf(hour) }))
  const ticks = Array.from({ length: TICKS }, (_, i) => hours[Math.round((i * (hours.length - 1)) / (TICKS - 1))])
  const keys = html`<span class="keys"><span><i class="ok"></i>answered</span><span><i class="refused"></i>refused</span><span><i class="failed"></i>failed</span></span>`
  const sum = `${many(all)} exchanges, of which ${many(failed)} failed`
  return card(
    'Traffic, last 7 days',
    html`<div class="chart short">${trafficBars(bars, `${sum}, by hours`)}
${failed === 0 ? '' : html`<div class="cap"></div>${failedBars(bars, `${many(failed)} exchanges failed`)}`}
<div class="x" aria-hidden="true">${ticks.map((hour) => html`<span>${hour === undefined ? '' : clock(iso(hour.at), 'day')}</span>`)}</div></div>
${figures(platform, hours)}`,
    html`<span class="dim">${sum}</span>${keys}`,
  )
}

function figures(platform: string, hours: readonly Hour[]): Html {
  const rows = hours.filter(({ ok, refused, failed }) => ok + refused + failed > 0).toReversed()
  return html`<details class="figures"><summary>Figures as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Figures"><table class="rows"><thead><tr><th scope="col">Hour from</th><th scope="col" class="num">Answered</th><th scope="col" class="num">Refused</th><th scope="col" class="num">Failed</th></tr></thead><tbody>
${rows.map((hour) => html`<tr><td><a href="${searchOf(platform, hour)}">${clock(iso(hour.at), 'day')}</a></td><td class="num">${many(hour.ok)}</td><td class="num">${many(hour.refused)}</td><td class="num">${many(hour.failed)}</td></tr>\n`)}</tbody></table></div></details>`
}

function titleOf({ at, ok, refused, failed }: Hour): string {
  return `${iso(at).slice(5, 16).replace('T', ' ')} UTC, one hour: ${many(ok)} answered, ${many(refused)} refused, ${many(failed)} failed`
}

/** Its exchanges of an hour; those that failed where some did. */
function searchOf(platform_id: string, { at, failed }: Hour): string {
  const period = { since: iso(at), until: iso(at + HOUR_MS) }
  return address('/admin/messages', { platform_id, ...period, outcome: failed > 0 ? 'failed' : null })
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
