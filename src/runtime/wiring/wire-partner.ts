import type { TryOut } from '../../hub/network/sandbox.ts'
import { showParty } from '../../ocpi/party.ts'
import { createPartnerPages } from '../../partner/partner.ts'
import { createPartnerAsk } from '../../storage/check/partner-ask.ts'
import { random } from '../shared/secrets.ts'
import { createLoginLimit } from './login-limit.ts'
import type { Runtime } from './runtime.ts'
import type { HubParts } from './wire-parts.ts'

/** The pages that partners open by a link. */
export function wirePartner(parts: HubParts, runtime: Runtime, tryOut: TryOut) {
  const { settings, secrets, hub, now } = parts
  const ask = createPartnerAsk({ orm: parts.orm, now })
  const pages = createPartnerPages({
    sessions: parts.partnerSessions,
    registry: parts.registry,
    attempts: parts.attempts,
    queues: runtime.queues,
    messages: parts.messages,
    conversions: parts.conversions,
    checks: parts.checks,
    async askCheck(platformId) {
      const asked = await ask(platformId)
      if (asked.kind === 'asked') runtime.wakeChecks()
      return asked
    },
    currentTable: runtime.table.current,
    tryOut,
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
  return (request: Request, environment: object) => pages.fetch(request, environment)
}
