import { Agent, request as send } from 'undici'
import { type WireAnswer, type WireRequest, wireAnswer } from '../../sandbox/party/wire.ts'
import type { Dialect } from './dialect.ts'

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

export type Wire = { readonly send: (request: WireRequest) => Promise<WireAnswer>; readonly close: () => Promise<void> }

/** Sends OCPI requests [transport_and_format]. Rejects when no answer comes. */
export function createWire(headersOf: Dialect['headers']): Wire {
  const dispatcher = new Agent({ headersTimeout: 30_000, bodyTimeout: 30_000 })
  return {
    send: async (request) => {
      const { method, url, body } = request
      const answer = await send(url, {
        dispatcher,
        method,
        headers: headersOf(request),
        body: body === undefined ? null : JSON.stringify(body),
      })
      return wireAnswer(answer.statusCode, await answer.body.text(), (lowerName) => {
        const value = answer.headers[lowerName]
        return (Array.isArray(value) ? value[0] : value) ?? null
      })
    },
    close: () => dispatcher.destroy(),
  }
}
