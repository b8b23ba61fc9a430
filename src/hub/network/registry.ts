import type { ConversionSettings } from '../../ocpi/convert/conversion.ts'
import type { Endpoint, InterfaceRole } from '../../ocpi/modules.ts'
import type { Party, PartyKey, Role } from '../../ocpi/party.ts'
import type { ChangeOrigin } from '../administration/events.ts'
import type { EndpointOverride } from './endpoint-overrides.ts'
import type { Handshake, HandshakeResult, PartyRole, PartyTaken } from './handshake.ts'
import type { PlatformPage } from './platform-page.ts'
import type { Agreement, Policy } from './policy.ts'
import type { ConnectionStatus, Credential, DeliverySettings, DepartedRole, Platform } from './routing-table.ts'
import type { Misbehaviour } from './sandbox.ts'

/** Why a role that a platform brings waits for an administrator, the first that applies. */
export type WhyPending =
  /** An agreement rule names the party, and the platform has no role of it. */
  | 'named-by-rule'
  /** A platform that is gone had it until a short time ago. */
  | 'given-up-lately'
  /** Only roles that were announced may be brought, and this one was not. */
  | 'not-announced'

/** A role that a platform brought and that takes part in nothing until an administrator confirms it. */
export type PendingRole = Party & { readonly role: Role; readonly why: WhyPending; readonly since: number }

/** The same in the list of all; numbers follow the order in which they came. */
export type PendingRow = PendingRole & { readonly platformId: string; readonly number: number }

/** No platform may have more roles, whatever is set: while those of a handshake are stored, all other changes of what routes wait. */
export const MOST_ROLES = 5_000

/** Which roles a platform may bring by itself. */
export type Admission = {
  /** Only those that an administrator announced for it or confirms. */
  readonly announcedOnly: boolean
  /** What another platform gave up may be brought after this time. */
  readonly givenUpForMs: number
  /** Most roles of a platform that has no number of its own. */
  readonly mostRoles: number
}

/** A platform as an administrator sees it. */
export type PlatformRecord = {
  readonly id: string
  readonly name: string
  readonly status: ConnectionStatus
  /** Why the status is what it is, in a few words, and since when. */
  readonly statusCause: string
  readonly statusSince: number
  readonly version: string | null
  readonly versionsUrl: string | null
  readonly parties: readonly (PartyRole & { readonly status: ConnectionStatus; readonly lastUpdated: number })[]
  readonly pendingRoles: readonly PendingRole[]
  /** Null: as the hub's setting has it. */
  readonly mostRoles: number | null
  /** As its version details announced them. */
  readonly endpoints: readonly Endpoint[]
  readonly endpointOverrides: readonly EndpointOverride[]
  readonly delivery: Partial<DeliverySettings>
  /** What is not the default. @default nothing */
  readonly conversion?: Partial<ConversionSettings>
  readonly tokenEncoding: 'base64' | 'raw'
  readonly isStrictAboutTokens: boolean
  readonly isStrict: boolean
  readonly isLeftOutOfGetAll: boolean
  /** Its handshake leaves it PLANNED until it is released. */
  readonly isHeld: boolean
  /** It stays PLANNED until a connection check finds no fault but those that are waived. */
  readonly awaitsCheck: boolean
  /** Of a sandbox partner how it behaves. @default null: it is a real platform */
  readonly sandbox?: Misbehaviour | null
  /** Sandbox partners that it tries the hub with, by their ids. @default none */
  readonly tries?: readonly string[]
  readonly lastSeenAt: number | null
  /** When the first of the certificates ends that it shows at its hosts; null where none was read. */
  readonly certificateEndsAt: number | null
  readonly createdAt: number
  readonly registrationExpiresAt: number | null
  /** See `TokenMarks`; null: there is none, or it was made before fingerprints were kept. */
  readonly registrationFingerprint?: string | null
  /** Whether the two have exchanged tokens, and neither ended the connection since. */
  readonly hasCredentials: boolean
  /** True while an older access token of the partner still opens the hub. */
  readonly hasOlderToken: boolean
}

/** See `TokenMarks`: what is kept of a token beside its digest. @default nothing */
export type Marks = { readonly prefix?: string | null; readonly fingerprint?: string | null }

export type NewPlatform = {
  readonly id: string
  readonly name: string
  readonly parties: readonly (Party & { readonly role: Role })[]
  readonly delivery: Partial<DeliverySettings>
  readonly tokenEncoding: 'base64' | 'raw'
  readonly isStrictAboutTokens: boolean
  /** @default false */
  readonly isHeld?: boolean
  readonly registration: (Marks & { readonly digest: string; readonly expiresAt: number }) | null
}

