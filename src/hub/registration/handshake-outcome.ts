import type { PartyTaken } from '../network/handshake.ts'
import type { ConnectionStatus } from '../network/routing-table.ts'

/**
 * How a call that the hub makes to a partner on an administrator's behalf ended: a handshake, a rotation, the end of a
 * connection. Whatever is not `done` left the credentials of both sides as they were, with two
 * exceptions: `answer-lost`, and `party-taken` or `roles-unusable` at a rotation, which replaced the tokens and left the roles.
 */
export type HandshakeOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'unknown-platform' }
  /** The platform's status does not allow it now: connected already, not connected yet, suspended. */
  | { readonly kind: 'wrong-status'; readonly status: ConnectionStatus }
  /** Another one with this platform, which the hub started before, is not over yet. */
  | { readonly kind: 'under-way' }
  /** No answer: refused, DNS, TLS, timeout. */
  | { readonly kind: 'partner-unreachable'; readonly detail: string }
  /** An answer that says no, or that cannot be read. `ocpiStatus` when there was an envelope. */
  | {
      readonly kind: 'partner-refused'
      readonly detail: string
      readonly httpStatus?: number
      readonly ocpiStatus?: number
    }
  /** Nobody knows whether the partner took the credentials that the hub sent. */
  | { readonly kind: 'answer-lost'; readonly method: 'POST' | 'PUT'; readonly detail: string }
  /** No version in common; `offered` is what the partner listed. */
  | { readonly kind: 'unsupported-version'; readonly offered: readonly string[] }
  | { readonly kind: 'no-matching-endpoints'; readonly leftOut?: readonly string[] }
  /** The partner announced a role of a party that it may not have. */
  | PartyTaken
  /** A rotation's answer holds a good token, and roles or a URL that the hub cannot use. */
  | { readonly kind: 'roles-unusable'; readonly detail: string }
  /** A URL that the hub may not call: not https, or not a public address. */
  | { readonly kind: 'forbidden-url'; readonly detail: string; readonly isEndpoint?: boolean }
