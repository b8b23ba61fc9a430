import { readStatus } from '../../../ocpi/envelope-status.ts'
import { type Headers, header } from '../../../ocpi/headers.ts'
import type { SendResult } from '../../ports.ts'

/** What becomes of a push after a partner's answer, or for want of one. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** The partner refused it for good; trying again would change nothing. */
  | { readonly kind: 'rejected'; readonly isTokenRefused: boolean; readonly reason: string }
  /** The partner says that it gets too much: the whole queue waits. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | null; readonly reason: string }
  | { readonly kind: 'failed'; readonly retryAfterMs: number | null; readonly reason: string }
  /** The hub itself ended the request; nothing is known of its effect. */
  | { readonly kind: 'aborted' }

export type JudgedAnswer = {
  readonly verdict: Verdict
  /** Null without an envelope. */
  readonly ocpiStatus: number | null
}

/**
 * Judges a delivery: 2xx with an OCPI 1xxx is delivered, so is an empty 2xx; 2xxx and 4xx are refusals; 429, 5xx, OCPI 3xxx and
 * 4xxx, redirects that cannot be followed aside, and everything that is no answer are tried again [status_codes].
 *
 * @param plain the answer's body, inflated; null when it is larger than the buffer or cannot be inflated
 */
export function judge(result: SendResult, plain: Uint8Array | null, now: number): JudgedAnswer {
  if (result.kind === 'failed') {
    if (result.why === 'aborted') return { verdict: { kind: 'aborted' }, ocpiStatus: null }
    return { verdict: failed(`${result.why}: ${result.detail}`), ocpiStatus: null }
  }
  const { status, headers } = result
  const ocpiStatus = plain && plain.length > 0 ? (readStatus(plain)?.statusCode ?? null) : null
  return { verdict: verdictOf(status, headers, plain, ocpiStatus, now), ocpiStatus }
}

function verdictOf(
  status: number,
  headers: Headers,
  plain: Uint8Array | null,
  ocpiStatus: number | null,
  now: number,
): Verdict {
  if (status === 429) {
    return { kind: 'throttled', retryAfterMs: retryAfterMs(headers, now), reason: 'HTTP 429' }
  }
  if (status >= 500) return failed(`HTTP ${status}`, retryAfterMs(headers, now))
  if (status < 200 || status >= 300) {
    return { kind: 'rejected', isTokenRefused: status === 401 || status === 403, reason: `HTTP ${status}` }
  }
  if (ocpiStatus === null) {
    // Partners that take pushes without an envelope answer with nothing at all; a page of text comes from something in front of them.
    return plain === null || plain.length === 0
      ? { kind: 'delivered' }
      : failed(`HTTP ${status} without an OCPI envelope`)
  }
  if (ocpiStatus >= 3000) return failed(`OCPI ${ocpiStatus}`)
  if (ocpiStatus >= 2000) return { kind: 'rejected', isTokenRefused: false, reason: `OCPI ${ocpiStatus}` }
  return { kind: 'delivered' }
}

function failed(reason: string, after: number | null = null): Verdict {
  return { kind: 'failed', retryAfterMs: after, reason }
}

/** Milliseconds asked for in Retry-After, as seconds or as a date; null when absent or unreadable [RFC 9110, 10.2.3]. */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const value = header(headers, 'retry-after')?.trim()
  if (!value) return null
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = /[A-Za-z]/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

/**
 * How long to wait after the nth failure in a row (1 is the first): exponential with full jitter, never nothing at all.
 *
 * @param chance 0 up to 1
 */
export function backoffMs(failures: number, chance: number, longestMs = LONGEST_BACKOFF_MS): number {
  const ceiling = Math.min(longestMs, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 20))
  return LEAST_BACKOFF_MS + chance * Math.max(0, ceiling - LEAST_BACKOFF_MS)
}

const LEAST_BACKOFF_MS = 100
const FIRST_BACKOFF_MS = 1_000
const LONGEST_BACKOFF_MS = 60_000
