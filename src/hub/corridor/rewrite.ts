import { onwardHeaders } from '../../ocpi/forwarded-headers.ts'
import type { Headers } from '../../ocpi/headers.ts'
import { findTopLevelString, replaceTopLevelString } from '../../ocpi/json-field.ts'
import type { InterfaceRole } from '../../ocpi/modules.ts'
import type { Party } from '../../ocpi/party.ts'
import { findResponseUrl, replaceResponseUrl } from '../../ocpi/response-url.ts'
import type { Refusal } from '../message/refusal.ts'
import type { LedUrls, StoredLead } from './hub-urls.ts'

/** Where a command or a charging profile request carries the URL its result is to be sent to. */
export type ResponseUrlPlace = 'body' | 'query' | null

/** [mod_commands: Receiver Interface POST; mod_charging_profiles: Receiver Interface PUT, GET, DELETE] */
export function responseUrlPlace(module: string, interfaceRole: InterfaceRole, method: string): ResponseUrlPlace {
  if (interfaceRole !== 'RECEIVER') return null
  if (module === 'commands' && method === 'POST') return 'body'
  if (module !== 'chargingprofiles') return null
  if (method === 'PUT') return 'body'
  return method === 'GET' || method === 'DELETE' ? 'query' : null
}

/** The parts of a request that leading its `response_url` through the hub may change. */
export type Rewritten =
  | { readonly kind: 'rewritten'; readonly query: string; readonly body: Uint8Array | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/**
 * Replaces the `response_url` of a command or charging profile request; everything else keeps its bytes.
 *
 * @param plain the body, inflated where it came compressed
 * @returns `body` null where the body goes on as it came
 */
export async function rewriteResponseUrl(
  place: ResponseUrlPlace,
  query: string,
  plain: Uint8Array | null,
  led: LedUrls,
  lead: StoredLead,
): Promise<Rewritten> {
  if (place === 'query') {
    const found = findResponseUrl(query)
    if (!found) return { kind: 'rewritten', query, body: null }
    const hubUrl = await storeResponseUrl(found.url, led, lead)
    if (typeof hubUrl !== 'string') return { kind: 'refused', refusal: hubUrl }
    return { kind: 'rewritten', query: replaceResponseUrl(query, hubUrl), body: null }
  }
  if (place === 'body' && plain) {
    const found = findTopLevelString(plain, 'response_url')
    if (found.kind === 'absent') return { kind: 'rewritten', query, body: null }
    if (found.kind === 'no-string')
      return { kind: 'refused', refusal: { kind: 'invalid', detail: 'response_url must be a URL' } }
    const hubUrl = await storeResponseUrl(found.value, led, lead)
    if (typeof hubUrl !== 'string') return { kind: 'refused', refusal: hubUrl }
    return { kind: 'rewritten', query, body: replaceTopLevelString(plain, 'response_url', hubUrl) }
  }
  return { kind: 'rewritten', query, body: null }
}

async function storeResponseUrl(url: string, led: LedUrls, lead: StoredLead): Promise<string | Refusal> {
  const verdict = led.mayCall(url)
  if (!verdict.ok) return { kind: 'invalid', detail: `response_url cannot be used: ${verdict.why}` }
  try {
    return await led.lead('response', url, lead)
  } catch {
    return { kind: 'hub-failure', detail: 'The hub cannot keep the response_url now; no call was made' }
  }
}

/** The headers of the request the hub sends: its own, then what the caller's end-to-end headers say. */
export function requestHeaders(of: {
  readonly authorization: string
  readonly requestId: string
  readonly correlationId: string
  readonly to: Party
  readonly from: Party
  readonly received: Headers
  /** The body is no longer compressed as it came. */
  readonly isBodyReplaced: boolean
}): string[] {
  const headers = [
    'Authorization',
    of.authorization,
    'X-Request-ID',
    of.requestId,
    'X-Correlation-ID',
    of.correlationId,
    'OCPI-to-country-code',
    of.to.countryCode,
    'OCPI-to-party-id',
    of.to.partyId,
    'OCPI-from-country-code',
    of.from.countryCode,
    'OCPI-from-party-id',
    of.from.partyId,
  ]
  const onward = onwardHeaders(of.received)
  for (let i = 0; i < onward.length; i += 2) {
    const name = onward[i] as string
    const value = onward[i + 1] as string
    if (of.isBodyReplaced && name.toLowerCase() === 'content-encoding') continue
    const isAcceptEncoding = name.length === 15 && name.toLowerCase() === 'accept-encoding'
    headers.push(name, isAcceptEncoding ? readableCodings(value) : value)
  }
  return headers
}

/** Codings in which the hub can check an answer; see `Inflate`. */
const READABLE = /^\s*(?:x-gzip|gzip|deflate|br|identity)\s*(?:;|$)/i

/** Of the codings a caller accepts [RFC 9110, section 12.5.3] those the hub can read: an answer in another is no envelope to it. */
function readableCodings(accepted: string): string {
  const codings = accepted.split(',').filter((coding) => READABLE.test(coding))
  return codings.join(',').trim() || 'identity'
}
