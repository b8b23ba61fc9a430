import { showDetail } from '../admin/api/messages/message-view.ts'
import { answeredLines, type HeaderLine, hasTwoLegs, sentLines, wasAnswered } from '../admin/console/parts/both-legs.ts'
import type { MessageDetail as Shown } from '../admin/console/views.ts'
import type { MessageDetail, MessageSummary } from '../hub/message/message-query.ts'
import type { Own } from './reads.ts'

/** How an exchange ended on one side, as `outcomeOf` takes it. */
export type Ended = Pick<Shown, 'http_status' | 'ocpi_status' | 'failure'>

/** What a partner sent or was sent; a null body was not kept, or holds what is another's. */
export type OwnPart = {
  readonly lines: readonly HeaderLine[]
  readonly kept: Shown['request']
  /** Null: it streamed. */
  readonly bytes: number | null
}

/** One side of an exchange: `asked` is the partner's request to the hub, the other the hub's request to the partner. */
export type OwnLeg = {
  readonly asked: boolean
  /** The path at the hub, or the partner's own URL. */
  readonly target: string
  readonly requestId: string
  readonly tookMs: number | null
  readonly ended: Ended
  /** What kept the hub from an answer of the partner's; null where one came. */
  readonly trouble: string | null
}

const NOT_SHOWN: Shown['request'] = { headers: null, body: null, body_encoding: 'utf-8', body_is_cut: false }

/** The side on which the platform asked, or else the one on which it was called. */
export function legOf({ message, sides }: Own<MessageSummary>, asked = sides.asked): OwnLeg {
  const { httpStatus: http_status, ocpiStatus: ocpi_status, failure, forwardedUrl, receiverStatus } = message
  if (asked)
    return {
      asked,
      target: message.path,
      requestId: message.requestId,
      tookMs: message.durationMs,
      ended: { http_status, ocpi_status, failure },
      trouble: null,
    }
  const called = {
    asked,
    target: forwardedUrl ?? message.path,
    requestId: message.forwardedRequestId ?? message.requestId,
    tookMs: message.receiverMs,
  }
  const isRelayed = hasTwoLegs({ kind: message.kind, forwarded_url: forwardedUrl })
  if (!isRelayed) return { ...called, ended: { http_status, ocpi_status, failure }, trouble: message.detail }
  if (!hasAnswered(message))
    return { ...called, ended: { http_status: 0, ocpi_status: null, failure }, trouble: message.detail }
  // Of an answer that did not go on, the status that the caller got is the hub's.
  const own =
    receiverStatus === null ? { http_status, ocpi_status } : { http_status: receiverStatus, ocpi_status: null }
  return { ...called, ended: { ...own, failure: null }, trouble: null }
}

function hasAnswered({ kind, forwardedUrl: forwarded_url, failure, receiverStatus: receiver_status }: MessageSummary) {
  return wasAnswered({ kind, forwarded_url, failure, receiver_status })
}

/** What was sent and answered on one side of the hub; the other side is left out, whatever the log has of it. */
export function partsOf(
  message: MessageDetail,
  asked: boolean,
): { readonly request: OwnPart; readonly answer: OwnPart | null } {
  const shown = showDetail(message, () => null, true)
  const { request, response, request_bytes, response_bytes } = shown
  const plain = (kept: Shown['request']): HeaderLine[] =>
    (kept.headers ?? []).map((header) => ({ ...header, mark: null }))
  if (asked) {
    // Of an answer of the receiver's that the hub said in its own words, the log keeps the receiver's.
    const isOwn = message.receiverStatus === null
    return {
      request: { lines: plain(request), kept: request, bytes: request_bytes },
      answer: isOwn ? { lines: plain(response), kept: response, bytes: response_bytes } : null,
    }
  }
  if (!hasTwoLegs(shown)) {
    // Of a delivery that succeeded the log has what its sender pushed: the body is what was sent on, the headers are not.
    const lines = message.bodyOf === null ? plain(request) : ownIds(shown)
    return {
      request: { lines, ...ownBody(shown, 'request', request, request_bytes) },
      answer: message.httpStatus === 0 ? null : { lines: plain(response), kept: response, bytes: response_bytes },
    }
  }
  // What came in front of the hub's changes is the other's, and so is a body that was converted between versions.
  const sent = sentLines(shown).filter(({ mark }) => mark !== 'gone')
  const lines = sent.map(({ name, value }) => unmarked(name, name === 'Authorization' ? YOUR_TOKEN : value))
  return {
    request: { lines, ...ownBody(shown, 'request', withOwnUrl(shown), request_bytes) },
    answer: wasAnswered(shown)
      ? {
          lines: answeredLines(shown).map(({ name, value }) => unmarked(name, value)),
          ...(message.receiverStatus === null
            ? ownBody(shown, 'response', response, response_bytes)
            : { kept: response, bytes: response_bytes }),
        }
      : null,
  }
}

/** What of a message that the hub made another of, also within one version, stood on the receiver's side; of any other, what stood on both. */
function ownBody(
  { conversion, converted }: Shown,
  of: 'request' | 'response',
  both: Shown['request'],
  bytes: number,
): Pick<OwnPart, 'kept' | 'bytes'> {
  if (converted === null) return { kept: conversion === null ? both : NOT_SHOWN, bytes }
  const own = converted[of]
  return own === null ? { kept: both, bytes } : { kept: { ...own, headers: null }, bytes: own.bytes }
}

const YOUR_TOKEN = 'The token that you gave the hub'

function unmarked(name: string, value: string): HeaderLine {
  return { name, value, mark: null }
}

function ownIds({ correlation_id, forwarded_request_id }: Shown): HeaderLine[] {
  return [unmarked('X-Request-ID', forwarded_request_id ?? ''), unmarked('X-Correlation-ID', correlation_id)]
}

const RESPONSE_URL = /("response_url"\s*:\s*)"(?:[^"\\]|\\.)*"/g

/**
 * The body of a command as its receiver got it: the hub's URL stands in the place of its caller's. Where that place is not found for
 * certain, nothing of the body is shown.
 */
function withOwnUrl({ request, changes }: Shown): Shown['request'] {
  const led = changes?.request?.response_url
  if (led === undefined || request.body === null) return request
  const isText = request.body_encoding === 'utf-8' && !request.body_is_cut
  const body = request.body.replace(RESPONSE_URL, (_, name: string) => name + JSON.stringify(led.is))
  const isMended = isText && body !== request.body && !body.includes(led.was)
  return isMended ? { ...request, body } : NOT_SHOWN
}
