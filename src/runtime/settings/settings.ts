import { CHECK_MODES, type CheckMode } from '../../hub/check/runs/check-runs.ts'
import { DAY_MS } from '../../hub/moments.ts'
import { type Admission, MOST_ROLES } from '../../hub/network/registry.ts'
import type { DeliverySettings } from '../../hub/network/routing-table.ts'
import { imageType } from '../../ocpi/credentials.ts'
import { isPartyName } from '../../ocpi/party.ts'
import type { TrustedProxies } from '../shared/client-address.ts'
import { parseTrustedProxies } from '../shared/client-address.ts'
import type { LogLevel } from '../shared/log-rules.ts'
import { LOG_LEVELS } from '../shared/log-rules.ts'
import type { OpenIdSettings } from '../shared/open-id.ts'
import { readOpenId } from './open-id-settings.ts'
import type { Environment } from './setting-reader.ts'
import { createSettingReader } from './setting-reader.ts'
import { readTracing, type TracingSettings } from './tracing-settings.ts'

const KB = 1024
const MB = 1024 * KB
const GB = 1024 * MB

/** A URL the hub makes hangs on this one and must fit 255 characters [types: URL]. */
const MAX_PUBLIC_URL_LENGTH = 150

/** What the embedded Postgres takes, less what maintenance needs. */
const EMBEDDED_CONNECTIONS = 90

export type Settings = Readonly<{
  port: number
  host: string
  /** Where partners reach the hub, without a slash at the end. */
  publicUrl: string
  /** Null: the embedded Postgres. */
  databaseUrl: string | null
  dataDir: string
  hubCountryCode: string
  hubPartyId: string
  hubName: string
  /** Null: not shown to partners. */
  hubWebsite: string | null
  hubLogoUrl: string | null
  /** Null: made at the first start. */
  adminToken: string | null
  /** Opens the metrics. Null: the administrators' token does, or on Node whoever reaches the address. */
  metricsToken: string | null
  /** Null: nobody signs in elsewhere. */
  openId: OpenIdSettings | null
  /** Null: nobody is told of exchanges by OpenTelemetry. */
  tracing: TracingSettings | null
  /** 32 bytes. Null: kept in `dataDir`. */
  secretKey: Uint8Array | null
  /** The key before, while it is being replaced: opens what it sealed, seals nothing. */
  previousSecretKey: Uint8Array | null
  routingPolicy: 'open' | 'agreements'
  /** Which roles platforms may bring by themselves. */
  admission: Admission
  allowPrivateNetworks: boolean
  /** To the end of a buffered answer. */
  forwardTimeoutMs: number
  /** Silence after which a platform is asked whether it is still alive. */
  keepaliveAfterS: number
  trustedProxies: TrustedProxies
  maxBodyBytes: number
  /** Messages up to this size are read whole. */
  bufferBytes: number
  /** Inflated copies of compressed messages in hand at the same time, per process. */
  inflatedBytes: number
  maxHeaderBytes: number
  /** Direct requests to one platform at the same time, per process. */
  maxDirectPerPlatform: number
  /** Per calling platform; 0 lets all pass. */
  inboundRequestsPerSecond: number
  /** Per client address; 0 lets all pass. */
  failedLoginsPerMinute: number
  /** Between two pieces of a streamed body. */
  streamIdleMs: number
  streamTotalMs: number
  /** Of a streamed body, on average over `streamIdleMs`; 0 lets it be as slow as it likes. */
  streamLeastBytesPerSecond: number
  logLevel: LogLevel
  /** What is changed stays in the audit trail so long. */
  auditDays: number
  messageLogDays: number
  messageLogBytes: number
  /** Kept of each body; 0 keeps none. */
  messageLogBodyBytes: number
  /** Deliveries that succeeded of which the message log has rows, in the long run, per process; of the others it has a count. */
  messageLogDeliveriesPerSecond: number
  /** Rows of the message log are made and sent on a thread of its own; `auto` where some are free beside `processes`. */
  messageLogThread: 'auto' | 'on' | 'off'
  /** Database connections per process. */
  databasePool: number
  /** `auto`: as many as the machine has room for. */
  processes: number | 'auto'
  /** GET All without the sources that fail, which the answer then names, rather than not at all. */
  getAllPartial: boolean
  /** For one try at a source of GET All, of which it has two before the first page fails. */
  getAllSourceTimeoutMs: number
  /** Requests of one platform that the hub makes many of: crawls of GET All, authorisations of unknown tokens; 0 lets all pass. */
  fanOutsPerMinute: number
  /** Under `open`: most eMSPs that are asked about a token nobody is known to own; 0 asks none. */
  openAuthorizationMost: number
  /** Broadcasts accepted of one platform, in the long run, per process; 0 lets all pass. */
  broadcastsPerSecond: number
  /** CDRs and sessions may be broadcast. */
  broadcastPrivate: boolean
  /** A platform is held before it goes live where its administrator does not say otherwise. */
  holdsNewPlatforms: boolean
  /** What the connection check is to a platform that is new. */
  connectionCheck: CheckMode
  /** Calls of one connection check. */
  connectionCheckCallsPerSecond: number
  /** Live platforms are checked anew so many days after the last time; 0: never. */
  connectionCheckEveryDays: number
  /** Platforms whose version lists parties in credentials get a PUT of the hub's so many hours after the last at the soonest; 0: never. */
  credentialsPutEveryHours: number
  /** Where a platform has no settings of its own. */
  deliveryDefaults: DeliverySettings
  /** A push that some platform could not be given for so long is cut from the push log, and listed for that platform. */
  pushLogHours: number
  /** So are the oldest beyond this size. */
  pushLogBytes: number
  /** Objects of one owner of which is kept what it said last, in networks of 2.1.1 and newer versions. */
  shadowObjects: number
  /** The message log keeps the bodies of deliveries that failed. */
  logsFailedBodies: boolean
}>

