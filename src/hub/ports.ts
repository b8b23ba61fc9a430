import type { Headers } from '../ocpi/headers.ts'
import type { ByteStream } from './message.ts'

/** Milliseconds since the epoch. */
export type Now = () => number

/** Runs `callback` after `delayMs`, unless the returned function is called before. */
export type After = (delayMs: number, callback: () => void) => () => void

/** Runs `callback` once what has come in by now is dealt with, before any time has to pass. */
export type Soon = (callback: () => void) => void

/** Randomness: identifiers for messages and rows (UUID) and secrets (43 characters of base64url, 256 bits). */
export type Random = { readonly id: () => string; readonly token: () => string }

/** What keeps secrets. All of it is synchronous, so that the corridor needs no await for it. */
export type Secrets = {
  /** SHA-256 in base64url: what is kept of a token the hub checks. */
  readonly digest: (token: string) => string
  /** HMAC-SHA-256 in base64url under the hub's key. */
  readonly mac: (text: string) => string
  /** The same under the key before, while the hub's key is being replaced; otherwise null. */
  readonly previousMac: ((text: string) => string) | null
  /** Authenticated encryption of a token the hub must send; the result is text for a column. */
  readonly seal: (token: string) => string
  /** Throws when the text was not sealed with this hub's key, nor with the one before while that still counts. */
  readonly open: (sealed: string) => string
}

/** A request the hub sends to a partner. */
export type OutboundRequest = {
  /** Scheme, host and port, `https://cpo.example:8443`. */
  readonly origin: string
  /** Path and query as bytes, from the leading slash. */
  readonly path: string
  readonly method: string
  readonly headers: Headers
  readonly body: Uint8Array | ByteStream | null
  /** From the start of sending to the end of a buffered answer, or to the first byte beyond the buffer. */
  readonly timeoutMs: number
  /**
   * All the time there is for it: a wait until it is sent, where the runtime lets few requests wait for answers at once, and
   * what is then left of `timeoutMs`. @default timeoutMs
   */
  readonly withinMs?: number
  /** Answers up to this size come whole; larger ones as a stream. */
  readonly bufferBytes: number
  /** Given a callback that ends the call (the caller went away). Not called once the answer is complete. */
  readonly onAbortable?: (abort: () => void) => void
  /**
   * Asked right before the first byte leaves, which may be long after the call; false ends it as aborted. Given by who sends again
   * by itself: such a request is never sent once more.
   */
  readonly mayLeave?: () => boolean
}

/** Why a request got no answer. */
export type SendFailure =
  /** No complete answer within `timeoutMs`. */
  | 'timeout'
  /** Refused, DNS, TLS, reset before the answer began. */
  | 'unreachable'
  /** The address is not one the hub may call. */
  | 'forbidden-address'
  /** The answer broke off or was no HTTP. */
  | 'broken-answer'
  /** As many requests as the runtime lets go on at once were waiting before it, until it was too late to send it. */
  | 'no-place'
  /** Ended through `onAbortable`. */
  | 'aborted'

export type SendResult =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers: Headers
      readonly body: Uint8Array | ByteStream
    }
  | { readonly kind: 'failed'; readonly why: SendFailure; readonly detail: string }

/**
 * Sends one request, and a second time in two cases only: a GET, PUT or DELETE that met a kept connection which the other side
 * closed, and one that is redirected to the same URL with or without a slash at its end. Never rejects.
 */
export type Send = (request: OutboundRequest) => Promise<SendResult>

/** What came of inflating a body. */
export type Inflated =
  /** All of it. `letGo` gives back, once, the room that the bytes take up: to be called when nobody looks at them any more. */
  | { readonly kind: 'whole'; readonly bytes: Uint8Array; readonly letGo: () => void }
  /** It is more than `limitBytes`; this is how it begins. */
  | { readonly kind: 'more'; readonly beginning: Uint8Array }
  | { readonly kind: 'unreadable' }
  /** The platform, or all of them together, have as many inflated bytes in hand as they may. */
  | { readonly kind: 'no-room' }
  | { readonly kind: 'late' }

