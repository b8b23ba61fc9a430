import type { ExecutionContext } from '@cloudflare/workers-types'
import { messageIds, replyHeaders } from '../../hub/message/message-ids.ts'
import { type Refusal, refuse } from '../../hub/message/refusal.ts'
import type { ReadTableRows } from '../../hub/network/registry.ts'
import { createBroadcastDuty } from '../../hub/push/accept/duty.ts'
import type { QueueAdmin } from '../../hub/push/drain/queue-admin.ts'
import type { PushEngine } from '../../hub/push/engine.ts'
import { isSafePath } from '../../ocpi/path.ts'
import { createQueueAdmin } from '../../storage/push/admin.ts'
import { createEventCounts } from '../metrics/events.ts'
import type { Settings } from '../settings/settings.ts'
import { isAllowedHost } from '../shared/address-guard.ts'
import { describeError } from '../shared/cannot-start.ts'
import { clientAddress } from '../shared/client-address.ts'
import { splitTarget } from '../shared/request-target.ts'
import { digest, isSameSecret, random, type SecretKeys } from '../shared/secrets.ts'
import type { Ground, Runtime } from '../wiring/runtime.ts'
import { streamLimitsOf } from '../wiring/stream-limits.ts'
import { wireHub } from '../wiring/wire.ts'
import { wireParts } from '../wiring/wire-parts.ts'
import { createConsoleLog } from './console-log.ts'
import { createPointWriter } from './data-points.ts'
import { createFetchSend } from './fetch-send.ts'
import { ownersBy } from './objects/owners-by-log.ts'
import { KEEPER_NAME, LOG_NAME, type ObjectBindings, type OptionalBindings } from './objects/ports.ts'
import { valueOf } from './objects/rpc.ts'
import { shadowBy } from './objects/shadow-by-log.ts'
import { createObservedGatherer } from './observed.ts'
import { presenceOfRequests } from './presence.ts'
import { createAssetReader } from './read-asset.ts'
import { createCurrentScope, createRequestScope } from './request-scope.ts'
import { createSharedTable } from './shared-table.ts'
import { readWebMessage, writeWebAnswer } from './web-exchange.ts'

/** A global of Workers: a body that announces its length. */
declare const FixedLengthStream: new (bytes: number) => TransformStream<Uint8Array, Uint8Array>

/** Between two looks for more of them by who follows events. */
const EVENTS_EVERY_MS = 2_000

export type WorkersHub = { readonly fetch: (request: Request, env: object, ctx: ExecutionContext) => Promise<Response> }

