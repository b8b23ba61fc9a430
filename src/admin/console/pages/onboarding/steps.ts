import { attemptList, withCode } from '../../parts/attempts.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import type { HubName } from '../../parts/hub-name.ts'
import { pill } from '../../parts/status.ts'
import { ago, clock } from '../../parts/time.ts'
import type { Newcomer, RefusedCall } from '../../views.ts'
import { attemptsOf } from './attempt-mail.ts'
import { checkStep } from './check.ts'
import { partyNames } from './parties.ts'
import { trialStep } from './trial.ts'
import type { Way } from './way.ts'

type Name = keyof Newcomer['steps']
type State = Newcomer['steps'][Name]['state']

type View = {
  readonly hub: HubName
  readonly isLive: boolean
  readonly mayAsk: (route: string) => boolean
}

/** The way into the network in order, as it stands: what was done, what is to be done now, what is to come. */
export const STEPS = ['named', 'invited', 'handshake', 'check', 'agreements', 'live'] as const satisfies readonly Name[]

/** The step that somebody is at; null: all are behind them. */
export function currentStep({ steps }: Newcomer): Name | null {
  return STEPS.find((name) => !isOver(steps[name].state)) ?? null
}

export function stepList(way: Way, view: View): Html {
  const current = currentStep(way.newcomer)
  const bodies: Readonly<Record<Name, () => Html>> = {
    named: () => named(way),
    invited: () => invited(way, view),
    handshake: () => handshake(way, view),
    check: () => checkStep(way, view.mayAsk, current === 'check'),
    agreements: () => agreements(way, view, current === 'agreements'),
    live: () => live(way, view),
  }
  return html`${STEPS.map((name) => {
    const { state } = way.newcomer.steps[name]
    const is = state === 'not-needed' ? 'spare' : isOver(state) ? 'done' : name === current ? 'now' : ''
    // Nobody has to try: it is no step that anybody is at.
    const before = name === 'live' ? html`<li class=""><div>${trialStep(way, view.mayAsk)}</div></li>\n` : ''
    return html`${before}<li class="${is}"><div>${bodies[name]()}</div></li>\n`
  })}`
}

function isOver(state: State): boolean {
  return state === 'done' || state === 'not-needed'
}

function named({ platform }: Way): Html {
  const parties = partyNames(platform.parties)
  const text =
    parties.length === 0
      ? 'No party is reserved for it: those that it brings wait until they are confirmed.'
      : platform.status === 'PLANNED'
        ? `${few(parties)} ${parties.length === 1 ? 'is' : 'are'} reserved for it; others see ${parties.length === 1 ? 'it' : 'them'} as PLANNED.`
        : `Its ${parties.length === 1 ? 'party is' : 'parties are'} ${few(parties)}.`
  return html`<h2>Named</h2><p>${text}</p>`
}

function invited({ platform, newcomer }: Way, { mayAsk }: View): Html {
  const path = `/admin/onboarding/${platform.id}`
  const { registration } = platform
  if (registration !== null) {
    const made = newcomer.steps.invited.at
    const print =
      registration.fingerprint === null ? '' : html`, fingerprint <span class="mono">${registration.fingerprint}</span>`
    return html`<h2>Invited</h2><p>The text with the versions URL and the token was shown once${made === null ? '' : html`, ${ago(made)}`}${print}. <a href="${path}/invitation">Show the text without the token</a> · <a href="/admin/platforms/${platform.id}/partner-links">Links by which they follow it</a></p>`
  }
  const text =
    newcomer.steps.handshake.state === 'done'
      ? 'No registration token is needed any more.'
      : 'No registration token is open.'
  const make = mayAsk('POST /platforms/{id}/registration') && newcomer.steps.handshake.state !== 'done'
  return html`<h2>Invited</h2><p>${text}${make ? html` <a href="${path}/token">Make a new token</a>` : ''}</p>`
}

