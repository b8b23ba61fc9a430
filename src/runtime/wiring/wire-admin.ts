import { createAdmin } from '../../admin/admin.ts'
import type { Changes } from '../../admin/ports.ts'
import type { By } from '../../hub/administration/audit.ts'
import { createLockOuts } from '../../hub/administration/lock-outs.ts'
import type { AskResult } from '../../hub/check/runs/check-runs.ts'
import type { AskParty } from '../../hub/corridor/ask-party.ts'
import type { Registry } from '../../hub/network/registry.ts'
import type { TryOut } from '../../hub/network/sandbox.ts'
import type { PartnerClient } from '../../hub/registration/partner-client.ts'
import { MOST_URL_LENGTH } from '../../hub/webhooks/webhook.ts'
import { createCredentialStore } from '../../storage/administration/accounts.ts'
import { createLockOutStore } from '../../storage/administration/lock-outs.ts'
import { settleWithin } from '../../storage/settle-within.ts'
import { createOpenId } from '../shared/open-id.ts'
import { passwords } from '../shared/passwords.ts'
import { random } from '../shared/secrets.ts'
import type { Runtime } from './runtime.ts'
import { mayCallOf } from './wire-client.ts'
import { FRESHEN_WITHIN_MS, type HubParts } from './wire-parts.ts'
import { wireTestWebhook } from './wire-webhooks.ts'

/** What administrators are served, with the handshakes that the hub begins for them. */
export function wireAdmin(
  parts: HubParts,
  runtime: Runtime,
  client: PartnerClient,
  { ask, tryOut }: { readonly ask: AskParty; readonly tryOut: TryOut },
) {
  const { settings, secrets, now, registry } = parts
  const { publicUrl } = settings
  const { current, refresh } = runtime.table
  const connectBy = parts.connectWith({ client, table: runtime.table })

  function changesBy(by: By): Changes {
    const { handshake, checks, ...changes } = parts.auditedBy(by)
    return {
      ...changes,
      checks: { ...checks, ask: async (...asked) => woken(await checks.ask(...asked)) },
      queues: {
        setPaused: (platformId, isPaused) => runtime.queues.setPaused(platformId, isPaused, by),
        skip: (platformId) => runtime.queues.skip(platformId, by),
      },
      handshakes: {
        connect(platformId, partner) {
          const given = { versions_url: partner.versionsUrl }
          const run = (own: Registry) => connectBy(own).connect(platformId, partner, by.author.name)
          return handshake({ verb: 'connect', platformId, given, run })
        },
        rotate(platformId) {
          const run = (own: Registry) => connectBy(own).rotate(platformId, by.author.name)
          return handshake({ verb: 'rotate', platformId, given: null, run })
        },
        end(platformId, cause) {
          const run = (own: Registry) => connectBy(own).end(platformId, cause)
          return handshake({ verb: 'disconnect', platformId, given: null, run })
        },
      },
    }
  }

  /** What was asked for is begun at once. */
  function woken(asked: AskResult): AskResult {
    if (asked.kind === 'asked') runtime.wakeChecks()
    return asked
  }

  return createAdmin({
    registry,
    agreements: parts.agreements,
    queues: runtime.queues,
    traces: parts.traces,
    as: changesBy,
    audit: parts.audit,
    check: runtime.presence.check,
    messages: parts.messages,
    traffic: parts.traffic,
    conversions: parts.conversions,
    platformFigures: parts.platformFigures,
    sendAgain: {
      pushed: runtime.pushed,
      ask,
      timeoutMs: settings.forwardTimeoutMs,
    },
    sandbox: { tryOut, seal: secrets.seal },
    events: { ...parts.events, ...runtime.watch },
    webhooks: {
      ...parts.webhooks,
      mayCall: mayCallOf(settings, { mostLength: MOST_URL_LENGTH }),
      seal: secrets.seal,
      test: wireTestWebhook(parts, runtime.send),
    },
    checks: parts.checks,
    connectionCheck: settings.connectionCheck,
    partnerLinks: parts.partnerLinks,
    concerns: parts.concerns,
    newcomers: parts.newcomers,
    refusedCalls: parts.refusedCalls,
    attempts: parts.attempts,
    afterChange: refresh,
    currentTable: current,
    deliveryDefaults: settings.deliveryDefaults,
    holdsNewPlatforms: settings.holdsNewPlatforms,
    mostRoles: settings.admission.mostRoles,
    now,
    after: runtime.after,
    random,
    digest: secrets.digest,
    mac: secrets.mac,
    mayCall: mayCallOf(settings),
    publicUrl,
    hubName: settings.hubName,
    readAsset: runtime.readAsset,
    compressed: runtime.compressed,
    isAdminToken: runtime.isAdminToken,
    adminTokenMark: () => secrets.mac(`administrator token ${runtime.adminTokenDigest()}`),
    freshenAdminToken: () => settleWithin(FRESHEN_WITHIN_MS, runtime.refreshAdminToken()),
    accounts: parts.accounts,
    credentials: createCredentialStore({ orm: runtime.orm, now, lookUp: runtime.lookUp }),
    passwords,
    provider:
      settings.openId &&
      createOpenId(settings.openId, `${publicUrl}/admin/api/session/provider/callback`, { ...secrets, now }),
    lockOuts: createLockOuts({
      store: createLockOutStore(runtime.orm),
      random,
      now,
      perMinute: settings.failedLoginsPerMinute,
      onFailed: runtime.counts.refusedLogin,
    }),
    clientAddress: runtime.clientAddress,
    noteProblem: parts.noteProblem,
  })
}
