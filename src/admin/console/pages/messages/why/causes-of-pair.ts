import { partyText } from '../../../parts/party.ts'
import type { MessageDetail } from '../../../views.ts'
import type { Cause } from './cause.ts'
import type { Known } from './known.ts'
import { asSentence, HUB_ERRORS, nameOfReceiver } from './words.ts'

/** Why the hub says that there is no such receiver. */
export function unknownReceiver(message: MessageDetail, { decision, to }: Known): Cause {
  const { from_party: a, to_party: b, module } = message
  const detail = asSentence(message.detail)
  const one = decision?.modules[0]
  if (!decision || !one || a === null || b === null)
    return { title: 'No receiver was found', text: `${detail}Nothing was sent on.`, chapter: HUB_ERRORS, mend: null }
  if (!one.allowed) {
    const text = `${one.rule === null ? asSentence(one.reason) : 'A rule of these two denies it. '}The hub then answers 4001, as if the other party were unknown. Nothing was sent on.`
    return {
      title: `${a} and ${b} may not talk about ${module}`,
      text,
      chapter: HUB_ERRORS,
      mend: decision.rules.length === 0 ? 'allow' : 'rules',
    }
  }
  const missing = one.routes.find(
    (route) => partyText(route.to) === b && route.interface_role === message.interface_role,
  )?.missing
  const now = missing
    ? `As it is now: ${asSentence(missing)}`
    : 'By rules and connections of now it would find its way.'
  return {
    title: `${b} was not found for ${module}`,
    text: `${detail}${now}`,
    chapter: HUB_ERRORS,
    mend: to ? (to.status === 'PLANNED' ? 'onboard' : 'receiver') : missing ? 'rules' : null,
  }
}

/** Why the hub says that the receiver, or the caller, is not connected. */
export function notConnected(message: MessageDetail, { from, to }: Known): Cause {
  const detail = asSentence(message.detail)
  const cause = { text: `${detail}Nothing was sent on.`, chapter: HUB_ERRORS }
  const { receiver_status: status, forwarded_url } = message
  if (status === 401 || status === 403) {
    const text = `${detail}It has replaced or lost the token that it gave the hub. Rotate, and both get new ones.`
    return {
      title: `${nameOfReceiver(message)} refuses the token of the hub`,
      text,
      chapter: 'transport_and_format: Authorization header',
      mend: 'rotate',
    }
  }
  if (forwarded_url !== null)
    return {
      title: `${nameOfReceiver(message)} cannot be reached`,
      text: detail,
      chapter: HUB_ERRORS,
      mend: 'receiver',
    }
  if (from && (from.status === 'SUSPENDED' || from.status === 'PLANNED'))
    return {
      ...cause,
      title: `${from.name} is ${from.status} itself`,
      mend: from.status === 'PLANNED' ? 'onboard-caller' : 'caller',
    }
  const title = `${nameOfReceiver(message)} is not connected`
  return { ...cause, title, mend: to?.status === 'PLANNED' ? 'onboard' : 'receiver' }
}
