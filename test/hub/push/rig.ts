import { randomUUID } from 'node:crypto'
import type { Exchange } from '../../../src/hub/message/exchange.ts'
import { createNewerToken } from '../../../src/hub/network/newer-token.ts'
import type {
  ConnectionStatus,
  DeliverySettings,
  EndpointAddress,
  HostedParty,
  Platform,
  RoutingTable,
} from '../../../src/hub/network/routing-table.ts'
import { checkBroadcast } from '../../../src/hub/push/accept/check.ts'
import { createPushEngine, type PushEngine, type PushEnginePorts } from '../../../src/hub/push/engine.ts'
import type { NewPush } from '../../../src/hub/push/push.ts'
import { createTranslate } from '../../../src/hub/translate/translate.ts'
import type { ConversionSettings } from '../../../src/ocpi/convert/conversion.ts'
import { endpointKey } from '../../../src/ocpi/modules.ts'
import { partyKey, type Role } from '../../../src/ocpi/party.ts'
import { createUndiciSend } from '../../../src/runtime/node/undici-send.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createQueueAdmin } from '../../../src/storage/push/admin.ts'
import { createCursorStore } from '../../../src/storage/push/cursors.ts'
import { createLeaseStore } from '../../../src/storage/push/leases.ts'
import { createPushLog, createPushNotice, listenForPushes } from '../../../src/storage/push/log.ts'
import { createTrimStore } from '../../../src/storage/push/trim.ts'

export type RigPlatform = {
  readonly id: string
  /** `NL*ABC`, or several: `NL*ABC NL*DEF`. */
  readonly party: string
  readonly roles: readonly Role[]
  readonly origin?: string
  readonly modules?: readonly string[]
  readonly delivery?: Partial<DeliverySettings>
  readonly status?: ConnectionStatus
  /** @default '2.2.1' */
  readonly version?: string
  readonly conversion?: ConversionSettings
  /** The hub's, at this platform. @default the platform's id */
  readonly token?: string
}

/** One hub process's engine on a real database, with a routing table that tests write by hand. */
export type Rig = {
  readonly database: Database
  readonly engine: PushEngine
  readonly exchanges: Exchange[]
  readonly checks: string[]
  isAlive: (platformId: string) => boolean | Promise<boolean>
  /** Adds platforms or replaces them. */
  readonly put: (...platforms: readonly RigPlatform[]) => Promise<void>
  readonly push: (from: string, push: RigPush) => Promise<number>
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}

export type RigPush = {
  readonly method?: string
  readonly module?: string
  readonly path: string
  readonly query?: string
  readonly body?: unknown
}

const TOLD = { status: 'CONNECTED', since: 0, revision: 1, announcedAt: 0, announcedRevision: 1 } as const

export const HUB = { countryCode: 'NL', partyId: 'HUB' }

export function openRig(url: string, overrides: Partial<PushEnginePorts> = {}): Rig {
  const database = openDatabase({ url, maxConnections: 5 })
  const { sql } = database
  const sending = createUndiciSend({ isAddressAllowed: () => true })
  const exchanges: Exchange[] = []
  const checks: string[] = []
  let table = tableOf([])
  let stopListening = async () => {}
  const clock = () => performance.now()
  const engine = createPushEngine({
    log: createPushLog(sql),
    cursors: createCursorStore(sql),
    leases: createLeaseStore(sql),
    trim: createTrimStore(sql),
    admin: createQueueAdmin(database),
    ...createPushNotice(sql),
    owner: randomUUID(),
    clock,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs)
      return () => clearTimeout(timer)
    },
    soon: setImmediate,
    chance: Math.random,
    alarm: () => undefined,
    async checkAlive(platformId) {
      checks.push(platformId)
      return rig.isAlive(platformId)
    },
    bounds: { oldestAt: () => Date.now() - 86_400_000, maxBytes: 1_000_000_000 },
    onCut: () => undefined,
    noteBound: () => undefined,
    send: sending.send,
    inflate: async () => ({ kind: 'unreadable' }),
    translate: createTranslate({
      now: Date.now,
      noteConversion: () => undefined,
      onError: () => undefined,
      bufferBytes: 1_000_000,
    }),
    table: () => table,
    newerToken: createNewerToken(
      () => table,
      async () => {},
    ),
    now: Date.now,
    random: { id: randomUUID, token: randomUUID },
    loopMark: 'mark',
    observe: (exchange) => exchanges.push(exchange),
    onUnreachable: () => undefined,
    timeoutMs: 2_000,
    logsFailedBodies: true,
    ...overrides,
  })
  const rig: Rig = {
    database,
    engine,
    exchanges,
    checks,
    isAlive: () => true,
    async put(...platforms) {
      await register(database, platforms)
      const kept = [...table.platforms.values()].filter(({ id }) => !platforms.some((platform) => platform.id === id))
      table = tableOf([...kept, ...platforms.map(platformOf)])
      engine.onTableChange()
    },
    async push(from, push) {
      const platform = table.platforms.get(from)
      if (!platform) throw new Error(`Expected ${from} in the table`)
      const accepted = await engine.accept(newPush(platform, push))
      if (accepted.kind !== 'accepted') throw new Error(accepted.detail)
      return accepted.number
    },
    async start() {
      await engine.start()
      stopListening = await listenForPushes(sql, engine.onPushed)
    },
    async close() {
      await engine.stop(2_000)
      await stopListening()
      await sending.close()
      await database.close()
    },
  }
  return rig
}

