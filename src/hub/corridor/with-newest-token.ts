import { header } from '../../ocpi/headers.ts'
import { letGo } from '../message.ts'
import type { NewerToken } from '../network/newer-token.ts'
import type { Now, OutboundRequest, Send, SendResult } from '../ports.ts'

/** The request that was answered last, and what came of it. */
export type Sent = { readonly request: OutboundRequest; readonly result: SendResult }

/** @param startedAt when the request was sent first, in milliseconds since the epoch */
export type WithNewestToken = (
  platformId: string,
  request: OutboundRequest,
  refused: Extract<SendResult, { kind: 'answer' }>,
  startedAt: number,
) => Promise<Sent>

/**
 * What to do about a 401 or 403: when the receiver's token was replaced since the request was made, the request is sent once more
 * with the new one, within its deadline. Otherwise, and for a body that streamed by and is gone, the answer stands. A 401 to the newest
 * token is a reason to ask whether the receiver takes the hub's token at all.
 */
export function createWithNewestToken(ports: {
  readonly send: Send
  readonly newerToken: NewerToken
  readonly now: Now
  readonly onUnreachable: (platformId: string) => void
}): WithNewestToken {
  const { send, newerToken, now, onUnreachable } = ports

  return async function withNewestToken(platformId, request, refused, startedAt) {
    const { headers, body } = request
    const newer = await newerToken(platformId, header(headers, 'authorization') ?? '')
    if (newer === null && refused.status === 401) onUnreachable(platformId)
    const leftMs = Math.min(request.timeoutMs, startedAt + (request.withinMs ?? request.timeoutMs) - now())
    const isRepeatable = body === null || body instanceof Uint8Array
    if (newer === null || !isRepeatable || leftMs <= 0) return { request, result: refused }
    await letGo(refused.body)
    const again = { ...request, headers: withAuthorization(headers, newer), timeoutMs: leftMs, withinMs: leftMs }
    const result = await send(again)
    if (result.kind === 'answer' && result.status === 401) onUnreachable(platformId)
    return { request: again, result }
  }
}

function withAuthorization(headers: OutboundRequest['headers'], authorization: string): string[] {
  const changed = [...headers]
  const at = changed.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'authorization')
  changed[at + 1] = authorization
  return changed
}
