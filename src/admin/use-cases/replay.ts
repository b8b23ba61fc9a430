import type { MessageDetail } from '../../hub/message/message-query.ts'
import type { RoutingTable } from '../../hub/network/routing-table.ts'
import { receiver } from '../../hub/push/attempt/receivers.ts'
import type { NewerPush, SendAgainStore } from '../../hub/push/drain/send-again.ts'
import { readObjectPath } from '../../ocpi/object-path.ts'
import { keyOf, showParty } from '../../ocpi/party.ts'
import { splitRelayPath } from '../../ocpi/path.ts'
import { findOriginal, type Original, type Source, splitQuery } from './original-push.ts'

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
      readonly source: Source
    }
  /** A broadcast went to many: which of them is meant? */
  | { readonly kind: 'platform-needed' }
  | { readonly kind: 'unknown-platform' }
  | { readonly kind: 'not-replayable' | 'gone' | 'not-entitled' | 'newer-push'; readonly detail: string }

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
  const original = await findOriginal(store.find, message, table)
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
