import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import type { PlatformPage } from '../../hub/network/platform-page.ts'
import type { PlatformRecord } from '../../hub/network/registry.ts'
import type { Orm, Transaction } from '../database.ts'
import { orderOf, whichPlatforms } from './platform-search.ts'
import {
  credentialsTokens,
  parties,
  partyRoles,
  pendingRoles,
  platformCertificates,
  platformSeen,
  platforms,
} from './schema.ts'

/** Of the certificates that a platform shows the first to end. */
const certificateEndsAt = sql<number | null>`(
  select min(${platformCertificates.endsAt}) from ${platformCertificates}
  where ${platformCertificates.platformId} = ${platforms.id}
)`.mapWith(Number)

export async function findPlatform(
  orm: Orm | Transaction,
  platformId: string,
  now: number,
): Promise<PlatformRecord | null> {
  const rows = await selectPlatforms(orm).where(eq(platforms.id, platformId))
  return (await completeRecords(orm, rows, now))[0] ?? null
}

/** After a platform that was deleted meanwhile the list goes on from where that stood; after an unknown one it is empty. */
export async function listPlatforms(orm: Orm, page: PlatformPage, now: number): Promise<PlatformRecord[]> {
  const rows = await selectPlatforms(orm)
    .where(whichPlatforms(page))
    .orderBy(...orderOf(page))
    .limit(page.limit)
  return completeRecords(orm, rows, now)
}

function selectPlatforms(orm: Orm | Transaction) {
  return orm
    .select({ platform: platforms, lastSeenAt: platformSeen.lastSeenAt, certificateEndsAt })
    .from(platforms)
    .leftJoin(platformSeen, eq(platformSeen.platformId, platforms.id))
    .$dynamic()
}

type PlatformRows = Awaited<ReturnType<typeof selectPlatforms>>

async function completeRecords(orm: Orm | Transaction, rows: PlatformRows, now: number): Promise<PlatformRecord[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.platform.id)
  const roles = await orm
    .select({ party: parties, role: partyRoles })
    .from(partyRoles)
    .innerJoin(parties, eq(parties.key, partyRoles.partyKey))
    .where(inArray(partyRoles.platformId, ids))
    .orderBy(asc(parties.key), asc(partyRoles.role))
  const pending = await orm
    .select()
    .from(pendingRoles)
    .where(inArray(pendingRoles.platformId, ids))
    .orderBy(asc(pendingRoles.number))
  const tokens = await orm
    .select()
    .from(credentialsTokens)
    .where(
      and(
        inArray(credentialsTokens.platformId, ids),
        sql`(${credentialsTokens.expiresAt} is null or ${credentialsTokens.expiresAt} > ${now})`,
      ),
    )
  const rolesOf = Map.groupBy(roles, ({ role }) => role.platformId)
  const pendingOf = Map.groupBy(pending, ({ platformId }) => platformId)
  const tokensOf = Map.groupBy(tokens, (token) => token.platformId)
  return rows.map(({ platform, lastSeenAt, certificateEndsAt: endsAt }) => {
    const own = tokensOf.get(platform.id) ?? []
    const registration = own.find((token) => token.kind === 'registration')
    return {
      id: platform.id,
      name: platform.name,
      status: platform.status,
      statusCause: platform.statusCause,
      statusSince: platform.statusSince,
      version: platform.version,
      versionsUrl: platform.versionsUrl,
      parties: (rolesOf.get(platform.id) ?? []).map(({ party, role }) => ({
        countryCode: party.countryCode,
        partyId: party.partyId,
        role: role.role,
        businessDetails: role.businessDetails,
        status: role.status,
        lastUpdated: role.lastUpdated,
      })),
      pendingRoles: (pendingOf.get(platform.id) ?? []).map(({ countryCode, partyId, role, why, since }) => ({
        countryCode,
        partyId,
        role,
        why,
        since,
      })),
      mostRoles: platform.mostRoles,
      endpoints: platform.endpoints,
      endpointOverrides: platform.endpointOverrides,
      delivery: platform.delivery,
      conversion: platform.conversion,
      tokenEncoding: platform.tokenEncoding,
      isStrictAboutTokens: platform.isStrictAboutTokens,
      isStrict: platform.isStrict,
      isLeftOutOfGetAll: platform.isLeftOutOfGetAll,
      isHeld: platform.isHeld,
      awaitsCheck: platform.awaitsCheck,
      sandbox: platform.sandbox,
      tries: platform.tries,
      lastSeenAt,
      certificateEndsAt: endsAt,
      createdAt: platform.createdAt,
      registrationExpiresAt: registration?.expiresAt ?? null,
      registrationFingerprint: registration?.fingerprint ?? null,
      hasCredentials: platform.sealedToken !== null,
      hasOlderToken: own.some((token) => token.kind === 'access' && token.expiresAt !== null),
    }
  })
}
