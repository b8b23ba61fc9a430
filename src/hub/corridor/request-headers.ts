import { onwardHeaders } from '../../ocpi/forwarded-headers.ts'
import type { Headers } from '../../ocpi/headers.ts'
import type { Party } from '../../ocpi/party.ts'
import { LOOP_MARK } from '../message/loop-mark.ts'
import { USER_AGENT } from '../own-headers.ts'

/** The headers of the request the hub sends: its own, then what the caller's end-to-end headers say, and what they should have. */
export function requestHeaders(of: {
  readonly authorization: string
  readonly requestId: string
  readonly correlationId: string
  readonly to: Party
  readonly from: Party
  readonly received: Headers
  /** The receiver's version has no routing headers. @default false */
  readonly isWithoutRouting?: boolean
  /** See `LOOP_MARK`. */
  readonly loopMark: string
  /** The body is plain JSON, whatever it came as. */
  readonly isBodyReplaced: boolean
  /** Gets those of the caller's headers, with their values, that do not go on as they came and may have told something. */
  readonly unlike: string[]
}): string[] {
  const headers = [
    'Authorization',
    of.authorization,
    'X-Request-ID',
    of.requestId,
    'X-Correlation-ID',
    of.correlationId,
  ]
  if (!of.isWithoutRouting) {
    headers.push('OCPI-to-country-code', of.to.countryCode, 'OCPI-to-party-id', of.to.partyId)
    headers.push('OCPI-from-country-code', of.from.countryCode, 'OCPI-from-party-id', of.from.partyId)
  }
  headers.push(LOOP_MARK, of.loopMark)
  if (of.isBodyReplaced) headers.push('Content-Type', 'application/json')
  let hasAccept = false
  let hasUserAgent = false
  const onward = onwardHeaders(of.received, of.unlike)
  for (let i = 0; i < onward.length; i += 2) {
    const name = onward[i] as string
    const value = onward[i + 1] as string
    if (of.isBodyReplaced && SAYS_WHAT_CAME.test(name)) {
      of.unlike.push(name, value)
      continue
    }
    const isAcceptEncoding = name.length === 15 && name.toLowerCase() === 'accept-encoding'
    const readable = isAcceptEncoding ? readableCodings(value) : value
    if (readable !== value) of.unlike.push(name, value)
    headers.push(name, readable)
    if (name.length === 6) hasAccept ||= name.toLowerCase() === 'accept'
    else if (name.length === 10) hasUserAgent ||= name.toLowerCase() === 'user-agent'
  }
  if (!hasAccept) headers.push('Accept', 'application/json')
  if (!hasUserAgent) headers.push('User-Agent', USER_AGENT)
  return headers
}

const SAYS_WHAT_CAME = /^content-(?:type|encoding)$/i

/** Codings in which the hub can check an answer; see `Inflate`. */
const READABLE = /^\s*(?:x-gzip|gzip|deflate|br|identity)\s*(?:;|$)/i

/** Of the codings a caller accepts [RFC 9110, section 12.5.3] those the hub can read: an answer in another is no envelope to it. */
function readableCodings(accepted: string): string {
  const codings = accepted.split(',').filter((coding) => READABLE.test(coding))
  return codings.join(',').trim() || 'identity'
}
