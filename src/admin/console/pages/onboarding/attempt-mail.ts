import type { HubName } from '../../console-env.ts'
import { outcomeOf } from '../../parts/outcome.ts'
import type { Handshake, Platform } from '../../views.ts'

/** The newest calls that a mail lists: programs for mail take no long ones. */
const MOST_CALLS = 8
const MOST_OF_URL = 100

/** What to write the partner about an attempt that failed: what was seen, and what helps. No tokens. */
export function attemptMail(
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
  const chapter = why?.chapter ? `\n\nOCPI 2.2.1, ${why.chapter.replace(':', ',')}.` : ''
  const day = calls.at(-1)?.at.slice(0, 10) ?? ''
  const seen = lines.length === 0 ? '' : `\n\nWhat we saw on ${day}:\n${lines.join('\n')}`
  return {
    subject: `${name}: the connection to ${hub.name} failed${at}`,
    body: `Hello,\n\nthe handshake between ${name} and ${hub.name} (${hub.party}) failed${at}.\n\n${why?.title}. ${why?.advice}${chapter}${seen}`,
  }
}
