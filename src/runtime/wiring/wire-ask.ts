import { type AskParty, createAskParty } from '../../hub/corridor/ask-party.ts'
import { createForward } from '../../hub/corridor/forward.ts'
import type { Places } from '../../hub/limits.ts'
import { random } from '../shared/secrets.ts'
import type { Runtime } from './runtime.ts'
import { leastSpeedOf } from './stream-limits.ts'
import type { HubParts } from './wire-parts.ts'

/** Requests that the hub itself makes to parties. They share the room for direct requests of each platform. */
export function wireAsk(parts: HubParts, runtime: Runtime, places: Places): AskParty {
  const { settings, inflate, now, alarm, loopMark } = parts
  const { send, observe, table, presence, counts } = runtime
  const forward = createForward({
    send,
    newerToken: parts.newerTokenIn(table),
    table: table.current,
    inflate,
    places,
    leastSpeed: leastSpeedOf(settings),
    now,
    alarm,
    noteBound: counts.bound,
    onUnreachable: presence.onUnreachable,
  })
  return createAskParty({ forward, random, loopMark, now, observe })
}
