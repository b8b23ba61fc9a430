import type { Changes, HeaderChange } from '../../hub/message/exchange.ts'
import { keptOf, withoutSecrets } from './redaction.ts'

/*
 * Changes are stored as JSON text:
 * {"request":{"headers":[["OCPI-from-party-id",null,"EMS"]],"response_url":["https://…","https://hub…"]},"response":{"headers":[]}}
 */

/** Of one message. Nothing that a partner sends grows the log beyond them. */
const MOST_HEADERS = 40
const MOST_CHARACTERS = 1_000

type StoredChanges = {
  readonly request?: { readonly headers?: readonly HeaderChange[]; readonly response_url?: readonly [string, string] }
  readonly response?: { readonly headers: readonly HeaderChange[] }
}

/** As it is stored: without secrets, each text cut to 1000 characters. */
export function writeChanges({ request, response }: Changes): string {
  const stored: StoredChanges = {
    ...(request && {
      request: {
        ...(request.headers && { headers: keptHeaders(request.headers) }),
        ...(request.responseUrl && { response_url: keptUrls(request.responseUrl) }),
      },
    }),
    ...(response && { response: { headers: keptHeaders(response.headers) } }),
  }
  return JSON.stringify(stored)
}

export function readChanges(text: string): Changes {
  const { request, response } = JSON.parse(text) as StoredChanges
  return {
    ...(request && {
      request: {
        ...(request.headers && { headers: request.headers }),
        ...(request.response_url && { responseUrl: request.response_url }),
      },
    }),
    ...(response && { response }),
  }
}

function keptHeaders(headers: readonly HeaderChange[]): HeaderChange[] {
  return headers.slice(0, MOST_HEADERS).map(([name, was, is]) => [cut(name), keptText(name, was), keptText(name, is)])
}

function keptText(name: string, value: string | null): string | null {
  return value === null ? null : cut(keptOf(name, value))
}

function keptUrls([was, is]: readonly [string, string]): [string, string] {
  return [cut(withoutSecrets(was)), cut(withoutSecrets(is))]
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS) : text
}
