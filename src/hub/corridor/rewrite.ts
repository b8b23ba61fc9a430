import { type Headers, header } from '../../ocpi/headers.ts'
import { membersCalled, replaceWithString } from '../../ocpi/json-field.ts'
import { readString } from '../../ocpi/json-members.ts'
import { isFunctionalModule } from '../../ocpi/modules.ts'
import { findResponseUrls, hidesResponseUrl, replaceResponseUrl } from '../../ocpi/response-url.ts'
import type { Changes } from '../message/exchange.ts'
import type { Refusal } from '../message/refusal.ts'
import { isWithoutRouting } from '../network/dedicated.ts'
import type { OutboundRequest, Random } from '../ports.ts'
import { changesOf, routingChanges } from './changes.ts'
import type { LedUrls } from './hub-urls.ts'
import type { StoredLead } from './lead.ts'
import type { CheckedBody } from './read-body.ts'
import { ledIdOf } from './relayed.ts'
import { requestHeaders } from './request-headers.ts'
import type { Onward, Trip } from './trip.ts'

/**
 * Whether a request may carry the URL that its result is to be sent to: in its body or its query, whatever the method
 * [mod_commands: Receiver Interface POST; mod_charging_profiles: Receiver Interface PUT, GET, DELETE]. Of custom modules nobody knows
 * which side sends results, so that any request may.
 */
export function mayHoldResponseUrl({ module, interfaceRole }: Onward): boolean {
  return interfaceRole === 'RECEIVER' ? !WITHOUT_RESULTS.has(module) : !isFunctionalModule(module)
}

const WITHOUT_RESULTS: ReadonlySet<string> = new Set(['cdrs', 'locations', 'sessions', 'tariffs', 'tokens'])

type Rewritten =
  | { readonly kind: 'rewritten'; readonly request: OutboundRequest }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

type ReadBody = Exclude<CheckedBody, { kind: 'refused' }>

/** @param isRemade the body will be made anew, of what it is inflated. @default false */
export type Rewrite = (trip: Trip, onward: Onward, body: ReadBody, isRemade?: boolean) => Rewritten | Promise<Rewritten>

