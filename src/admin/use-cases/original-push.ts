import type { MessageDetail } from '../../hub/message/message-query.ts'
import type { RoutingTable } from '../../hub/network/routing-table.ts'
import { checkBroadcast } from '../../hub/push/accept/check.ts'
import type { SendAgainStore } from '../../hub/push/drain/send-again.ts'
import type { NewPush } from '../../hub/push/push.ts'
import { isLike } from '../../hub/translate/like.ts'
import { header } from '../../ocpi/headers.ts'
import type { Party } from '../../ocpi/party.ts'
import { splitRelayPath } from '../../ocpi/path.ts'

export type Source = 'push-log' | 'message-log'

/** A push as it was accepted. `after` is its number; 0 where only the message log knows it. */
export type Original = { readonly push: NewPush; readonly after: number; readonly source: Source }

export type NoOriginal = { readonly kind: 'not-replayable' | 'gone'; readonly detail: string }

/** The push as it was accepted, from the push log, or else as far as the message log kept it whole. */
export async function findOriginal(
  find: SendAgainStore['find'],
  message: MessageDetail,
  table: RoutingTable,
): Promise<Original | NoOriginal> {
  const { correlationId, requestId, fromPlatformId, module, method } = message
  if (fromPlatformId === null) return { kind: 'not-replayable', detail: 'Nobody knows who sent it' }
  const path = pushedPath(message)
  const stored =
    path === undefined ? null : await find({ correlationId, requestId, fromPlatformId, module, method, path })
  if (stored) {
    const { number, ...push } = stored
    return { push, after: number, source: 'push-log' }
  }
  if (message.failure !== null && message.kind === 'broadcast') {
    return { kind: 'not-replayable', detail: 'The hub did not accept it' }
  }
  if (message.kind === 'delivery' && message.conversion !== null) {
    return {
      kind: 'gone',
      detail: 'The push log does not hold it any more, and this delivery was converted for its receiver',
    }
  }
  const sender = table.platforms.get(fromPlatformId)
  if (!sender) return { kind: 'gone', detail: 'The platform that sent it is gone, and so is the push' }
  const receiver = message.kind === 'delivery' ? table.platforms.get(message.toPlatformId ?? '') : undefined
  // Both spoke one version when it was sent as it was: where they do not now, nobody knows in which it is.
  if (receiver && !isLike(sender, receiver)) {
    return {
      kind: 'gone',
      detail: 'The push log does not hold it any more, and sender or receiver speak another OCPI version by now',
    }
  }
  const kept = keptRequest(message)
  if (!kept) {
    const detail = 'The push log does not hold it any more, and the message log kept no whole body of it'
    return { kind: 'gone', detail }
  }
  const checked = checkBroadcast(sender, { module, method, ...kept }, true)
  if (checked.kind === 'refused') return { kind: 'not-replayable', detail: checked.detail }
  const { owner, senderClass, chainKey, pathKey } = checked
  const contentType = header(message.requestHeaders ?? [], 'content-type') ?? null
  const body = kept.body.length === 0 ? null : kept.body
  const ids = {
    fromPlatformId,
    version: writtenVersion(message) ?? sender.version,
    module,
    method,
    correlationId,
    requestId,
  }
  const from = partyIn(message.fromParty) ?? owner
  const push = { ...ids, at: message.at, from, owner, senderClass, ...kept, body, contentType, chainKey, pathKey }
  return { push, after: 0, source: 'message-log' }
}

/** Path, query and body, where all of the body was kept and nothing was starred out; null otherwise. */
function keptRequest(message: MessageDetail): { path: string; query: string; body: Uint8Array } | null {
  const { path: asReceived, requestBody, requestBytes, requestHeaders } = message
  const length = requestBody?.length ?? 0
  if (length !== requestBytes || header(requestHeaders ?? [], 'content-encoding') || asReceived.includes('**'))
    return null
  const [, query] = splitQuery(asReceived)
  const path = pushedPath(message)
  return path === undefined ? null : { path, query, body: requestBody ?? new Uint8Array(0) }
}

/** The path as it was pushed, `/NL/CPO/LOC1`, without its query. */
function pushedPath({ kind, path }: MessageDetail): string | undefined {
  const [whole] = splitQuery(path)
  return kind === 'broadcast' ? splitRelayPath(whole)?.rest : whole
}

/** The version in the URL of a broadcast; that of a delivery does not tell in which its push came. */
function writtenVersion({ kind, path }: MessageDetail): string | undefined {
  return kind === 'broadcast' ? splitRelayPath(splitQuery(path)[0])?.version : undefined
}

export function splitQuery(path: string): [string, string] {
  const mark = path.indexOf('?')
  return mark === -1 ? [path, ''] : [path.slice(0, mark), path.slice(mark)]
}

function partyIn(text: string | null): Party | null {
  return text === null ? null : { countryCode: text.slice(0, 2), partyId: text.slice(3) }
}
