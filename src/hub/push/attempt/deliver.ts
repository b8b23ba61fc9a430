import { isConfigurationModule } from '../../../ocpi/modules.ts'
import { type Party, type PartyKey, showParty } from '../../../ocpi/party.ts'
import { inflated } from '../../corridor/inflated.ts'
import { saidIn } from '../../corridor/odd-answers.ts'
import { beginsEnvelope, endStream } from '../../corridor/open-stream.ts'
import { detailOf, exchangeOf, type Observe, type OpenExchange } from '../../message/exchange.ts'
import { LOOP_MARK } from '../../message/loop-mark.ts'
import { createMaskOf, maskBody } from '../../message/mask-token.ts'
import { legBodyOf } from '../../message/second-leg.ts'
import { isWithoutRouting } from '../../network/dedicated.ts'
import { isAggregated } from '../../network/edge.ts'
import type { NewerToken } from '../../network/newer-token.ts'
import { endpointOf, type Platform, pathAt, type RoutingTable } from '../../network/routing-table.ts'
import { OWN_HEADERS } from '../../own-headers.ts'
import type { Inflate, Inflated, Now, OutboundRequest, Random, Send, SendResult } from '../../ports.ts'
import type { Once } from '../../translate/carriage.ts'
import { isLike, versionOf } from '../../translate/like.ts'
import type { Push } from '../push.ts'
import type { ConvertedPush, ConvertPush } from './convert-push.ts'
import { receiver } from './receivers.ts'
import { type AnswerBody, judge, type Verdict } from './verdict.ts'

/** What one attempt came to. */
export type Delivery =
  | Verdict
  /** The platform is not a receiver of this push any more. */
  | { readonly kind: 'not-for-it' }
  /** It cannot be said in the platform's version: nothing was sent, and the push is done. */
  | { readonly kind: 'withheld'; readonly reason: string }
  /** It cannot be converted, by a fault of the hub's, which says nothing of the platform: nothing was sent. */
  | { readonly kind: 'not-converted'; readonly reason: string }
  /** The platform cannot be called: no token was agreed. */
  | { readonly kind: 'not-connected' }
  /** The platform refused a token that it has replaced meanwhile: the push is to be sent again with the new one. */
  | { readonly kind: 'token-replaced' }

export type DeliverPorts = {
  readonly send: Send
  readonly inflate: Inflate
  /** For platforms of another version than the push's. */
  readonly convert: ConvertPush
  readonly table: () => RoutingTable
  readonly newerToken: NewerToken
  readonly now: Now
  readonly random: Random
  readonly loopMark: string
  readonly observe: Observe
  /** No answer came at all: worth a still-alive check. */
  readonly onUnreachable: (platformId: string) => void
  readonly timeoutMs: number
  /** The message log gets the bodies of deliveries that failed. */
  readonly logsFailedBodies: boolean
}

/** Makes one attempt to deliver a push to a platform, as it is connected now. */
export type Deliver = (platformId: string, push: Push, control: DeliverControl) => Promise<Delivery>

/** As in `OutboundRequest`. */
export type DeliverControl = Required<Pick<OutboundRequest, 'onAbortable' | 'mayLeave'>>

/** Answers to pushes are short; of longer ones only the status counts. */
const ANSWER_BYTES = 65_536

const NOTHING = new Uint8Array(0)

