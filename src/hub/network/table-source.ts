import { type ConversionSettings, DEFAULT_CONVERSION } from '../../ocpi/convert/conversion.ts'
import type { Endpoint } from '../../ocpi/modules.ts'
import { endpointKey } from '../../ocpi/modules.ts'
import { keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import { authorizationValue } from '../../ocpi/token-header.ts'
import { isWebScheme, splitUrl } from '../../ocpi/url.ts'
import type { Secrets } from '../ports.ts'
import { withOverrides } from './endpoint-overrides.ts'
import { type Agreement, type Agreements, pairKey } from './policy.ts'
import type { PlatformRow, ReadTableRows } from './registry.ts'
import type {
  Credential,
  DeliverySettings,
  DepartedRole,
  EndpointAddress,
  HostedParty,
  Platform,
  RoutingTable,
} from './routing-table.ts'

export type TableSource = {
  readonly current: () => RoutingTable
  /** Reads what changed and swaps the table. Resolves once everything committed before the call is in force. */
  readonly refresh: () => Promise<void>
  readonly isLoaded: () => boolean
}

/** Keeps the routing table of this process in step with the registry. Reads only the platforms that changed. */
export function createTableSource(ports: {
  readonly read: ReadTableRows
  readonly open: Secrets['open']
  readonly hub: Party
  readonly deliveryDefaults: DeliverySettings
  /** The table to go on from. @default an empty one */
  readonly start?: RoutingTable
}): TableSource & {
  /** Calls `listener` whenever the table was swapped. One listener: another takes its place. */
  readonly onChange: (listener: () => void) => void
} {
  let table: RoutingTable = ports.start ?? {
    revision: -1,
    hub: ports.hub,
    credentials: new Map(),
    platforms: new Map(),
    parties: new Map(),
    policy: { kind: 'open', turns: [] },
    agreements: new Map(),
    departed: new Map(),
    sandbox: new Map(),
  }
  let tellChange = () => {}
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null

  async function load(): Promise<void> {
    const rows = await ports.read(table.revision < 0 ? null : table.revision)
    if (rows.revision === table.revision) return
    const platforms = new Map(table.platforms)
    const parties = new Map(table.parties)
    const credentials = new Map(table.credentials)
    const sandbox = new Map(table.sandbox)
    const changed = new Set([...rows.removedPlatformIds, ...rows.platforms.map((row) => row.id)])
    forget(changed, platforms, parties, credentials)
    for (const id of changed) sandbox.delete(id)
    for (const row of rows.platforms) {
      const platform = platformOf(row, ports.open, ports.deliveryDefaults)
      for (const { digest, ...credential } of row.credentials) credentials.set(digest, credential)
      if (platform.sandbox) {
        sandbox.set(platform.id, platform)
        continue
      }
      platforms.set(platform.id, platform)
      for (const party of platform.parties) parties.set(party.key, [...(parties.get(party.key) ?? []), party])
    }
    const agreements = withAgreements(table.agreements, rows.agreements)
    const departed = withDeparted(table.departed, rows.departed)
    table = {
      ...table,
      revision: rows.revision,
      platforms,
      parties,
      credentials,
      agreements,
      departed,
      sandbox,
      policy: rows.policy ?? table.policy,
    }
    tellChange()
  }

  function start(): Promise<void> {
    running = load().finally(() => {
      running = null
    })
    return running
  }

  return {
    current: () => table,
    isLoaded: () => table.revision >= 0,
    onChange(listener) {
      tellChange = listener
    },
    refresh() {
      if (!running) return start()
      // The one under way may have read before the caller's change: one more follows it, shared by all who wait.
      next ??= running
        .catch(() => {})
        .then(() => {
          next = null
          // Whoever asks in the moment between two reads begins one, and two at once could end in the older rows.
          return running ?? start()
        })
      return next
    },
  }
}

function forget(
  changed: ReadonlySet<string>,
  platforms: Map<string, Platform>,
  parties: Map<PartyKey, readonly HostedParty[]>,
  credentials: Map<string, Credential>,
): void {
  for (const id of changed) platforms.delete(id)
  for (const [key, hosts] of parties) {
    if (!hosts.some((party) => changed.has(party.platformId))) continue
    const others = hosts.filter((party) => !changed.has(party.platformId))
    if (others.length > 0) parties.set(key, others)
    else parties.delete(key)
  }
  for (const [digest, credential] of credentials) if (changed.has(credential.platformId)) credentials.delete(digest)
}

function withAgreements(known: Agreements, changed: readonly Agreement[]): Agreements {
  if (changed.length === 0) return known
  const agreements = new Map(known)
  for (const rule of changed) {
    const key = pairKey(keyOf(rule.a), keyOf(rule.b))
    const others = (agreements.get(key) ?? []).filter((other) => other.number !== rule.number)
    agreements.set(
      key,
      [...others, rule].sort((x, y) => x.number - y.number),
    )
  }
  return agreements
}

function withDeparted(known: RoutingTable['departed'], changed: readonly DepartedRole[]): RoutingTable['departed'] {
  if (changed.length === 0) return known
  return new Map([...known, ...changed.map((role) => [`${role.key} ${role.role}`, role] as const)])
}

function platformOf(row: PlatformRow, open: Secrets['open'], defaults: DeliverySettings): Platform {
  const { sealedToken, credentials: _, delivery, conversion, endpoints, endpointOverrides, ...rest } = row
  // Not the row itself: the closure below would keep all of it.
  const { tokenEncoding } = row
  let authorization: string | null = null
  return {
    ...rest,
    delivery: { ...defaults, ...delivery },
    conversion: conversionOf(conversion),
    endpoints: endpointsOf(withOverrides(endpoints, endpointOverrides)),
    authorization() {
      if (authorization === null && sealedToken !== null) authorization = opened(open, sealedToken, tokenEncoding)
      return authorization
    },
  }
}

/** Mostly the defaults: kept once. */
function conversionOf(own: Partial<ConversionSettings> = {}): ConversionSettings {
  return Object.keys(own).length === 0 ? DEFAULT_CONVERSION : { ...DEFAULT_CONVERSION, ...own }
}

/** Null for a token that was damaged or sealed under another key: that platform cannot be called, all others can. */
function opened(open: Secrets['open'], sealedToken: string, encoding: PlatformRow['tokenEncoding']): string | null {
  try {
    return authorizationValue(open(sealedToken), encoding)
  } catch {
    return null
  }
}

/** Endpoints by module and role; of duplicates the first counts. */
function endpointsOf(endpoints: readonly Endpoint[]): ReadonlyMap<string, EndpointAddress> {
  const addresses = new Map<string, EndpointAddress>()
  // Most platforms have all of theirs at one host: its name is kept once.
  const origins = new Map<string, string>()
  for (const { identifier, role, url } of endpoints) {
    const key = endpointKey(identifier, role)
    const { scheme, host, path } = splitUrl(url)
    if (addresses.has(key) || !isWebScheme(scheme) || !host) continue
    const written = `${scheme}://${host}`
    const origin = origins.get(written) ?? new URL(url).origin
    origins.set(written, origin)
    addresses.set(key, { origin, path: path.replace(/\/+$/, ''), ownPath: path || '/' })
  }
  return addresses
}