/** Puts the hub of one isolate together: made once, with connections of each request's own. */
export function createWorkersHub(
  settings: Settings,
  databaseUrl: string,
  secretKeys: SecretKeys,
  { LOG, QUEUE, KEEPER, ANALYTICS, ASSETS }: ObjectBindings & OptionalBindings,
): WorkersHub {
  const log = createConsoleLog(settings.logLevel)
  const scope = createCurrentScope()
  const logObject = () => LOG.getByName(LOG_NAME)
  const readTable =
    (isFresh: boolean): ReadTableRows =>
    (afterRevision) =>
      valueOf(() => logObject().readTable(afterRevision, isFresh))
  const events = createEventCounts()
  const observed = createObservedGatherer({
    tell: (what) => logObject().observed(what),
    pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
    now: Date.now,
    keepaliveAfterMs: settings.keepaliveAfterS * 1000,
    bodyBytes: settings.messageLogBodyBytes,
    onDropped(rows) {
      events.droppedExchanges(rows)
      parts.alarm({ kind: 'message-log-dropped', detail: `${rows} exchanges could not be stored` })
    },
    events,
  })
  const ground: Ground = {
    orm: scope.orm,
    readTable: readTable(true),
    owners: ownersBy(logObject),
    shadow: shadowBy(logObject),
    waitsTogether: false,
    after: scope.after,
    kept: scope.kept,
    log,
    counts: events,
    noteEvent: observed.noteEvent,
  }
  const parts = wireParts(settings, secretKeys, ground)
  const { alarm, now } = parts
  const shared = createSharedTable({
    sourceFrom: (start, isFresh) => parts.tableFrom(start, readTable(isFresh)),
    now,
    onStale: (error) => alarm({ kind: 'database-away', detail: describeError(error) }),
  })
  const { refresh } = scope.kept({ refresh: shared.refresh })
  const table = { current: shared.current, isLoaded: shared.isLoaded, refresh }
  const { send } = scope.kept({
    send: createFetchSend({
      isHostAllowed: settings.allowPrivateNetworks ? () => true : isAllowedHost,
      ofLength: (stream, bytes) => stream.pipeThrough(new FixedLengthStream(bytes)),
      places: scope.places,
      streamIdleMs: settings.streamIdleMs,
      streamTotalMs: settings.streamTotalMs,
    }),
  })
  const learnOwners = parts.learnOwners(table)
  const writePoint = ANALYTICS ? createPointWriter(ANALYTICS, scope.mayWritePoint) : () => undefined
  const observe: Runtime['observe'] = (exchange) => {
    observed.observe(exchange)
    writePoint(exchange)
    learnOwners(exchange)
    // A large answer ends after its request did.
    if (scope.isFinished()) void observed.flush()
  }
  const keeper = () => KEEPER.getByName(KEEPER_NAME)
  const presence = parts.presenceOn({ table, client: parts.checkClient({ send, observe }) })
  const accept: PushEngine['accept'] = (push) =>
    logObject()
      .accept(push, table.current().revision)
      .catch(() => ({ kind: 'unavailable', detail: 'The push could not be stored' }))
  const limits = streamLimitsOf(settings)
  const { app } = wireHub(parts, {
    ...ground,
    table,
    send,
    observe,
    presence: presenceOfRequests({ presence, onSeen: observed.onSeen, keeper, keep: (work) => void scope.keep(work) }),
    broadcast: createBroadcastDuty({
      accept,
      now,
      allowsPrivate: settings.broadcastPrivate,
      perSecond: settings.broadcastsPerSecond,
      onTooMany: events.refusedBroadcast,
    }),
    queues: steering(createQueueAdmin(scope), (platformId) => QUEUE.getByName(platformId).order(platformId)),
    pushed: () =>
      logObject()
        .pushed()
        .catch(() => undefined),
    wakeChecks: () =>
      void scope.keep(
        keeper()
          .lookForChecks()
          .catch(() => undefined),
      ),
    watch: {
      more: () => new Promise((resolve) => void setTimeout(resolve, EVENTS_EVERY_MS)),
      isEnding: () => false,
      behind: (work) => void scope.keep(work()),
    },
    exchanger: {
      read: (c) => readWebMessage(c.req.raw, () => addressOf(c.req.raw, settings), now(), limits),
      write: (c, answer) => writeWebAnswer(answer, c.req.method),
    },
    clientAddress: (c) => addressOf(c.req.raw, settings),
    isAdminToken: (token) => isSameSecret(token, settings.adminToken ?? ''),
    adminTokenDigest: () => digest(settings.adminToken ?? ''),
    refreshAdminToken: async () => {},
    lookUp: (findMany) => async (key) => (await findMany([key])).get(key) ?? null,
    readAsset: createAssetReader(ASSETS),
    compressed: (_, next) => next(),
    ready: refresh,
    metrics: () => logObject().metrics(),
    isBehindIngress: false,
  })

  async function answer(request: Request, env: object, ctx: ExecutionContext): Promise<Response> {
    const { path } = splitTarget(request.url)
    // A URL parsed further on would resolve `..` and so route another path than the one that was sent. Whatever stands in front of the
    // Worker may have done so before: then nobody can know, and nobody reaches more by it than by asking for the other path.
    if (!isSafePath(path)) return refusal(request, { kind: 'unknown-path', detail: 'Unknown path' })
    if (path !== '/healthz') {
      try {
        await shared.keepFresh()
      } catch (error) {
        log.error({ why: describeError(error) }, 'not ready')
        return refusal(request, { kind: 'hub-failure', detail: 'The hub is not ready' })
      }
    }
    return app.fetch(request, env, ctx)
  }

  let isPoked = false

  return {
    fetch(request, env, ctx) {
      // Whatever has become of its alarms, an isolate that begins finds it awake.
      if (!isPoked)
        ctx.waitUntil(
          keeper()
            .poke()
            .catch(() => undefined),
        )
      isPoked = true
      const own = createRequestScope(databaseUrl)
      const answered = scope.run(own, () => answer(request, env, ctx))
      // Also when the caller goes away, so that what was begun comes to its end.
      ctx.waitUntil(
        answered
          .catch(() => undefined)
          .then(own.finish)
          .then(observed.flush),
      )
      return answered
    },
  }
}

/** The administration of queues, whose orders the queue's object carries out before they are answered. */
function steering(admin: QueueAdmin, order: (platformId: string) => Promise<void>): QueueAdmin {
  const told = async (platformId: string, isKnown: boolean) => {
    if (isKnown) await order(platformId).catch(() => undefined)
    return isKnown
  }
  return {
    ...admin,
    setPaused: async (...order) => told(order[0], await admin.setPaused(...order)),
    skip: async (...order) => told(order[0], await admin.skip(...order)),
  }
}

/** Cloudflare tells the client's address in a header that clients cannot set themselves. */
function addressOf({ headers }: Request, { trustedProxies }: Settings): string {
  return clientAddress(headers.get('cf-connecting-ip') ?? '', [headers.get('x-forwarded-for') ?? ''], trustedProxies)
}

function refusal(request: Request, why: Refusal): Response {
  const { headers, receivedAt } = readWebMessage(request, () => '', Date.now(), {
    idleMs: 0,
    totalMs: 0,
    leastBytesPerSecond: 0,
  })
  return writeWebAnswer(
    refuse(why, replyHeaders(messageIds(headers, random.id), null, null), receivedAt),
    request.method,
  )
}