/** Inflates gzip, deflate or br, piece by piece: never more than a piece beyond `limitBytes`. */
export type Inflate = (body: {
  readonly encoding: string
  readonly bytes: Uint8Array
  readonly limitBytes: number
  /** Whose body it is: its inflated bytes are counted for this platform. */
  readonly platformId: string
  /** The bytes may be cut short, and what can be inflated of them is all of it. @default false */
  readonly isBeginning?: boolean
  /** When to give up, in milliseconds since the epoch. @default never */
  readonly until?: number
}) => Promise<Inflated>

/**
 * Inflates a body that streams, piece by piece as it is taken. For as long as it lasts it takes up room for what inflating needs, of the
 * room for inflated bytes.
 */
export type InflateStream = (body: {
  readonly encoding: string
  readonly stream: ByteStream
  readonly platformId: string
}) => ByteStream | 'unreadable' | 'no-room'

/** Tells that a bound on what one partner can use up was met: for the metrics. */
export type NoteBound = (bound: Bound) => void

export type Bound =
  /** A receiver has its full number of direct requests in hand, or the caller its part of them. */
  | 'receiver-places'
  /** Inflated bytes in hand, of one platform or of all. */
  | 'inflated-bytes'
  /** Requests of one platform that the hub makes many of: first pages of GET All, authorisations of unknown tokens. */
  | 'fan-outs'
  /** Objects of one source that are read in GET All. */
  | 'listed-objects'
  /** URLs that lead through the hub, or totals of lists, of one platform: its oldest went. */
  | 'stored-urls'
  | 'stored-totals'
  /** What conversions did, of one platform: what did not happen for longest is not counted any more. */
  | 'conversions'
  /** What an owner said of its objects, which conversions with 2.1.1 need: those that were not heard of for longest went. */
  | 'shadow'
  /** Events of one kind for administrators: the oldest of that kind went. */
  | 'stored-events'
  /** Roles of one platform: its handshake was refused with 2001. */
  | 'roles'
  /** Handshakes of one platform at once and in a row: one more was refused with 429. */
  | 'handshakes'
  /** Refused calls of one address in a minute, or of all: one more was not written down. */
  | 'refused-calls'
  /** A streamed body that one side brought, or took, too slowly. */
  | 'slow-body'
  /** Pushes that wait to be stored, of one platform or of all: one more was answered with 4000. */
  | 'waiting-pushes'
  /** Tokens of one platform that still open the hub, or were offered to it: its oldest ended. */
  | 'older-tokens'
  /** Objects listed as missed for one platform: the oldest of the owners with most went. */
  | 'missed-objects'
  /** What the hub learnt of the owners of objects: the oldest of it went. */
  | 'owner-facts'
  /** Counts of traffic by platform and hour: the oldest hour went before its time. */
  | 'traffic'

/** Something an administrator should know now. Goes to the log and to metrics. */
export type Alarm = (alarm: { readonly kind: AlarmKind; readonly platformId?: string; readonly detail: string }) => void

export type AlarmKind =
  | 'receiver-rejects-our-token'
  | 'own-network-suspect'
  | 'message-log-dropped'
  | 'queue-paused'
  | 'database-away'
  /** A handshake came about, but the partner lists endpoints that the hub cannot use. */
  | 'endpoints-left-out'
  /** A handshake came about, but the platform brought roles that wait for an administrator to confirm them. */
  | 'roles-pending'
  /** A list's owner sends a next link that the hub cannot read or may not follow: its readers miss the rest. */
  | 'next-link-dropped'
  /** A list in GET All holds something else than its source announces; its readers are told in `status_message`. */
  | 'list-not-as-announced'
  /** The database is there and refuses to store how far a platform is: what it got since is delivered again after a restart. */
  | 'cursor-not-saved'
  /** A fault of the hub's own in bringing pushes to partners. */
  | 'push-fault'
  /** Whoever is told of events by a webhook has not taken any for some minutes. */
  | 'webhook-failing'
  /** That lasted for days, or its receiver said that it is no more: nothing is sent there until it is turned on again. */
  | 'webhook-turned-off'