/** Rows that cursors refer to. */
export async function register({ sql }: Database, platforms: readonly RigPlatform[]): Promise<void> {
  for (const { id, status = 'CONNECTED' } of platforms) {
    await sql`
      insert into platforms (id, name, status, status_cause, status_since, endpoints, delivery, token_encoding,
        is_strict_about_tokens, created_at, revision)
      values (${id}, ${id}, ${status}, '', 0, '[]', '{}', 'base64', false, 0, 1)
      on conflict (id) do update set status = excluded.status`
  }
}

/** What the corridor makes of a broadcast push, checks included. */
export function newPush(
  platform: Platform,
  { method = 'PUT', module = 'locations', path, query = '', body = {} }: RigPush,
): NewPush {
  const bytes = new TextEncoder().encode(method === 'DELETE' ? '' : JSON.stringify(body))
  const checked = checkBroadcast(platform, { module, method, path, query, body: bytes }, true)
  if (checked.kind === 'refused') throw new Error(checked.detail)
  const { kind: _, ...found } = checked
  return {
    ...found,
    at: Date.now(),
    fromPlatformId: platform.id,
    version: platform.version,
    from: found.owner,
    module,
    method,
    path,
    query,
    body: bytes.length === 0 ? null : bytes,
    contentType: 'application/json',
    correlationId: randomUUID(),
    requestId: randomUUID(),
  }
}

export function platformOf(spec: RigPlatform): Platform {
  const {
    id,
    party: name,
    roles,
    origin,
    modules = ['locations', 'tariffs', 'tokens', 'sessions', 'cdrs'],
    delivery,
  } = spec
  const parties = name.split(' ').map((each): HostedParty => {
    const [countryCode = '', partyId = ''] = each.split('*')
    return {
      ...{ countryCode, partyId, platformId: id },
      key: partyKey(countryCode, partyId),
      roles: roles.map((role) => ({ role, status: 'ACTIVE', told: TOLD })),
    }
  })
  const endpoints = origin
    ? modules.map((module) => [endpointKey(module, 'RECEIVER'), addressAt(origin, `/ocpi/${module}`)] as const)
    : []
  return {
    ...{
      id,
      name: id,
      version: spec.version ?? '2.2.1',
      parties,
      isStrictAboutTokens: false,
      isStrict: false,
      isLeftOutOfGetAll: false,
      revision: 1,
    },
    ...(spec.conversion && { conversion: spec.conversion }),
    tokenEncoding: 'base64',
    status: spec.status ?? 'CONNECTED',
    statusCause: '',
    endpoints: new Map(endpoints),
    authorization: () => `Token ${spec.token ?? id}`,
    delivery: {
      ...{ requestsPerSecond: 1_000_000, concurrency: 8, maxAgeSeconds: 900 },
      ...{ afterOffline: 'none', broadcastTo: 'platform' },
      ...delivery,
    },
  }
}

export function tableOf(platforms: readonly Platform[]): RoutingTable {
  return {
    ...{ revision: 1, hub: HUB, credentials: new Map(), agreements: new Map(), departed: new Map() },
    policy: { kind: 'open', turns: [] },
    platforms: new Map(platforms.map((platform) => [platform.id, platform])),
    parties: new Map(platforms.flatMap((platform) => platform.parties.map((party) => [party.key, [party]] as const))),
  }
}

function addressAt(origin: string, path: string): EndpointAddress {
  return { origin, path, ownPath: path }
}
