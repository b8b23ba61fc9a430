import { fileURLToPath } from 'node:url'
import { createMessageLog } from '../hub/message-log.ts'
import { createTableSource } from '../hub/table-source.ts'
import { openDatabase } from '../storage/database.ts'
import { findState, keepFirstState } from '../storage/hub-state.ts'
import { migrateDatabase } from '../storage/migrate.ts'
import { createRegistry, createTableReader } from '../storage/registry.ts'
import { listenForRouting } from '../storage/routing-listener.ts'
import { createStoredUrls, deleteExpiredUrls } from '../storage/stored-urls.ts'
import { isPublicAddress } from './address-guard.ts'
import { isKeyOfDatabase, settleAdminToken } from './admin-token.ts'
import { createAlarm } from './alarm.ts'
import { inflate } from './inflate.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createNodeServer, nodeClientAddress, nodeExchanger } from './node-server.ts'
import type { Hub } from './process.ts'
import { Refusal } from './refusal.ts'
import { createSecrets, random } from './secrets.ts'
import type { Settings } from './settings.ts'
import { createUndiciSend } from './undici-send.ts'
import { DELIVERY_DEFAULTS, wireHub } from './wire.ts'

export async function startHub(settings: Settings, databaseUrl: string, secretKey: Uint8Array, log: Log): Promise<Hub> {
  await migrateDatabase({ url: databaseUrl, folder: fileURLToPath(new URL('../../migrations', import.meta.url)) })
  const database = openDatabase({ url: databaseUrl, maxConnections: settings.databasePool })
  const { orm, sql } = database
  const secrets = createSecrets(secretKey)
  const now = Date.now
  const hub = { countryCode: settings.hubCountryCode, partyId: settings.hubPartyId }
  const table = createTableSource({
    read: createTableReader({ orm, now }),
    open: secrets.open,
    hub,
    deliveryDefaults: DELIVERY_DEFAULTS,
  })
  await table.refresh()
  const registry = createRegistry({ orm, now })
  const state = {
    get: (key: string) => findState(orm, key),
    putIfAbsent: async (key: string, value: string) => (await keepFirstState(orm, key, value)) === value,
  }
  if (!(await isKeyOfDatabase(secrets.mac, state)))
    throw new Refusal(['SECRET_KEY: the database was filled under another key'])
  const adminToken = await settleAdminToken(settings.adminToken, state)
  const stopListening = await listenForRouting(sql, () => void table.refresh().catch(() => {}))
  const messageLog = createMessageLog({ append: async () => {}, after })
  const send = createUndiciSend({ isAddressAllowed: settings.allowPrivateNetworks ? () => true : isPublicAddress })
  const metrics = createMetrics({
    logRowsWaiting: () => messageLog.stats().waiting,
    logRowsDropped: () => messageLog.stats().dropped,
    openConnections: send.connections,
    platformsByStatus: () => {
      const counts = new Map<string, number>()
      for (const { status } of table.current().platforms.values()) counts.set(status, (counts.get(status) ?? 0) + 1)
      return counts
    },
    tableRevision: () => table.current().revision,
  })
  const app = wireHub({
    settings,
    secrets,
    random,
    now,
    send: send.send,
    inflate,
    registry,
    storedUrls: createStoredUrls({ orm, now }),
    table,
    presence: { onSeen: () => {}, onUnreachable: () => {}, check: async () => ({ kind: 'done' }) },
    mayTalk: () => true,
    duties: async () => ({ kind: 'refused', refusal: { kind: 'invalid', detail: 'not yet' } }),
    clientInfo: { module: 'hubclientinfo', opensWithRegistrationToken: false, methods: {} },
    observe(exchange) {
      messageLog.observe(exchange)
      metrics.observe(exchange)
    },
    alarm: createAlarm(log, metrics),
    exchanger: nodeExchanger(settings.trustedProxies, {
      idleMs: settings.streamIdleMs,
      totalMs: settings.streamTotalMs,
    }),
    clientAddress: nodeClientAddress(settings.trustedProxies),
    isAdminToken: adminToken.isAdminToken,
    messages: { find: async () => [], one: async () => null },
    noteProblem: (note) => log.warn({ ...note, error: note.error?.stack }, 'problem'),
    onRefusedLogin: metrics.refusedLogin,
    ready: async () => {
      await sql`select 1`
    },
    metrics: metrics.text,
  })
  const server = createNodeServer(app, { maxHeaderBytes: settings.maxHeaderBytes })
  return {
    newAdminToken: adminToken.made,
    listen: () => server.listen(settings.port, settings.host),
    drain: server.drain,
    async close() {
      await stopListening()
      await messageLog.close(500)
      await send.close()
      await database.close()
    },
  }
}

function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}
