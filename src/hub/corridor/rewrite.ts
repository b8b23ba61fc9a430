import { findTopLevelString, replaceTopLevelString } from '../../ocpi/json-field.ts'
import { findResponseUrl, replaceResponseUrl } from '../../ocpi/response-url.ts'
import type { Refusal } from '../message/refusal.ts'
import type { OutboundRequest, Random } from '../ports.ts'
import type { LedUrls } from './hub-urls.ts'
import type { StoredLead } from './lead.ts'
import type { CheckedBody } from './read-body.ts'
import { requestHeaders } from './request-headers.ts'
import type { Onward, Trip } from './trip.ts'

/**
 * Where a command or a charging profile request carries the URL its result is to be sent to
 * [mod_commands: Receiver Interface POST; mod_charging_profiles: Receiver Interface PUT, GET, DELETE].
 */
export function responseUrlPlace(
  { kind, module, interfaceRole }: Onward,
  { method }: Trip['message'],
): 'body' | 'query' | null {
  if (kind === 'via' || interfaceRole !== 'RECEIVER') return null
  if (module === 'commands' && method === 'POST') return 'body'
  if (module !== 'chargingprofiles') return null
  if (method === 'PUT') return 'body'
  return method === 'GET' || method === 'DELETE' ? 'query' : null
}

type Rewritten =
  | { readonly kind: 'rewritten'; readonly request: OutboundRequest }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

type ReadBody = Exclude<CheckedBody, { kind: 'refused' }>

export type Rewrite = (trip: Trip, onward: Onward, body: ReadBody) => Rewritten | Promise<Rewritten>

/** Makes the request that the receiver gets, and notes it. Everything but IDs, token and a `response_url` keeps its bytes. */
export function createRewrite(ports: {
  readonly led: LedUrls
  readonly random: Random
  readonly limits: { readonly forwardTimeoutMs: number; readonly bufferBytes: number }
}): Rewrite {
  const { led, random, limits } = ports

  return function rewrite(trip, onward, body) {
    const place = responseUrlPlace(onward, trip.message)
    if (place === null) return written(trip, onward, body, onward.query, null)
    return place === 'query' ? leadInQuery(trip, onward, body) : leadInBody(trip, onward, body)
  }

  async function leadInQuery(trip: Trip, onward: Onward, body: ReadBody): Promise<Rewritten> {
    const { query } = onward
    const found = findResponseUrl(query)
    if (!found) return written(trip, onward, body, query, null)
    const hubUrl = await lead(found.url, trip, onward)
    if (typeof hubUrl !== 'string') return { kind: 'refused', refusal: hubUrl }
    return written(trip, onward, body, replaceResponseUrl(query, hubUrl), null)
  }

  async function leadInBody(trip: Trip, onward: Onward, body: ReadBody): Promise<Rewritten> {
    if (body.kind === 'stream') throw new Error('Expected the body to be read whole, got a stream')
    const found = findTopLevelString(body.plain, 'response_url')
    if (found.kind === 'absent') return written(trip, onward, body, onward.query, null)
    if (found.kind === 'no-string') return refused({ kind: 'invalid', detail: 'response_url must be a URL' })
    const hubUrl = await lead(found.value, trip, onward)
    if (typeof hubUrl !== 'string') return refused(hubUrl)
    return written(trip, onward, body, onward.query, replaceTopLevelString(body.plain, 'response_url', hubUrl))
  }

  /** The hub's URL for a `response_url`: the result comes to the interface of the party that asks for it. */
  async function lead(url: string, trip: Trip, onward: Onward): Promise<string | Refusal> {
    const verdict = led.mayCall(url)
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

  /** @param replaced the body in place of the one that came; null where that goes on */
  function written(trip: Trip, onward: Onward, body: ReadBody, query: string, replaced: Uint8Array | null): Rewritten {
    const { message, ids, exchange } = trip
    const { destination, origin, path, to, from } = onward
    const requestId = random.id()
    const headers = requestHeaders({
      authorization: destination.authorization,
      requestId,
      correlationId: ids.correlationId,
      to,
      from,
      received: message.headers,
      isBodyReplaced: replaced !== null,
    })
    if (body.kind === 'stream' && body.declaredBytes !== null)
      headers.push('Content-Length', String(body.declaredBytes))
    exchange.forwardedRequestId = requestId
    exchange.forwardedUrl = origin + path + onward.query
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

function refused(refusal: Refusal): Rewritten {
  return { kind: 'refused', refusal }
}
