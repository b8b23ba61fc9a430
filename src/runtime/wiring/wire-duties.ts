import { createAskParty } from '../../hub/corridor/ask-party.ts'
import { createDuties, type Duties } from '../../hub/corridor/duties.ts'
import { createForward, type Gate } from '../../hub/corridor/forward.ts'
import type { LedUrls } from '../../hub/corridor/hub-urls.ts'
import { createGetAll } from '../../hub/get-all/get-all.ts'
import type { GetAllPlans } from '../../hub/get-all/plan.ts'
import type { Observe } from '../../hub/message/exchange.ts'
import { createAuthorizeEverywhere } from '../../hub/open-routing/authorize.ts'
import type { ObjectOwners } from '../../hub/open-routing/object-owners.ts'
import { createOpenRouting } from '../../hub/open-routing/open-routing.ts'
import type { After, Secrets } from '../../hub/ports.ts'
import type { BroadcastDuty } from '../../hub/push/accept/duty.ts'
import type { Settings } from '../settings/settings.ts'
import { random } from '../shared/secrets.ts'

/** What the hub's own duties need beside what routing does. */
export type DutyParts = {
  readonly broadcast: BroadcastDuty
  readonly owners: ObjectOwners
  readonly plans: GetAllPlans
  readonly after: After
}

/** What the duties share with the rest of the hub. */
type SharedParts = Pick<ForwardPorts, 'send' | 'inflate' | 'now' | 'alarm'> & {
  readonly settings: Settings
  readonly secrets: Pick<Secrets, 'digest'>
  readonly observe: Observe
  readonly presence: Pick<ForwardPorts, 'onUnreachable'>
  readonly duties: DutyParts
}

type ForwardPorts = Parameters<typeof createForward>[0]

/** Broadcast push, open routing and GET All. They share the room for direct requests of each platform. */
export function wireDuties(parts: SharedParts, gate: Gate, led: LedUrls): Duties {
  const { settings, secrets, now, send, inflate, alarm, observe, presence } = parts
  const { broadcast, owners, plans, after } = parts.duties
  const { forwardTimeoutMs, bufferBytes } = settings
  const forward = createForward({ send, inflate, gate, now, alarm, onUnreachable: presence.onUnreachable })
  const ask = createAskParty({ forward, random, now, observe })
  const authorizeEverywhere = createAuthorizeEverywhere({
    ask,
    owners,
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
      plans,
      nextUrl: led.nextOfCrawlUrl,
      digest: secrets.digest,
      random,
      now,
      after,
      allowsPartialLists: settings.getAllPartial,
      forwardTimeoutMs,
      pageBytes: settings.maxBodyBytes,
    }),
  })
}
