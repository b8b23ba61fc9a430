import type { Headers } from '../../ocpi/headers.ts'
import type { Exchange, ExchangeKind } from './exchange.ts'
import type { Outcome } from './outcome.ts'
import type { SecondLeg } from './second-leg.ts'

/** What an administrator looks for in the message log. Null leaves a filter out; those given must all hold. */
export type MessageFilter = {
  readonly correlationId: string | null
  /** The platform that called or the one that was called. */
  readonly platformId: string | null
  /** Only what this platform was itself a side of, see `sidesOf`: what it asked, and where the hub called it. */
  readonly ownSideOf?: string
  /** `NL-ABC`: the sending or the receiving party, compared without regard to case. */
  readonly party: string | null
  readonly module: string | null
  readonly kind: ExchangeKind | null
  readonly outcome: Outcome | null
  /** Of the request that came in, or of the one that the hub sent on. */
  readonly requestId: string | null
  /** The object it is about, as its ID is written. */
  readonly objectKey: string | null
  /** The address of a caller that the hub answered by itself. */
  readonly client: string | null
  readonly httpStatus: number | null
  readonly ocpiStatus: number | null
  /** Milliseconds since the epoch, inclusive. */
  readonly since: number | null
  /** Milliseconds since the epoch, exclusive. */
  readonly until: number | null
}

/** At most `limit` messages, older than the one named by `before` (its `at` and `id`); null: from the newest. */
export type MessagePage = {
  readonly limit: number
  readonly before: { readonly at: number; readonly id: string } | null
}

/** An exchange as it was logged, without headers and bodies. `id` is the log's own: letters, digits, `-` and `_`. */
export type MessageSummary = {
  readonly id: string
  /** The object it is about, as its sender spells it: the first id in the path, of a posted CDR its `id`. */
  readonly objectKey: string | null
} & Omit<Exchange, 'requestHeaders' | 'responseHeaders' | 'requestBody' | 'responseBody' | 'secondLeg'>

/**
 * With what was kept of headers and bodies: tokens are left out, null where nothing was kept. A body shorter than
 * `requestBytes` or `responseBytes` was cut.
 */
export type MessageDetail = MessageSummary & {
  readonly requestHeaders: Headers | null
  readonly responseHeaders: Headers | null
  readonly requestBody: Uint8Array | null
  readonly responseBody: Uint8Array | null
  readonly secondLeg: SecondLeg | null
  /** The broadcast that headers and body of the request are shown of: a delivery that succeeded is logged without. Else null. */
  readonly bodyOf: string | null
}

/** Newest first, by `at` and then `id`. Rejects with SearchTooLong or SearchesBusy. */
export type FindMessages = (filter: MessageFilter, page: MessagePage) => Promise<MessageSummary[]>

/** Null for an id that the log does not hold, or never made. */
export type FindMessage = (id: string) => Promise<MessageDetail | null>

/** What belongs to one message, itself among it, oldest first, 200 at most. Null as for `FindMessage`. */
export type FindStory = (id: string) => Promise<MessageSummary[] | null>
/** When the oldest message that the log holds came, in milliseconds since the epoch; null: it holds none. */
export type FindLogStart = () => Promise<number | null>

/** A search was not begun, since as many as may be were under way. */
export class SearchesBusy extends Error {
  override readonly name = 'SearchesBusy'
}

/** A search was ended, since it read too much of the log. */
export class SearchTooLong extends Error {
  override readonly name = 'SearchTooLong'
}
