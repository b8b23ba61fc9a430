import { header } from '../../ocpi/headers.ts'
import { isSafePath } from '../../ocpi/path.ts'
import type { RateLimit } from '../limits.ts'
import type { Observe } from '../message/exchange.ts'
import { type MessageIds, messageIds, replyHeaders } from '../message/message-ids.ts'
import { type Refusal, refuse, tooMany } from '../message/refusal.ts'
import type { Answer, ByteStream, Message } from '../message.ts'
import type { CurrentTable, Platform, RoutingTable } from '../network/routing-table.ts'
import type { After, Alarm, Inflate, Now, Random, Secrets, Send } from '../ports.ts'
import { authenticate, authenticateAnew, awaitHandshake, type Caller } from './authenticate.ts'
import { namedSender } from './classify.ts'
import type { Duties, WholeBody } from './duties.ts'
import { createForward, type Gate } from './forward.ts'
import type { LedUrls } from './hub-urls.ts'
import { type BodyLimits, type CheckedBody, readBody } from './read-body.ts'
import { isLed } from './relayed.ts'
import { type Onward, type Resolved, resolveLed, resolveRouted } from './resolve.ts'
import { createRespond, type Trip } from './respond.ts'
import { requestHeaders, responseUrlPlace, rewriteResponseUrl } from './rewrite.ts'

