import { type Headers, header } from '../../ocpi/headers.ts'
import type { Party } from '../../ocpi/party.ts'

/** A caller's message IDs, kept as given, made where missing [transport_and_format: Unique message IDs]. */
export type MessageIds = { readonly requestId: string; readonly correlationId: string }

/** IDs longer than this are replaced: they end up in rows and log lines. */
const LONGEST_ID = 255

export function messageIds(headers: Headers, newId: () => string): MessageIds {
  const requestId = header(headers, 'x-request-id')
  const correlationId = header(headers, 'x-correlation-id')
  return {
    requestId: requestId && requestId.length <= LONGEST_ID ? requestId : newId(),
    correlationId: correlationId && correlationId.length <= LONGEST_ID ? correlationId : newId(),
  }
}

/** The IDs of an answer, with the routing headers swapped where they are known. */
export function replyHeaders(ids: MessageIds, to: Party | null, from: Party | null): string[] {
  const headers = ['X-Request-ID', ids.requestId, 'X-Correlation-ID', ids.correlationId]
  if (to) headers.push('OCPI-to-country-code', to.countryCode, 'OCPI-to-party-id', to.partyId)
  if (from) headers.push('OCPI-from-country-code', from.countryCode, 'OCPI-from-party-id', from.partyId)
  return headers
}
