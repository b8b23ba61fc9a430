import type { Context, Hono } from 'hono'
import { createAdminApp } from '../../admin/app.ts'
import type { AdminPorts } from '../../admin/ports.ts'
import type { Exchanger, Handle } from '../../http/app.ts'
import type { ConfigurationModule } from '../../http/configuration.ts'
import { createPartnerApp } from '../../http/partner-app.ts'
import { VERSIONS } from '../../http/versions.ts'
import type { Caller } from '../../hub/corridor/authenticate.ts'
import { createLedUrls, type MayCall } from '../../hub/corridor/hub-urls.ts'
import { createRelay } from '../../hub/corridor/relay.ts'
import { createGate, createRateLimit, type RateLimit } from '../../hub/limits.ts'
import type { Exchange, Observe } from '../../hub/message/exchange.ts'
import type { AgreementStore } from '../../hub/network/agreement-store.ts'
import type { Registry, StoredUrls } from '../../hub/network/registry.ts'
import type { TableSource } from '../../hub/network/table-source.ts'
import type { Alarm, Inflate, Now, Secrets, Send } from '../../hub/ports.ts'
import { createConnect } from '../../hub/registration/connect.ts'
import { createPartnerClient, type PartnerClient } from '../../hub/registration/partner-client.ts'
import { createRegister } from '../../hub/registration/register.ts'
import { settleWithin } from '../../storage/deadline.ts'
import type { Settings } from '../settings/settings.ts'
import { checkPartnerUrl } from '../shared/address-guard.ts'
import { random } from '../shared/secrets.ts'
import { type DutyParts, wireDuties } from './wire-duties.ts'

/** Partners' configuration calls are bounded tighter than routed ones: several stand in one handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000

/** A failed login waits no longer than this for a database that is slow or away. */
const FRESHEN_WITHIN_MS = 1_000

/** What differs between runtimes, made by each. */
export type Parts = {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly now: Now
  readonly send: Send
  readonly inflate: Inflate
  readonly registry: Registry
  readonly storedUrls: StoredUrls
  readonly table: TableSource
  readonly presence: {
    readonly onSeen: (platformId: string) => void
    readonly onUnreachable: (platformId: string) => void
    readonly check: AdminPorts['handshakes']['check']
  }
  readonly agreements: AgreementStore
  readonly duties: DutyParts
  readonly clientInfo: (version: string) => ConfigurationModule
  readonly observe: Observe
  readonly alarm: Alarm
  readonly exchanger: Exchanger
  readonly clientAddress: (c: Context) => string
  readonly isAdminToken: (token: string) => boolean
  readonly queues: AdminPorts['queues']
  readonly messages: AdminPorts['messages']
  readonly noteProblem: AdminPorts['noteProblem']
  readonly onRefusedLogin: () => void
  /** Told what nobody caught. */
  readonly onError: (error: unknown) => void
  readonly ready: () => Promise<void>
  readonly metrics: () => Promise<string>
}

