import { fileURLToPath } from 'node:url'
import { clientInfoModule } from '../../http/client-info.ts'
import { createMessageLog } from '../../hub/message/message-log.ts'
import { createTableSource } from '../../hub/network/table-source.ts'
import { createOwnerLearner } from '../../hub/open-routing/learn-owners.ts'
import { createObjectOwners } from '../../hub/open-routing/object-owners.ts'
import { createPresence } from '../../hub/presence/presence.ts'
import { createBroadcastDuty } from '../../hub/push/accept/duty.ts'
import { openDatabase } from '../../storage/database.ts'
import { settleWithin } from '../../storage/deadline.ts'
import { createGetAllPlans } from '../../storage/get-all-plans.ts'
import { findState, keepFirstState } from '../../storage/hub-state.ts'
import { createMessageSearch } from '../../storage/message-log/search.ts'
import { createMessageWriter } from '../../storage/message-log/writer.ts'
import { migrateDatabase } from '../../storage/migrate.ts'
import { createAgreementStore } from '../../storage/network/agreements.ts'
import { settlePolicy } from '../../storage/network/policy.ts'
import { createPresenceStore } from '../../storage/network/presence.ts'
import { createRegistry, createTableReader } from '../../storage/network/registry.ts'
import { listenForRouting } from '../../storage/network/routing-listener.ts'
import { createOwnerStore } from '../../storage/object-owners.ts'
import { createStoredUrls } from '../../storage/stored-urls.ts'
import { createMetrics } from '../metrics/metrics.ts'
import type { Settings } from '../settings/settings.ts'
import { isPublicAddress } from '../shared/address-guard.ts'
import { isKeyOfDatabase, settleAdminToken } from '../shared/admin-token.ts'
import { createAlarm } from '../shared/alarm.ts'
import { CannotStart, describeError } from '../shared/cannot-start.ts'
import { inflate } from '../shared/inflate.ts'
import type { Log } from '../shared/log-rules.ts'
import { createSecrets } from '../shared/secrets.ts'
import { createCheckClient, wireHub } from '../wiring/wire.ts'
import { wirePush } from '../wiring/wire-push.ts'
import { createOpenSocket } from './database-socket.ts'
import { startHousekeeping } from './housekeeping.ts'
import type { Hub, ShareMetrics } from './life.ts'
import { observeTogether } from './observe-together.ts'
import { createNodeServer, nodeClientAddress, nodeExchanger } from './server.ts'
import { createUndiciSend } from './undici-send.ts'

/** Orchestrators give up asking after a few seconds. */
const READY_WITHIN_MS = 2_000

