import type { Headers } from '../../ocpi/headers.ts'
import type { InterfaceRole } from '../../ocpi/modules.ts'
import type { MessageIds } from './message-ids.ts'
import type { SecondLeg } from './second-leg.ts'

/** How a message came through the hub. */
export type ExchangeKind =
  | 'direct'
  | 'via'
  | 'broadcast'
  | 'delivery'
  | 'open'
  | 'get-all'
  | 'configuration'
  | 'hub-call'
  | 'check'

/**
 * Both legs of one exchange, as the message log keeps it. Header lists and bodies are held by reference; nobody changes them,
 * but the memory of a large answer is given back behind the turn of the event loop in which it is sent: who is told of an
 * exchange reads the answer at once. The log cuts bodies to its size and leaves tokens out.
 */
export type Exchange = {
  readonly at: number
  readonly kind: ExchangeKind
  readonly correlationId: string
  /** Of the caller's request, or of the hub's own where nobody asked. */
  readonly requestId: string
  /** Of the request the hub sent onward; null when it made none. */
  readonly forwardedRequestId: string | null
  readonly fromPlatformId: string | null
  readonly toPlatformId: string | null
  /** `NL-ABC`; null when unknown. */
  readonly fromParty: string | null
  readonly toParty: string | null
  readonly module: string
  readonly interfaceRole: InterfaceRole | null
  readonly method: string
  /** Path and query as received. */
  readonly path: string
  /** The URL called; null when no call was made. */
  readonly forwardedUrl: string | null
  /** Of the answer to the caller; 0 when none came to a request of the hub's own. */
  readonly httpStatus: number
  /**
   * Of a receiver's answer that its caller did not get as it was: then headers and body of the answer are the receiver's too. Null
   * for all others.
   */
  readonly receiverStatus: number | null
  /** Null when the answer was streamed or is no envelope. */
  readonly ocpiStatus: number | null
  readonly durationMs: number
  /** Milliseconds the receiver took; null when no call was made. */
  readonly receiverMs: number | null
  /** Of a body that streams what went by until the answer began. */
  readonly requestBytes: number
  /** Of a body that streams what the receiver said; 0 when it sent it in chunks. */
  readonly responseBytes: number
  readonly requestHeaders: Headers
  readonly responseHeaders: Headers
  /** Null when streamed, empty or not kept. */
  readonly requestBody: Uint8Array | null
  readonly responseBody: Uint8Array | null
  /** Why the hub itself refused or failed; null otherwise. */
  readonly failure: string | null
  /** What exactly failed or was refused, in words for an administrator: of a failed connection its error. Cut by `detailOf`. */
  readonly detail: string | null
  /** Null where the hub changed nothing that is told. */
  readonly changes: Changes | null
  /**
   * Between platforms of unlike OCPI versions, in words: `2.2.1 to 2.3.0, tariff: 1 invented, 2 lost`. Null where nothing was converted,
   * withheld or refused for that.
   */
  readonly conversion: string | null
  /** Null where nothing was converted, and of what was logged before it was kept. */
  readonly secondLeg: SecondLeg | null
  /** Of a stored URL that was led through the hub in this exchange, or that was called by it: joins a command and its result. */
  readonly ledId: string | null
  /** The caller's address, of configuration modules only. */
  readonly client: string | null
  /** With a sandbox partner, or the result of a check's command: it counts nowhere, and the log does not keep this. @default false */
  readonly isTrial?: boolean
}

/**
 * What the hub changed on the way, so that from one leg in the log the other is known. Not told, since it is the same for every message:
 * token, message IDs, the hub's mark, `Accept` and `User-Agent` where none came; and what stays behind of connections, proxies and servers.
 */
export type Changes = {
  readonly request?: {
    readonly headers?: readonly HeaderChange[]
    /** What the caller gave, and what the receiver got. */
    readonly responseUrl?: readonly [was: string, is: string]
  }
  readonly response?: { readonly headers: readonly HeaderChange[] }
}

/** `['Link', '<https://cpo.example/2>; rel="next"', '<https://hub.example/…>; rel="next"']`; null where it was, or is, not there. */
export type HeaderChange = readonly [name: string, was: string | null, is: string | null]

const LONGEST_DETAIL = 300

export function detailOf(text: string): string {
  return text.length > LONGEST_DETAIL ? text.slice(0, LONGEST_DETAIL) : text
}

/** An exchange in the making: what becomes known of it is put in. */
export type OpenExchange = { -readonly [Field in keyof Exchange]: Exchange[Field] }

/** The request for `path` of a module, made at `at`, milliseconds since the epoch, before anything came of it. */
export function exchangeOf(
  kind: ExchangeKind,
  at: number,
  ids: MessageIds,
  module: string,
  method: string,
  path: string,
): OpenExchange {
  return {
    at,
    kind,
    correlationId: ids.correlationId,
    requestId: ids.requestId,
    forwardedRequestId: null,
    fromPlatformId: null,
    toPlatformId: null,
    fromParty: null,
    toParty: null,
    module,
    interfaceRole: null,
    method,
    path,
    forwardedUrl: null,
    httpStatus: 0,
    receiverStatus: null,
    ocpiStatus: null,
    durationMs: 0,
    receiverMs: null,
    requestBytes: 0,
    responseBytes: 0,
    requestHeaders: NO_HEADERS,
    responseHeaders: NO_HEADERS,
    requestBody: null,
    responseBody: null,
    failure: null,
    detail: null,
    changes: null,
    conversion: null,
    secondLeg: null,
    ledId: null,
    client: null,
    isTrial: false,
  }
}

const NO_HEADERS: Headers = []

/** A receiver's answer that its caller does not get as it was, for the log. Tokens of the hub's are masked in it. */
export type Said = {
  readonly status: number
  readonly headers: Headers
  /** Of what streams the beginning. */
  readonly body: Uint8Array
}

/** Puts in what the receiver said, in the place of what the hub answered instead. */
export function noteSaid(exchange: OpenExchange, { status, headers, body }: Said): void {
  exchange.receiverStatus = status
  exchange.responseHeaders = headers
  exchange.responseBody = body
  exchange.responseBytes = body.length
}

/** Takes an exchange for the log and for metrics. Returns at once and never throws. */
export type Observe = (exchange: Exchange) => void
