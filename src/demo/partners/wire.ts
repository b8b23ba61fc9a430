import type { Context } from 'hono'
import { Agent, request as send } from 'undici'
import { STATUS } from '../../ocpi/status.ts'
import type { PartyName } from './objects.ts'

/** One message, as the one who sent it saw it end. */
export type Traffic = {
  readonly from: string
  readonly to: string
  readonly module: string
  readonly what: string
  /** Null when no answer came. */
  readonly httpStatus: number | null
  readonly ocpiStatus: number | null
  readonly durationMs: number
}

export type ObserveTraffic = (traffic: Traffic) => void

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

export type Wire = { readonly send: (request: WireRequest) => Promise<WireAnswer>; readonly close: () => Promise<void> }

/** Sends OCPI requests [transport_and_format]. Rejects when no answer comes. */
export function createWire(): Wire {
  const dispatcher = new Agent({ headersTimeout: 30_000, bodyTimeout: 30_000 })
  return {
    send: async ({ method, url, token, from, to, body }) => {
      const answer = await send(url, {
        dispatcher,
        method,
        headers: {
          authorization: `Token ${toBase64(token)}`,
          'x-request-id': crypto.randomUUID(),
          'x-correlation-id': crypto.randomUUID(),
          ...(to && { 'ocpi-to-country-code': to.country_code, 'ocpi-to-party-id': to.party_id }),
          ...(from && { 'ocpi-from-country-code': from.country_code, 'ocpi-from-party-id': from.party_id }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      })
      const envelope = parseObject(await answer.body.text())
      return {
        status: answer.statusCode,
        ocpiStatus: typeof envelope?.['status_code'] === 'number' ? envelope['status_code'] : null,
        message: typeof envelope?.['status_message'] === 'string' ? envelope['status_message'] : null,
        data: envelope?.['data'],
        header: (lowerName) => {
          const value = answer.headers[lowerName]
          return (Array.isArray(value) ? value[0] : value) ?? null
        },
      }
    },
    close: () => dispatcher.destroy(),
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
  readonly status?: 200 | 201 | 400 | 401 | 404 | 405
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