export type SettingsResult = {
  /** Malformed ones hold their default: good for looking for further problems, not for running. */
  readonly settings: Settings
  /** One line for each malformed setting; empty when all is well. */
  readonly problems: readonly string[]
  /** Names of the malformed settings. */
  readonly malformed: ReadonlySet<string>
  /** The settings that the environment holds, as they stand there, by name. */
  readonly given: Readonly<Record<string, string>>
}

/** Reads the environment, once, and finds every problem in it. A variable set to nothing counts as absent. */
export function readSettings(environment: Environment): SettingsResult {
  const read = createSettingReader(environment)
  const port = read.integer('PORT', 8080, 1, 65535)
  const maxBodyBytes = read.integer('MAX_BODY_BYTES', 32 * MB, KB, 4 * GB)
  const routingPolicy = read.choice('ROUTING_POLICY', 'open', ['open', 'agreements'])
  const databaseUrl = read.text(
    'DATABASE_URL',
    null,
    'postgres://user:password@host:port/database',
    isDatabaseUrl,
    'secret',
  )
  const settings: Settings = Object.freeze({
    port,
    host: read.text('HOST', '127.0.0.1', 'an address or host name to listen on', (text) => /^[\w.:-]+$/.test(text)),
    publicUrl: read.parsed(
      'PUBLIC_URL',
      `http://localhost:${port}`,
      `an http or https URL without query, of at most ${MAX_PUBLIC_URL_LENGTH} characters`,
      parsePublicUrl,
    ),
    databaseUrl,
    dataDir: read.text('DATA_DIR', './data', 'a folder', (text) => !text.includes('\0')),
    hubCountryCode: read.text('HUB_COUNTRY_CODE', 'NL', 'two letters', (text) => isPartyName(text, 'HUB')),
    hubPartyId: read.text('HUB_PARTY_ID', 'HUB', 'one to three letters or digits', (text) =>
      /^[A-Za-z0-9]{1,3}$/.test(text),
    ),
    hubName: read.text('HUB_NAME', 'OCPI hub', 'a name of at most 100 characters', (text) =>
      /^\P{Cc}{1,100}$/u.test(text),
    ),
    hubWebsite: read.text('HUB_WEBSITE', null, 'an http or https URL of at most 255 characters', isShownUrl),
    hubLogoUrl: read.text(
      'HUB_LOGO_URL',
      null,
      'an http or https URL of at most 255 characters that ends in the type of the image, .svg for one',
      (text) => isShownUrl(text) && imageType(text) !== null,
    ),
    adminToken: read.text('ADMIN_TOKEN', null, TOKEN, isToken, 'secret'),
    metricsToken: read.text('METRICS_TOKEN', null, TOKEN, isToken, 'secret'),
    openId: readOpenId(read),
    tracing: readTracing(read),
    ...readKeys(read, databaseUrl !== null),
    routingPolicy,
    admission: Object.freeze({
      announcedOnly:
        read.choice('ANNOUNCED_ROLES_ONLY', routingPolicy === 'open' ? 'false' : 'true', ['true', 'false']) === 'true',
      givenUpForMs: read.integer('GIVEN_UP_ROLES_DAYS', 30, 0, 3650) * DAY_MS,
      mostRoles: read.integer('ROLES_MOST', 500, 1, MOST_ROLES),
    }),
    allowPrivateNetworks: read.choice('ALLOW_PRIVATE_NETWORKS', 'false', ['true', 'false']) === 'true',
    forwardTimeoutMs: read.integer('FORWARD_TIMEOUT_MS', 25_000, 100, 600_000),
    keepaliveAfterS: read.integer('KEEPALIVE_AFTER_S', 300, 1, 86_400),
    trustedProxies: read.parsed(
      'TRUSTED_PROXIES',
      [],
      'addresses or CIDR ranges with commas between them, such as 10.0.0.0/8,192.0.2.7',
      parseTrustedProxies,
    ),
    maxBodyBytes,
    bufferBytes: read.integer('BUFFER_BYTES', MB, KB, 256 * MB),
    inflatedBytes: read.integer('INFLATED_BYTES', Math.max(64 * MB, 2 * maxBodyBytes), MB, 64 * GB),
    maxHeaderBytes: read.integer('MAX_HEADER_BYTES', 16 * KB, 4 * KB, MB),
    maxDirectPerPlatform: read.integer('MAX_DIRECT_PER_PLATFORM', 64, 1, 10_000),
    inboundRequestsPerSecond: read.integer('INBOUND_REQUESTS_PER_SECOND', 1000, 0, 1_000_000),
    failedLoginsPerMinute: read.integer('FAILED_LOGINS_PER_MINUTE', 60, 0, 1_000_000),
    streamIdleMs: read.integer('STREAM_IDLE_MS', 30_000, 100, 3_600_000),
    streamTotalMs: read.integer('STREAM_TOTAL_MS', 600_000, 100, 86_400_000),
    streamLeastBytesPerSecond: read.integer('STREAM_LEAST_BYTES_PER_SECOND', 4 * KB, 0, GB),
    logLevel: read.choice('LOG_LEVEL', 'info', LOG_LEVELS),
    messageLogDays: read.integer('MESSAGE_LOG_DAYS', 7, 1, 3650),
    auditDays: read.integer('AUDIT_DAYS', 1825, 90, 36_500),
    messageLogBytes: read.integer('MESSAGE_LOG_BYTES', 2 * GB, MB, 1024 * GB),
    messageLogBodyBytes: read.integer('MESSAGE_LOG_BODY_BYTES', 16 * KB, 0, 16 * MB),
    messageLogDeliveriesPerSecond: read.integer('MESSAGE_LOG_DELIVERIES_PER_SECOND', 100, 0, 1_000_000),
    messageLogThread: read.choice('MESSAGE_LOG_THREAD', 'auto', ['auto', 'on', 'off']),
    databasePool: read.integer('DATABASE_POOL', 10, 2, 1000),
    processes: read.parsed('PROCESSES', 'auto', 'auto or a whole number from 1 to 256', readProcesses),
    getAllPartial: read.choice('GET_ALL_PARTIAL', 'false', ['true', 'false']) === 'true',
    getAllSourceTimeoutMs: read.integer('GET_ALL_SOURCE_TIMEOUT_MS', 5_000, 100, 600_000),
    fanOutsPerMinute: read.integer('FAN_OUTS_PER_MINUTE', 300, 0, 1_000_000),
    openAuthorizationMost: read.integer('OPEN_AUTHORIZATION_MOST', 10, 0, 200),
    broadcastsPerSecond: read.integer('BROADCASTS_PER_SECOND', 200, 0, 1_000_000),
    holdsNewPlatforms: read.choice('HOLD_NEW_PLATFORMS', 'false', ['true', 'false']) === 'true',
    connectionCheck: read.choice('CONNECTION_CHECK', 'advised', CHECK_MODES),
    connectionCheckCallsPerSecond: read.integer('CONNECTION_CHECK_CALLS_PER_SECOND', 2, 1, 100),
    connectionCheckEveryDays: read.integer('CONNECTION_CHECK_EVERY_DAYS', 0, 0, 3650),
    credentialsPutEveryHours: read.integer('CREDENTIALS_PUT_EVERY_HOURS', 24, 0, 8_760),
    broadcastPrivate: read.choice('BROADCAST_CDRS_AND_SESSIONS', 'false', ['true', 'false']) === 'true',
    deliveryDefaults: Object.freeze({
      requestsPerSecond: read.integer('DELIVERY_REQUESTS_PER_SECOND', 50, 1, 100_000),
      concurrency: read.integer('DELIVERY_CONCURRENCY', 8, 1, 256),
      maxAgeSeconds: read.integer('DELIVERY_MAX_AGE_S', 900, 1, 604_800),
      afterOffline: read.choice('DELIVERY_AFTER_OFFLINE', 'none', ['none', 'resync']),
      broadcastTo: read.choice('DELIVERY_BROADCAST_TO', 'platform', ['platform', 'party']),
    }),
    pushLogHours: read.integer('PUSH_LOG_HOURS', 24, 1, 8760),
    pushLogBytes: read.integer('PUSH_LOG_BYTES', 2 * GB, MB, 1024 * GB),
    shadowObjects: read.integer('SHADOW_OBJECTS', 20_000, 100, 10_000_000),
    logsFailedBodies: read.choice('MESSAGE_LOG_FAILED_BODIES', 'true', ['true', 'false']) === 'true',
  })
  if (read.problems.length === 0) for (const problem of contradictions(settings)) read.refuse('', problem)
  return { settings, problems: read.problems, malformed: read.malformed, given: read.given }
}

