import { parseJson } from '../../ocpi/envelope.ts'
import type { Headers } from '../../ocpi/headers.ts'
import { isObject } from '../../ocpi/parsed.ts'
import type { Party } from '../../ocpi/party.ts'
import { showParty } from '../../ocpi/party.ts'
import { retryAfterMs } from '../../ocpi/retry-after.ts'
import { authorizationValue } from '../../ocpi/token-header.ts'
import { inflated } from '../corridor/inflated.ts'
import { detailOf, type Exchange, exchangeOf } from '../message/exchange.ts'
import { LOOP_MARK } from '../message/loop-mark.ts'
import { createMaskToken, maskBody } from '../message/mask-token.ts'
import { letGo } from '../message.ts'
import { OWN_HEADERS } from '../own-headers.ts'
import type { SendResult } from '../ports.ts'
import { shown } from '../registration/partner-client.ts'
import type { AskedCheck, CheckPorts } from './ports.ts'
import type { Body, Envelope, NotMade, Reading } from './reading.ts'
import { statusCodeOf } from './reading.ts'
import { is211 } from './version-211.ts'

/** Most calls of a run, and how long it may take in all. */
export const CHECK_CALLS_MOST = 60
const CHECK_MOST_MS = 5 * 60_000

/** Two calls begin at least so far from each other. */
const APART_MS = 500

/** Longer bodies are not read: the largest page that a hub should be sent is far smaller. */
export const CHECK_BODY_MOST = 5 * 1024 * 1024

/** The message log keeps no more of a body, and mostly less. */
const KEPT_MOST = 256 * 1024

/** Longest wait where the partner says that there were too many calls, and how long where it does not say. */
const TOO_MANY_MOST_MS = 30_000
const TOO_MANY_USUAL_MS = 5_000

/** Calls in a row without an answer after which no more are made: whoever is away is not asked sixty times. */
const SILENT_MOST = 3

/** A call as probes ask for it. */
export type Question = {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: string
  /** As the message log names it. */
  readonly module: string
  /** Gets the routing headers of a request from the hub to it. */
  readonly to?: Party | null
  readonly body?: unknown
  /** @default the platform's */
  readonly authorization?: 'right' | 'wrong' | 'none'
  readonly acceptEncoding?: string
}

/** What went over the wire. */
type Wire = { readonly headers: Headers; readonly body: Uint8Array | null; readonly result: SendResult }

export type Caller = {
  /** Makes the call when it is its time. Never rejects but with what the ports throw. */
  readonly call: (question: Question) => Promise<Reading>
  /** Every call that was made, without bodies and data. */
  readonly readings: () => readonly Exclude<Reading, NotMade>[]
  /** Calls that may still be made, without those that are kept back. */
  readonly left: () => number
  /** Keeps so many calls back for what comes last. */
  readonly keepBack: (calls: number) => void
}

