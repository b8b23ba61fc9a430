import { compress } from 'hono/compress'
import { createEventGatherer } from '../../hub/administration/event-gatherer.ts'
import type { Exchange } from '../../hub/message/exchange.ts'
import { createCertificateWatch, type NoteCertificate } from '../../hub/network/certificates.ts'
import { createBroadcastDuty } from '../../hub/push/accept/duty.ts'
import { createEventStore, listenForEvents } from '../../storage/administration/events.ts'
import { addConversions } from '../../storage/conversions/counts.ts'
import { openDatabase } from '../../storage/database.ts'
import { noteCertificates } from '../../storage/network/certificates.ts'
import { createTableReader } from '../../storage/network/registry.ts'
import { listenForRouting } from '../../storage/network/routing-listener.ts'
import { createOwnerStore } from '../../storage/object-owners.ts'
import { settleWithin } from '../../storage/settle-within.ts'
import { createShadowRows } from '../../storage/shadow/store.ts'
import { addTraffic } from '../../storage/traffic/counts.ts'
import { createCounts } from '../metrics/counts.ts'
import { createMetrics } from '../metrics/metrics.ts'
import type { Settings } from '../settings/settings.ts'
import { isPublicAddress } from '../shared/address-guard.ts'
import { settleAdminToken } from '../shared/admin-token.ts'
import { after } from '../shared/after.ts'
import { createEventWatch } from '../shared/event-watch.ts'
import { createCountWriter } from '../wiring/count-writer.ts'
import type { Ground } from '../wiring/runtime.ts'
import { streamLimitsOf } from '../wiring/stream-limits.ts'
import { wireHub } from '../wiring/wire.ts'
import { wireParts } from '../wiring/wire-parts.ts'
import { wirePush } from '../wiring/wire-push.ts'
import { wireTeller } from '../wiring/wire-webhooks.ts'
import { createOpenSocket } from './database-socket.ts'
import { startHousekeeping } from './housekeeping.ts'
import { keepTelling } from './keep-telling.ts'
import type { StartHub } from './life.ts'
import { lookUpTogether } from './look-up-together.ts'
import { migrateOrRefuse } from './migrate-or-refuse.ts'
import { observeTogether } from './observe-together.ts'
import { openMessageLog } from './open-message-log.ts'
import { createOwnListener } from './own-listener.ts'
import { readAsset } from './read-asset.ts'
import { createReadTls } from './read-tls.ts'
import { createNodeServer, nodeClientAddress, nodeExchanger } from './server.ts'
import type { startTracing, Tracing } from './tracing.ts'
import { createUndiciSend } from './undici-send.ts'

/** Orchestrators give up asking after a few seconds. */
const READY_WITHIN_MS = 2_000

/** What the last counts may take to be stored. */
const TRAFFIC_GRACE_MS = 500
/** Between two looks for new events, should the word of them get lost. */
const EVENTS_EVERY_MS = 3_000

/** What giving back connection checks may take at the end. */
const CHECKS_GRACE_MS = 1_000

/** What deliveries under way, and attempts to tell webhooks, may take at the end. */
const PUSH_GRACE_MS = 2_000