function handshake(way: Way, { hub, isLive }: View): Html {
  const { platform, attempts, isAll, strangers, newcomer } = way
  const isDone = newcomer.steps.handshake.state === 'done'
  const reload = isLive ? '' : html` <a href="/admin/onboarding/${platform.id}">Reload</a>`
  const beside = isDone ? pill('good', 'done') : isLive ? pill('info', 'listening') : ''
  const intro = isDone
    ? 'Credentials are exchanged.'
    : html`Every call of theirs and of ours, as it happens. You may leave this page; nothing is lost.${reload}`
  const none = isDone
    ? ''
    : html`<p class="dim">Nothing yet. When they call with a token we do not know, you see that here too.</p>`
  return html`<h2>Handshake ${beside}</h2><p>${intro}</p>${isDone ? '' : strangerCalls(strangers, platform.registration?.fingerprint ?? null)}${attempts.length === 0 ? none : attemptList(attempts, attemptsOf(platform, hub, isAll))}`
}

/** Calls that may be theirs: what the hub can tell about the tokens, which nobody knows. */
function strangerCalls(calls: readonly RefusedCall[], fingerprint: string | null): Html | '' {
  if (calls.length === 0) return ''
  return html`<ul class="calls"><li class="att"><span>Somebody called with a token that nobody knows: perhaps they</span><span></span></li>
${calls.map((call) => html`<li class="f">${clock(call.at)}<span>${call.address}</span><span class="path mono" title="${call.path}">${call.method} ${call.path}</span><span class="outcome bad">${call.http_status}</span><p class="adv"><b>${call.why.title}.</b> ${withCode(call.why.advice)}${fingerprint === null ? '' : html` The one made for this platform is <span class="mono">${fingerprint}</span>.`}</p></li>\n`)}</ul>`
}

function agreements({ platform, newcomer }: Way, { mayAsk }: View, isCurrent: boolean): Html {
  const { state } = newcomer.steps.agreements
  if (state === 'not-needed') return html`<h2>Agreements</h2><p>All may talk: nothing to do.</p>`
  const text =
    state === 'done'
      ? 'A rule lets it talk.'
      : 'With whom they may talk, about what, from when. Nobody yet: no rule names it.'
  const link = mayAsk('POST /agreements')
    ? html`<div class="acts"><a class="btn ${isCurrent ? 'main' : ''}" href="/admin/onboarding/${platform.id}/agreements">With whom may they talk?</a></div>`
    : ''
  return html`<h2>Agreements</h2><p>${text}</p>${link}`
}

function live({ platform, newcomer }: Way, { mayAsk }: View): Html {
  const { state } = newcomer.steps.live
  const names = few(partyNames(platform.parties))
  if (state === 'under-way' && !platform.hold)
    return html`<h2>Live ${pill('info', 'waits')}</h2><p>The handshake is done. Others see it as PLANNED until its connection check finds nothing to mend.</p>`
  if (state === 'under-way') {
    const release = mayAsk('POST /platforms/{id}/release')
      ? html`<div class="acts"><a class="btn main" href="/admin/platforms/${platform.id}/release">Release</a></div>`
      : ''
    return html`<h2>Live ${pill('info', 'held')}</h2><p>The handshake is done, and it is held: others see it as PLANNED until it is released.</p>${release}`
  }
  if (state !== 'done') return html`<h2>Live</h2><p>Others will see ${names === '' ? 'it' : names} as CONNECTED.</p>`
  const watch = (outcome: string | null) => address('/admin/messages', { platform_id: platform.id, outcome })
  return html`<h2>Live</h2><p>${names === '' ? platform.name : names} is ${platform.status}: the others were told. To watch tomorrow: <a href="${watch(null)}">its first traffic</a>, <a href="${watch('failed')}">its first error</a>.</p>`
}

/** The first few of them. */
function few(names: readonly string[]): string {
  const left = names.length - 4
  return names.slice(0, 4).join(', ') + (left > 0 ? ` and ${left} more` : '')
}
