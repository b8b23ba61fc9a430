import type { NoteHandshake } from '../hub/administration/handshake-attempts.ts'
import { tooEarly } from '../hub/administration/token-trace.ts'
import {
  type AuthenticatePorts,
  awaitHandshake,
  type Caller,
  findCaller,
  findCallerAnew,
  isProvisional,
  refuseLogin,
} from '../hub/corridor/authenticate.ts'
import { inflated } from '../hub/corridor/inflated.ts'
import { whyNotRead } from '../hub/corridor/read-body.ts'
import type { RateLimit } from '../hub/limits.ts'
import { detailOf, exchangeOf, type Observe } from '../hub/message/exchange.ts'
import { type MessageIds, messageIds, replyHeaders } from '../hub/message/message-ids.ts'
import { type Refusal, refuse, tooMany, wireOf } from '../hub/message/refusal.ts'
import type { Answer, Message } from '../hub/message.ts'
import type { RoutingTable } from '../hub/network/routing-table.ts'
import { asSeenBy } from '../hub/network/seen-by.ts'
import type { Inflate, Random } from '../hub/ports.ts'
import { StoreUnavailable } from '../hub/store-unavailable.ts'
import { envelopeBytes } from '../ocpi/envelope.ts'
import { contradicted, type Headers, header, singleHeader } from '../ocpi/headers.ts'
import { STATUS, SUCCESS_MESSAGE } from '../ocpi/status.ts'
import type { ConfigurationResult } from './configuration-result.ts'
import { noteHandshakeStep } from './handshake-step.ts'

export type ConfigurationRequest = {
  readonly table: RoutingTable
  readonly caller: Caller
  readonly message: Message
  readonly ids: MessageIds
  /** The body's bytes, inflated; empty when there is none. */
  readonly body: Uint8Array
}

/** Handlers by method. What is not there is answered 405. */
export type Methods = Readonly<Record<string, (request: ConfigurationRequest) => Promise<ConfigurationResult>>>

export type ConfigurationModule = {
  readonly module: string
  /** For registered platforms. */
  readonly methods: Methods
  /** With a registration token; null: it does not open this module [transport_and_format: Authorization header]. */
  readonly methodsBeforeRegistration: Methods | null
  /** Its calls count nowhere. @default false */
  readonly isTrial?: boolean
}

export type ConfigurationPorts = AuthenticatePorts & {
  readonly random: Random
  readonly observe: Observe
  readonly onSeen: (platformId: string) => void
  readonly onNewTokenUsed: (caller: Caller) => void
  readonly noteHandshake: NoteHandshake
  readonly inbound: RateLimit
  readonly bufferBytes: number
  readonly inflate: Inflate
}

const EMPTY = new Uint8Array(0)

/**
 * Serves versions, credentials and hubclientinfo: between a platform and the hub, without routing headers
 * [transport_and_format: Message Routing Headers].
 */
