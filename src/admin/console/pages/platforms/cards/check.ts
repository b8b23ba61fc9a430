import { askedBy, checkAddress, runLine, runPill } from '../../../parts/check.ts'
import { card } from '../../../parts/head.ts'
import { type Html, html } from '../../../parts/html.ts'
import { ago } from '../../../parts/time.ts'
import type { CheckRun, Platform } from '../../../views.ts'

/** What the latest connection check found. */
export function checkCard({ id, awaits_check }: Platform, run: CheckRun | null): Html {
  const waits = awaits_check
    ? html`<p class="pad">It goes live once a check finds no fault but those that are let pass.</p>`
    : ''
  if (run === null) return card('Last check', html`<p class="pad dim">Never checked.</p>${waits}`)
  const link = html`<a class="more" href="${checkAddress(id)}">All checks →</a>`
  return card(
    'Last check',
    html`<div class="pad"><p><a href="${checkAddress(id, run.run)}">Check ${run.run}</a> · ${runLine(run)}</p><p class="dim">${askedBy(run)} ${ago(run.asked_at)}</p></div>${waits}`,
    html`${runPill(run)}${link}`,
  )
}
