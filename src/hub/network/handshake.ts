import type { Endpoint } from '../../ocpi/modules.ts'
import type { Party, Role } from '../../ocpi/party.ts'
import type { ChangeOrigin } from '../administration/events.ts'

/** A role of a party as its platform gave it [credentials: CredentialsRole]. `businessDetails` is kept as it came. */
export type PartyRole = Party & { readonly role: Role; readonly businessDetails: unknown }

/** What a handshake agreed, to be stored as one change. */
export type Handshake = {
  readonly platformId: string
  readonly version: string
  /** The partner's versions endpoint. */
  readonly versionsUrl: string
  readonly endpoints: readonly Endpoint[]
  /** `unchanged`: the platform's roles stay as they are, those that wait included. */
  readonly roles: readonly PartyRole[] | 'unchanged'
  /** The token the hub sends from now on, sealed. */
  readonly sealedToken: string
  /** How the partner takes that token, where the handshake showed it. @default as the platform's setting has it */
  readonly tokenEncoding?: 'base64' | 'raw'
  /** What a call with that token by mistake is known by. @default nothing */
  readonly theirMark?: string
  /** Digest of the token the partner uses from now on. */
  readonly accessDigest: string
  /** See `TokenMarks`. @default nothing */
  readonly accessPrefix?: string | null
  /** The registration token that this handshake uses up; null for PUT and for handshakes the hub started. */
  readonly consumesRegistrationDigest: string | null
  /**
   * A token of the platform that must still be there: the one its PUT came with, or the one the hub gave it. When the
   * connection ended while the partner was being asked, it is gone.
   */
  readonly continuesDigest?: string
  /** What happens to access tokens the partner holds: at once dead, or good until then (ms since the epoch). */
  readonly olderTokensExpireAt: number | 'now'
  readonly origin: ChangeOrigin
}

/** A platform may not have a role of a party; nothing was changed. */
export type PartyTaken = {
  readonly kind: 'party-taken'
  readonly party: Party
  readonly role: Role
  /** Null: the party is the hub's own. */
  readonly heldBy: string | null
  /** `held`: that platform has this very role. `not-reserved`: it has another one, and nobody reserved this one. */
  readonly why: 'held' | 'not-reserved'
}

/** A handshake brings more roles than the platform may have; nothing was changed. */
export type TooManyRoles = {
  readonly kind: 'too-many-roles'
  readonly most: number
  readonly brought: number
  /** Those that it gave up lately, or would by this, and that nobody else may have yet. */
  readonly left: number
}

export type HandshakeResult =
  /** `pending`: of its roles those that count only once an administrator confirms them. */
  | { readonly kind: 'stored'; readonly pending: readonly (Party & { readonly role: Role })[] }
  | PartyTaken
  | TooManyRoles
  /** The registration token was used, replaced or revoked meanwhile; nothing was changed. */
  | { readonly kind: 'registration-gone' }
  /** So did the connection that it was to continue; nothing was changed. */
  | { readonly kind: 'connection-gone' }
  | { readonly kind: 'platform-gone' }
