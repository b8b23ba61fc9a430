import { envelopeFor, statusFor } from '../../ocpi/convert/envelope-codes.ts'
import { backHeaders } from '../../ocpi/forwarded-headers.ts'
import { type Headers, header, headerAll } from '../../ocpi/headers.ts'
import { showParty } from '../../ocpi/party.ts'
import { writeRetryAfterInSeconds } from '../../ocpi/retry-after.ts'
import { detailOf, noteSaid, type Observe, type Said } from '../message/exchange.ts'
import { replyHeaders } from '../message/message-ids.ts'
import { type Refusal, refuse } from '../message/refusal.ts'
import { type Answer, letGo } from '../message.ts'
import type { Now, OutboundRequest } from '../ports.ts'
import { changesOf } from './changes.ts'
import type { DutyResult } from './duties.ts'
import type { Forwarded } from './forward.ts'
import type { LedUrls } from './hub-urls.ts'
import type { StoredLead } from './lead.ts'
import { ledIdOf } from './relayed.ts'
import type { Onward, Trip } from './trip.ts'

/** What came of a request: the receiver's answer, the hub's own, or a refusal of any step. */
export type Outcome =
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly receiverMs?: number | null; readonly said?: Said }
  | Extract<DutyResult, { kind: 'answer' }>
  | Forwarded

export type Respond = (trip: Trip, outcome: Outcome) => Answer | Promise<Answer>

type Coded = Answer & { readonly ocpiStatus: number | null; readonly said?: Said | undefined }

/** The end of the corridor: makes what came of a request its answer and its row in the message log. */
export function createRespond(ports: {
  readonly led: Pick<LedUrls, 'leadNextLink' | 'leadLocation'>
  readonly observe: Observe
  readonly now: Now
}): Respond {
  const { led, observe, now } = ports

  return function respond(trip, outcome) {
    switch (outcome.kind) {
      case 'refused':
        trip.exchange.receiverMs = outcome.receiverMs ?? null
        return respondRefused(trip, refusalOf(trip, outcome.refusal), outcome.said)
      case 'answer':
        return note(trip, inCodesOf(trip, outcome))
      case 'answered':
        trip.exchange.receiverMs = outcome.receiverMs
        return respondForwarded(trip, outcome)
    }
  }

  /** A receiver's answer, whose headers and URLs become the hub's. */
  function respondForwarded(trip: Trip, forwarded: Extract<Forwarded, { kind: 'answered' }>): Answer | Promise<Answer> {
    const { onward, request } = trip
    if (!onward || !request) throw new Error('Expected an answer to a request that went on, got one to none')
    const headers = replyHeaders(trip.ids, onward.from, onward.to)
    const unlike: string[] = []
    pushAll(headers, backHeaders(forwarded.headers, unlike))
    if (forwarded.status >= 300) mendRetryAfter(headers, forwarded.headers, unlike)
    const answer = { ...forwarded, headers, ownsBody: true }
    if (!(answer.body instanceof Uint8Array))
      trip.exchange.responseBytes = Number(header(forwarded.headers, 'content-length') ?? 0)
    const links = headerAll(forwarded.headers, 'link')
    const location = trip.message.method === 'POST' ? header(forwarded.headers, 'location') : undefined
    const hasUrls = links.length > 0 || location !== undefined
    if (hasUrls) return respondLed(trip, onward, request, answer, links, location, unlike)
    if (unlike.length > 0) noteChanges(trip, unlike, headers)
    return note(trip, answer)
  }

  function mendRetryAfter(headers: string[], received: Headers, unlike: string[]): void {
    const was = header(received, 'retry-after')
    if (was === undefined) return
    writeRetryAfterInSeconds(headers, received, now())
    unlike.push('Retry-After', was)
  }

  /** An answer whose `Link` and `Location` are led through the hub. */
  async function respondLed(
    trip: Trip,
    onward: Onward,
    { origin, path }: OutboundRequest,
    answer: Coded & { readonly headers: string[] },
    links: readonly string[],
    location: string | undefined,
    unlike: Headers,
  ): Promise<Answer> {
    const lead = leadTo(onward)
    const calledUrl = origin + path
    try {
      const link = await led.leadNextLink(links, onward.announced, calledUrl, lead)
      if (link !== null) answer.headers.push('Link', link)
    } catch {
      await letGo(answer.body)
      return respondRefused(trip, { kind: 'hub-failure', detail: 'The hub cannot keep the next link now' })
    }
    const hubUrl = location === undefined ? null : await led.leadLocation(location, calledUrl, lead)
    if (hubUrl) answer.headers.push('Location', hubUrl)
    noteChanges(trip, unlike, answer.headers)
    return note(trip, answer)
  }

  /** @param unlike what the receiver sent and the caller does not get as it is */
  function noteChanges({ exchange }: Trip, unlike: Headers, sent: Headers): void {
    const headers = changesOf(unlike, sent)
    if (headers.length === 0) return
    exchange.changes = { ...exchange.changes, response: { headers } }
    for (const [, , is] of headers) exchange.ledId ??= is && ledIdOf(is)
  }

  function respondRefused(trip: Trip, refusal: Refusal, said?: Said): Answer {
    const { code, message, ...answer } = refuse(refusal, replyHeaders(trip.ids, trip.from, trip.to), now())
    trip.exchange.failure = refusal.kind
    trip.exchange.detail = detailOf(message)
    return note(trip, inCodesOf(trip, { ...answer, ocpiStatus: code, said }))
  }

  function note(trip: Trip, answer: Coded): Answer {
    const { exchange, message, body, from, to } = trip
    exchange.fromParty = from && showParty(from)
    exchange.toParty = to && showParty(to)
    exchange.httpStatus = answer.status
    exchange.ocpiStatus = answer.ocpiStatus
    exchange.durationMs = now() - message.receivedAt
    exchange.responseHeaders = answer.headers
    if (body?.kind === 'whole') {
      exchange.requestBody = body.plain
      exchange.requestBytes = body.plain.length
    } else if (body?.kind === 'stream') exchange.requestBytes = body.bytes()
    if (answer.body instanceof Uint8Array) {
      exchange.responseBody = answer.body
      exchange.responseBytes = answer.body.length
    }
    if (answer.said) noteSaid(exchange, answer.said)
    observe(exchange)
    return answer
  }
}

/** An answer of the hub's own, with a status code that the caller's version has. */
function inCodesOf<A extends Coded>({ caller }: Trip, answer: A): A {
  const { version } = caller.platform
  const { ocpiStatus, body } = answer
  if (version === null || ocpiStatus === null || !(body instanceof Uint8Array)) return answer
  const { code, words } = statusFor(ocpiStatus, version)
  return words === null ? answer : { ...answer, ocpiStatus: code, body: envelopeFor(body, version) }
}

/** The reason that counts: the caller's own before the receiver's, which may only follow from it. */
function refusalOf({ barred, body }: Trip, refusal: Refusal): Refusal {
  return barred ?? (body?.kind === 'stream' ? body.problem() : null) ?? refusal
}

/** For URLs in the answer: made for the caller, leading to the receiver. */
function leadTo({ module, interfaceRole, from, to, destination }: Onward): StoredLead {
  return { module, interfaceRole, forParty: from, toParty: to, toPlatformId: destination.platform.id }
}

function pushAll(list: string[], more: Headers): void {
  for (const item of more) list.push(item)
}