export type RelayPorts = {
  readonly table: CurrentTable
  readonly freshen: () => Promise<void>
  readonly digest: Secrets['digest']
  readonly random: Random
  readonly now: Now
  readonly after: After
  readonly send: Send
  readonly inflate: Inflate
  readonly led: LedUrls
  readonly duties: Duties
  readonly observe: Observe
  readonly alarm: Alarm
  /** The platform sent a message: it lives. */
  readonly onSeen: (platformId: string) => void
  readonly onUnreachable: (platformId: string) => void
  /** A token that replaced another was used: the older one's last minute begins. */
  readonly onNewTokenUsed: (caller: Caller) => void
  readonly inbound: RateLimit
  readonly failedLogins: RateLimit
  readonly gate: Gate
  readonly limits: BodyLimits & { readonly forwardTimeoutMs: number }
  /** OCPI versions served. */
  readonly versions: readonly string[]
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
const ALLOW = [...METHODS].join(', ')

/**
 * The corridor of every functional request: authenticate, classify, route, rewrite, forward (or what the hub does itself),
 * respond. Resolves for every input; whatever goes wrong is an answer. What needs no waiting is done at once: each promise in
 * between would cost every message as much as finding its receiver.
 */
export function createRelay(ports: RelayPorts): (message: Message) => Promise<Answer> {
  const forward = createForward(ports)
  const { respond, respondForwarded, respondRefused } = createRespond(ports)

  return function relay(message) {
    const table = ports.table()
    const ids = messageIds(message.headers, ports.random.id)
    const caller = authenticate(table, header(message.headers, 'authorization'), ports.digest, message.receivedAt)
    return caller ? enter(table, message, ids, caller) : enterAnew(message, ids)
  }

  async function enterAnew(message: Message, ids: MessageIds): Promise<Answer> {
    const caller = await authenticateAnew(ports, message)
    return caller ? enter(ports.table(), message, ids, caller) : refuseLogin(message, ids)
  }

  async function enterSettled(message: Message, ids: MessageIds, caller: Caller): Promise<Answer> {
    const settled = await awaitHandshake(ports, message, caller)
    return settled?.credential.kind === 'access'
      ? enter(ports.table(), message, ids, settled)
      : refuseLogin(message, ids)
  }

  function enter(table: RoutingTable, message: Message, ids: MessageIds, caller: Caller): Promise<Answer> {
    const { platform, credential } = caller
    if (credential.kind === 'registration') return Promise.resolve(refuseLogin(message, ids))
    if (credential.kind === 'provisional') return enterSettled(message, ids, caller)
    ports.onSeen(platform.id)
    if (credential.replacesOlder) ports.onNewTokenUsed(caller)

    const barred = bar(platform)
    const proceed = (resolved: Resolved) => walk(table, beginTrip(message, ids, caller, resolved), resolved, barred)
    return isLed(message.path)
      ? resolveMade(table, caller, message, barred).then(proceed)
      : proceed(resolve(table, caller, message))
  }

  function walk(table: RoutingTable, trip: Trip, resolved: Resolved, barred: Refusal | null): Promise<Answer> {
    if (barred) return Promise.resolve(respondRefused(trip, barred))
    switch (resolved.kind) {
      case 'refused':
        return Promise.resolve(respondRefused(trip, resolved.refusal))
      case 'hub':
        return doDuty(table, trip, resolved)
      case 'onward':
        return goOnward(trip, resolved.onward)
    }
  }

  function refuseLogin(message: Message, ids: MessageIds): Answer {
    const taken = ports.failedLogins.take(message.clientAddress())
    return refuse(
      taken.kind === 'empty' ? tooMany(taken) : { kind: 'unauthenticated' },
      replyHeaders(ids, null, null),
      message.receivedAt,
    )
  }

  /** Why a platform may send nothing now; null when it may. */
  function bar(platform: Platform): Refusal | null {
    const taken = ports.inbound.take(platform.id)
    if (taken.kind === 'empty') return tooMany(taken)
    return platform.status === 'SUSPENDED' ? { kind: 'not-connected', detail: 'Your connection is suspended' } : null
  }

  /** What is barred is resolved too, for its answer's headers and its row in the log. */
  function resolve(table: RoutingTable, caller: Caller, message: Message): Resolved {
    return problemOf(message) ?? resolveRouted(table, caller.platform, message, ports.versions)
  }

  /** A URL that the hub made. What is barred costs no look at the database. */
  async function resolveMade(
    table: RoutingTable,
    caller: Caller,
    message: Message,
    barred: Refusal | null,
  ): Promise<Resolved> {
    const problem = problemOf(message)
    if (problem) return problem
    if (barred) return nowhere(barred)
    try {
      const led = await ports.led.follow(message.path)
      return resolveLed(table, caller.platform, message, led, namedSender(message.headers))
    } catch {
      return nowhere({ kind: 'hub-failure', detail: 'The hub cannot look this URL up now' })
    }
  }

  async function doDuty(table: RoutingTable, trip: Trip, duty: Extract<Resolved, { kind: 'hub' }>): Promise<Answer> {
    const { message, ids, caller } = trip
    const { target, classified } = duty
    let body: Promise<WholeBody> | null = null
    const readWhole = () => (body ??= readWholeBody(trip))
    const result = await ports.duties({ table, caller, message, ids, target, classified, readWhole })
    switch (result.kind) {
      case 'refused':
        return respondRefused(trip, result.refusal)
      case 'answer':
        return respond(trip, result)
      case 'onward':
        return goOnward({ ...trip, onward: result.onward, to: result.onward.to }, result.onward, body)
    }
  }

  async function readWholeBody(trip: Trip): Promise<WholeBody> {
    const body = await readBody(trip.message, ports.limits, ports.inflate, true)
    if (body.kind === 'stream') throw new Error('Expected the body to be read whole, got a stream')
    if (body.kind === 'whole') trip.requestBody = body.plain
    return body
  }

  /** @param given the body, where it had to be read to find the receiver */
  async function goOnward(trip: Trip, onward: Onward, given: Promise<CheckedBody> | null = null): Promise<Answer> {
    const { message, ids } = trip
    const { from, to, module, interfaceRole } = onward
    // The result comes to the interface of the party that asks for it.
    const lead = {
      module,
      interfaceRole: 'SENDER',
      forParty: to,
      toParty: from,
      toPlatformId: trip.caller.platform.id,
    } as const
    const place = onward.kind === 'via' ? null : responseUrlPlace(module, interfaceRole, message.method)

    const reading = given ?? readBody(message, ports.limits, ports.inflate, place === 'body')
    const body = reading instanceof Promise ? await reading : reading
    if (body.kind === 'refused') return respondRefused(trip, body.refusal)
    if (body.kind === 'whole') trip.requestBody = body.plain
    else trip.streamedRequestBytes = body.bytes
    let { query } = onward
    let bytes: Uint8Array | ByteStream = body.kind === 'whole' ? body.bytes : body.stream
    if (place !== null) {
      const plain = body.kind === 'whole' ? body.plain : null
      const rewritten = await rewriteResponseUrl(place, query, plain, ports.led, lead)
      if (rewritten.kind === 'refused') return respondRefused(trip, rewritten.refusal)
      query = rewritten.query
      bytes = rewritten.body ?? bytes
    }

    trip.forwardedRequestId = ports.random.id()
    const hasNoBody = bytes instanceof Uint8Array && bytes.length === 0
    const headers = requestHeaders({
      authorization: onward.destination.authorization,
      requestId: trip.forwardedRequestId,
      correlationId: ids.correlationId,
      to,
      from,
      received: message.headers,
      isBodyReplaced: place === 'body' && body.kind === 'whole' && bytes !== body.bytes,
    })
    if (body.kind === 'stream' && body.declaredBytes !== null)
      headers.push('Content-Length', String(body.declaredBytes))
    const forwarded = await forward(onward.destination.platform.id, {
      origin: onward.origin,
      path: onward.path + query,
      method: message.method,
      headers,
      body: hasNoBody ? null : bytes,
      timeoutMs: ports.limits.forwardTimeoutMs,
      bufferBytes: ports.limits.bufferBytes,
      onAbortable: message.onGone,
    })
    trip.receiverMs = forwarded.receiverMs
    const problem = body.kind === 'stream' ? body.problem() : null
    if (forwarded.kind === 'refused') return respondRefused(trip, problem ?? forwarded.refusal)
    return respondForwarded(trip, onward, query, forwarded)
  }
}

/** What keeps a request from being read at all. */
function problemOf({ method, path }: Message): Resolved | null {
  if (!METHODS.has(method)) return nowhere({ kind: 'method-not-allowed', allow: ALLOW })
  return isSafePath(path) ? null : nowhere({ kind: 'unknown-path', detail: 'Unknown path' })
}

function nowhere(refusal: Refusal): Resolved {
  return { kind: 'refused', refusal, from: null, to: null, target: null }
}

const NONE = () => 0

function beginTrip(message: Message, ids: MessageIds, caller: Caller, resolved: Resolved): Trip {
  const unfinished = {
    message,
    ids,
    caller,
    forwardedRequestId: null,
    receiverMs: null,
    requestBody: null,
    streamedRequestBytes: NONE,
    streamedAnswerBytes: 0,
  }
  switch (resolved.kind) {
    case 'onward': {
      const { onward } = resolved
      const { kind, from, to, module, interfaceRole } = onward
      return { ...unfinished, onward, kind, from, to, module, interfaceRole }
    }
    case 'hub': {
      const { target, classified } = resolved
      const { module, interfaceRole } = target
      return {
        ...unfinished,
        onward: null,
        kind: classified.kind,
        from: classified.from,
        to: null,
        module,
        interfaceRole,
      }
    }
    case 'refused': {
      const { from, to, target } = resolved
      const kind = isLed(message.path) ? 'via' : 'direct'
      const module = target?.module ?? ''
      return { ...unfinished, onward: null, kind, from, to, module, interfaceRole: target?.interfaceRole ?? null }
    }
  }
}