export type PlatformChange = {
  readonly name?: string
  readonly delivery?: Partial<DeliverySettings>
  /** All that is not the default. */
  readonly conversion?: Partial<ConversionSettings>
  readonly tokenEncoding?: 'base64' | 'raw'
  readonly isStrictAboutTokens?: boolean
  readonly endpointOverrides?: readonly EndpointOverride[]
  readonly isStrict?: boolean
  readonly isLeftOutOfGetAll?: boolean
  readonly mostRoles?: number | null
  /** Holds or releases it, as `setHeld` does: the change is made with that, or not at all. */
  readonly isHeld?: boolean
  /** Announces these parties as PLANNED beside those it has; those no longer listed and never connected are let go. */
  readonly parties?: readonly (Party & { readonly role: Role })[]
}

export type ChangeResult =
  | { readonly kind: 'changed' }
  | { readonly kind: 'unknown-platform' }
  | PartyTaken
  /** The change does not fit the platform's status now. */
  | { readonly kind: 'wrong-status'; readonly status: ConnectionStatus }
  /** Nobody but its connection check lets it go live. */
  | { readonly kind: 'awaits-check' }

/** What became of an administrator's word on roles that wait: all of them changed, or none. */
export type SettledResult =
  | ChangeResult
  /** This one does not wait at the platform. */
  | { readonly kind: 'not-pending'; readonly role: Party & { readonly role: Role } }

export type FreedResult = { readonly kind: 'freed' } | { readonly kind: 'unknown-party' }

/** What the table source reads: everything changed after a revision (null: everything). */
export type TableRows = {
  readonly revision: number
  readonly platforms: readonly PlatformRow[]
  /** Platforms that are gone since that revision. */
  readonly removedPlatformIds: readonly string[]
  /** In order of creation. */
  readonly agreements: readonly Agreement[]
  readonly departed: readonly DepartedRole[]
  /** Null when nothing changed. */
  readonly policy: Policy | null
}

/** A platform and all that hangs on it, with its sealed token and its live credentials. */
export type PlatformRow = Omit<Platform, 'authorization' | 'endpoints' | 'delivery' | 'conversion'> & {
  readonly sealedToken: string | null
  /** As its version details announced them. */
  readonly endpoints: readonly Endpoint[]
  readonly endpointOverrides: readonly EndpointOverride[]
  readonly delivery: Partial<DeliverySettings>
  /** @default nothing */
  readonly conversion?: Partial<ConversionSettings>
  readonly credentials: readonly (Credential & { readonly digest: string })[]
}

/** Reads what routes. Every change carries a revision from one counter row, so that revisions order as commits do. */
export type ReadTableRows = (afterRevision: number | null) => Promise<TableRows>

/**
 * Platforms, their parties and tokens. Each function is one transaction in which no network call is made; each that
 * changes anything raises the table's revision and wakes the other processes.
 */
