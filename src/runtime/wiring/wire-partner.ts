import { showParty } from '../../ocpi/party.ts'
import { createPartnerPages } from '../../partner/partner.ts'
import { random } from '../shared/secrets.ts'
import { createLoginLimit } from './login-limit.ts'
import type { Runtime } from './runtime.ts'
import type { HubParts } from './wire-parts.ts'

/** The pages that partners open by a link. */
export function wirePartner(parts: HubParts, runtime: Runtime) {
  const { settings, secrets, hub, now } = parts
  return createPartnerPages({
    sessions: parts.partnerSessions,
    registry: parts.registry,
    attempts: parts.attempts,
    queues: runtime.queues,
    messages: parts.messages,
    wrongLinks: createLoginLimit(settings, now, runtime.counts.refusedLogin),
    random,
    digest: secrets.digest,
    publicUrl: settings.publicUrl,
    hub: { name: settings.hubName, party: showParty(hub) },
    readAsset: runtime.readAsset,
    compressed: runtime.compressed,
    clientAddress: runtime.clientAddress,
    now,
    noteProblem: parts.noteProblem,
  })
}