export function serveConfiguration(
  ports: ConfigurationPorts,
  { module, methods, methodsBeforeRegistration, isTrial = false }: ConfigurationModule,
): (message: Message) => Promise<Answer> {
  return async function serve(message) {
    const ids = messageIds(message.headers, ports.random.id)
    const back = replyHeaders(ids, null, null)
    const authorization = singleHeader(message.headers, 'authorization')
    const known = findCaller(ports.table(), authorization, ports.digest, message)
    let caller = known ?? (await findCallerAnew(ports, message))
    if (isProvisional(caller) && !isIn(methodsBeforeRegistration, message.method))
      caller = await awaitHandshake(ports, message, caller)
    if (caller === null || caller === 'not-looked-up') return refuseLogin(ports, message, ids, caller)
    const open = caller.credential.kind === 'access' ? methods : methodsBeforeRegistration
    if (!open)
      return refuseLogin(ports, message, ids, null, {
        platformId: caller.platform.id,
        why: tooEarly(message.path),
      })
    if (caller.credential.kind === 'access') ports.onSeen(caller.platform.id)
    // A partner reads versions with a token that the hub offers, which has an end, before it takes that or refuses it.
    const isRead = module === 'versions' && caller.credential.expiresAt !== null
    if (caller.credential.replacesOlder && !isRead) ports.onNewTokenUsed(caller)

    const table = asSeenBy(ports.table(), caller.platform)
    const body = await readWhole(message, caller.platform.id)
    const result = await answerTo({ table, caller, message, ids }, open, body)
    const answer = result.kind === 'refused' ? refuse(result.refusal, back, ports.now()) : envelope(result, back)
    note(message, ids, caller, body instanceof Uint8Array ? body : EMPTY, answer, result)
    await noteHandshakeStep(ports, { module, message, ids, caller, status: answer.status }, result)
    return answer
  }

  async function answerTo(
    request: Omit<ConfigurationRequest, 'body'>,
    open: Methods,
    body: Uint8Array | Refusal,
  ): Promise<ConfigurationResult> {
    const taken = ports.inbound.take(request.caller.platform.id)
    if (taken.kind === 'empty') return refused(tooMany(taken))
    const { method } = request.message
    const handle = isIn(open, method) ? open[method] : undefined
    if (!handle) return refused({ kind: 'method-not-allowed', allow: Object.keys(open).join(', ') })
    if (!(body instanceof Uint8Array)) return refused(body)
    try {
      return await handle({ ...request, body })
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      ports.alarm({ kind: 'database-away', platformId: request.caller.platform.id, detail: error.message })
      return refused({ kind: 'hub-failure', detail: 'The hub cannot reach its database now; try again later' })
    }
  }

  function envelope(data: Extract<ConfigurationResult, { kind: 'data' }>, back: Headers): Answer {
    const timestamp = new Date(ports.now()).toISOString()
    return {
      status: data.status ?? 200,
      headers: ['Content-Type', 'application/json', ...back, ...(data.headers ?? [])],
      body: envelopeBytes(data.code ?? STATUS.success, data.statusMessage ?? SUCCESS_MESSAGE, data.data, timestamp),
    }
  }

  function note(
    message: Message,
    ids: MessageIds,
    caller: Caller,
    requestBody: Uint8Array,
    answer: Answer,
    outcome: ConfigurationResult,
  ): void {
    const responseBody = answer.body instanceof Uint8Array ? answer.body : null
    const { method, path, query, receivedAt, headers } = message
    const exchange = exchangeOf('configuration', receivedAt, ids, module, method, path + query)
    exchange.fromPlatformId = caller.platform.id
    exchange.isTrial = isTrial
    exchange.httpStatus = answer.status
    exchange.durationMs = ports.now() - receivedAt
    exchange.requestBytes = requestBody.length
    exchange.responseBytes = responseBody?.length ?? 0
    exchange.requestHeaders = headers
    exchange.responseHeaders = answer.headers
    exchange.requestBody = requestBody.length > 0 ? requestBody : null
    exchange.responseBody = responseBody
    exchange.client = message.clientAddress() || null
    if (outcome.kind === 'data') {
      const { code = STATUS.success, statusMessage = null } = outcome
      exchange.ocpiStatus = code
      if (code !== STATUS.success) exchange.detail = statusMessage && detailOf(statusMessage)
    } else {
      const wire = wireOf(outcome.refusal)
      exchange.ocpiStatus = wire.code
      exchange.failure = outcome.refusal.kind
      exchange.detail = detailOf(wire.message)
    }
    ports.observe(exchange)
  }

  async function readWhole(message: Message, platformId: string): Promise<Uint8Array | Refusal> {
    const hasBody =
      header(message.headers, 'content-length') !== undefined ||
      header(message.headers, 'transfer-encoding') !== undefined
    if (!hasBody) return EMPTY
    const twice = contradicted(message.headers)
    if (twice) return { kind: 'invalid', detail: `${twice} is given with different values` }
    const read = await message.readBody(ports.bufferBytes)
    if (read.kind === 'whole') return readPlain(message, platformId, read.bytes)
    if (read.kind === 'broken') return { kind: 'not-json', detail: 'The body broke off' }
    return { kind: 'too-large', limitBytes: ports.bufferBytes }
  }

  /** Its room is given back at once: handshakes of a platform are few at a time. */
  async function readPlain({ headers }: Message, platformId: string, bytes: Uint8Array): Promise<Uint8Array | Refusal> {
    const { inflate, bufferBytes } = ports
    const found = await inflated(headers, bytes, inflate, platformId, bufferBytes)
    if (found instanceof Uint8Array) return found
    if (found.kind !== 'whole') return whyNotRead(headers, found, bufferBytes)
    found.letGo()
    return found.bytes
  }
}

function isIn(methods: Methods | null, method: string): boolean {
  return methods !== null && Object.hasOwn(methods, method)
}

function refused(refusal: Refusal): ConfigurationResult {
  return { kind: 'refused', refusal }
}
