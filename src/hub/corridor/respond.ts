import { backHeaders } from '../../ocpi/forwarded-headers.ts'
import { type Headers, header, headerAll } from '../../ocpi/headers.ts'
import { type Party, showParty } from '../../ocpi/party.ts'
import { type ExchangeKind, exchangeOf, type Observe } from '../message/exchange.ts'
import { type MessageIds, replyHeaders } from '../message/message-ids.ts'
import { type Refusal, refuse } from '../message/refusal.ts'
import { type Answer, letGo, type Message } from '../message.ts'
import type { Now } from '../ports.ts'
import type { Caller } from './authenticate.ts'
import type { Forwarded } from './forward.ts'
import type { LedUrls, StoredLead } from './hub-urls.ts'
import type { Onward } from './resolve.ts'

/** What is known of a request while it walks down the corridor; becomes its answer and its row in the message log. */
export type Trip = {
  readonly message: Message
  readonly ids: MessageIds
  readonly caller: Caller
  readonly onward: Onward | null
  readonly kind: ExchangeKind
  readonly from: Party | null
  readonly to: Party | null
  readonly module: string
  readonly interfaceRole: Onward['interfaceRole'] | null
  forwardedRequestId: string | null
  receiverMs: number | null
  requestBody: Uint8Array | null
  /** How much of a request that streams went by so far. */
  streamedRequestBytes: () => number
  /** What an answer that streams says of its length; 0 when nothing. */
  streamedAnswerBytes: number
}

/**
 * The end of the corridor: makes what came of a request its answer and its row in the message log. What needs no waiting is
 * done at once, as in the relay.
 */
export function createRespond(ports: {
  readonly led: Pick<LedUrls, 'leadLinks' | 'leadLocation'>
  readonly observe: Observe
  readonly now: Now
}) {
  const { led, observe, now } = ports

  /** A receiver's answer, whose headers and URLs become the hub's. */
  function respondForwarded(
    trip: Trip,
    onward: Onward,
    query: string,
    forwarded: Extract<Forwarded, { kind: 'answered' }>,
  ): Answer | Promise<Answer> {
    const headers = replyHeaders(trip.ids, onward.from, onward.to)
    pushAll(headers, backHeaders(forwarded.headers))
    const links = headerAll(forwarded.headers, 'link')
    const location = trip.message.method === 'POST' ? header(forwarded.headers, 'location') : undefined
    const answer = { ...forwarded, headers, ownsBody: true }
    if (!(answer.body instanceof Uint8Array))
      trip.streamedAnswerBytes = Number(header(forwarded.headers, 'content-length') ?? 0)
    const hasUrls = links.length > 0 || location !== undefined
    return hasUrls
      ? respondLed(trip, onward, onward.origin + onward.path + query, answer, links, location)
      : respond(trip, answer)
  }

  /** An answer whose `Link` and `Location` are led through the hub. */
  async function respondLed(
    trip: Trip,
    onward: Onward,
    calledUrl: string,
    answer: Answer & { readonly headers: string[]; readonly ocpiStatus: number | null },
    links: readonly string[],
    location: string | undefined,
  ): Promise<Answer> {
    const lead = leadTo(onward)
    try {
      for (const link of await led.leadLinks(links, onward.announced, calledUrl, lead))
        answer.headers.push('Link', link)
    } catch {
      await letGo(answer.body)
      return respondRefused(trip, { kind: 'hub-failure', detail: 'The hub cannot keep the next link now' })
    }
    const hubUrl = location === undefined ? null : await led.leadLocation(location, calledUrl, lead)
    if (hubUrl) answer.headers.push('Location', hubUrl)
    return respond(trip, answer)
  }

  /** What the hub refuses or could not bring to anybody. */
  function respondRefused(trip: Trip, refusal: Refusal): Answer {
    const answer = refuse(refusal, replyHeaders(trip.ids, trip.from, trip.to), now())
    note(trip, answer, answer.code, refusal.kind)
    return answer
  }

  function respond(trip: Trip, answer: Answer & { readonly ocpiStatus: number | null }): Answer {
    note(trip, answer, answer.ocpiStatus, null)
    return answer
  }

  function note(trip: Trip, answer: Answer, ocpiStatus: number | null, failure: string | null): void {
    const { message, ids, onward } = trip
    const responseBody = answer.body instanceof Uint8Array ? answer.body : null
    const exchange = exchangeOf(
      trip.kind,
      message.receivedAt,
      ids,
      trip.module,
      message.method,
      message.path + message.query,
    )
    exchange.forwardedRequestId = trip.forwardedRequestId
    exchange.fromPlatformId = trip.caller.platform.id
    exchange.toPlatformId = onward?.destination.platform.id ?? null
    exchange.fromParty = trip.from && showParty(trip.from)
    exchange.toParty = trip.to && showParty(trip.to)
    exchange.interfaceRole = trip.interfaceRole
    if (onward && trip.forwardedRequestId) exchange.forwardedUrl = onward.origin + onward.path + onward.query
    exchange.httpStatus = answer.status
    exchange.ocpiStatus = ocpiStatus
    exchange.durationMs = now() - message.receivedAt
    exchange.receiverMs = trip.receiverMs
    exchange.requestBytes = trip.requestBody?.length ?? trip.streamedRequestBytes()
    exchange.responseBytes = responseBody?.length ?? trip.streamedAnswerBytes
    exchange.requestHeaders = message.headers
    exchange.responseHeaders = answer.headers
    exchange.requestBody = trip.requestBody
    exchange.responseBody = responseBody
    exchange.failure = failure
    observe(exchange)
  }

  return { respond, respondForwarded, respondRefused }
}

/** For URLs in the answer: made for the caller, leading to the receiver. */
function leadTo({ module, interfaceRole, from, to, destination }: Onward): StoredLead {
  return { module, interfaceRole, forParty: from, toParty: to, toPlatformId: destination.platform.id }
}

function pushAll(list: string[], more: Headers): void {
  for (const item of more) list.push(item)
}
