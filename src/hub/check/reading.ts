import type { Headers } from '../../ocpi/headers.ts'
import type { Party } from '../../ocpi/party.ts'

/** One call of a check and what came of it: what probes judge. */
export type Reading = Answered | Unanswered | NotMade

type Made = {
  /** X-Request-ID of the call. */
  readonly id: string
  readonly correlationId: string
  readonly method: string
  readonly url: string
  /** The party that it went to, with routing headers; null without them. */
  readonly to: Party | null
  /** Milliseconds since the epoch. */
  readonly sentAt: number
  readonly ms: number
}

export type Answered = Made & {
  readonly kind: 'answered'
  readonly status: number
  /** As received. */
  readonly headers: Headers
  readonly body: Body
  /** The body as an object of JSON, whatever is in it; null when it is none. */
  readonly envelope: Envelope | null
}

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  /** More than `CHECK_BODY_MOST`, compressed or not: it is not read to its end. */
  | { readonly kind: 'too-large' }
  /** It says that it is compressed, or in a character set, and is not. */
  | { readonly kind: 'unreadable' }

/** As it came, unlike `ocpi/envelope.ts`: what is wrong with it is to be told. */
export type Envelope = {
  readonly status_code?: unknown
  readonly status_message?: unknown
  readonly timestamp?: unknown
  readonly data?: unknown
}

export type Unanswered = Made & {
  readonly kind: 'unanswered'
  /** In words: `it took longer than 25 s`. */
  readonly why: string
  readonly isTimeout: boolean
}

/** A call that was not made: the bounds of the check are used up, or the URL is not one that the hub may call. */
export type NotMade = { readonly kind: 'not-made'; readonly why: string }

/** Four digits; null when the answer has none. As for messages, text that holds four digits counts. */
export function statusCodeOf({ envelope }: Answered): number | null {
  const code = envelope?.status_code
  if (typeof code === 'string' && /^\d{4}$/.test(code)) return Number(code)
  return typeof code === 'number' && Number.isInteger(code) && code >= 1000 && code <= 9999 ? code : null
}

/** HTTP 2xx and 1xxx: the answer brings what was asked for. */
export function isGood(answer: Answered): boolean {
  const code = statusCodeOf(answer)
  return isHttpGood(answer) && code !== null && code < 2000
}

export function isHttpGood({ status }: Answered): boolean {
  return status >= 200 && status < 300
}
