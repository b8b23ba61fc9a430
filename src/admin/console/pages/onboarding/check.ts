import { checkAddress, countsInWords, runPill } from '../../parts/check.ts'
import { act } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'
import type { Way } from './way.ts'

/** How its interfaces did in the latest check, and what one does about it. */
export function checkStep(
  { platform, newcomer, check }: Way,
  mayAsk: (route: string) => boolean,
  isCurrent: boolean,
): Html {
  const { id, awaits_check: isRequired } = platform
  const { state, why } = newcomer.steps.check
  if (check === null)
    return html`<h2>Connection check</h2><p>${beforeIt(platform.has_credentials, state)}</p>${run(platform, mayAsk, isCurrent, 'Run')}`
  const link = html`<a href="${checkAddress(id, check.run)}">Check ${check.run}</a>`
  const isOver = check.ended_at !== null
  const text = !isOver
    ? 'It asks their interfaces what others will ask, for a few minutes at most.'
    : check.state === 'broken-off'
      ? `${why ?? 'It was broken off'}: ${check.why ?? ''}.`
      : countsInWords(check.counts)
  const passed = state === 'done' && check.counts.fail > 0 ? html` ${pill('off', 'what is left is let pass')}` : ''
  const keeps = isRequired && isOver ? html` It goes live once nothing is left to mend.` : ''
  return html`<h2>Connection check ${runPill(check)}</h2><p>${text}${passed}${keeps} ${link}</p>${isOver ? acts(id, newcomer.check?.faults ?? 0, { isRequired, mayAsk, again: run(platform, mayAsk, isCurrent && state === 'failed', 'Run again') }) : ''}`
}

function beforeIt(isConnected: boolean, state: string): string {
  if (isConnected) return state === 'under-way' ? 'It begins in a moment.' : 'Never checked.'
  return state === 'not-needed'
    ? 'You can ask for one once the handshake is done.'
    : 'It begins by itself once the handshake is done.'
}

function acts(
  id: string,
  faults: number,
  {
    isRequired,
    mayAsk,
    again,
  }: { readonly isRequired: boolean; readonly mayAsk: (route: string) => boolean; readonly again: Html | '' },
): Html {
  const mayWaive = mayAsk('PUT /platforms/{id}/checks/waivers/{probe}')
  const goOn =
    faults > 0 && mayWaive && !isRequired
      ? html`<a class="btn" href="/admin/onboarding/${id}/go-on">Go on anyway…</a>`
      : ''
  return html`<div class="acts">${again}${goOn}</div>`
}

function run(
  { id, has_credentials }: Way['platform'],
  mayAsk: (route: string) => boolean,
  isMain: boolean,
  verb: string,
): Html | '' {
  return has_credentials && mayAsk('POST /platforms/{id}/checks')
    ? act(checkAddress(id), verb, { is: isMain ? 'main' : '' })
    : ''
}
