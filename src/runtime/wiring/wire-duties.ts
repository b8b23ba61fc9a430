import { createAskParty } from '../../hub/corridor/ask-party.ts'
import { createDuties, type Duties } from '../../hub/corridor/duties.ts'
import { createForward } from '../../hub/corridor/forward.ts'
import type { LedUrls } from '../../hub/corridor/hub-urls.ts'
import { createGetAll } from '../../hub/get-all/get-all.ts'
import type { Places } from '../../hub/limits.ts'
import { createAuthorizeEverywhere } from '../../hub/open-routing/authorize.ts'
import { createOpenRouting } from '../../hub/open-routing/open-routing.ts'
import { random } from '../shared/secrets.ts'
import { createFanOuts } from './fan-outs.ts'
import type { Runtime } from './runtime.ts'
import { leastSpeedOf } from './stream-limits.ts'
import type { HubParts } from './wire-parts.ts'

/** Broadcast push, open routing and GET All. They share the room for direct requests of each platform. */
export function wireDuties(parts: HubParts, runtime: Runtime, places: Places, led: LedUrls): Duties {
  const { settings, secrets, now, inflate, after, alarm, owners, plans } = parts
  const { send, observe, presence, broadcast, counts } = runtime
  const { forwardTimeoutMs, bufferBytes } = settings
  const { onUnreachable } = presence
  const newerToken = parts.newerTokenIn(runtime.table)
  const forward = createForward({
    send,
    newerToken,
    table: runtime.table.current,
    inflate,
    places,
    leastSpeed: leastSpeedOf(settings),
    now,
    alarm,
    noteBound: counts.bound,
    onUnreachable,
  })
  const fanOuts = createFanOuts(settings, now, counts.bound)
  const ask = createAskParty({ forward, random, loopMark: parts.loopMark, now, observe })
  const authorizeEverywhere = createAuthorizeEverywhere({
    ask,
    fanOuts,
    inflate,
    now,
    forwardTimeoutMs,
    bufferBytes,
    mostAskedWhenOpen: settings.openAuthorizationMost,
  })
  const allowsPrivateBroadcast = settings.broadcastPrivate
  return createDuties({
    broadcast,
    open: createOpenRouting({ owners, broadcast, allowsPrivateBroadcast, authorizeEverywhere }),
    getAll: createGetAll({
      ask,
      mayCall: led.mayCall,
      plans,
      fanOuts,
      noteBound: counts.bound,
      nextUrl: led.nextOfCrawlUrl,
      digest: secrets.digest,
      random,
      now,
      after,
      alarm,
      allowsPartialLists: settings.getAllPartial,
      forwardTimeoutMs,
      sourceTimeoutMs: settings.getAllSourceTimeoutMs,
      pageBytes: settings.maxBodyBytes,
    }),
  })
}
