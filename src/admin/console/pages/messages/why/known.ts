import type { decision } from '../../../../api/agreements/pairs.ts'
import type { getPlatform } from '../../../../api/platforms/platforms.ts'
import type { AnswerOf, Api } from '../../../api.ts'
import { outcomeOf } from '../../../parts/outcome.ts'
import { partyText } from '../../../parts/party.ts'
import type { MessageDetail, Platform } from '../../../views.ts'

/** What the page knows beside the message when it says why it failed. */
export type Known = {
  readonly decision: AnswerOf<typeof decision> | null
  readonly from: Platform | null
  readonly to: Platform | null
}

/** Failed or refused, by whomever. */
export function isTroubled(message: MessageDetail): boolean {
  return message.failure !== null || outcomeOf(message).tone !== 'good'
}

/** Asks the API for what tells why a message failed; of one that went well nothing. */
export async function knownOf(api: Api, message: MessageDetail): Promise<Known> {
  if (!isTroubled(message)) return { decision: null, from: null, to: null }
  const { failure, from_party: a, to_party: b, module, from_platform_id, to_platform_id } = message
  const isAboutPair = (failure === 'unknown-receiver' || failure === 'not-connected') && a !== null && b !== null
  const asked = isAboutPair
    ? await api.send<typeof decision>('get', '/agreements/decision', { query: { a, b, module } })
    : null
  const decided = asked?.kind === 'done' ? asked.body : null
  const toId = to_platform_id ?? hostOf(decided, message)
  const [from, to] = await Promise.all([platformOf(api, from_platform_id), platformOf(api, toId)])
  return { decision: decided, from, to }
}

/** The platform that hosts the receiver, where the message went to none. */
function hostOf(decided: Known['decision'], { to_party, interface_role }: MessageDetail): string | null {
  const routes = decided?.modules[0]?.routes ?? []
  const ofIt = routes.filter(({ to }) => partyText(to) === to_party)
  return (ofIt.find((route) => route.interface_role === interface_role) ?? ofIt[0])?.platform_id ?? null
}

async function platformOf(api: Api, id: string | null): Promise<Platform | null> {
  if (id === null) return null
  const sent = await api.send<typeof getPlatform>('get', '/platforms/{id}', { params: { id } })
  return sent.kind === 'done' ? sent.body : null
}