/** Puts the hub of one process together, from the database up to the server. */
export const startHub: StartHub = async (settings, databaseUrl, secretKeys, log, shareMetrics = (own) => own) => {
  await migrateOrRefuse(databaseUrl, log)
  const openSocket = createOpenSocket()
  const database = openDatabase({ url: databaseUrl, maxConnections: settings.databasePool, openSocket })
  const { orm, sql } = database
  const counts = createCounts()
  const readTable = createTableReader({ orm, now: Date.now })
  const owners = createOwnerStore(orm)
  const events = createEventGatherer({
    append: createEventStore(orm).append,
    after,
    now: Date.now,
    onDropped: counts.droppedEvents,
  })
  const noteEvent = events.note
  const ground: Ground = {
    orm,
    readTable,
    owners,
    shadow: createShadowRows(sql),
    waitsTogether: true,
    after,
    kept: (port) => port,
    log,
    counts,
    noteEvent,
  }
  const parts = wireParts(settings, secretKeys, ground)
  await parts.settle()
  const table = parts.tableFrom(null)
  await table.refresh()
  const adminToken = await settleAdminToken(settings.adminToken, parts.state)
  const watch = createEventWatch(after, EVENTS_EVERY_MS)
  const listening = await Promise.all([
    listenForRouting(sql, () => void table.refresh().catch(() => {})),
    listenForEvents(sql, watch.onHeard),
  ])

  const certificates = createCertificateWatch({
    table: table.current,
    store: (shown) => noteCertificates(orm, shown, Date.now()),
    now: Date.now,
  })
  const { send, readTls, connections, close: closeSend } = openSend(settings, certificates.note)
  const messageLog = openMessageLog(databaseUrl, openSocket, settings, {
    unloggedDeliveries: counts.unloggedDeliveries,
    dropped(rows) {
      counts.droppedExchanges(rows)
      parts.alarm({ kind: 'message-log-dropped', detail: `${rows} exchanges found no room` })
    },
    log,
    onFault: parts.onError,
  })
  const learnOwners = parts.learnOwners(table)
  const keep = (exchange: Exchange) => {
    messageLog.observe(exchange)
    counts.observe(exchange)
    learnOwners(exchange)
  }
  const tracing =
    settings.tracing && (await openTracing(settings.tracing, { mac: parts.secrets.mac, now: Date.now, log }))
  const traced = (exchange: Exchange) => {
    keep(exchange)
    tracing?.observe(exchange)
  }
  const { observe, drain: drainObserved } = observeTogether(tracing ? traced : keep, parts.onError)
  const presence = parts.presenceOn({ table, client: parts.checkClient({ send, observe }) })
  const checks = parts.checkWorker({ send, observe, table, readTls })
  const parties = parts.partiesTeller({ send, observe, table })
  const { inflate, alarm, now } = parts
  const push = wirePush({
    database,
    table: table.current,
    newerToken: parts.newerTokenIn(table),
    send,
    inflate,
    translate: parts.translateOn({ send, observe, table }),
    loopMark: parts.loopMark,
    observe,
    alarm,
    now,
    after,
    presence,
    settings,
    onCut: counts.cutPushes,
    noteBound: counts.bound,
  })
  const { engine } = push
  table.onChange(engine.onTableChange)
  const readings = { messageLog: messageLog.stats, openConnections: connections, table: table.current }
  const metrics = createMetrics(counts, { ...readings, queues: engine.states })

  const { trustedProxies, maxHeaderBytes } = settings
  const exchanger = nodeExchanger(trustedProxies, streamLimitsOf(settings))
  const { app, relay } = wireHub(parts, {
    ...ground,
    table,
    send,
    observe,
    presence,
    broadcast: createBroadcastDuty({
      accept: engine.accept,
      now,
      allowsPrivate: settings.broadcastPrivate,
      perSecond: settings.broadcastsPerSecond,
      onTooMany: counts.refusedBroadcast,
    }),
    queues: engine.admin,
    pushed: push.pushed,
    wakeChecks: () => void checks.look().catch(() => undefined),
    watch: { ...watch, behind: (work) => void work() },
    exchanger,
    clientAddress: nodeClientAddress(trustedProxies),
    isAdminToken: adminToken.isAdminToken,
    adminTokenDigest: adminToken.digest,
    refreshAdminToken: adminToken.refresh,
    lookUp: lookUpTogether,
    readAsset,
    compressed: compress(),
    ready: () => answers(sql`select 1`),
    metrics: shareMetrics(metrics),
    isBehindIngress: true,
  })
  const server = createNodeServer({ app, relay, exchanger, maxHeaderBytes, onError: parts.onError })
  const writeTraffic = createCountWriter(counts.traffic, (counted) => addTraffic(orm, counted))
  const writeConversions = createCountWriter(counts.conversions, (counted) => addConversions(orm, counted))
  const own = {
    refreshTable: table.refresh,
    refreshAdminToken: adminToken.refresh,
    writeTraffic,
    writeConversions,
    storeCertificates: certificates.store,
    lookForChecks: checks.look,
    tellParties: parties.look,
  }
  const housekeeping = startHousekeeping(database, own, settings, log, counts.bound)
  await push.start()
  presence.start()
  const teller = wireTeller(parts, send)
  void keepTelling(teller, watch)
  return {
    newAdminToken: adminToken.made,
    listen: () => server.listen(settings.port, settings.host),
    async drain(timeoutMs) {
      watch.end()
      const graceMs = Math.min(timeoutMs, PUSH_GRACE_MS)
      const told = settleWithin(graceMs, teller.stop()).catch(() => undefined)
      const checked = settleWithin(Math.min(timeoutMs, CHECKS_GRACE_MS), checks.stop()).catch(() => undefined)
      const toldParties = settleWithin(graceMs, parties.stop()).catch(() => undefined)
      await Promise.all([server.drain(timeoutMs), push.stop(graceMs), presence.stop(), told, checked, toldParties])
    },
    async close() {
      housekeeping.stop()
      drainObserved()
      // Together: while the database is away each takes what there is of time, and the log is to say what it lost.
      await Promise.all([
        ...listening.map((stop) => stop()),
        messageLog.store(),
        tracing?.close(),
        events.flush(),
        parts.owners.flush().catch(() => undefined),
        settleWithin(TRAFFIC_GRACE_MS, writeTraffic()).catch(() => undefined),
        settleWithin(TRAFFIC_GRACE_MS, writeConversions()).catch(() => undefined),
      ])
      await messageLog.close()
      await closeSend()
      await database.close()
    },
  }
}

function openSend(settings: Settings, onCertificate: NoteCertificate) {
  const { allowPrivateNetworks, streamIdleMs, streamTotalMs } = settings
  const guard = {
    isAddressAllowed: allowPrivateNetworks ? () => true : isPublicAddress,
    isOwnListener: createOwnListener(settings.host, settings.port),
    isTlsRequired: !allowPrivateNetworks,
  }
  return {
    ...createUndiciSend({ ...guard, onCertificate, streamIdleMs, streamTotalMs }),
    readTls: createReadTls(guard),
  }
}

/** The packages that it takes are loaded by a hub that traces, and by no other. */
async function openTracing(...how: Parameters<typeof startTracing>): Promise<Tracing> {
  return (await import('./tracing.ts')).startTracing(...how)
}

/** The driver's own words name the database's address, and whoever reaches the hub may ask. */
async function answers(query: Promise<unknown>): Promise<void> {
  await settleWithin(READY_WITHIN_MS, query).catch((cause: unknown) => {
    throw new Error('the database does not answer', { cause })
  })
}
