import type { ExecutionContext } from '@cloudflare/workers-types'
import { messageIds, replyHeaders } from '../../hub/message/message-ids.ts'
import { type Refusal, refuse } from '../../hub/message/refusal.ts'
import { isSafePath } from '../../ocpi/path.ts'
import { createQueueAdmin } from '../../storage/push/admin.ts'
import type { Settings } from '../settings/settings.ts'
import { isAllowedHost } from '../shared/address-guard.ts'
import { describeError } from '../shared/cannot-start.ts'
import { clientAddress } from '../shared/client-address.ts'
import { splitTarget } from '../shared/request-target.ts'
import { isSameSecret, random, type SecretKeys } from '../shared/secrets.ts'
import type { Ground, Runtime } from '../wiring/runtime.ts'
import { streamLimitsOf } from '../wiring/stream-limits.ts'
import { wireHub } from '../wiring/wire.ts'
import { wireParts } from '../wiring/wire-parts.ts'
import { createConsoleLog } from './console-log.ts'
import { createFetchSend } from './fetch-send.ts'
import { presenceOfRequests } from './presence.ts'
import { createCurrentScope, createRequestScope } from './request-scope.ts'
import { createSharedTable } from './shared-table.ts'
import { readWebMessage, writeWebAnswer } from './web-exchange.ts'

/** A global of Workers: a body that announces its length. */
declare const FixedLengthStream: new (bytes: number) => TransformStream<Uint8Array, Uint8Array>

/** Counters of an isolate are of no use to anybody: there are many, and each is gone at any time. */
const NO_COUNTS: Ground['counts'] = {
  alarm: () => undefined,
  refusedLogin: () => undefined,
  bound: () => undefined,
}
const NO_METRICS = '# On Workers, see the metrics of the platform and the message log\n'

/** Whoever delivers a push goes on after the request: that is a Durable Object's work. */
const NO_BROADCAST: Runtime['broadcast'] = async () => ({
  kind: 'refused',
  refusal: { kind: 'invalid', detail: 'This hub does not broadcast' },
})

export type WorkersHub = { readonly fetch: (request: Request, env: object, ctx: ExecutionContext) => Promise<Response> }

/** Puts the hub of one isolate together: made once, with connections of each request's own. */
export function createWorkersHub(settings: Settings, databaseUrl: string, secretKeys: SecretKeys): WorkersHub {
  const log = createConsoleLog(settings.logLevel)
  const scope = createCurrentScope()
  const ground: Ground = { orm: scope.orm, after: scope.after, kept: scope.kept, log, counts: NO_COUNTS }
  const parts = wireParts(settings, secretKeys, ground)
  const { alarm, now } = parts
  const shared = createSharedTable({
    sourceFrom: parts.tableFrom,
    now,
    prepare: parts.settle,
    onStale: (error) => alarm({ kind: 'database-away', detail: describeError(error) }),
  })
  const { refresh } = scope.kept({ refresh: shared.refresh })
  const table = { current: shared.current, isLoaded: shared.isLoaded, refresh }
  const { send } = scope.kept({
    send: createFetchSend({
      isHostAllowed: settings.allowPrivateNetworks ? () => true : isAllowedHost,
      ofLength: (stream, bytes) => stream.pipeThrough(new FixedLengthStream(bytes)),
      streamIdleMs: settings.streamIdleMs,
      streamTotalMs: settings.streamTotalMs,
    }),
  })
  const learnOwners = parts.learnOwners(table)
  const observe: Runtime['observe'] = (exchange) => {
    scope.observe(exchange)
    learnOwners(exchange)
  }
  const limits = streamLimitsOf(settings)
  const { app } = wireHub(parts, {
    ...ground,
    table,
    send,
    observe,
    presence: presenceOfRequests(parts.presenceOn({ table, send, observe }), parts.registry, now),
    broadcast: NO_BROADCAST,
    queues: createQueueAdmin(scope.sql),
    exchanger: {
      read: (c) => readWebMessage(c.req.raw, () => addressOf(c.req.raw, settings), now(), limits),
      write: (c, answer) => writeWebAnswer(answer, c.req.method),
    },
    clientAddress: (c) => addressOf(c.req.raw, settings),
    isAdminToken: (token) => isSameSecret(token, settings.adminToken ?? ''),
    refreshAdminToken: async () => {},
    ready: refresh,
    metrics: async () => NO_METRICS,
  })

  async function answer(request: Request, env: object, ctx: ExecutionContext): Promise<Response> {
    const { path } = splitTarget(request.url)
    // A URL parsed further on would resolve `..` and so route another path than the one that was sent.
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

  return {
    fetch(request, env, ctx) {
      const own = createRequestScope({
        databaseUrl,
        limits: { bodyBytes: settings.messageLogBodyBytes },
        onDropped: (dropped) =>
          alarm({ kind: 'message-log-dropped', detail: `${dropped} exchanges could not be stored` }),
      })
      const answered = scope.run(own, () => answer(request, env, ctx))
      // Also when the caller goes away, so that what was begun comes to its end.
      ctx.waitUntil(answered.catch(() => undefined).then(own.finish))
      return answered
    },
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