/** Makes the request that the receiver gets, and notes it. Everything but IDs, token and a `response_url` keeps its bytes. */
export function createRewrite(ports: {
  readonly led: LedUrls
  readonly random: Random
  readonly loopMark: string
  readonly limits: { readonly forwardTimeoutMs: number; readonly bufferBytes: number }
}): Rewrite {
  const { led, random, loopMark, limits } = ports

  return function rewrite(trip, onward, body, isRemade = false) {
    if (mayHoldResponseUrl(onward)) return leadResponseUrl(trip, onward, body)
    const plain = isRemade && body.kind === 'whole' && body.plain.length > 0 ? body.plain : null
    return written(trip, onward, body, onward.query, plain, null)
  }

  /**
   * Leads the one `response_url` through the hub, in whatever spelling some reader takes for it. Two are refused, and one that shows
   * only where path and query are decoded whole: which of them the receiver takes depends on its reader, and so would where its result
   * goes. The body goes on as it was read, plain and as JSON: in what its sender called it another reader might find another URL.
   */
  async function leadResponseUrl(trip: Trip, onward: Onward, body: ReadBody): Promise<Rewritten> {
    if (body.kind === 'stream') throw new Error('Expected the body to be read whole, got a stream')
    const { plain } = body
    const inObject = plain.length === 0 ? [] : membersCalled(plain, 'response_url')
    if (inObject === null && isFunctionalModule(onward.module)) return invalid('The body must be one JSON object')
    const inBody = inObject ?? []
    const inQuery = findResponseUrls(onward.query)
    if (inBody.length + inQuery.length > 1) return invalid('response_url is given more than once')
    if (hidesResponseUrl(trip.message.path, onward.query, inQuery)) {
      return invalid('response_url is given where some servers read it and others do not')
    }

    const asJson = body.bytes.length === 0 || inObject === null ? null : plain
    const [member] = inBody
    const [parameter] = inQuery
    const url = member ? readString(plain, member.start) : parameter?.url
    if (url === null) return invalid('response_url must be a URL')
    if (url === undefined) return written(trip, onward, body, onward.query, asJson, null)
    const hubUrl = await lead(url, trip, onward)
    if (typeof hubUrl !== 'string') return { kind: 'refused', refusal: hubUrl }
    trip.exchange.ledId = ledIdOf(hubUrl)
    const query = parameter ? replaceResponseUrl(onward.query, parameter, hubUrl) : onward.query
    const replaced = member ? replaceWithString(plain, member, hubUrl) : asJson
    return written(trip, onward, body, query, replaced, [url, hubUrl])
  }

  /** The hub's URL for a `response_url`: the result comes to the interface of the party that asks for it. */
  async function lead(url: string, trip: Trip, onward: Onward): Promise<string | Refusal> {
    const verdict = led.mayCall(url, trip.caller.platform.id)
    if (!verdict.ok) return { kind: 'invalid', detail: `response_url cannot be used: ${verdict.why}` }
    const { from, to, module } = onward
    const toPlatformId = trip.caller.platform.id
    const of: StoredLead = { module, interfaceRole: 'SENDER', forParty: to, toParty: from, toPlatformId }
    try {
      return await led.lead('response', url, of)
    } catch {
      return { kind: 'hub-failure', detail: 'The hub cannot keep the response_url now; no call was made' }
    }
  }

  /**
   * @param replaced the body in place of the one that came; null where that goes on
   * @param responseUrl the caller's and the hub's; null where none was led
   */
  function written(
    trip: Trip,
    onward: Onward,
    body: ReadBody,
    query: string,
    replaced: Uint8Array | null,
    responseUrl: readonly [was: string, is: string] | null,
  ): Rewritten {
    const { message, ids, exchange } = trip
    const { destination, origin, path, to, from } = onward
    const requestId = random.id()
    const unlike: string[] = []
    const headers = requestHeaders({
      authorization: destination.authorization,
      requestId,
      correlationId: ids.correlationId,
      to,
      from,
      received: message.headers,
      isWithoutRouting: isWithoutRouting(destination.platform),
      loopMark,
      isBodyReplaced: replaced !== null,
      unlike,
    })
    if (body.kind === 'stream' && body.declaredBytes !== null)
      headers.push('Content-Length', String(body.declaredBytes))
    exchange.forwardedRequestId = requestId
    exchange.forwardedUrl = origin + path + onward.query
    const isRoutedAnew = onward.kind !== 'direct' || header(message.headers, 'ocpi-from-party-id') === undefined
    if (isRoutedAnew || responseUrl || unlike.length > 0) {
      exchange.changes = requestChanges(message.headers, headers, unlike, responseUrl)
    }
    const bytes = replaced ?? (body.kind === 'whole' ? body.bytes : body.stream)
    const request: OutboundRequest = {
      origin,
      path: path + query,
      method: message.method,
      headers,
      body: bytes instanceof Uint8Array && bytes.length === 0 ? null : bytes,
      timeoutMs: limits.forwardTimeoutMs,
      bufferBytes: limits.bufferBytes,
      onAbortable: message.onGone,
    }
    trip.request = request
    return { kind: 'rewritten', request }
  }
}

function requestChanges(
  received: Headers,
  sent: Headers,
  unlike: Headers,
  responseUrl: readonly [was: string, is: string] | null,
): Changes | null {
  const headers = [...routingChanges(received, sent), ...changesOf(unlike, sent)]
  if (headers.length === 0 && !responseUrl) return null
  return { request: { ...(headers.length > 0 && { headers }), ...(responseUrl && { responseUrl }) } }
}

function invalid(detail: string): Rewritten {
  return { kind: 'refused', refusal: { kind: 'invalid', detail } }
}
