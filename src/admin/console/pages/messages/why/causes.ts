import type { MessageDetail } from '../../../views.ts'
import type { Cause } from './cause.ts'
import { deliveryCause, hubCallCause } from './causes-of-calls.ts'
import { notConnected, unknownReceiver } from './causes-of-pair.ts'
import { saidIn, wordsOfCode } from './codes.ts'
import type { Known } from './known.ts'
import { asSentence, HUB_ERRORS, nameOfReceiver } from './words.ts'

const ROUTING = 'transport_and_format: Message Routing'
const FORMAT = 'transport_and_format: JSON / HTTP implementation guide'

/** Why an exchange failed or was refused, for people. */
export function causeOf(message: MessageDetail, known: Known): Cause {
  if (message.kind === 'delivery') return deliveryCause(message)
  if (message.kind === 'hub-call' || message.kind === 'check') return hubCallCause(message, known)
  return message.failure === null ? receiverRefused(message) : hubRefused(message, known)
}

function hubRefused(message: MessageDetail, known: Known): Cause {
  const { failure, module } = message
  const from = message.from_party ?? message.from_platform_name ?? 'The caller'
  const to = nameOfReceiver(message)
  const detail = asSentence(message.detail)
  switch (failure) {
    case 'unknown-receiver':
      return unknownReceiver(message, known)
    case 'not-connected':
      return notConnected(message, known)
    case 'timeout': {
      const text = `${detail}Whether it took the request nobody knows: what may be done twice can be sent again.`
      return { title: `${to} did not answer in time`, text, chapter: HUB_ERRORS, mend: 'receiver' }
    }
    case 'receiver-said': {
      const text = `${detail}It gave no OCPI answer of its own, so that the hub passed its word on.`
      return { title: `${to} refused it with HTTP ${message.http_status}`, text, chapter: HUB_ERRORS, mend: 'receiver' }
    }
    case 'hub-failure': {
      const text = `${detail}The request may be sent again later.`
      return {
        title: 'The hub could not do it',
        text,
        chapter: HUB_ERRORS,
        mend: message.to_platform_id === null ? null : 'receiver',
      }
    }
    case 'too-many-requests': {
      const text = `${detail}Its limit is among the settings of its connection. It may try again after the seconds of Retry-After.`
      return { title: `${from} sent more than it may`, text, chapter: null, mend: 'caller' }
    }
    case 'unauthenticated':
      return {
        title: 'Nobody has the token of this call',
        text: 'It is missing, unknown or was replaced. What the hub can tell of it stands below Onboarding.',
        chapter: 'transport_and_format: Authorization header',
        mend: 'onboard-caller',
      }
    case 'unknown-path':
    case 'unsupported-version':
    case 'method-not-allowed':
      return {
        title: `${from} asked for what is not here`,
        text: `${detail}It has to use the URLs of the hub's version details.`,
        chapter: 'version_information_endpoint',
        mend: null,
      }
    case 'withheld':
      return {
        title: 'It cannot be said in the other OCPI version',
        text: `${detail}In the words of that version it would be false, so that it was not carried.`,
        chapter: null,
        mend: null,
      }
    case 'not-json':
    case 'too-large':
    case 'too-slow':
      return {
        title: `The body that ${from} sent cannot be read`,
        text: `${detail}Nothing was sent on.`,
        chapter: FORMAT,
        mend: null,
      }
    case 'invalid':
      return {
        title: `What ${from} sent is not valid`,
        text: `${detail}It has to mend it; nothing was sent on.`,
        chapter: module === 'credentials' ? 'credentials' : ROUTING,
        mend: known.from?.status === 'PLANNED' ? 'onboard-caller' : null,
      }
    default:
      return { title: `The hub refused it: ${failure}`, text: detail, chapter: null, mend: null }
  }
}

/** The receiver's own answer, which went to the caller as it was. */
function receiverRefused(message: MessageDetail): Cause {
  const { http_status, ocpi_status } = message
  const who = message.forwarded_url === null ? 'The hub' : nameOfReceiver(message)
  const said = saidIn(message)
  const code = ocpi_status === null ? `HTTP ${http_status}` : `${ocpi_status}, ${wordsOfCode(ocpi_status)}`
  const words = said === null ? '' : `It said: “${said}”. `
  const text = `${words}${message.forwarded_url === null ? '' : 'The answer is its own; the hub passed it on.'}`
  return { title: `${who} answered ${code}`, text, chapter: 'status_codes', mend: null }
}
