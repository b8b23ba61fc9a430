import { faultInCredentials, parseCredentials, parseNewCredentials } from '../../ocpi/credentials.ts'
import { parseFlatCredentials, parseNewFlatCredentials, type RoleOf } from '../../ocpi/dialect-211.ts'
import { type Envelope, parseEnvelope } from '../../ocpi/envelope.ts'
import { header } from '../../ocpi/headers.ts'
import { type Parsed, type Problem, soleOf } from '../../ocpi/parsed.ts'
import { authorizationValue } from '../../ocpi/token-header.ts'
import { parseVersionDetails, parseVersions } from '../../ocpi/versions.ts'
import { cutText } from '../administration/advice.ts'
import type { HandshakeCall } from '../administration/handshake-attempts.ts'
import type { MayCall } from '../corridor/hub-urls.ts'
import { inflatedInPassing } from '../corridor/inflated.ts'
import { detailOf, type Exchange, exchangeOf } from '../message/exchange.ts'
import { LOOP_MARK } from '../message/loop-mark.ts'
import { createMaskToken, type MaskToken, maskBody } from '../message/mask-token.ts'
import type { MessageIds } from '../message/message-ids.ts'
import { letGo } from '../message.ts'
import { OWN_HEADERS } from '../own-headers.ts'
import type { Inflate, Now, Random, Send, SendResult } from '../ports.ts'

/** What a call to a partner's configuration modules brought. */
export type PartnerAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The URL is one the hub may not call; `isEndpoint`: one that the version details list. */
  | { readonly kind: 'forbidden-url'; readonly detail: string; readonly isEndpoint?: boolean }
  /** No answer at all. */
  | { readonly kind: 'unreachable'; readonly detail: string }
  /** An answer that says no or makes no sense. `httpStatus` is absent when HTTP went well. */
  | { readonly kind: 'refused'; readonly detail: string; readonly httpStatus?: number; readonly ocpiStatus?: number }

/** What a call is made for. */
export type Errand = {
  readonly platformId: string
  /** The token the hub sends, and how this partner wants it spelt. */
  readonly token: string
  readonly encoding: 'base64' | 'raw'
  /** Of the partner's request or of the handshake that the call belongs to. @default new ones */
  readonly ids?: MessageIds
  /** Told of each call of a handshake. @default nobody */
  readonly onCall?: (call: HandshakeCall) => void
}

type Parse<T> = (data: unknown) => Parsed<T>

export type PartnerClient = ReturnType<typeof createPartnerClient>

/**
 * The hub as a client of a partner's versions and credentials modules. Every URL is checked before it is called, answers are bounded in size and time. Each call that is made is a row of the message log.
 */
