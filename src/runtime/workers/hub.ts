import type { ExecutionContext } from '@cloudflare/workers-types'
import { clientInfoModule } from '../../http/client-info.ts'
import type { Observe } from '../../hub/message/exchange.ts'
import { messageIds, replyHeaders } from '../../hub/message/message-ids.ts'
import { type Refusal, refuse } from '../../hub/message/refusal.ts'
import { createTableSource } from '../../hub/network/table-source.ts'
import { createOwnerLearner } from '../../hub/open-routing/learn-owners.ts'
import { createObjectOwners } from '../../hub/open-routing/object-owners.ts'
import { createPresence } from '../../hub/presence/presence.ts'
import { isSafePath } from '../../ocpi/path.ts'
import { createGetAllPlans } from '../../storage/get-all-plans.ts'
import { findState, keepFirstState } from '../../storage/hub-state.ts'
import { createMessageSearch } from '../../storage/message-log/search.ts'
import { createAgreementStore } from '../../storage/network/agreements.ts'
import { settlePolicy } from '../../storage/network/policy.ts'
import { createPresenceStore } from '../../storage/network/presence.ts'
import { createRegistry, createTableReader } from '../../storage/network/registry.ts'
import { createOwnerStore } from '../../storage/object-owners.ts'
import { createQueueAdmin } from '../../storage/push/admin.ts'
import { createStoredUrls } from '../../storage/stored-urls.ts'
import type { Settings } from '../settings/settings.ts'
import { isAllowedHost } from '../shared/address-guard.ts'
import { isKeyOfDatabase } from '../shared/admin-token.ts'
import { createAlarm } from '../shared/alarm.ts'
import { CannotStart, describeError } from '../shared/cannot-start.ts'
import { clientAddress } from '../shared/client-address.ts'
import { inflate } from '../shared/inflate.ts'
import { splitTarget } from '../shared/request-target.ts'
import { createSecrets, isSameSecret, random } from '../shared/secrets.ts'
import { createCheckClient, wireHub } from '../wiring/wire.ts'
import { createConsoleLog } from './console-log.ts'
import { createFetchSend } from './fetch-send.ts'
import { presenceOfRequests } from './presence.ts'
import { createCurrentScope, createRequestScope } from './request-scope.ts'
import { createSharedTable } from './shared-table.ts'
import { readWebMessage, writeWebAnswer } from './web-exchange.ts'

/** A global of Workers: a body that announces its length. */
declare const FixedLengthStream: new (bytes: number) => TransformStream<Uint8Array, Uint8Array>

/** Counters of an isolate are of no use to anybody: there are many, and each is gone at any time. */
const NO_METRICS = '# On Workers, see the metrics of the platform and the message log\n'

export type WorkersHub = { readonly fetch: (request: Request, env: object, ctx: ExecutionContext) => Promise<Response> }

/** Puts the hub of one isolate together: made once, with connections of each request's own. */
export function createWorkersHub(settings: Settings, databaseUrl: string, secretKey: Uint8Array): WorkersHub {
  const log = createConsoleLog(settings.logLevel)
  const secrets = createSecrets(secretKey)
  const now = Date.now
  const scope = createCurrentScope()
  const { orm } = scope
  const hub = { countryCode: settings.hubCountryCode, partyId: settings.hubPartyId }
  const alarm = createAlarm(log, () => undefined)
  const read = createTableReader({ orm, now })

  const shared = createSharedTable({
    sourceFrom: (start) =>
      createTableSource({
        read,
        open: secrets.open,
        hub,
        deliveryDefaults: settings.deliveryDefaults,
        ...(start && { start }),
      }),
    now,
    async prepare() {
      const state = {
        get: (key: string) => findState(orm, key),
        putIfAbsent: async (key: string, value: string) => (await keepFirstState(orm, key, value)) === value,
      }
      if (!(await isKeyOfDatabase(secrets.mac, state)))
        throw new CannotStart(['SECRET_KEY: the database was filled under another key'])
      await settlePolicy(orm, settings.routingPolicy, now())
    },
    onStale: (error) => alarm({ kind: 'database-away', detail: describeError(error) }),
  })
  const { refresh } = scope.kept({ refresh: shared.refresh })
  const table = { current: shared.current, isLoaded: shared.isLoaded, refresh }
  const registry = scope.kept(createRegistry({ orm, now }))
  const { send } = scope.kept({
    send: createFetchSend({
      isHostAllowed: settings.allowPrivateNetworks ? () => true : isAllowedHost,
      ofLength: (stream, bytes) => stream.pipeThrough(new FixedLengthStream(bytes)),
      streamIdleMs: settings.streamIdleMs,
      streamTotalMs: settings.streamTotalMs,
    }),
  })
  const owners = createObjectOwners({ store: scope.kept(createOwnerStore(orm)), now, after: scope.after })
  const learnOwners = createOwnerLearner({ owners, table: table.current })
  const observe: Observe = (exchange) => {
    scope.observe(exchange)
    learnOwners(exchange)
  }
  const presence = createPresence({
    registry,
    store: createPresenceStore(orm),
    client: createCheckClient({ settings, send, inflate, now }, observe),
    open: secrets.open,
    table: table.current,
    refresh,
    alarm,
    now,
    after: scope.after,
    keepaliveAfterMs: settings.keepaliveAfterS * 1000,
    onError: (error) => log.warn({ why: describeError(error) }, 'presence'),
  })
  const limits = { idleMs: settings.streamIdleMs, totalMs: settings.streamTotalMs }
  const { app } = wireHub({
    settings,
    secrets,
    now,
    send,
    inflate,
    registry,
    storedUrls: createStoredUrls({ orm, now }),
    table,
    presence: presenceOfRequests(presence, registry, now),
    agreements: createAgreementStore({ orm, now }),
    duties: {
      // Whoever delivers a push goes on after the request: that is a Durable Object's work.
      broadcast: async () => ({ kind: 'refused', refusal: { kind: 'invalid', detail: 'This hub does not broadcast' } }),
      owners,
      plans: createGetAllPlans({ orm, now }),
      after: scope.after,
    },
    clientInfo: (version) => clientInfoModule({ publicUrl: settings.publicUrl, version, now }),
    observe,
    alarm,
    exchanger: {
      read: (c) => readWebMessage(c.req.raw, () => addressOf(c.req.raw, settings), now(), limits),
      write: (c, answer) => writeWebAnswer(answer, c.req.method),
    },
    clientAddress: (c) => addressOf(c.req.raw, settings),
    isAdminToken: (token) => isSameSecret(token, settings.adminToken ?? ''),
    queues: createQueueAdmin(scope.sql),
    messages: createMessageSearch(orm),
    noteProblem: (note) => log.warn({ ...note, error: note.error?.stack }, 'problem'),
    onRefusedLogin: () => undefined,
    onError: (error) => log.error({ why: error instanceof Error ? error.stack : String(error) }, 'a request failed'),
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
  const { headers, receivedAt } = readWebMessage(request, () => '', Date.now(), { idleMs: 0, totalMs: 0 })
  return writeWebAnswer(
    refuse(why, replyHeaders(messageIds(headers, random.id), null, null), receivedAt),
    request.method,
  )
}