export function createDeliver(ports: DeliverPorts): Deliver {
  const { now, observe, logsFailedBodies } = ports
  const ownHeaders = [...OWN_HEADERS, LOOP_MARK, ports.loopMark]

  return async function deliver(platformId, push, control) {
    const table = ports.table()
    const platform = table.platforms.get(platformId)
    const startedAt = now()
    // What the hub itself has to say goes to the platform, not to a party.
    const isOwn = isConfigurationModule(push.module)
    const to = platform && !isOwn ? receiver(table, platform, push, startedAt) : null
    const endpoint = platform && endpointOf(platform, push.module, 'RECEIVER')
    if (!platform || (!to && !isOwn) || !endpoint) return { kind: 'not-for-it' }
    const authorization = platform.authorization()
    if (authorization === null) return { kind: 'not-connected' }

    let sent: Pick<Push, 'method' | 'path' | 'query' | 'body' | 'contentType'> = push
    let converted: Extract<ConvertedPush, { kind: 'converted' }> | null = null
    if (to !== null && (!isLike(platform, push) || isAggregated(platform))) {
      const converting = ports.convert(table, push, platform, to)
      const found = converting instanceof Promise ? await converting : converting
      if (found.kind !== 'converted') {
        return unsaid(exchangeFor(platformId, push, to, startedAt), found, push, platform)
      }
      const known = found.once && (await knownBy(found.once, platformId, to.key))
      if (known) return unsaid(exchangeFor(platformId, push, to, startedAt), known, push, platform)
      sent = converted = found
    }
    const requestId = ports.random.id()
    const path = pathAt(endpoint, sent.path + sent.query)
    const headers = ['Authorization', authorization, 'X-Request-ID', requestId, ...ownHeaders]
    pushDeliveryHeaders(headers, push.correlationId, sent, table.hub, isWithoutRouting(platform) ? null : to)
    const result = await ports.send({
      origin: endpoint.origin,
      path,
      method: sent.method,
      headers,
      body: sent.body,
      timeoutMs: ports.timeoutMs,
      bufferBytes: ANSWER_BYTES,
      ...control,
    })
    const endedAt = now()
    const read = readAnswer(platformId, result)
    const body = read instanceof Promise ? await read : read
    const { verdict, ocpiStatus } = judge(result, body, endedAt)
    const plain = typeof body === 'string' ? null : body
    if (result.kind === 'failed' && verdict.kind === 'failed') ports.onUnreachable(platformId)
    // Where it cannot be kept, the platform may be told once more.
    if (converted?.once && to && verdict.kind === 'delivered')
      await converted.once.tell(platformId, to.key).catch(() => {})

    const exchange = exchangeFor(platformId, push, to, startedAt)
    exchange.forwardedRequestId = requestId
    exchange.forwardedUrl = endpoint.origin + path
    exchange.ocpiStatus = ocpiStatus
    exchange.durationMs = endedAt - startedAt
    exchange.receiverMs = endedAt - startedAt
    exchange.requestBytes = push.body?.length ?? 0
    if (converted !== null) {
      exchange.conversion = converted.conversion
      const { body, remarks } = converted
      if (verdict.kind === 'delivered' || logsFailedBodies)
        exchange.secondLeg = { request: body && legBodyOf(body, push.body ?? NOTHING, remarks), response: null }
    }
    exchange.responseBytes = plain?.length ?? 0
    const answer = result.kind === 'answer' ? result : null
    if (answer) exchange.httpStatus = answer.status
    // Of a delivery that succeeded headers and bodies say nothing that the rest of the row does not.
    if (verdict.kind !== 'delivered') {
      exchange.requestHeaders = headers
      // A partner that refuses a token may name it.
      const mask = createMaskOf(authorization)
      if (answer) exchange.responseHeaders = answer.headers.map(mask)
      const said = plain && maskBody(plain, mask)
      if (logsFailedBodies) {
        exchange.requestBody = push.body
        exchange.responseBody = said
      }
      exchange.failure = 'reason' in verdict ? verdict.reason : verdict.kind
      exchange.detail = detailOf(result.kind === 'failed' ? result.detail : saidIn(said)) || null
    }
    observe(exchange)
    if (verdict.kind !== 'token-refused') return verdict
    return (await ports.newerToken(platformId, authorization)) === null ? verdict : { kind: 'token-replaced' }
  }

  /** The administrator finds in the log why the platform was sent nothing. */
  function unsaid(
    exchange: OpenExchange,
    { kind, why: reason }: Exclude<ConvertedPush, { kind: 'converted' }>,
    push: Push,
    platform: Platform,
  ): Delivery {
    exchange.failure = kind === 'withheld' ? kind : 'not-converted'
    exchange.detail = detailOf(reason)
    exchange.conversion = `${versionOf(push)} to ${versionOf(platform)}: ${kind}`
    exchange.durationMs = now() - exchange.at
    observe(exchange)
    return kind === 'withheld' ? { kind, reason } : { kind: 'not-converted', reason }
  }

  /** The body to judge by: looked at right away, so that its room is given back before that. */
  function readAnswer(platformId: string, result: SendResult): AnswerBody | Promise<AnswerBody> {
    if (result.kind === 'failed') return NOTHING
    const { body, headers } = result
    const { inflate } = ports
    // Of a longer answer the rest is of no interest.
    if (!(body instanceof Uint8Array)) return endStream(headers, body, inflate, platformId).then(kindOfBeginning)
    const inflating = inflated(headers, body, inflate, platformId, ANSWER_BYTES)
    return inflating instanceof Promise ? inflating.then(readInflated) : inflating
  }
}

/** Null where a platform is still to be told what it is told once. */
async function knownBy(
  { isTold }: Once,
  platformId: string,
  party: PartyKey,
): Promise<Exclude<ConvertedPush, { kind: 'converted' }> | null> {
  try {
    return (await isTold(platformId, party))
      ? { kind: 'withheld', why: 'The platform knows that it is withdrawn' }
      : null
  } catch {
    return { kind: 'failed', why: 'The hub cannot look up whether the platform knows that it is withdrawn' }
  }
}

/** @param to null of what the hub itself has to say */
function exchangeFor(platformId: string, push: Push, to: Party | null, at: number): OpenExchange {
  const { module, method } = push
  const exchange = exchangeOf(to ? 'delivery' : 'hub-call', at, push, module, method, push.path + push.query)
  exchange.toPlatformId = platformId
  if (to) {
    exchange.fromPlatformId = push.fromPlatformId
    exchange.fromParty = showParty(push.from)
    exchange.toParty = showParty(to)
  }
  exchange.interfaceRole = 'RECEIVER'
  return exchange
}

function readInflated(found: Inflated): AnswerBody {
  if (found.kind === 'more') return kindOfBeginning(found.beginning)
  if (found.kind !== 'whole') return 'unreadable'
  found.letGo()
  return found.bytes
}

function kindOfBeginning(beginning: Uint8Array | null): AnswerBody {
  return beginning === null || beginsEnvelope(beginning) ? 'unreadable' : 'no-json'
}

/**
 * A broadcast comes from the hub, to one party of the platform [transport_and_format: Broadcast Push]. Configuration modules
 * and OCPI 2.1.1 have no routing headers: then `to` is null.
 */
function pushDeliveryHeaders(
  headers: string[],
  correlationId: string,
  { body, contentType }: Pick<Push, 'body' | 'contentType'>,
  hub: Party,
  to: Party | null,
): void {
  headers.push('X-Correlation-ID', correlationId)
  if (to) {
    headers.push('OCPI-from-country-code', hub.countryCode, 'OCPI-from-party-id', hub.partyId)
    headers.push('OCPI-to-country-code', to.countryCode, 'OCPI-to-party-id', to.partyId)
  }
  if (body) headers.push('Content-Type', contentType ?? 'application/json')
}
