import type { Context } from 'hono'
import { STATUS } from '../../ocpi/status.ts'
import type { PartyName } from './objects.ts'

/** What a simulated party sends, and what came back, as it stands on the wire [transport_and_format]. */

export type WireRequest = {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'
  readonly url: string
  readonly token: string
  readonly from?: PartyName
  readonly to?: PartyName
  readonly body?: unknown
}

export type WireAnswer = {
  readonly status: number
  /** Null when the answer is no envelope. */
  readonly ocpiStatus: number | null
  readonly message: string | null
  readonly data: unknown
  readonly header: (lowerName: string) => string | null
}

/** The headers of a request. A new pair of IDs, unless the correlation is given. */
export function wireHeaders(
  { token, from, to, body }: WireRequest,
  correlationId: string = crypto.randomUUID(),
): Record<string, string> {
  return {
    authorization: `Token ${toBase64(token)}`,
    'x-request-id': crypto.randomUUID(),
    'x-correlation-id': correlationId,
    ...(to && { 'ocpi-to-country-code': to.country_code, 'ocpi-to-party-id': to.party_id }),
    ...(from && { 'ocpi-from-country-code': from.country_code, 'ocpi-from-party-id': from.party_id }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
}

/** @param header the value of a header of the answer */
export function wireAnswer(status: number, text: string, header: WireAnswer['header']): WireAnswer {
  const envelope = parseObject(text)
  return {
    status,
    ocpiStatus: typeof envelope?.['status_code'] === 'number' ? envelope['status_code'] : null,
    message: typeof envelope?.['status_message'] === 'string' ? envelope['status_message'] : null,
    data: envelope?.['data'],
    header,
  }
}

export function isSuccess(answer: WireAnswer): boolean {
  return answer.status < 300 && answer.ocpiStatus === STATUS.success
}

/** Why an answer is no success, for people. */
export function showAnswer(answer: WireAnswer): string {
  return `HTTP ${answer.status}, OCPI ${answer.ocpiStatus ?? 'none'}${answer.message ? `, ${answer.message}` : ''}`
}

export type ReplyOptions = {
  readonly status?: 200 | 201 | 400 | 401 | 404 | 405 | 413 | 429 | 500
  readonly statusCode?: number
  readonly message?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers with an envelope, the caller's message IDs and the routing headers swapped [transport_and_format]. */
export function reply(c: Context, data: unknown, options: ReplyOptions = {}): Response {
  const headers: Record<string, string> = { ...options.headers }
  for (const [to, from] of ANSWER_HEADERS) {
    const value = c.req.header(from)
    if (value) headers[to] = value
  }
  const envelope = {
    data,
    status_code: options.statusCode ?? STATUS.success,
    ...(options.message !== undefined && { status_message: options.message }),
    timestamp: new Date().toISOString(),
  }
  return c.json(envelope, options.status ?? 200, headers)
}

export function replyUnknown(c: Context, what: string): Response {
  return reply(c, undefined, { status: 404, statusCode: STATUS.clientError, message: `Unknown ${what}` })
}

export function replyInvalid(c: Context, message: string): Response {
  return reply(c, undefined, { status: 400, statusCode: STATUS.invalidParameters, message })
}

/** The body as an object; null when it is none. */
export async function readObject(c: Context): Promise<Record<string, unknown> | null> {
  return parseObject(await c.req.text())
}

const ANSWER_HEADERS = [
  ['X-Request-ID', 'X-Request-ID'],
  ['X-Correlation-ID', 'X-Correlation-ID'],
  ['OCPI-to-country-code', 'OCPI-from-country-code'],
  ['OCPI-to-party-id', 'OCPI-from-party-id'],
  ['OCPI-from-country-code', 'OCPI-to-country-code'],
  ['OCPI-from-party-id', 'OCPI-to-party-id'],
] as const

/** Tokens are ASCII here, so `btoa` is enough. */
export function toBase64(token: string): string {
  return btoa(token)
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
