import type { Headers } from '../../ocpi/headers.ts'
import type { InterfaceRole } from '../../ocpi/modules.ts'
import { type Party, showParty } from '../../ocpi/party.ts'
import { detailOf, exchangeOf, noteSaid, type Observe } from '../message/exchange.ts'
import type { MessageIds } from '../message/message-ids.ts'
import { wireOf } from '../message/refusal.ts'
import { isWithoutRouting } from '../network/dedicated.ts'
import { type EndpointAddress, pathAt } from '../network/routing-table.ts'
import type { Now, OutboundRequest, Random } from '../ports.ts'
import type { Destination } from './destination.ts'
import type { Forward, Forwarded, ReadEnvelope } from './forward.ts'
import { requestHeaders } from './request-headers.ts'

/** A request that the hub makes to a party because of one that it got: of a source of a GET All, or about a token. */
type Question = {
  /** The platform on whose behalf it is asked. */
  readonly callerId: string
  readonly destination: Destination
  readonly endpoint: EndpointAddress
  readonly module: string
  readonly interfaceRole: InterfaceRole
  readonly from: Party
  readonly ids: MessageIds
  readonly method: string
  /** What follows the endpoint's path, with the query. */
  readonly target: string
  /** Headers of the request it got, of which the end-to-end ones go on. */
  readonly received: Headers
  readonly body: Uint8Array | null
  /** It is plain JSON, whatever `received` says of the body that came. @default false */
  readonly isBodyReplaced?: boolean
  /** Into which version it was converted, for the message log. @default null */
  readonly conversion?: string
  readonly timeoutMs: number
  readonly withinMs?: number
  readonly bufferBytes: number
  readonly onAbortable?: OutboundRequest['onAbortable']
  /** Tells an envelope from anything else, see `createForward`. */
  readonly readEnvelope?: ReadEnvelope
}

export type AskParty = (question: Question) => Promise<Forwarded>

/**
 * Asks a party on behalf of a caller: a new X-Request-ID, the caller's X-Correlation-ID [transport_and_format: Unique
 * message IDs]. Each such call is a row of its own in the message log, without bodies but of what was not understood.
 */
export function createAskParty(ports: {
  readonly forward: Forward
  readonly random: Random
  readonly loopMark: string
  readonly now: Now
  readonly observe: Observe
}): AskParty {
  const { forward, random, loopMark, now, observe } = ports

  return async function askParty(question) {
    const { destination, endpoint, from, ids, method, target, body } = question
    const requestId = random.id()
    const path = pathAt(endpoint, target)
    const at = now()
    const headers = requestHeaders({
      authorization: destination.authorization,
      requestId,
      correlationId: ids.correlationId,
      to: destination.party,
      from,
      received: question.received,
      isWithoutRouting: isWithoutRouting(destination.platform),
      loopMark,
      isBodyReplaced: question.isBodyReplaced ?? false,
      unlike: [],
    })
    const request: OutboundRequest = {
      origin: endpoint.origin,
      path,
      method,
      headers,
      body,
      timeoutMs: question.timeoutMs,
      ...(question.withinMs !== undefined && { withinMs: question.withinMs }),
      bufferBytes: question.bufferBytes,
      ...(question.onAbortable && { onAbortable: question.onAbortable }),
    }
    const forwarded = await forward(destination.platform.id, question.callerId, request, question.readEnvelope)
    const exchange = exchangeOf('hub-call', at, ids, question.module, method, target)
    exchange.forwardedRequestId = requestId
    exchange.toPlatformId = destination.platform.id
    if (destination.platform.sandbox) exchange.isTrial = true
    exchange.fromParty = showParty(from)
    exchange.toParty = showParty(destination.party)
    exchange.interfaceRole = question.interfaceRole
    exchange.forwardedUrl = endpoint.origin + path
    exchange.durationMs = now() - at
    exchange.receiverMs = forwarded.receiverMs
    exchange.requestBytes = body?.length ?? 0
    exchange.requestHeaders = headers
    exchange.conversion = question.conversion ?? null
    if (forwarded.kind === 'answered') {
      exchange.httpStatus = forwarded.status
      exchange.ocpiStatus = forwarded.ocpiStatus
      exchange.responseBytes = forwarded.body instanceof Uint8Array ? forwarded.body.length : 0
      exchange.responseHeaders = forwarded.headers
    } else {
      exchange.failure = forwarded.refusal.kind
      exchange.detail = detailOf(wireOf(forwarded.refusal).message)
    }
    if (forwarded.said) {
      noteSaid(exchange, forwarded.said)
      exchange.httpStatus = forwarded.said.status
    }
    observe(exchange)
    return forwarded
  }
}
