import type { Headers } from '../../ocpi/headers.ts'
import type { Secrets } from '../ports.ts'
import type { Refusal } from './refusal.ts'

/*
 * Every request that the hub sends carries a mark of the hub's. A partner's URL may lead to the hub itself, under a name or by a way that
 * nobody can compare: what is sent there would come back and be sent again for ever. A request with the hub's own mark is refused.
 *
 * The mark is the same in all processes of a hub and tells nothing: a partner that copies it into requests of its own has them refused.
 * Marks of other hubs pass, so that a way through several hubs is a circle to each of them.
 */

/** The header that holds the mark. Its length is that of no header that is usual in requests: names are compared by length first. */
export const LOOP_MARK = 'X-OCPI-Loop'
const LOWER = LOOP_MARK.toLowerCase()

export function loopMarkOf(mac: Secrets['mac']): string {
  return mac('loop').slice(0, 22)
}

/** Whether the hub whose mark it is sent this message. Some that pass a message on join headers of one name. */
export function isMarked(headers: Headers, mark: string): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const isMark = name.length === LOWER.length && name.toLowerCase() === LOWER
    if (isMark && (headers[i + 1] as string).includes(mark)) return true
  }
  return false
}

/** What the hub answers to itself, and so to whoever asked it to send there. */
export const IN_A_CIRCLE: Refusal = {
  kind: 'hub-failure',
  detail: 'This request was sent by the hub itself: the URL that it was sent to leads back to the hub',
}