/** Joins the rooms: the same on every runtime. */
export function wireHub(parts: Parts): { readonly app: Hono; readonly relay: Handle } {
  const { settings, secrets, now, send, registry, table, presence } = parts
  const { publicUrl, bufferBytes, hubName } = settings
  const hub = { countryCode: settings.hubCountryCode, partyId: settings.hubPartyId }
  const versionsUrl = `${publicUrl}/ocpi/versions`
  const mayCall = mayCallOf(settings)
  const client = createClient(parts, parts.observe)
  const { refresh } = table

  const inbound = createRateLimit(settings.inboundRequestsPerSecond, now)
  const failedLogins = counted(loginLimit(settings, now), parts.onRefusedLogin)
  const endOlderToken = createOlderTokenEnd(parts)
  const seen = { onSeen: presence.onSeen, onNewTokenUsed: endOlderToken }
  const base = {
    table: table.current,
    digest: secrets.digest,
    random,
    now,
    after: parts.duties.after,
    observe: parts.observe,
    inbound,
    failedLogins,
    freshen: () => settleWithin(FRESHEN_WITHIN_MS, refresh()),
  }

  const gate = createGate(settings.maxDirectPerPlatform)
  const led = createLedUrls({
    publicUrl,
    mac: secrets.mac,
    random,
    now,
    store: parts.storedUrls,
    mayCall,
    alarm: parts.alarm,
  })
  const relay = createRelay({
    ...base,
    ...seen,
    onUnreachable: presence.onUnreachable,
    send,
    inflate: parts.inflate,
    led,
    duties: wireDuties(parts, gate, led),
    alarm: parts.alarm,
    gate,
    limits: { bufferBytes, bodyBytes: settings.maxBodyBytes, forwardTimeoutMs: settings.forwardTimeoutMs },
    versions: VERSIONS,
  })
  const register = createRegister({
    registry,
    client,
    digest: secrets.digest,
    seal: secrets.seal,
    random,
    now,
    hub,
    refresh,
  })
  const connect = createConnect({
    registry,
    client,
    secrets,
    random,
    now,
    hub,
    hubName,
    versionsUrl,
    versions: VERSIONS,
    refresh,
  })
  const adminLogins = loginLimit(settings, now)
  const admin = createAdminApp({
    registry,
    handshakes: { ...connect, check: presence.check },
    agreements: parts.agreements,
    queues: parts.queues,
    messages: parts.messages,
    afterChange: refresh,
    currentTable: table.current,
    deliveryDefaults: settings.deliveryDefaults,
    now,
    random,
    digest: secrets.digest,
    publicUrl,
    isAdminToken: parts.isAdminToken,
    logins: {
      allowAttempt: adminLogins.hasRoom,
      noteFailure: (address) => {
        parts.onRefusedLogin()
        adminLogins.take(address)
      },
    },
    clientAddress: parts.clientAddress,
    noteProblem: parts.noteProblem,
  })
  const app = createPartnerApp({
    exchanger: parts.exchanger,
    configuration: {
      ...base,
      ...seen,
      bufferBytes,
      inflate: parts.inflate,
      alarm: parts.alarm,
    },
    onError: parts.onError,
    register,
    clientInfo: parts.clientInfo,
    relay,
    ready: parts.ready,
    metrics: parts.metrics,
    publicUrl,
    hub,
    hubName,
    admin: (request, env) => admin.fetch(request, env),
  })
  return { app, relay }
}

type ClientParts = Pick<Parts, 'settings' | 'send' | 'inflate' | 'now'>

/** The hub as a client of partners' configuration modules. */
function createClient(
  { settings, send, inflate, now }: ClientParts,
  observe: (exchange: Exchange, isGood: boolean) => void,
): PartnerClient {
  return createPartnerClient({
    send,
    inflate,
    random,
    now,
    mayCall: mayCallOf(settings),
    timeoutMs: HANDSHAKE_TIMEOUT_MS,
    bufferBytes: settings.bufferBytes,
    observe,
  })
}

/** The same for still-alive checks, of which only those that fail are worth a row: all others say the same. */
export function createCheckClient(parts: ClientParts, observe: Observe): PartnerClient {
  return createClient(parts, (exchange, isGood) => {
    if (!isGood) observe(exchange)
  })
}

/** The hub's own URLs are nobody's: a platform that gave them would be the hub calling itself, request upon request. */
function mayCallOf({ publicUrl, allowPrivateNetworks }: Settings): MayCall {
  return (url) => {
    const verdict = checkPartnerUrl(url, allowPrivateNetworks)
    return verdict.ok && verdict.url.href.startsWith(`${publicUrl}/`)
      ? { ok: false, why: 'leads back to the hub' }
      : verdict
  }
}

/** Failed logins per address: a minute's worth at once, refilled steadily. */
function loginLimit(settings: Settings, now: Now): RateLimit {
  const perMinute = settings.failedLoginsPerMinute
  return createRateLimit(perMinute / 60, now, perMinute)
}

function counted(limit: RateLimit, onTake: () => void): RateLimit {
  return {
    ...limit,
    take(key) {
      onTake()
      return limit.take(key)
    },
  }
}

/** After the first use of a new token the older one lives so long, for the requests in flight. */
const OLDER_TOKEN_LEFT_MS = 60_000

/** Starts an older token's last minute, once per new token and table: every request with the new token says the same. */
function createOlderTokenEnd({ registry, secrets, table, now, alarm }: Parts): (caller: Caller) => void {
  const begun = new Map<string, number>()
  return ({ platform, token }) => {
    const used = secrets.digest(token)
    if (begun.get(used) === platform.revision) return
    const { credentials } = table.current()
    for (const known of begun.keys()) if (!credentials.has(known)) begun.delete(known)
    begun.set(used, platform.revision)
    registry
      .noteTokenUsed(used, now() + OLDER_TOKEN_LEFT_MS)
      .then(table.refresh)
      .catch((error: unknown) => {
        begun.delete(used)
        alarm({ kind: 'database-away', platformId: platform.id, detail: String(error) })
      })
  }
}
