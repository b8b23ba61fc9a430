import { tenth } from '../../../parts/figures.ts'
import { card } from '../../../parts/head.ts'
import { type Html, html } from '../../../parts/html.ts'
import { mark, toneOf } from '../../../parts/status.ts'
import { age, ago, clock } from '../../../parts/time.ts'
import type { Platform, StatusName, StatusSpan } from '../../../views.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAYS = 7
const WIDTH = 1000
const LATEST = 4

type Stretch = { readonly from: number; readonly until: number; readonly status: StatusName; readonly cause: string }

/** How it stood in the last seven days, and its latest changes. */
export function statusCard({ id, created_at }: Platform, spans: readonly StatusSpan[], now: number): Html {
  const begin = now - DAYS * DAY_MS
  const stretches = stretchesOf(spans, begin, now)
  const addedAt = Date.parse(created_at)
  const known = now - Math.max(begin, Math.min(addedAt, now - 1))
  const connected = stretches.reduce(
    (sum, { from, until, status }) => sum + (status === 'CONNECTED' ? until - from : 0),
    0,
  )
  const share = shareOf(connected, known, addedAt > begin)
  const days = Array.from({ length: DAYS }, (_, i) => DAYS - i)
  return card(
    'Status, last 7 days',
    html`<div class="hist">${band(stretches, begin, share)}<div class="x" aria-hidden="true">${days.map((day) => html`<span>${day === DAYS ? `${day} days ago` : day}</span>`)}<span>now</span></div></div>
<ul class="events">${spans.slice(0, LATEST).map(change)}</ul>`,
    html`<span class="dim">${share}</span><a class="more" href="/admin/platforms/${id}/history">All changes →</a>`,
  )
}

/** `98.2 % connected`; of a newcomer since when, and while it is an hour old for how long, since a share would say nothing yet. */
function shareOf(connectedMs: number, knownMs: number, isNew: boolean): string {
  if (isNew && knownMs < HOUR_MS)
    return connectedMs === 0 ? 'not connected yet' : `connected for ${age(connectedMs / 1000)}`
  return `${tenth((connectedMs / knownMs) * 100)} % connected${isNew ? ' since it was added' : ''}`
}

/** One line of a list of changes. */
function change(span: StatusSpan): Html {
  return html`<li>${mark(span.to === null ? 'off' : toneOf(span.to))}<span>${changeText(span)}</span>${ago(span.at)}</li>`
}

/** `OFFLINE · failed a still-alive check: timeout` */
export function changeText({ to, cause }: StatusSpan): Html {
  return html`<b>${to ?? 'Removed'}</b> <span class="dim">·</span> ${cause}`
}

/** Its statuses of the time from `begin` on, the oldest first. */
export function stretchesOf(spans: readonly StatusSpan[], begin: number, now: number): Stretch[] {
  return spans
    .flatMap(({ at, until, to, cause }) => {
      const from = Math.max(begin, Date.parse(at))
      const end = until === null ? now : Date.parse(until)
      return to === null || end <= begin ? [] : [{ from, until: Math.max(from, end), status: to, cause }]
    })
    .toReversed()
}

function band(stretches: readonly Stretch[], begin: number, share: string): Html {
  const scale = WIDTH / (DAYS * DAY_MS)
  return html`<svg viewBox="0 0 ${WIDTH} 26" preserveAspectRatio="none" role="img" aria-label="Status of the last 7 days: ${share}"><rect class="none" width="${WIDTH}" height="26"/>${stretches.map(
    ({ from, until, status, cause }) =>
      // What lasted a moment is shown all the same.
      html`<g><title>${status}, ${age((until - from) / 1000)}: ${cause}</title><rect class="${toneOf(status)}" x="${tenth((from - begin) * scale)}" width="${tenth(Math.max(2, (until - from) * scale - 1))}" height="26"/></g>`,
  )}</svg>`
}

/** When a status began, and how long it lasted. */
export function spanTime({ at, until, duration_seconds }: StatusSpan): Html {
  const lasted = duration_seconds === null ? '' : age(duration_seconds)
  return html`${clock(at, 'day')} <span class="dim">${lasted}${until === null && lasted !== '' ? ' so far' : ''}</span>`
}
