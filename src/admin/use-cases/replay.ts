import type { MessageDetail } from '../../hub/message/message-query.ts'
import type { RoutingTable } from '../../hub/network/routing-table.ts'
import { checkBroadcast } from '../../hub/push/accept/check.ts'
import { receiver } from '../../hub/push/attempt/receivers.ts'
import type { NewerPush, SendAgainStore } from '../../hub/push/drain/send-again.ts'
import type { NewPush } from '../../hub/push/push.ts'
import { header } from '../../ocpi/headers.ts'
import { readObjectPath } from '../../ocpi/object-path.ts'
import { keyOf, type Party, showParty } from '../../ocpi/party.ts'
import { splitRelayPath } from '../../ocpi/path.ts'

export type ReplayPorts = {
  readonly store: SendAgainStore
  readonly currentTable: () => RoutingTable
  readonly now: () => number
  /** Tells those who deliver that there is a push. */
  readonly pushed: () => Promise<void>
}

export type ReplayOptions = {
  /** Null: the platform that the delivery was for. */
  readonly platformId: string | null
  /** Also a delivery that succeeded. */
  readonly isForced: boolean
  /** Also a CDR, of which a partner may bill each copy. */
  readonly withCdrs: boolean
}

export type Replayed =
  | {
      readonly kind: 'queued'
      readonly number: number
      readonly platformId: string
      readonly correlationId: string
      readonly source: 'push-log' | 'message-log'
    }
  /** A broadcast went to many: which of them is meant? */
  | { readonly kind: 'platform-needed' }
  | { readonly kind: 'unknown-platform' }
  | { readonly kind: 'not-replayable' | 'gone' | 'not-entitled' | 'newer-push'; readonly detail: string }

type Source = 'push-log' | 'message-log'
type Original = { readonly push: NewPush; readonly after: number; readonly source: Source }
type Refused = Exclude<Replayed, { kind: 'queued' }>

/**
 * Sends a broadcast, or the delivery of one that failed, to one platform again, through its queue: behind what waits there of the
 * same object, at its pace. Never an old state over a newer one: not when a newer push of the object was accepted, or was addressed to
 * the platform, since. Where the push log does not hold the push any more, the message log has to tell that.
 */
export async function replay(ports: ReplayPorts, message: MessageDetail, options: ReplayOptions): Promise<Replayed> {
  const refusal = refusalOf(message, options)
  if (refusal) return refusal
  const { store, now } = ports
  const table = ports.currentTable()
  const platformId = options.platformId ?? (message.kind === 'delivery' ? message.toPlatformId : null)
  if (platformId === null) return { kind: 'platform-needed' }
  const platform = table.platforms.get(platformId)
  if (!platform) return { kind: 'unknown-platform' }
  const original = await findOriginal(ports, message, table)
  if ('kind' in original) return original
  const push = { ...original.push, number: 0, at: now(), onlyTo: platformId }
  if (platform.status !== 'CONNECTED') return { kind: 'not-entitled', detail: `${platform.name} is ${platform.status}` }
  if (!receiver(table, platform, push, push.at)) {
    const detail = `${platform.name} gets no ${push.module} of ${showParty(push.owner)}: by its roles, its endpoints or the agreements`
    return { kind: 'not-entitled', detail }
  }
  const newer = await findNewerMessage(store, message, original, platformId)
  if (newer) return { kind: 'newer-push', detail: newer }
  const { number: _, ...stored } = push
  const result = await store.append(stored, original.after)
  if (result.kind === 'newer') return { kind: 'newer-push', detail: wordsOf(result.push) }
  await ports.pushed()
  const { correlationId } = push
  return { kind: 'queued', number: result.number, platformId, correlationId, source: original.source }
}

function refusalOf({ kind, module, failure, toPlatformId }: MessageDetail, options: ReplayOptions): Refused | null {
  if (kind !== 'delivery' && kind !== 'broadcast') {
    const detail = `Only broadcasts and their deliveries are sent again, got ${kind} of ${module}: its sender was told how it went`
    return { kind: 'not-replayable', detail }
  }
  if (module === 'cdrs' && !options.withCdrs) {
    return {
      kind: 'not-replayable',
      detail: 'A CDR is sent again only with `cdr`: the partner may take it for another one',
    }
  }
  const isToTheSame = options.platformId === null || options.platformId === toPlatformId
  if (kind === 'delivery' && failure === null && isToTheSame && !options.isForced) {
    return { kind: 'not-replayable', detail: 'It was delivered; with `force` it is sent again' }
  }
  return null
}

/** The push as it was accepted, from the push log, or else as far as the message log kept it whole. */
async function findOriginal(
  { store }: ReplayPorts,
  message: MessageDetail,
  table: RoutingTable,
): Promise<Original | Refused> {
  const { correlationId, requestId, fromPlatformId, module, method } = message
  if (fromPlatformId === null) return { kind: 'not-replayable', detail: 'Nobody knows who sent it' }
  const path = pushedPath(message)
  const stored =
    path === undefined ? null : await store.find({ correlationId, requestId, fromPlatformId, module, method, path })
  if (stored) {
    const { number, ...push } = stored
    return { push, after: number, source: 'push-log' }
  }
  if (message.failure !== null && message.kind === 'broadcast') {
    return { kind: 'not-replayable', detail: 'The hub did not accept it' }
  }
  const sender = table.platforms.get(fromPlatformId)
  if (!sender) return { kind: 'gone', detail: 'The platform that sent it is gone, and so is the push' }
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
  const ids = { fromPlatformId, module, method, correlationId, requestId }
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

/** What the message log knows of newer states: pushes to the platform itself, and where the push log tells nothing any more those to all. */
async function findNewerMessage(
  store: SendAgainStore,
  message: MessageDetail,
  { push, source }: Original,
  toPlatformId: string,
): Promise<string | null> {
  const object = readObjectPath(push.path)
  const objectId = object?.names[0]
  if (!object || objectId === undefined) return null
  const broadcastBy = source === 'message-log' ? push.fromPlatformId : null
  const found = await store.pushedSince({ module: push.module, objectId, since: push.at, toPlatformId, broadcastBy })
  const newer = found.find((each) => {
    const other = readObjectPath(splitRelayPath(splitQuery(each.path)[0])?.rest ?? '')
    const isItself = each.correlationId === message.correlationId && each.requestId === message.requestId
    return !isItself && other?.names[0] === objectId && keyOf(other.owner) === keyOf(object.owner)
  })
  return newer ? `A ${newer.method} of ${newer.path} came since, message ${newer.id}` : null
}

function wordsOf({ method, path, number, correlationId }: NewerPush): string {
  return `A ${method} of ${path} was accepted since, push ${number}, correlation ID ${correlationId}`
}

function splitQuery(path: string): [string, string] {
  const mark = path.indexOf('?')
  return mark === -1 ? [path, ''] : [path.slice(0, mark), path.slice(mark)]
}

function partyIn(text: string | null): Party | null {
  return text === null ? null : { countryCode: text.slice(0, 2), partyId: text.slice(3) }
}
