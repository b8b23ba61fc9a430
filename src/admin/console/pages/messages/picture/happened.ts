import { took } from '../../../parts/figures.ts'
import type { Html } from '../../../parts/html.ts'
import { outcomeOf } from '../../../parts/outcome.ts'
import { sequence } from '../../../parts/sequence.ts'
import type { Message, MessageDetail } from '../../../views.ts'
import { broadcast, getAll, ownCall } from './of-the-hub.ts'
import { relayed } from './relayed.ts'
import { answeredBack, asked, caller, hubLane, type Picture } from './steps.ts'

/** The picture of an exchange: who asked whom for what, and how that ended. */
export function happened(message: MessageDetail, hub: string, story: readonly Message[]): Html {
  const { lanes, steps } = pictureOf(message, hub, story)
  const { text } = outcomeOf(message)
  const who = lanes.map(({ name }) => name).join(', ')
  return sequence(
    `${message.method} ${message.path}: between ${who}; it ended with ${text} after ${took(message.duration_ms)}`,
    lanes,
    steps,
  )
}

function pictureOf(message: MessageDetail, hub: string, story: readonly Message[]): Picture {
  switch (message.kind) {
    case 'delivery':
    case 'hub-call':
    case 'check':
      return ownCall(message, hub)
    case 'configuration':
      return { lanes: [caller(message), hubLane(hub, '')], steps: [asked(message), answeredBack(message)] }
    case 'broadcast':
      return broadcast(message, hub)
    case 'get-all':
      return getAll(message, hub, story)
    default:
      return relayed(message, hub, story)
  }
}
