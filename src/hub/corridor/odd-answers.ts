import { beginsMarkup, envelopeBytes, isBlank, parseEnvelope } from '../../ocpi/envelope.ts'
import { isBareData } from '../../ocpi/envelope-status.ts'
import { type Headers, header } from '../../ocpi/headers.ts'
import { retryAfterMs } from '../../ocpi/retry-after.ts'
import { STATUS } from '../../ocpi/status.ts'
import { words } from '../../ocpi/words.ts'
import type { Said } from '../message/exchange.ts'
import { createMaskOf, maskBody } from '../message/mask-token.ts'
import type { Refusal } from '../message/refusal.ts'
import type { CurrentTable } from '../network/routing-table.ts'
import type { Alarm, Now, OutboundRequest } from '../ports.ts'

/** A receiver's answer that is no envelope, or has a status that the caller may not see. */
export type OddAnswer = {
  readonly status: number
  readonly headers: Headers
  /** As it came; of what streams the beginning, or nothing. */
  readonly body: Uint8Array
  /** The body inflated; null when it cannot be read. */
  readonly plain: Uint8Array | null
}

/** What the caller gets for it. */
export type Mended =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Headers
      readonly body: Uint8Array
      readonly ocpiStatus: number | null
      readonly said?: Said
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly said: Said }

/** Statuses that say the same to the caller whoever gave them: the receiver in words, or a gateway with a page of HTML. */
const SAID_BY_STATUS: ReadonlySet<number> = new Set([404, 405, 413, 429])

/**
 * What the hub makes of answers that cannot go on as they are [transport_and_format: Response format; status_codes]. Where the
 * receiver has spoken it has the word: a success without a body is one, one with `data` alone passes, and 4xx keeps its status and
 * reason. A page of HTML is a gateway's, and with 5xx nobody has done anything. 401, and 403 without an envelope, are about
 * the hub's own token: relayed, they would tell the caller that its token is dead. A strict platform's success has an envelope.
 */
export function createOddAnswers(ports: { readonly table: CurrentTable; readonly now: Now; readonly alarm: Alarm }) {
  const { table, now, alarm } = ports

  return function mend(platformId: string, request: OutboundRequest, answer: OddAnswer): Mended {
    const { status, headers, body } = answer
    const isStrict = table().platforms.get(platformId)?.isStrict === true
    const mayBeBare = !isStrict && status >= 200 && status <= 299
    if (mayBeBare && answer.plain && isBareData(answer.plain)) {
      return { kind: 'answered', status, headers, body, ocpiStatus: null }
    }
    // A partner that refuses a token may name it, and what it says is shown and kept.
    const mask = createMaskOf(header(request.headers, 'authorization'))
    const plain = answer.plain && maskBody(answer.plain, mask)
    const said: Said = { status, headers: headers.map(mask), body: plain ?? body }
    if (mayBeBare && plain && isBlank(plain)) return success(headers, said)
    if (status === 401 || status === 403) {
      const what = `HTTP ${status}${colon(saidIn(plain))}`
      alarm({ kind: 'receiver-rejects-our-token', platformId, detail: `${request.method} got ${what}` })
      return refused({ kind: 'not-connected', detail: `The receiver refuses the hub's token, ${what}` }, said)
    }
    const hasTheWord = status >= 400 && status <= 499 && !(plain && beginsMarkup(plain))
    if (hasTheWord || SAID_BY_STATUS.has(status)) {
      return refused({ kind: 'receiver-said', status, said: saidIn(plain), headers: waitOf(status, headers) }, said)
    }
    return refused(
      { kind: 'hub-failure', detail: `The receiver answered HTTP ${status} without an OCPI envelope` },
      said,
    )
  }

  /** An envelope for a success that has none. 204 and 205 could not have one [RFC 9110, sections 15.3.5 and 15.3.6]. */
  function success(received: Headers, said: Said): Mended {
    const headers = ['Content-Type', 'application/json']
    for (let i = 0; i < received.length; i += 2) {
      const name = received[i] as string
      if (!OF_A_BODY.test(name)) headers.push(name, received[i + 1] as string)
    }
    const message = `The receiver answered HTTP ${said.status} without a body`
    return {
      kind: 'answered',
      status: said.status === 204 || said.status === 205 ? 200 : said.status,
      headers,
      body: envelopeBytes(STATUS.success, message, undefined, new Date(now()).toISOString()),
      ocpiStatus: STATUS.success,
      said,
    }
  }

  /** In seconds, since a date would be reckoned by another clock than the one it was made by. */
  function waitOf(status: number, headers: Headers): Headers {
    const waitMs = status === 429 ? retryAfterMs(headers, now()) : null
    return waitMs === null ? [] : ['Retry-After', String(Math.ceil(waitMs / 1000))]
  }
}

const OF_A_BODY = /^content-/i

/** The code and message of an envelope, or else the words of a text; empty for a page of HTML. */
export function saidIn(plain: Uint8Array | null): string {
  if (plain === null || beginsMarkup(plain)) return ''
  const envelope = parseEnvelope(plain)
  if (!envelope) return words(plain)
  const { statusCode, statusMessage } = envelope
  return statusMessage === null ? String(statusCode) : words(`${statusCode} ${statusMessage}`)
}

function colon(said: string): string {
  return said === '' ? '' : `: ${said}`
}

function refused(refusal: Refusal, said: Said): Mended {
  return { kind: 'refused', refusal, said }
}