export type Registry = {
  readonly createPlatform: (platform: NewPlatform) => Promise<ChangeResult>
  readonly changePlatform: (platformId: string, change: PlatformChange) => Promise<ChangeResult>
  /** Forgets the platform, its tokens, parties and endpoints. */
  readonly deletePlatform: (platformId: string) => Promise<ChangeResult>
  readonly findPlatform: (platformId: string) => Promise<PlatformRecord | null>
  readonly listPlatforms: (page: PlatformPage) => Promise<PlatformRecord[]>
  /** Replaces the platform's registration token. */
  readonly putRegistration: (id: string, digest: string, expiresAt: number, marks?: Marks) => Promise<ChangeResult>
  /**
   * Stores a token that the hub is about to give to a partner in a handshake. A `provisional` one opens versions and credentials beside
   * those there are; a `rotating` one opens everything, and its first use beyond versions tells that the partner took it, whatever
   * becomes of the hub meanwhile. False, and nothing is done, while there is another one that was made later than `otherSince`.
   */
  readonly addHandshakeToken: (
    platformId: string,
    token: {
      readonly digest: string
      readonly kind: 'provisional' | 'rotating'
      readonly expiresAt: number
      readonly prefix?: string | null
    },
    otherSince: number,
  ) => Promise<boolean>
  /** Ends such a token, when no handshake has kept it and the partner did not use it. */
  readonly dropHandshakeToken: (digest: string) => Promise<void>
  /** The handshake of such a token is over without an answer: the partner took it or did not, and its first use tells. */
  readonly offerToken: (digest: string) => Promise<void>
  /** The partner uses this token: an offered one becomes the newest, and what that replaces ends at `olderExpireAt`. */
  readonly noteTokenUsed: (digest: string, olderExpireAt: number) => Promise<void>
  readonly storeHandshake: (handshake: Handshake) => Promise<HandshakeResult>
  /** The partner or an administrator ended the connection: tokens die, parties become SUSPENDED but stay held. */
  readonly endConnection: (platformId: string, cause: string, origin: ChangeOrigin) => Promise<ChangeResult>
  /**
   * Sets the status when the platform is in one of `from`; `from` empty means any. A platform that returns from SUSPENDED
   * takes the status its credentials allow: CONNECTED with them, PLANNED without.
   */
  readonly setStatus: (
    platformId: string,
    status: ConnectionStatus,
    cause: string,
    from: readonly ConnectionStatus[],
    origin: ChangeOrigin,
  ) => Promise<ChangeResult>
  /** Holds a platform that is not live before it goes live; or releases it, which makes one with credentials CONNECTED, unless it has to pass its connection check. */
  readonly setHeld: (platformId: string, isHeld: boolean) => Promise<ChangeResult>
  /** Moves a role of a party to another platform; null: all its roles, from wherever they are. */
  readonly moveParty: (party: PartyKey, role: Role | null, toPlatformId: string) => Promise<ChangeResult>
  /** Lets roles count that the platform brought and that wait for an administrator. */
  readonly confirmRoles: (
    platformId: string,
    roles: readonly (Party & { readonly role: Role })[],
  ) => Promise<SettledResult>
  /** Drops such roles; when the platform brings them again they wait again. */
  readonly refuseRoles: (
    platformId: string,
    roles: readonly (Party & { readonly role: Role })[],
  ) => Promise<SettledResult>
  /** Of all platforms, at most `limit`, after a number. */
  readonly listPendingRoles: (page: {
    readonly limit: number
    readonly afterNumber: number | null
  }) => Promise<readonly PendingRow[]>
  /** Lets any platform bring what another gave up of a party, in one role or (null) in all; `unknown-party`: nobody gave that up. */
  readonly freeParty: (party: PartyKey, role: Role | null) => Promise<FreedResult>
  /** Cuts the life of access tokens older than the newest to `expiresAt` (never lengthens it). */
  readonly endOlderTokens: (platformId: string, expiresAt: number) => Promise<void>
  /** Notes proof of life; batched by the caller. */
  readonly noteSeen: (seen: ReadonlyMap<string, number>) => Promise<void>
  /** The partner's versions URL and the sealed token, for checks and for handshakes the hub starts. */
  readonly findConnection: (
    platformId: string,
  ) => Promise<{ versionsUrl: string; sealedToken: string; version: string } | null>
}

/** What of the registry administrators change by themselves; connections are changed by handshakes. */
export type RegistryChanges = Pick<
  Registry,
  | 'createPlatform'
  | 'changePlatform'
  | 'deletePlatform'
  | 'putRegistration'
  | 'setHeld'
  | 'moveParty'
  | 'confirmRoles'
  | 'refuseRoles'
  | 'freeParty'
  | 'endOlderTokens'
> & {
  /** As `setStatus` of the registry, under the name of who changes it. */
  readonly setStatus: (
    platformId: string,
    status: ConnectionStatus,
    cause: string,
    from: readonly ConnectionStatus[],
  ) => Promise<ChangeResult>
}

/** Where a URL that was led through the hub really goes. */
export type StoredUrl = {
  readonly id: string
  readonly kind: 'next' | 'response' | 'location'
  /** The partner's URL. For `next` without its query, which stays visible in the hub's URL. */
  readonly url: string
  readonly module: string
  readonly interfaceRole: InterfaceRole
  /** Who may use it. */
  readonly forParty: PartyKey
  /** Whom it leads to. */
  readonly toParty: PartyKey
  /** The platform that gave the URL: no other platform's token may go there. */
  readonly toPlatformId: string
  /** Milliseconds since the epoch; null: as long as both parties. */
  readonly expiresAt: number | null
}

export type StoredUrls = {
  /** Rejects when it cannot be stored. */
  readonly save: (url: StoredUrl) => Promise<void>
  /** Null when unknown or expired. Rejects when the store is away. */
  readonly find: (id: string) => Promise<StoredUrl | null>
}
