import { type CredentialsObject, parseCredentials } from '../../ocpi/credentials.ts'
import { parseEnvelope } from '../../ocpi/envelope.ts'
import type { Endpoint } from '../../ocpi/modules.ts'
import { authorizationValue } from '../../ocpi/token-header.ts'
import { parseVersionDetails, parseVersions, type Version } from '../../ocpi/versions.ts'
import type { MayCall } from '../led-urls.ts'
import { inflated } from '../inflated.ts'
import type { Inflate, Random, Send } from '../ports.ts'

/** What a call to a partner's configuration modules brought. */
export type PartnerAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The URL is one the hub may not call. */
  | { readonly kind: 'forbidden-url'; readonly detail: string }
  /** No answer at all. */
  | { readonly kind: 'unreachable'; readonly detail: string }
  /** An answer that says no or makes no sense. `httpStatus` is absent when HTTP went well. */
  | { readonly kind: 'refused'; readonly detail: string; readonly httpStatus?: number; readonly ocpiStatus?: number }

/** The token the hub sends, and how this partner wants it spelt. */
export type TokenToSend = { readonly token: string; readonly encoding: 'base64' | 'raw' }

export type PartnerClient = ReturnType<typeof createPartnerClient>

/**
 * The hub as a client of a partner's versions and credentials modules. Every URL is checked before it is called, no redirect
 * is followed, answers are bounded in size and time.
 */
export function createPartnerClient(ports: {
  readonly send: Send
  readonly inflate: Inflate
  readonly random: Random
  readonly mayCall: MayCall
  readonly timeoutMs: number
  readonly bufferBytes: number
}) {
  const { send, inflate, random, mayCall, timeoutMs, bufferBytes } = ports

  async function call(
    method: string,
    url: string,
    by: TokenToSend,
    body?: unknown,
  ): Promise<PartnerAnswer<{ readonly data: unknown }>> {
    const verdict = mayCall(url)
    if (!verdict.ok) return { kind: 'forbidden-url', detail: `${url}: ${verdict.why}` }
    const { origin, pathname, search } = new URL(url)
    const headers = ['Authorization', authorizationValue(by.token, by.encoding), 'Accept', 'application/json']
    headers.push('X-Request-ID', random.id(), 'X-Correlation-ID', random.id())
    if (body !== undefined) headers.push('Content-Type', 'application/json')
    const result = await send({
      origin,
      path: pathname + search,
      method,
      headers,
      body: body === undefined ? null : new TextEncoder().encode(JSON.stringify(body)),
      timeoutMs,
      bufferBytes,
    })
    if (result.kind === 'failed') {
      if (result.why === 'forbidden-address') return { kind: 'forbidden-url', detail: `${url}: ${result.detail}` }
      return { kind: 'unreachable', detail: `${method} ${url}: ${result.detail}` }
    }
    if (!(result.body instanceof Uint8Array)) {
      await result.body[Symbol.asyncIterator]().return?.()
      return { kind: 'refused', detail: `${method} ${url}: the answer exceeds ${bufferBytes} bytes` }
    }
    const said = `${method} ${url} answered HTTP ${result.status}`
    const plain = await inflated(result.headers, result.body, inflate, bufferBytes)
    const envelope = plain && parseEnvelope(plain)
    if (!envelope) return { kind: 'refused', detail: `${said} without an OCPI envelope`, httpStatus: result.status }
    const { statusCode, statusMessage, data } = envelope
    if (result.status >= 200 && result.status < 300 && statusCode >= 1000 && statusCode < 2000) {
      return { kind: 'ok', value: { data } }
    }
    const message = statusMessage ? `: ${statusMessage.slice(0, 200)}` : ''
    const detail = `${said} with ${statusCode}${message}`
    return { kind: 'refused', detail, httpStatus: result.status, ocpiStatus: statusCode }
  }

  async function read<T>(
    answer: Promise<PartnerAnswer<{ readonly data: unknown }>>,
    what: string,
    parse: (
      data: unknown,
    ) => { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'problem'; readonly detail: string },
  ): Promise<PartnerAnswer<T>> {
    const answered = await answer
    if (answered.kind !== 'ok') return answered
    const parsed = parse(answered.value.data)
    return parsed.kind === 'ok' ? parsed : { kind: 'refused', detail: `${what}: ${parsed.detail}` }
  }

  return {
    getVersions: (url: string, by: TokenToSend): Promise<PartnerAnswer<readonly Version[]>> =>
      read(call('GET', url, by), `Versions at ${url}`, parseVersions),
    getVersionDetails: (
      url: string,
      by: TokenToSend,
    ): Promise<PartnerAnswer<{ version: string; endpoints: readonly Endpoint[] }>> =>
      read(call('GET', url, by), `Version details at ${url}`, parseVersionDetails),
    sendCredentials: (
      method: 'POST' | 'PUT',
      url: string,
      by: TokenToSend,
      credentials: unknown,
    ): Promise<PartnerAnswer<CredentialsObject>> =>
      read(call(method, url, by, credentials), `Credentials at ${url}`, parseCredentials),
    deleteCredentials: (url: string, by: TokenToSend) => call('DELETE', url, by),
    mayCall,
  }
}
