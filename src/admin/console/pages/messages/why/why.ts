import { act } from '../../../parts/head.ts'
import { type Html, html } from '../../../parts/html.ts'
import { outcomeOf } from '../../../parts/outcome.ts'
import { pairAddress } from '../../../parts/party.ts'
import { mark } from '../../../parts/status.ts'
import type { MessageDetail } from '../../../views.ts'
import type { Cause } from './cause.ts'
import { causeOf } from './causes.ts'
import { isTroubled, type Known } from './known.ts'

/** Why it ended as it did, in words, and the one thing that mends it. Nothing where all went well. */
export function whyBox(message: MessageDetail, known: Known, mayCall: (route: string) => boolean): Html | '' {
  if (!isTroubled(message)) return ''
  const cause = causeOf(message, known)
  const { tone } = outcomeOf(message)
  const chapter = cause.chapter === null ? '' : html` <span class="dim">[${cause.chapter}]</span>`
  return html`<section class="card why${tone === 'warn' ? ' warn' : ''}" aria-labelledby="why">${mark(tone === 'warn' ? 'warn' : 'bad')}<h2 id="why">${cause.title}</h2><p>${cause.text}${chapter}</p>${button(message, cause, known, mayCall)}</section>`
}

function button(
  message: MessageDetail,
  { mend }: Cause,
  { to, from }: Known,
  mayCall: (route: string) => boolean,
): Html | '' {
  const { id, from_party: a, to_party: b } = message
  const own = `/admin/messages/${encodeURIComponent(id)}`
  switch (mend) {
    case 'allow':
      return mayCall('POST /agreements') ? acts(act(`${own}/allow`, `Allow ${a} and ${b}`, { is: 'main' })) : ''
    case 'rules':
      return a === null || b === null ? '' : link(pairAddress(a, b), `See the rules of ${a} and ${b}`)
    case 'rotate':
      return to && mayCall('POST /platforms/{id}/rotate')
        ? link(`/admin/platforms/${to.id}/rotate`, 'Rotate token')
        : ''
    case 'onboard':
      return to ? link(`/admin/onboarding/${to.id}`, 'Continue onboarding') : ''
    case 'onboard-caller':
      return link(from ? `/admin/onboarding/${from.id}` : '/admin/onboarding', 'Continue onboarding')
    case 'queue':
      return to ? link(`/admin/queues/${to.id}`, 'Open the queue') : ''
    case 'replay':
      return mayCall('POST /messages/{id}/replay') ? link(`${own}/replay`, 'Replay') : ''
    case 'receiver':
      return to ? link(`/admin/platforms/${to.id}`, `Open ${to.name}`) : ''
    case 'caller':
      return from ? link(`/admin/platforms/${from.id}`, `Open ${from.name}`) : ''
    default:
      return ''
  }
}

function link(to: string, text: string): Html {
  return acts(html`<a class="btn main" href="${to}">${text}</a>`)
}

function acts(one: Html): Html {
  return html`<div class="acts">${one}</div>`
}
