import { envelopeBytes } from '../../ocpi/envelope.ts'
import type { Headers } from '../../ocpi/headers.ts'
import { STATUS } from '../../ocpi/status.ts'
import type { Answer } from '../message.ts'

/** Every way the hub itself says no, or has to say that it could not. */
export type Refusal =
  | { readonly kind: 'unauthenticated' }
  | { readonly kind: 'too-many-requests'; readonly retryAfterSeconds: number }
  | { readonly kind: 'unknown-path'; readonly detail: string }
  | { readonly kind: 'unsupported-version'; readonly detail: string }
  | { readonly kind: 'method-not-allowed'; readonly allow: string }
  | { readonly kind: 'not-json'; readonly detail: string }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  | { readonly kind: 'too-slow'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly detail: string }
  | { readonly kind: 'unknown-receiver'; readonly detail: string }
  /** What cannot be said in the other's OCPI version: a push of it, or, with 404, an object that was asked for. */
  | { readonly kind: 'withheld'; readonly status: 200 | 404; readonly detail: string }
  | { readonly kind: 'timeout'; readonly detail: string }
  /** `retryAfterSeconds`: how long whoever is asked wants to be left alone, where it said so. */
  | { readonly kind: 'not-connected'; readonly detail: string; readonly retryAfterSeconds?: number }
  | { readonly kind: 'hub-failure'; readonly detail: string; readonly retryAfterSeconds?: number }
  /** `said`: the receiver's words; empty where it had none. */
  | { readonly kind: 'receiver-said'; readonly status: number; readonly said: string; readonly headers: Headers }

type Wire = {
  readonly status: number
  readonly code: number
  readonly message: string
  readonly headers: Headers
}

const NONE: Headers = []

/**
 * What a refusal looks like on the wire. Failures of routing are HTTP 200 with a 4xxx code, as the receiver's own errors
 * travel; only what HTTP itself is about has an HTTP status of its own [status_codes: 4xxx; transport: Errors].
 */
export function wireOf(refusal: Refusal): Wire {
  switch (refusal.kind) {
    case 'unauthenticated':
      return {
        status: 401,
        code: STATUS.clientError,
        message: 'The credentials token is missing or unknown',
        headers: ['WWW-Authenticate', 'Token'],
      }
    case 'too-many-requests':
      return {
        status: 429,
        code: STATUS.clientError,
        message: 'Too many requests',
        headers: ['Retry-After', String(refusal.retryAfterSeconds)],
      }
    case 'unknown-path':
      return { status: 404, code: STATUS.clientError, message: refusal.detail, headers: NONE }
    case 'unsupported-version':
      return { status: 200, code: STATUS.unsupportedVersion, message: refusal.detail, headers: NONE }
    case 'method-not-allowed':
      return {
        status: 405,
        code: STATUS.clientError,
        message: `Only ${refusal.allow} here`,
        headers: ['Allow', refusal.allow],
      }
    case 'not-json':
      return { status: 400, code: STATUS.invalidParameters, message: refusal.detail, headers: NONE }
    case 'too-large':
      return {
        status: 413,
        code: STATUS.clientError,
        message: `The body exceeds ${refusal.limitBytes} bytes`,
        headers: NONE,
      }
    case 'too-slow':
      return { status: 408, code: STATUS.clientError, message: refusal.detail, headers: NONE }
    case 'invalid':
      return { status: 200, code: STATUS.invalidParameters, message: refusal.detail, headers: NONE }
    case 'withheld':
      return {
        status: refusal.status,
        code: refusal.status === 404 ? STATUS.clientError : STATUS.invalidParameters,
        message: refusal.detail,
        headers: NONE,
      }
    case 'unknown-receiver':
      return { status: 200, code: STATUS.unknownReceiver, message: refusal.detail, headers: NONE }
    case 'timeout':
      return { status: 200, code: STATUS.timeout, message: refusal.detail, headers: NONE }
    case 'not-connected':
      return { status: 200, code: STATUS.connectionProblem, message: refusal.detail, headers: waitOf(refusal) }
    case 'hub-failure':
      return { status: 200, code: STATUS.hubError, message: refusal.detail, headers: waitOf(refusal) }
    case 'receiver-said':
      return {
        status: refusal.status,
        code: STATUS.clientError,
        message: `The receiver answered HTTP ${refusal.status}${refusal.said === '' ? '' : `: ${refusal.said}`}`,
        headers: refusal.headers,
      }
  }
}

function waitOf({ retryAfterSeconds }: { readonly retryAfterSeconds?: number }): Headers {
  return retryAfterSeconds === undefined ? NONE : ['Retry-After', String(retryAfterSeconds)]
}

/** The refusal of a limit that is used up. */
export function tooMany(empty: { readonly retryAfterSeconds: number }): Refusal {
  return { kind: 'too-many-requests', retryAfterSeconds: empty.retryAfterSeconds }
}

/** The answer to a refused request: an envelope without data, with the caller's own message IDs. */
export function refuse(
  refusal: Refusal,
  backHeaders: Headers,
  now: number,
): Answer & { readonly code: number; readonly message: string } {
  const wire = wireOf(refusal)
  return {
    status: wire.status,
    headers: ['Content-Type', 'application/json', ...backHeaders, ...wire.headers],
    body: envelopeBytes(wire.code, wire.message, undefined, new Date(now).toISOString()),
    code: wire.code,
    message: wire.message,
  }
}
