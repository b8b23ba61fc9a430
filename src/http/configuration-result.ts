import type { Advice } from '../hub/administration/advice.ts'
import type { HandshakeCall } from '../hub/administration/handshake-attempts.ts'
import type { Refusal } from '../hub/message/refusal.ts'
import type { Headers } from '../ocpi/headers.ts'

/** What came of a partner's credentials, for the administrators: the calls that the hub made for them, and what helps. */
type HandshakeSteps = { readonly calls: readonly HandshakeCall[]; readonly advice: Advice | null }

/** What a configuration module answers: an envelope of its own, or a refusal. */
export type ConfigurationResult =
  | {
      readonly kind: 'data'
      readonly data?: unknown
      readonly status?: number
      readonly code?: number
      readonly statusMessage?: string
      readonly headers?: Headers
      readonly handshake?: HandshakeSteps
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly handshake?: HandshakeSteps }