export async function startHub(
  settings: Settings,
  databaseUrl: string,
  secretKey: Uint8Array,
  log: Log,
  shareMetrics: ShareMetrics = (own) => own,
): Promise<Hub> {
  await migrateOrRefuse(databaseUrl, log)
  const openSocket = createOpenSocket()
  const database = openDatabase({ url: databaseUrl, maxConnections: settings.databasePool, openSocket })
  const { orm, sql } = database
  const secrets = createSecrets(secretKey)
  const now = Date.now
  const hub = { countryCode: settings.hubCountryCode, partyId: settings.hubPartyId }
  const table = createTableSource({
    read: createTableReader({ orm, now }),
    open: secrets.open,
    hub,
    deliveryDefaults: settings.deliveryDefaults,
    onChange: () => push?.engine.onTableChange(),
  })
  let push: ReturnType<typeof wirePush> | null = null
  await settlePolicy(orm, settings.routingPolicy, now())
  await table.refresh()
  const registry = createRegistry({ orm, now })
  const state = {
    get: (key: string) => findState(orm, key),
    putIfAbsent: async (key: string, value: string) => (await keepFirstState(orm, key, value)) === value,
  }
  if (!(await isKeyOfDatabase(secrets.mac, state)))
    throw new CannotStart(['SECRET_KEY: the database was filled under another key'])
  const adminToken = await settleAdminToken(settings.adminToken, state)
  const stopListening = await listenForRouting(sql, () => void table.refresh().catch(() => {}))
  const openForLog = { url: databaseUrl, maxConnections: 1, commitsLater: true, openSocket }
  const writer = createMessageWriter(() => openDatabase(openForLog))
  const send = createUndiciSend({
    isAddressAllowed: settings.allowPrivateNetworks ? () => true : isPublicAddress,
    isTlsRequired: !settings.allowPrivateNetworks,
    streamIdleMs: settings.streamIdleMs,
    streamTotalMs: settings.streamTotalMs,
  })
  const metrics = createMetrics({
    logRowsWaiting: () => messageLog.stats().waiting,
    logRowsWritten: () => messageLog.stats().written,
    logRowsDropped: () => messageLog.stats().dropped,
    openConnections: send.connections,
    platformsByStatus: () => {
      const counts = new Map<string, number>()
      for (const { status } of table.current().platforms.values()) counts.set(status, (counts.get(status) ?? 0) + 1)
      return counts
    },
    tableRevision: () => table.current().revision,
    queues: () => push?.engine.states() ?? [],
  })
  const alarm = createAlarm(log, metrics.alarm)
  const messageLog = createMessageLog({
    store: writer,
    after,
    limits: { bodyBytes: settings.messageLogBodyBytes },
    onDropped: (dropped) => alarm({ kind: 'message-log-dropped', detail: `${dropped} exchanges found no room` }),
  })
  const owners = createObjectOwners({ store: createOwnerStore(orm), now, after })
  const learnOwners = createOwnerLearner({ owners, table: table.current })
  const onError = (error: unknown) =>
    log.error({ why: error instanceof Error ? error.stack : String(error) }, 'a request failed')
  const { observe, drain: drainObserved } = observeTogether((exchange) => {
    messageLog.observe(exchange)
    metrics.observe(exchange)
    learnOwners(exchange)
  }, onError)
  const presence = createPresence({
    registry,
    store: createPresenceStore(orm),
    client: createCheckClient({ settings, send: send.send, inflate, now }, observe),
    open: secrets.open,
    table: table.current,
    refresh: table.refresh,
    alarm,
    now,
    after,
    keepaliveAfterMs: settings.keepaliveAfterS * 1000,
    onError: (error) => log.warn({ why: describeError(error) }, 'presence'),
  })
  const exchanger = nodeExchanger(settings.trustedProxies, {
    idleMs: settings.streamIdleMs,
    totalMs: settings.streamTotalMs,
  })
  push = wirePush({
    database,
    table: table.current,
    send: send.send,
    inflate,
    observe,
    alarm,
    now,
    after,
    presence,
    settings,
  })
  const { start: startPush, stop: stopPush } = push
  const { app, relay } = wireHub({
    settings,
    secrets,
    now,
    send: send.send,
    inflate,
    registry,
    storedUrls: createStoredUrls({ orm, now }),
    table,
    presence,
    agreements: createAgreementStore({ orm, now }),
    duties: {
      broadcast: createBroadcastDuty({ accept: push.engine.accept, now, allowsPrivate: settings.broadcastPrivate }),
      owners,
      plans: createGetAllPlans({ orm, now }),
      after,
    },
    clientInfo: (version) => clientInfoModule({ publicUrl: settings.publicUrl, version, now }),
    observe,
    alarm,
    exchanger,
    clientAddress: nodeClientAddress(settings.trustedProxies),
    isAdminToken: adminToken.isAdminToken,
    queues: push.engine.admin,
    messages: createMessageSearch(orm),
    noteProblem: (note) => log.warn({ ...note, error: note.error?.stack }, 'problem'),
    onRefusedLogin: metrics.refusedLogin,
    onError,
    ready: async () => {
      await settleWithin(READY_WITHIN_MS, sql`select 1`).catch((cause: unknown) => {
        // The driver's words name the database's address, and whoever reaches the hub may ask.
        throw new Error('the database does not answer', { cause })
      })
    },
    metrics: shareMetrics(metrics.text),
  })
  const server = createNodeServer({
    app,
    relay,
    exchanger,
    maxHeaderBytes: settings.maxHeaderBytes,
    onError,
  })
  const housekeeping = startHousekeeping(orm, table.refresh, settings, log)
  await startPush()
  presence.start()
  return {
    newAdminToken: adminToken.made,
    listen: () => server.listen(settings.port, settings.host),
    async drain(timeoutMs) {
      await Promise.all([server.drain(timeoutMs), stopPush(Math.min(timeoutMs, PUSH_GRACE_MS)), presence.stop()])
    },
    async close() {
      housekeeping.stop()
      drainObserved()
      // Together: while the database is away each takes what there is of time, and the log is to say what it lost.
      await Promise.all([stopListening(), messageLog.close(500), owners.flush().catch(() => undefined)])
      await writer.close()
      await send.close()
      await database.close()
    },
  }
}

/** What deliveries under way may take at the end. */
const PUSH_GRACE_MS = 2_000

function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}

async function migrateOrRefuse(url: string, log: Log): Promise<void> {
  try {
    const folder = fileURLToPath(new URL('../../../migrations', import.meta.url))
    const { isOfNewerHub } = await migrateDatabase({ url, folder })
    if (isOfNewerHub)
      log.warn('a newer hub has changed the schema of this database: this one goes on, and may not fit it')
  } catch (cause) {
    throw new CannotStart([`The database cannot be given the schema of this hub: ${describeError(cause)}`], { cause })
  }
}