const TOKEN = '8 to 200 characters of letters, digits and -._~+/='

function isToken(text: string): boolean {
  return /^[\w.~+/=-]{8,200}$/.test(text)
}

const KEY = '32 bytes in base64, as `openssl rand -base64 32` makes them'

function readKeys(
  read: ReturnType<typeof createSettingReader>,
  isRequired: boolean,
): Pick<Settings, 'secretKey' | 'previousSecretKey'> {
  const secretKey = read.parsed('SECRET_KEY', null, KEY, parseKey, 'secret')
  const previousSecretKey = read.parsed('SECRET_KEY_PREVIOUS', null, KEY, parseKey, 'secret')
  if (isRequired && secretKey === null)
    read.refuse('SECRET_KEY', `SECRET_KEY is missing: with DATABASE_URL expected ${KEY}`)
  else if (previousSecretKey !== null && secretKey === null)
    read.refuse('SECRET_KEY', `SECRET_KEY is missing: with SECRET_KEY_PREVIOUS expected ${KEY}`)
  return { secretKey, previousSecretKey }
}

/** Values that are fine each and impossible together. */
function contradictions(settings: Settings): string[] {
  const { bufferBytes, maxBodyBytes, streamIdleMs, streamTotalMs, databaseUrl, processes, databasePool } = settings
  const { secretKey, previousSecretKey, inflatedBytes } = settings
  const problems: string[] = []
  if (bufferBytes > maxBodyBytes) {
    problems.push(`BUFFER_BYTES=${bufferBytes} is more than MAX_BODY_BYTES=${maxBodyBytes}: expected at most that`)
  }
  if (2 * bufferBytes > inflatedBytes) {
    problems.push(`BUFFER_BYTES=${bufferBytes} is too much for INFLATED_BYTES=${inflatedBytes}: expected at most half`)
  }
  if (streamIdleMs > streamTotalMs) {
    problems.push(`STREAM_IDLE_MS=${streamIdleMs} is more than STREAM_TOTAL_MS=${streamTotalMs}: expected at most that`)
  }
  if (previousSecretKey !== null && previousSecretKey.every((byte, at) => byte === secretKey?.[at])) {
    problems.push('SECRET_KEY_PREVIOUS (not shown) is SECRET_KEY again: expected the key before it, or none')
  }
  const leastProcesses = processes === 'auto' ? 1 : processes
  if (databaseUrl === null && leastProcesses * databasePool > EMBEDDED_CONNECTIONS) {
    const most = `at most ${EMBEDDED_CONNECTIONS} connections with the embedded database`
    problems.push(`PROCESSES=${processes} with DATABASE_POOL=${databasePool} is too much: expected ${most}`)
  }
  return problems
}

function readProcesses(text: string): number | 'auto' | null {
  if (text === 'auto') return text
  return /^[1-9]\d{0,2}$/.test(text) && Number(text) <= 256 ? Number(text) : null
}

function isDatabaseUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== ''
}

/** Whether partners can be shown a URL [types: URL]. */
function isShownUrl(text: string): boolean {
  return text.length <= 255 && /^https?:\/\/[!-~]+$/.test(text) && URL.canParse(text)
}

function parseKey(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return null
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  )
  return bytes.length === 32 ? bytes : null
}

function parsePublicUrl(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || /[\s\\?#]/.test(text)) return null
  if (url.username !== '' || url.password !== '') return null
  const written = url.href.replace(/\/+$/, '')
  return written.length <= MAX_PUBLIC_URL_LENGTH ? written : null
}
