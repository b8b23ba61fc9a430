import type { z } from '@hono/zod-openapi'
import type { PlatformRecord } from '../../../hub/network/registry.ts'
import type { DeliverySettings } from '../../../hub/network/routing-table.ts'
import { endpointKey } from '../../../ocpi/modules.ts'
import type { AdminPorts } from '../../ports.ts'
import type { DeliveryInputSchema, PlatformSchema } from '../schemas.ts'
import { showConversion } from './conversion.ts'

/** Milliseconds since the epoch as RFC 3339 in UTC. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString()
}

/** The versions endpoint that partners are given. */
export function versionsUrlOf(publicUrl: string): string {
  return `${publicUrl}/ocpi/versions`
}

/** A platform as the API shows it, with the settings that are in force. */
export function showPlatform(
  record: PlatformRecord,
  {
    deliveryDefaults,
    mostRoles,
    publicUrl,
    now,
  }: Pick<AdminPorts, 'deliveryDefaults' | 'mostRoles' | 'publicUrl' | 'now'>,
): z.infer<typeof PlatformSchema> {
  const delivery = { ...deliveryDefaults, ...record.delivery }
  const expiresAt = record.registrationExpiresAt
  const isOpen = expiresAt !== null && expiresAt > now()
  return {
    id: record.id,
    name: record.name,
    status: record.status,
    status_cause: record.statusCause,
    status_since: timestamp(record.statusSince),
    version: record.version,
    versions_url: record.versionsUrl,
    parties: record.parties.map((party) => ({
      country_code: party.countryCode,
      party_id: party.partyId,
      role: party.role,
      status: party.status,
      last_updated: timestamp(party.lastUpdated),
    })),
    pending_roles: record.pendingRoles.map(({ countryCode, partyId, role, why, since }) => ({
      country_code: countryCode,
      party_id: partyId,
      role,
      why,
      since: timestamp(since),
    })),
    most_roles: record.mostRoles ?? mostRoles,
    endpoints: showEndpoints(record),
    delivery: {
      requests_per_second: delivery.requestsPerSecond,
      concurrency: delivery.concurrency,
      max_age_seconds: delivery.maxAgeSeconds,
      after_offline: delivery.afterOffline,
      broadcast_to: delivery.broadcastTo,
    },
    conversion: showConversion(record),
    token_encoding: record.tokenEncoding,
    strict_authorization: record.isStrictAboutTokens,
    strict: record.isStrict,
    left_out_of_get_all: record.isLeftOutOfGetAll,
    hold: record.isHeld,
    awaits_check: record.awaitsCheck,
    is_sandbox: Boolean(record.sandbox),
    sandbox_partners: [...(record.tries ?? [])],
    registration: isOpen
      ? {
          versions_url: versionsUrlOf(publicUrl),
          expires_at: timestamp(expiresAt),
          fingerprint: record.registrationFingerprint ?? null,
        }
      : null,
    has_credentials: record.hasCredentials,
    has_older_token: record.hasOlderToken,
    last_seen_at: record.lastSeenAt === null ? null : timestamp(record.lastSeenAt),
    certificate_ends_at: record.certificateEndsAt === null ? null : timestamp(record.certificateEndsAt),
    created_at: timestamp(record.createdAt),
  }
}

/** Endpoints as they are in force; those that an administrator mended stand last, hidden ones among them, with what was announced. */
function showEndpoints({ endpoints, endpointOverrides }: PlatformRecord): z.infer<typeof PlatformSchema>['endpoints'] {
  const announced = new Map(endpoints.map((endpoint) => [endpointKey(endpoint.identifier, endpoint.role), endpoint]))
  const overrides = endpointOverrides.map(({ identifier, role, url }) => {
    const key = endpointKey(identifier, role)
    const announced_url = announced.get(key)?.url ?? null
    announced.delete(key)
    return { identifier, role, url, override: { announced_url } }
  })
  return [...[...announced.values()].map(({ identifier, role, url }) => ({ identifier, role, url })), ...overrides]
}

/** A platform's own settings after an administrator's change: what is left out stays, null returns to the default. */
export function changedDelivery(
  own: Partial<DeliverySettings>,
  input: z.infer<typeof DeliveryInputSchema>,
): Partial<DeliverySettings> {
  const changed = {
    requestsPerSecond: input.requests_per_second === undefined ? own.requestsPerSecond : input.requests_per_second,
    concurrency: input.concurrency === undefined ? own.concurrency : input.concurrency,
    maxAgeSeconds: input.max_age_seconds === undefined ? own.maxAgeSeconds : input.max_age_seconds,
    afterOffline: input.after_offline === undefined ? own.afterOffline : input.after_offline,
    broadcastTo: input.broadcast_to === undefined ? own.broadcastTo : input.broadcast_to,
  }
  const set = Object.entries(changed).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(set) as Partial<DeliverySettings>
}
