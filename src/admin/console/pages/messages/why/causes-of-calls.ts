import type { MessageDetail } from '../../../views.ts'
import type { Cause } from './cause.ts'
import { wordsOfCode } from './codes.ts'
import type { Known } from './known.ts'

/** "Not now", whatever stands in the body. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

/** Why a delivery of a push failed. */
export function deliveryCause({
  http_status,
  ocpi_status,
  failure,
  detail,
  module,
  to_party,
  to_platform_name,
}: MessageDetail): Cause {
  const who = to_party ?? to_platform_name ?? 'The partner'
  if (failure === 'withheld') {
    const text = `${detail ?? 'It cannot be said in its OCPI version'}. Nothing was sent, and nothing waits.`
    return { title: `It was withheld from ${who}`, text, chapter: null, mend: null }
  }
  if (failure === 'not-converted') {
    const text = `${detail ?? 'It cannot be converted'}. That is a fault of the hub's. It waits in the queue and is tried again.`
    return { title: `The hub could not convert it for ${who}`, text, chapter: null, mend: 'queue' }
  }
  const said = detail === null ? '' : `It said: “${detail}”. `
  if (http_status === 0) {
    const text = `${detail ?? failure ?? 'No answer came'}. It waits in the queue and is tried again.`
    return { title: `${who} did not answer`, text, chapter: null, mend: 'queue' }
  }
  const isRefusal = ocpi_status !== null && ocpi_status >= 2000 && ocpi_status < 3000
  if (http_status === 401 || (http_status === 403 && !isRefusal)) {
    const text = `${said}It has replaced or lost the token that it gave the hub. Rotate, and both get new ones; its queue waits meanwhile.`
    return {
      title: `${who} refuses the token of the hub`,
      text,
      chapter: 'transport_and_format: Authorization header',
      mend: 'rotate',
    }
  }
  if (isRefusal && http_status < 500 && !PASSING.has(http_status)) {
    const text = `${said}It is not tried again, and stands among what was missed. Once the partner has mended it, it can be sent again.`
    return {
      title: `${who} refuses this object of ${module}: ${ocpi_status}, ${wordsOfCode(ocpi_status)}`,
      text,
      chapter: 'status_codes: 2xxx: Client errors',
      mend: 'replay',
    }
  }
  const text = `${said}It waits in the queue and is tried again.`
  return {
    title: `${who} could not take it: ${failure ?? `HTTP ${http_status}`}`,
    text,
    chapter: 'status_codes',
    mend: 'queue',
  }
}

/** Why a call that the hub made by itself failed. */
export function hubCallCause(message: MessageDetail, { to }: Known): Cause {
  const { http_status, detail, failure, module, to_platform_name, to_party } = message
  const who = to_party ?? to_platform_name ?? 'The partner'
  const words = detail ?? failure ?? ''
  const text = words === '' ? 'Its answer is below.' : `${words}.`
  const isPlanned = to?.status === 'PLANNED'
  const mend = isPlanned ? 'onboard' : module === 'hubclientinfo' ? 'queue' : 'receiver'
  if (http_status === 0) return { title: `${who} did not answer the hub`, text, chapter: null, mend }
  if (http_status === 401 || http_status === 403)
    return {
      title: `${who} refuses the token of the hub`,
      text,
      chapter: 'transport_and_format: Authorization header',
      mend: isPlanned ? 'onboard' : 'rotate',
    }
  const chapter =
    module === 'versions' ? 'version_information_endpoint' : module === 'credentials' ? 'credentials' : 'status_codes'
  return { title: `The hub could not use what ${who} answered`, text, chapter, mend }
}
