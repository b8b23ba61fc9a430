import type { AuditFields } from '../../hub/administration/audit.ts'
import type { PlatformRecord } from '../../hub/network/registry.ts'
import { type Party, type Role, showParty } from '../../ocpi/party.ts'
import { momentText } from './moment-text.ts'

/** A platform as the audit trail compares it: what administrators and handshakes change. It holds no tokens. */
export function platformFields(platform: PlatformRecord): AuditFields {
  const { delivery } = platform
  return {
    name: platform.name,
    status: platform.status,
    status_cause: platform.statusCause,
    version: platform.version,
    versions_url: platform.versionsUrl,
    parties: platform.parties.map(inWords),
    pending_roles: platform.pendingRoles.map(inWords),
    endpoints: platform.endpoints.map(({ identifier, role, url }) => ({ identifier, role, url })),
    endpoint_overrides: platform.endpointOverrides.map(({ identifier, role, url }) => ({ identifier, role, url })),
    delivery: {
      requests_per_second: delivery.requestsPerSecond ?? null,
      concurrency: delivery.concurrency ?? null,
      max_age_seconds: delivery.maxAgeSeconds ?? null,
      after_offline: delivery.afterOffline ?? null,
      broadcast_to: delivery.broadcastTo ?? null,
    },
    conversion: conversionFields(platform.conversion),
    token_encoding: platform.tokenEncoding,
    strict_authorization: platform.isStrictAboutTokens,
    strict: platform.isStrict,
    hold: platform.isHeld,
    awaits_check: platform.awaitsCheck,
    left_out_of_get_all: platform.isLeftOutOfGetAll,
    most_roles: platform.mostRoles,
    misbehaviour: platform.sandbox ?? null,
    sandbox_partners: platform.tries ?? [],
    registration_expires_at: momentText(platform.registrationExpiresAt),
    has_older_token: platform.hasOlderToken,
  }
}

function conversionFields(own: PlatformRecord['conversion'] = {}): AuditFields {
  return {
    extras: own.extras ?? null,
    tariff_loss: own.tariffLoss ?? null,
    owner_members: own.ownerMembers ?? null,
    owner_in_url: own.ownerInUrl ?? null,
    ids: own.ids ?? null,
    counterparty: own.counterparty ?? null,
    time_zone: own.timeZone ?? null,
    vat: own.vat ?? null,
    command_timeout: own.commandTimeout ?? null,
    credit: own.credit ?? null,
    reference_member: own.referenceMember ?? null,
    signed_data: own.signedData ?? null,
    tells_losses: own.tellsLosses ?? null,
  }
}

function inWords(party: Party & { readonly role: Role }): string {
  return `${showParty(party)} ${party.role}`
}
