import type { ConversionSettings } from '../../ocpi/convert/conversion.ts'
import type { InterfaceRole } from '../../ocpi/modules.ts'
import { endpointKey } from '../../ocpi/modules.ts'
import type { Party, PartyKey, Role } from '../../ocpi/party.ts'
import type { Agreements, Policy } from './policy.ts'
import type { Misbehaviour } from './sandbox.ts'

/** How a connection stands [mod_hub_client_info: ConnectionStatus enum]. */
export type ConnectionStatus = 'CONNECTED' | 'OFFLINE' | 'PLANNED' | 'SUSPENDED'

/** An endpoint's address, taken apart once so that a request only joins strings. */
export type EndpointAddress = {
  readonly origin: string
  /** Without trailing slash: what lies beneath is joined to it. */
  readonly path: string
  /** As announced, with its slash: some servers know the endpoint itself, a list, under no other name. */
  readonly ownPath: string
}

/** How pushes reach a platform, as it is in force: its own settings, and the hub's defaults for the rest. */
export type DeliverySettings = {
  readonly requestsPerSecond: number
  readonly concurrency: number
  readonly maxAgeSeconds: number
  readonly afterOffline: 'none' | 'resync'
  /** Whom a broadcast is addressed to: the platform once, or each of its parties that it is meant for. */
  readonly broadcastTo: 'platform' | 'party'
}

export type HostedRole = {
  readonly role: Role
  readonly status: 'PLANNED' | 'ACTIVE' | 'GIVEN_UP'
  /** What others are told of it. */
  readonly told: ToldStatus
  /** How it came here from another platform, when it did. */
  readonly moved?: RoleMove | null
}

export function isLive({ status }: Pick<HostedRole, 'status'>): boolean {
  return status === 'ACTIVE'
}

/** How a role stands for those who may talk with its party [mod_hub_client_info: ClientInfo Object]. */
export type ToldStatus = {
  readonly status: ConnectionStatus
  /** Milliseconds since the epoch, and the revision, of the last change of `status`. */
  readonly since: number
  readonly revision: number
  /** The same of the last time it was announced: it was new or SUSPENDED before. */
  readonly announcedAt: number
  readonly announcedRevision: number
}

/** A role that is gone with its platform. */
export type DepartedRole = Party & {
  readonly key: PartyKey
  readonly role: Role
  /** The platform that held it last; null where that is not known any more. */
  readonly platformId: string | null
  readonly departedAt: number
  readonly revision: number
}

/** A party on one platform, with the roles that it has there: others of its roles may be on other platforms. */
export type HostedParty = Party & {
  readonly key: PartyKey
  readonly roles: readonly HostedRole[]
  readonly platformId: string
}

/** The last time an administrator gave a role to another platform. */
export type RoleMove = { readonly fromPlatformId: string; readonly at: number; readonly revision: number }

/** One connected system as the corridor sees it. */
export type Platform = {
  readonly id: string
  readonly name: string
  readonly status: ConnectionStatus
  /** Why the status is what it is, in a few words. */
  readonly statusCause: string
  /** OCPI version agreed in the handshake; null before the first. */
  readonly version: string | null
  readonly parties: readonly HostedParty[]
  /** By `endpointKey`. */
  readonly endpoints: ReadonlyMap<string, EndpointAddress>
  /** The whole Authorization header the hub sends, made when first needed; null before the first handshake. */
  readonly authorization: () => string | null
  readonly tokenEncoding: 'base64' | 'raw'
  /** Accepts tokens only as `Token <base64>` with padding, as the specification writes them. */
  readonly isStrictAboutTokens: boolean
  /** An administrator has it held to the specification where the hub else takes what can only mean one thing. */
  readonly isStrict: boolean
  /** An administrator keeps its lists out of GET All. */
  readonly isLeftOutOfGetAll: boolean
  readonly delivery: DeliverySettings
  /** How what its version cannot say is converted for it, and what it sends. @default DEFAULT_CONVERSION */
  readonly conversion?: ConversionSettings
  /** Of a sandbox partner how it behaves. @default null: it is a real platform */
  readonly sandbox?: Misbehaviour | null
  /** Sandbox partners that it tries the hub with, by their ids. @default none */
  readonly tries?: readonly string[]
  /** The revision of the row this was read from. */
  readonly revision: number
}

/** A token that opens something. Digests only. */
export type Credential = {
  readonly platformId: string
  /** `provisional`: opens what `registration` does, until the handshake is over in which the hub gave it to a partner. */
  readonly kind: 'registration' | 'provisional' | 'access'
  /** Milliseconds since the epoch; null lasts until revoked. */
  readonly expiresAt: number | null
  /** True while this one's first use would be news: an older token lives beside it, whose last minute begins then. */
  readonly replacesOlder: boolean
}

/**
 * All the hub must know to route, as one immutable value: requests in flight finish with the table they began with, and a
 * change swaps the whole table.
 */
export type RoutingTable = {
  readonly revision: number
  readonly hub: Party
  readonly credentials: ReadonlyMap<string, Credential>
  readonly platforms: ReadonlyMap<string, Platform>
  /** Once for each platform that hosts it, mostly one: to be asked by `findParty`. */
  readonly parties: ReadonlyMap<PartyKey, readonly HostedParty[]>
  readonly policy: Policy
  readonly agreements: Agreements
  /** By party and role; those that are hosted again are still among them. */
  readonly departed: ReadonlyMap<string, DepartedRole>
  /** Sandbox partners by id, which stand in no other list, see `asSeenBy`. @default none */
  readonly sandbox?: ReadonlyMap<string, Platform>
}

/** The table now in force. Cheap; called once per request. */
export type CurrentTable = () => RoutingTable

/** @param rest what follows the endpoint's URL, query included; empty or a query only when the endpoint itself is meant */
export function pathAt({ path, ownPath }: EndpointAddress, rest: string): string {
  return rest.startsWith('/') ? path + rest : ownPath + rest
}

export function endpointOf(platform: Platform, module: string, role: InterfaceRole): EndpointAddress | undefined {
  return platform.endpoints.get(endpointKey(module, role))
}
