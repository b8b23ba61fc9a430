import { isBlank } from '../../../ocpi/envelope.ts'
import { isBareData, readStatus } from '../../../ocpi/envelope-status.ts'
import type { Headers } from '../../../ocpi/headers.ts'
import { retryAfterMs } from '../../../ocpi/retry-after.ts'
import type { SendResult } from '../../ports.ts'

/** What becomes of a push after a partner's answer, or for want of one. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** The partner refused the object for good, in an envelope: trying again would change nothing. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The partner says that it gets too much: the whole queue waits. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | null; readonly reason: string }
  /** The partner does not take the hub's token: that says something of the connection and nothing of the object. */
  | { readonly kind: 'token-refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly retryAfterMs: number | null; readonly reason: string }
  /** The hub itself ended the request; nothing is known of its effect. */
  | { readonly kind: 'aborted' }

export type JudgedAnswer = {
  readonly verdict: Verdict
  /** Null without an envelope. */
  readonly ocpiStatus: number | null
}

/**
 * The body of an answer, inflated; or what is known of one that is not read to its end. `unreadable`: JSON beyond the buffer, or
 * bytes that cannot be inflated, so that there is no telling whether it is an envelope. `no-json`: beyond the buffer, and no JSON.
 */
export type AnswerBody = Uint8Array | 'unreadable' | 'no-json'

/**
 * Judges a delivery: 2xx with an OCPI 1xxx is delivered, so is an empty 2xx. Only an envelope with a 2xxx refuses the object; 401,
 * and 403 without such an envelope, refuse the hub's token. All else is trouble that may pass, and is tried again: 408, 425, 429,
 * 5xx, redirects, what a gateway answers for the partner, OCPI 3xxx and 4xxx, and everything that is no answer [status_codes].
 */
export function judge(result: SendResult, body: AnswerBody, now: number): JudgedAnswer {
  if (result.kind === 'failed') {
    if (result.why === 'aborted') return { verdict: { kind: 'aborted' }, ocpiStatus: null }
    return { verdict: failed(`${result.why}: ${result.detail}`), ocpiStatus: null }
  }
  const { status, headers } = result
  const ocpiStatus = typeof body === 'string' || body.length === 0 ? null : (readStatus(body)?.statusCode ?? null)
  if (status >= 200 && status < 300) return { verdict: verdictOfSuccess(status, body, ocpiStatus), ocpiStatus }
  return { verdict: verdictOfError(status, headers, ocpiStatus, now), ocpiStatus }
}

function verdictOfSuccess(status: number, body: AnswerBody, ocpiStatus: number | null): Verdict {
  if (ocpiStatus === null) {
    // Partners that take pushes without an envelope answer with nothing at all, or with data alone; a page of text comes from
    // something in front of them.
    const isTaken = typeof body === 'string' ? body === 'unreadable' : isBlank(body) || isBareData(body)
    return isTaken ? { kind: 'delivered' } : failed(`HTTP ${status} without an OCPI envelope`)
  }
  if (ocpiStatus >= 3000) return failed(`OCPI ${ocpiStatus}`)
  if (ocpiStatus >= 2000) return { kind: 'refused', reason: `OCPI ${ocpiStatus}` }
  return { kind: 'delivered' }
}

function verdictOfError(status: number, headers: Headers, ocpiStatus: number | null, now: number): Verdict {
  const reason = ocpiStatus === null ? `HTTP ${status}` : `HTTP ${status} with OCPI ${ocpiStatus}`
  if (status === 429) return { kind: 'throttled', retryAfterMs: retryAfterMs(headers, now), reason }
  if (status === 401) return { kind: 'token-refused', reason }
  const isRefusal = ocpiStatus !== null && ocpiStatus >= 2000 && ocpiStatus < 3000
  if (isRefusal && status < 500 && !PASSING.has(status)) return { kind: 'refused', reason }
  if (status === 403) return { kind: 'token-refused', reason }
  return failed(reason, retryAfterMs(headers, now))
}

/** Statuses that say "not now" whatever stands in the body: Request Timeout and Too Early [RFC 9110, 15.5.9; RFC 8470, 5.2]. */
const PASSING: ReadonlySet<number> = new Set([408, 425])

function failed(reason: string, after: number | null = null): Verdict {
  return { kind: 'failed', retryAfterMs: after, reason }
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