/** Calls the partner as a hub does with messages of its own: at most two calls a second, one at a time. */
export function createCaller(ports: CheckPorts, asked: AskedCheck): Caller {
  const { send, inflate, random, now, pause, mayCall, observe, hub } = ports
  const { platform, correlationId, signal } = asked
  const mask = createMaskToken(platform.token)
  const endsAt = now() + CHECK_MOST_MS
  const readings: Exclude<Reading, NotMade>[] = []
  let lastAt = Number.NEGATIVE_INFINITY
  let keptBack = 0
  let silent = 0

  function whyNot(url: string): string | null {
    if (signal.aborted) return 'The check was ended'
    if (silent >= SILENT_MOST) return `The platform left ${SILENT_MOST} calls in a row without an answer`
    if (readings.length >= CHECK_CALLS_MOST - keptBack) return `The ${CHECK_CALLS_MOST} calls of a check are used up`
    if (now() >= endsAt) return 'The check has taken its five minutes'
    const verdict = URL.canParse(url) ? mayCall(url) : ({ ok: false, why: 'is no URL' } as const)
    return verdict.ok ? null : `The hub may not call ${shown(url)}: ${verdict.why}`
  }

  async function call(question: Question, isAgain = false): Promise<Reading> {
    const early = whyNot(question.url)
    if (early !== null) return { kind: 'not-made', why: early }
    const wait = lastAt + APART_MS - now()
    if (wait > 0) await pause(wait)
    const late = whyNot(question.url)
    if (late !== null) return { kind: 'not-made', why: late }
    lastAt = now()
    const reading = await make(question)
    readings.push(withoutData(reading))
    silent = reading.kind === 'unanswered' ? silent + 1 : 0
    if (isAgain || question.authorization === 'wrong' || question.authorization === 'none') return reading
    const waitMs = tooMany(reading, now())
    if (waitMs === null) return reading
    await pause(waitMs)
    const again = await call(question, true)
    return again.kind === 'not-made' ? reading : again
  }

  async function make(question: Question): Promise<Exclude<Reading, NotMade>> {
    const { method = 'GET', url, to = null } = question
    const id = random.id()
    const { origin, pathname, search } = new URL(url)
    const path = pathname + search
    const sentAt = now()
    const headers = headersOf(question, id)
    const body = question.body === undefined ? null : new TextEncoder().encode(JSON.stringify(question.body))
    const timeoutMs = Math.max(1, Math.min(ports.timeoutMs, endsAt - sentAt))
    const result = await send({ origin, path, method, headers, body, timeoutMs, bufferBytes: CHECK_BODY_MOST })
    const received = result.kind === 'answer' ? await bodyOf(result) : null
    const ms = Math.max(0, now() - sentAt)
    const made = { id, correlationId, method, url, to, sentAt, ms }
    const reading: Exclude<Reading, NotMade> =
      result.kind === 'answer' && received
        ? {
            ...made,
            kind: 'answered',
            status: result.status,
            headers: result.headers,
            body: received,
            envelope: envelopeOf(received),
          }
        : { ...made, kind: 'unanswered', ...whyUnanswered(result, timeoutMs) }

    observe(exchangeAbout(reading, question, { headers, body, result }))
    return reading
  }

  /** As the message log keeps it. */
  function exchangeAbout(
    reading: Exclude<Reading, NotMade>,
    { module, to = null }: Question,
    { headers, body, result }: Wire,
  ): Exchange {
    const { id, method, url, sentAt, ms } = reading
    const { origin, pathname, search } = new URL(url)
    const path = pathname + search
    const exchange = exchangeOf('check', sentAt, { requestId: id, correlationId }, module, method, path)
    exchange.forwardedRequestId = id
    exchange.toPlatformId = platform.id
    exchange.forwardedUrl = origin + path
    if (to) {
      exchange.fromParty = showParty(hub)
      exchange.toParty = showParty(to)
    }
    exchange.durationMs = exchange.receiverMs = ms
    exchange.requestBytes = body?.length ?? 0
    exchange.requestHeaders = headers
    exchange.requestBody = body
    if (reading.kind === 'answered') {
      exchange.httpStatus = reading.status
      exchange.ocpiStatus = statusCodeOf(reading)
      exchange.responseHeaders = reading.headers.map(mask)
      if (reading.body.kind === 'whole') {
        exchange.responseBytes = reading.body.bytes.length
        exchange.responseBody = maskBody(reading.body.bytes.subarray(0, KEPT_MOST), mask)
      }
    } else if (result.kind === 'failed') {
      exchange.failure = result.why
      exchange.detail = detailOf(mask(result.detail))
    }
    return exchange
  }

  function headersOf({ authorization = 'right', body, to, acceptEncoding }: Question, id: string): string[] {
    const headers = [...OWN_HEADERS, LOOP_MARK, ports.loopMark, 'X-Request-ID', id, 'X-Correlation-ID', correlationId]
    const token = authorization === 'right' ? platform.token : random.token()
    if (authorization !== 'none') headers.unshift('Authorization', authorizationValue(token, platform.encoding))
    if (to && !is211(platform)) {
      headers.push('OCPI-to-country-code', to.countryCode, 'OCPI-to-party-id', to.partyId)
      headers.push('OCPI-from-country-code', hub.countryCode, 'OCPI-from-party-id', hub.partyId)
    }
    if (acceptEncoding !== undefined) headers.push('Accept-Encoding', acceptEncoding)
    if (body !== undefined) headers.push('Content-Type', 'application/json')
    return headers
  }

  async function bodyOf(answer: Extract<SendResult, { kind: 'answer' }>): Promise<Body> {
    if (!(answer.body instanceof Uint8Array)) {
      await letGo(answer.body).catch(() => undefined)
      return { kind: 'too-large' }
    }
    const found = inflated(answer.headers, answer.body, inflate, platform.id, CHECK_BODY_MOST)
    if (found instanceof Uint8Array) return { kind: 'whole', bytes: found }
    const read = await found
    switch (read.kind) {
      case 'whole': {
        // What is looked at later must not lie in room that serves others by then.
        const bytes = read.bytes.slice()
        read.letGo()
        return { kind: 'whole', bytes }
      }
      case 'more':
        return { kind: 'too-large' }
      default:
        return { kind: 'unreadable' }
    }
  }

  return {
    call: (question) => call(question),
    readings: () => readings,
    left: () => Math.max(0, CHECK_CALLS_MOST - keptBack - readings.length),
    keepBack: (calls) => {
      keptBack = calls
    },
  }
}

/** How long to wait before a call is made again, once, that came too soon; null where it did not. */
function tooMany(reading: Reading, now: number): number | null {
  if (reading.kind !== 'answered' || reading.status !== 429) return null
  return Math.min(retryAfterMs(reading.headers, now) ?? TOO_MANY_USUAL_MS, TOO_MANY_MOST_MS)
}

/** What is kept of a call to its run's end: sixty pages would be too much. */
function withoutData<R extends Exclude<Reading, NotMade>>(reading: R): R {
  if (reading.kind === 'unanswered' || !reading.envelope) return reading
  const { data: _data, ...envelope } = reading.envelope
  return {
    ...reading,
    envelope,
    body: reading.body.kind === 'whole' ? { kind: 'whole', bytes: NOTHING } : reading.body,
  }
}

const NOTHING = new Uint8Array(0)

function envelopeOf(body: Body): Envelope | null {
  if (body.kind !== 'whole') return null
  const value = parseJson(body.bytes)
  return isObject(value) ? (value as Envelope) : null
}

function whyUnanswered(result: SendResult, timeoutMs: number): { why: string; isTimeout: boolean } {
  if (result.kind === 'answer') return { why: 'the answer cannot be read', isTimeout: false }
  const isTimeout = result.why === 'timeout'
  const detail = result.detail
  return { why: isTimeout ? `it was not complete within ${Math.ceil(timeoutMs / 1000)} s` : detail, isTimeout }
}
