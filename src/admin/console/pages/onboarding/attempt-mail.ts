import { copyText, mailAddress } from '../../parts/copy.ts'
import { type Html, html } from '../../parts/html.ts'
import type { HubName } from '../../parts/hub-name.ts'
import { outcomeOf } from '../../parts/outcome.ts'
import type { Handshake, Platform } from '../../views.ts'
import { partyNames } from './parties.ts'

/** The newest calls that a mail lists: programs for mail take no long ones. */
const MOST_CALLS = 8
const MOST_OF_URL = 100

/** What to write the partner about an attempt that failed: what was seen, and what helps. No tokens. */
function attemptMail(
  { why, calls, step }: Handshake,
  hub: HubName,
  { name }: Platform,
): { readonly subject: string; readonly body: string } {
  const at = step === null ? '' : ` at step ${step} of 5`
  const lines = calls.slice(-MOST_CALLS).map((call) => {
    const who = call.direction === 'in' ? 'you -> hub' : 'hub -> you'
    const url = call.url.length > MOST_OF_URL ? `${call.url.slice(0, MOST_OF_URL)}...` : call.url
    return `${call.at.slice(11, 23)} UTC  ${who}  ${call.method} ${url}  ${outcomeOf(call).text}`
  })
  const chapter = why?.chapter ? `\n\nOCPI, ${why.chapter.replace(':', ',')}.` : ''
  const day = calls.at(-1)?.at.slice(0, 10) ?? ''
  const seen = lines.length === 0 ? '' : `\n\nWhat we saw on ${day}:\n${lines.join('\n')}`
  return {
    subject: `${name}: the connection to ${hub.name} failed${at}`,
    body: `Hello,\n\nthe handshake between ${name} and ${hub.name} (${hub.party}) failed${at}.\n\n${why?.title}. ${why?.advice}${chapter}${seen}`,
  }
}

/** The same to copy, or to open in mail. */
function attemptMailText(attempt: Handshake, hub: HubName, platform: Platform): Html {
  const { subject, body } = attemptMail(attempt, hub, platform)
  const mail = html`<a class="btn" href="${mailAddress(subject, body)}">Open in mail</a>`
  return html`<details><summary>Copy this as a mail</summary>${copyText(`mail-${attempt.id}`, 'A mail about this attempt', body, mail)}</details>`
}

/** How attempts of a platform are shown, each with its mail. */
export function attemptsOf(platform: Platform, hub: HubName, isAll: boolean) {
  const below = (attempt: Handshake) => attemptMailText(attempt, hub, platform)
  return { partner: partyNames(platform.parties)[0] ?? 'partner', isAll, below }
}
