import type { OutboundRequest } from '../../hub/ports.ts'

/** Methods that change nothing more when they are carried out twice [RFC 9110, section 9.2.2]. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'PUT', 'DELETE'])

/**
 * Whether a request whose connection was lost before an answer came may be sent once more. A body that streams is gone; what may
 * be called off before it leaves is of a partner's queue, which sends again by itself, at the partner's pace.
 */
export function maySendTwice(request: OutboundRequest): boolean {
  return IDEMPOTENT.has(request.method) && isAtHand(request.body) && request.mayLeave === undefined
}

/** Whether a body is there whole, or there is none: it can be sent again. */
export function isAtHand(body: OutboundRequest['body']): boolean {
  return body === null || body instanceof Uint8Array
}
