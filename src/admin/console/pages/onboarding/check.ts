import { checkAddress, countsInWords, runPill } from '../../parts/check.ts'
import { act } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'
import type { CheckRun } from '../../views.ts'
import type { Way } from './way.ts'

type May = (route: string) => boolean

/** How its interfaces did in the latest check, and what one does about it. */
export function checkStep(way: Way, mayAsk: May, isCurrent: boolean): Html {
  const { platform, newcomer, check } = way
  const { state } = newcomer.steps.check
  if (check === null)
    return html`<h2>Connection check</h2><p>${beforeIt(platform.has_credentials, state)}</p>${acts(run(platform, mayAsk, isCurrent, 'Run'))}`
  const link = html`<a href="${checkAddress(platform.id, check.run)}">Check ${check.run}</a>`
  return html`<h2>Connection check ${runPill(check)}</h2><p>${textOf(way, check)} ${link}</p>${check.ended_at === null ? '' : whatNow(way, check, mayAsk, isCurrent)}`
}

function beforeIt(isConnected: boolean, state: string): string {
  if (isConnected) return state === 'under-way' ? 'It begins in a moment.' : 'Never checked.'
  return state === 'not-needed'
    ? 'You can ask for one once the handshake is done.'
    : 'It begins by itself once the handshake is done.'
}

function textOf({ platform, newcomer }: Way, check: CheckRun): Html {
  if (check.ended_at === null) return html`It asks their interfaces what others will ask, for a few minutes at most.`
  if (check.state === 'broken-off') return html`${newcomer.steps.check.why}: ${check.why}.`
  const isLetPass = newcomer.steps.check.state === 'done' && check.counts.fail > 0
  return html`${countsInWords(check.counts)}${isLetPass ? html` ${pill('off', 'what is left is let pass')}` : ''}${platform.awaits_check ? ' It goes live once nothing is left to mend.' : ''}`
}

function whatNow({ platform, newcomer }: Way, check: CheckRun, mayAsk: May, isCurrent: boolean): Html | '' {
  const { id, awaits_check: isRequired } = platform
  const faults = newcomer.check?.faults ?? 0
  const mail = faults > 0 ? html`<a class="btn" href="${checkAddress(id, check.run)}#mail">Ask them to mend it</a>` : ''
  const mayGoOn = faults > 0 && !isRequired && mayAsk('PUT /platforms/{id}/checks/waivers/{probe}')
  const goOn = mayGoOn ? html`<a class="btn" href="/admin/onboarding/${id}/go-on">Go on anyway…</a>` : ''
  return acts(run(platform, mayAsk, isCurrent, 'Run again'), mail, goOn)
}

function acts(...shown: readonly (Html | '')[]): Html | '' {
  return shown.every((one) => one === '') ? '' : html`<div class="acts">${shown}</div>`
}

function run({ id, has_credentials }: Way['platform'], mayAsk: May, isMain: boolean, verb: string): Html | '' {
  if (!has_credentials || !mayAsk('POST /platforms/{id}/checks')) return ''
  return act(checkAddress(id), verb, { is: isMain ? 'main' : '' })
}
