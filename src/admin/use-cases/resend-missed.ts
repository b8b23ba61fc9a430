import type { RoutingTable } from '../../hub/network/routing-table.ts'
import { checkBroadcast } from '../../hub/push/accept/check.ts'
import { receiver } from '../../hub/push/attempt/receivers.ts'
import type { MissedView } from '../../hub/push/drain/queue-admin.ts'
import type { SendAgainStore } from '../../hub/push/drain/send-again.ts'
import { chainInLog } from '../../hub/push/push.ts'
import { isFunctionalModule } from '../../ocpi/modules.ts'
import type { Party } from '../../ocpi/party.ts'
import type { PullObject } from './pull-object.ts'

export type ResendPorts = {
  readonly store: SendAgainStore
  readonly currentTable: () => RoutingTable
  readonly now: () => number
  readonly newId: () => string
  readonly pull: PullObject
  readonly pushed: () => Promise<void>
}

export type ResentOutcome =
  /** It waits for the platform, and is off the list: when it is missed again it is listed again. */
  | 'queued'
  /** A newer push of it was accepted meanwhile, which is on its way itself. */
  | 'newer-push'
  | 'not-entitled'
  /** The owner offers no way to get it, or it was a deletion. */
  | 'not-offered'
  | 'not-found'
  | 'owner-failed'
  /** There was no time left: ask again. */
  | 'not-tried'

export type Resent = { readonly missed: MissedView; readonly outcome: ResentOutcome; readonly detail: string | null }

/** Milliseconds for all objects of one call, as the owners may be slow. */
const ALL_WITHIN_MS = 20_000

const EMPTY_OBJECT = new TextEncoder().encode('{}')

/**
 * Gets objects that a platform missed from their owners, as they are now, and puts them into the platform's queue. One after the other:
 * owners are asked for nothing in parallel.
 */
export async function resendMissed(
  ports: ResendPorts,
  platformId: string,
  missed: readonly MissedView[],
): Promise<readonly Resent[]> {
  const until = ports.now() + ALL_WITHIN_MS
  /** Of a platform that gets a broadcast for each of its parties an object is listed for each, and sent once. */
  const done = new Map<string, Omit<Resent, 'missed'>>()
  const resent: Resent[] = []
  for (const each of missed) {
    const key = `${chainOf(each)}\n${each.pathKey}`
    let result = done.get(key)
    if (!result) {
      const leftMs = until - ports.now()
      result = leftMs > 0 ? await resendOne(ports, platformId, each, leftMs) : { outcome: 'not-tried', detail: null }
      done.set(key, result)
    }
    if (result.outcome === 'queued') await ports.store.forgetMissed(platformId, each.chainKey, each.pathKey)
    resent.push({ missed: each, ...result })
  }
  if (resent.some(({ outcome }) => outcome === 'queued')) await ports.pushed()
  return resent
}

async function resendOne(
  { store, currentTable, now, newId, pull }: ResendPorts,
  platformId: string,
  missed: MissedView,
  leftMs: number,
): Promise<Omit<Resent, 'missed'>> {
  const { module, method, path } = missed
  if (!isFunctionalModule(module) || module === 'cdrs' || method === 'DELETE') {
    const detail = 'Only locations, tariffs, sessions and tokens can be got from their owners, and no deletion'
    return { outcome: 'not-offered', detail }
  }
  const table = currentTable()
  const ownerKey = chainOf(missed).split(' ')[1] ?? ''
  const sender = [...(table.parties.get(ownerKey as never) ?? [])]
    .map((host) => table.platforms.get(host.platformId))
    .find(
      (host) =>
        host &&
        checkBroadcast(host, { module, method: 'PUT', path, query: '', body: EMPTY_OBJECT }, true).kind === 'allowed',
    )
  const platform = table.platforms.get(platformId)
  if (!sender || !platform)
    return { outcome: 'not-entitled', detail: `No platform has ${ownerKey} as an owner of ${module}` }
  const query = queryOf(missed)
  const checked = checkBroadcast(sender, { module, method: 'PUT', path, query, body: EMPTY_OBJECT }, true)
  if (checked.kind === 'refused') return { outcome: 'not-offered', detail: checked.detail }
  const { owner, senderClass, chainKey, pathKey } = checked
  const ids = { correlationId: newId(), requestId: newId() }
  const common = {
    ...ids,
    fromPlatformId: sender.id,
    version: sender.version,
    from: owner,
    owner,
    senderClass,
    module,
    method: 'PUT',
    path,
    query,
    chainKey,
    pathKey,
  }
  const push = { ...common, at: now(), body: null, contentType: 'application/json', onlyTo: platformId }
  const to: Party | null = receiver(table, platform, { ...push, number: 0 }, now())
  if (!to) return { outcome: 'not-entitled', detail: `${platform.name} gets no ${module} of ${ownerKey} now` }
  // Before the owner is asked: what is accepted from here on may be newer than what it answers.
  const after = await store.lastNumber()
  const pulled = await pull({
    table,
    callerId: platformId,
    from: to,
    owner,
    module,
    path,
    pathKey,
    since: missed.at,
    ids,
    leftMs,
  })
  if (pulled.kind !== 'found') return { outcome: pulled.kind, detail: pulled.detail }
  const body = checkBroadcast(sender, { module, method: 'PUT', path, query, body: pulled.bytes }, true)
  if (body.kind === 'refused') return { outcome: 'owner-failed', detail: body.detail }
  const stored = await store.append({ ...push, at: now(), body: pulled.bytes }, after)
  return stored.kind === 'stored'
    ? { outcome: 'queued', detail: null }
    : { outcome: 'newer-push', detail: `Push ${stored.push.number} was accepted meanwhile` }
}

function chainOf({ to, chainKey }: MissedView): string {
  return chainInLog({ chainKey, ...(to !== null && { to }) })
}

/** Tokens of two types may share a uid: the type stands in the key, the default one in no query. */
function queryOf({ module, pathKey }: MissedView): string {
  const type = module === 'tokens' ? pathKey.split('?')[1] : undefined
  return type === undefined || type === 'RFID' ? '' : `?type=${type}`
}
