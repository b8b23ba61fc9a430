import type { AskParty } from '../../hub/corridor/ask-party.ts'
import { createDuties, type Duties } from '../../hub/corridor/duties.ts'
import type { LedUrls } from '../../hub/corridor/hub-urls.ts'
import { createGetAll } from '../../hub/get-all/get-all.ts'
import { createAuthorizeEverywhere } from '../../hub/open-routing/authorize.ts'
import { createOpenRouting } from '../../hub/open-routing/open-routing.ts'
import { createOwnCopies } from '../../hub/shadow/own-copy.ts'
import type { Translate } from '../../hub/translate/translate.ts'
import { random } from '../shared/secrets.ts'
import { createFanOuts } from './fan-outs.ts'
import type { Runtime } from './runtime.ts'
import type { HubParts } from './wire-parts.ts'

/** Broadcast push, open routing and GET All. */
export function wireDuties(
  parts: HubParts,
  runtime: Runtime,
  { ask, led, translate }: { readonly ask: AskParty; readonly led: LedUrls; readonly translate: Translate },
): Duties {
  const { settings, secrets, now, inflate, after, alarm, owners, plans } = parts
  const { broadcast, counts } = runtime
  const { forwardTimeoutMs, bufferBytes } = settings
  const fanOuts = createFanOuts(settings, now, counts.bound)
  const authorizeEverywhere = createAuthorizeEverywhere({
    ask,
    fanOuts,
    inflate,
    translate,
    now,
    forwardTimeoutMs,
    bufferBytes,
    mostAskedWhenOpen: settings.openAuthorizationMost,
  })
  const allowsPrivateBroadcast = settings.broadcastPrivate
  return createDuties({
    broadcast,
    open: createOwnCopies(
      parts.shadow,
      createOpenRouting({ owners, contracts: parts.contracts, broadcast, allowsPrivateBroadcast, authorizeEverywhere }),
    ),
    getAll: createGetAll({
      ask,
      mayCall: led.mayCall,
      translate,
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