export function createPartnerClient(ports: {
  readonly send: Send
  readonly inflate: Inflate
  readonly random: Random
  readonly loopMark: string
  readonly now: Now
  readonly mayCall: MayCall
  readonly timeoutMs: number
  readonly bufferBytes: number
  /** Told of each call, and whether it brought what was asked for. */
  readonly observe: (exchange: Exchange, isGood: boolean) => void
}) {
  const { send, inflate, random, now, mayCall, timeoutMs, bufferBytes, observe } = ports
  const ownHeaders = [...OWN_HEADERS, LOOP_MARK, ports.loopMark]

  async function call<T>(
    method: string,
    url: string,
    errand: Errand,
    what: {
      readonly module: 'versions' | 'credentials'
      readonly kind: HandshakeCall['kind']
      readonly parse: Parse<T>
      readonly body?: unknown
    },
  ): Promise<PartnerAnswer<T>> {
    const verdict = mayCall(url)
    const at = now()
    if (!verdict.ok) {
      const detail = `${shown(url)}: ${verdict.why}`
      errand.onCall?.({ ...asCall(at, what.kind, method, url), failure: 'forbidden-url', detail: cutText(detail) })
      return { kind: 'forbidden-url', detail }
    }
    const requestId = random.id()
    const ids = errand.ids ?? { requestId, correlationId: random.id() }
    const { origin, pathname, search } = new URL(url)
    const path = pathname + search
    const headers = ['Authorization', authorizationValue(errand.token, errand.encoding), ...ownHeaders]
    headers.push('X-Request-ID', requestId, 'X-Correlation-ID', ids.correlationId)
    if (what.body !== undefined) headers.push('Content-Type', 'application/json')
    const body = what.body === undefined ? null : new TextEncoder().encode(JSON.stringify(what.body))
    const result = await send({ origin, path, method, headers, body, timeoutMs, bufferBytes })
    const receiverMs = now() - at
    const plain = await plainBody(result, errand.platformId)
    const envelope = plain && parseEnvelope(plain)
    // A partner that refuses a token may name it, and what it says is shown and kept.
    const mask = createMaskToken(errand.token)
    const parse: Parse<T> = (data) => faultIn(what.module, plain) ?? what.parse(data)
    const answer = judge(`${method} ${shown(url)}`, result, plain, envelope, parse, mask)
    const exchange = exchangeOf('hub-call', at, ids, what.module, method, path)
    exchange.forwardedRequestId = requestId
    exchange.toPlatformId = errand.platformId
    exchange.forwardedUrl = origin + path
    exchange.ocpiStatus = envelope?.statusCode ?? null
    exchange.durationMs = now() - at
    exchange.receiverMs = receiverMs
    exchange.requestBytes = body?.length ?? 0
    exchange.responseBytes = plain?.length ?? 0
    exchange.requestHeaders = headers
    exchange.requestBody = body
    exchange.responseBody = plain && maskBody(plain, mask)
    if (result.kind === 'answer') {
      exchange.httpStatus = result.status
      exchange.responseHeaders = result.headers.map(mask)
      exchange.failure = failureOf(answer)
    } else exchange.failure = result.why
    if (answer.kind !== 'ok') exchange.detail = detailOf(answer.detail)
    observe(exchange, answer.kind === 'ok')
    errand.onCall?.({
      ...asCall(at, what.kind, method, url),
      httpStatus: exchange.httpStatus,
      ocpiStatus: exchange.ocpiStatus,
      ms: Math.max(0, exchange.durationMs),
      failure: answer.kind === 'ok' ? null : (exchange.failure ?? answer.kind),
      detail: answer.kind === 'ok' ? null : cutText(answer.detail),
      correlationId: ids.correlationId,
    })
    return answer
  }

  /** The body of an answer, inflated; null when there is none, or none that can be read. */
  async function plainBody(result: SendResult, platformId: string): Promise<Uint8Array | null> {
    if (result.kind === 'failed') return null
    if (result.body instanceof Uint8Array)
      return inflatedInPassing(result.headers, result.body, inflate, platformId, bufferBytes)
    await letGo(result.body)
    return null
  }

  function judge<T>(
    called: string,
    result: SendResult,
    plain: Uint8Array | null,
    envelope: Envelope | null,
    parse: Parse<T>,
    mask: MaskToken,
  ): PartnerAnswer<T> {
    if (result.kind === 'failed') {
      const kind = result.why === 'forbidden-address' ? 'forbidden-url' : 'unreachable'
      return { kind, detail: `${called}: ${result.detail}` }
    }
    const { status: httpStatus } = result
    if (!plain) return { kind: 'refused', detail: `${called}: the answer cannot be read within ${bufferBytes} bytes` }
    const said = `${called} answered HTTP ${httpStatus}${mask(elsewhere(result))}`
    if (!envelope) return { kind: 'refused', detail: `${said} without an OCPI envelope`, httpStatus }
    const { statusCode, statusMessage, data } = envelope
    if (httpStatus >= 200 && httpStatus < 300 && statusCode >= 1000 && statusCode < 2000) {
      const parsed = parse(data)
      return parsed.kind === 'ok' ? parsed : { kind: 'refused', detail: `${called}: ${parsed.detail}` }
    }
    const message = statusMessage ? `: ${inOneLine(mask(statusMessage)).slice(0, 200)}` : ''
    return { kind: 'refused', detail: `${said} with ${statusCode}${message}`, httpStatus, ocpiStatus: statusCode }
  }

  return {
    getVersions: (url: string, errand: Errand) =>
      call('GET', url, errand, { module: 'versions', kind: 'versions', parse: parseVersions }),
    /** @param roleOf as `parseVersionDetails` takes it */
    getVersionDetails: (url: string, errand: Errand, roleOf?: Parameters<typeof parseVersionDetails>[1]) =>
      call('GET', url, errand, {
        module: 'versions',
        kind: 'details',
        parse: (data) => parseVersionDetails(soleOf(data), roleOf),
      }),
    /**
     * With POST an answer must hold usable credentials; after PUT the partner takes nothing but the token in it.
     *
     * @param flatRoleOf of a partner of 2.1.1, whose credentials say no role
     */
    sendCredentials: (method: 'POST' | 'PUT', url: string, errand: Errand, body: unknown, flatRoleOf?: RoleOf) =>
      call(method, url, errand, {
        module: 'credentials',
        kind: 'credentials',
        parse: (data) => {
          if (flatRoleOf) {
            const parseFlat = method === 'POST' ? parseFlatCredentials : parseNewFlatCredentials
            return parseFlat(soleOf(data), flatRoleOf)
          }
          return (method === 'POST' ? parseCredentials : parseNewCredentials)(soleOf(data))
        },
        body,
      }),
    deleteCredentials: (url: string, errand: Errand) =>
      call('DELETE', url, errand, { module: 'credentials', kind: null, parse: () => ({ kind: 'ok', value: null }) }),
    mayCall,
  }
}

/** A call before anything came of it. What stands behind a `?` may be a secret of the partner's. */
/** Without what may be a secret, in front of its host and in its query: what is told of a call is kept in several places. */
export function shown(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//...@').replace(/\?.*$/s, '?...')
}

function asCall(at: number, kind: HandshakeCall['kind'], method: string, url: string): HandshakeCall {
  return {
    ...{ at, kind, direction: 'out', method, url: cutText(shown(url)), address: null },
    ...{ httpStatus: 0, ocpiStatus: null, ms: 0, failure: null, detail: null, correlationId: null },
  }
}

function faultIn(module: 'versions' | 'credentials', answer: Uint8Array | null): Problem | null {
  return module === 'credentials' && answer !== null ? faultInCredentials(answer) : null
}

/** As it can be shown, and kept: a database takes no NUL as text. */
function inOneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}

/** Where a redirect leads, which mostly is the URL that should have been given: with https, or a slash at its end. */
function elsewhere({ status, headers }: Extract<SendResult, { kind: 'answer' }>): string {
  const location = status >= 300 && status < 400 ? header(headers, 'location') : undefined
  return location === undefined ? '' : ` (to ${shown(location).slice(0, 255)}, which is not followed)`
}

/** An answer that says no is the partner's own; one that makes no sense is what the hub could not use. */
function failureOf(answer: PartnerAnswer<unknown>): string | null {
  return answer.kind === 'refused' && answer.ocpiStatus === undefined ? 'not-understood' : null
}
