import { asc, eq, gt, sql } from 'drizzle-orm'
import type { PlatformRow, TableRows } from '../../hub/network/registry.ts'
import type { HostedParty, HostedRole } from '../../hub/network/routing-table.ts'
import type { Party, PartyKey } from '../../ocpi/party.ts'
import type { Orm, Transaction } from '../database.ts'
import { readAgreements } from './agreements.ts'
import { readDeparted } from './departed-roles.ts'
import { readPolicy } from './policy.ts'
import { credentialsTokens, parties, partyRoles, platforms, removedPlatforms, routingRevision } from './schema.ts'

/**
 * Everything that routes, or what changed since a revision. One short query while nothing changed; otherwise one query per
 * table, all of one moment.
 */
export async function readTableRows(orm: Orm, afterRevision: number | null, now: number): Promise<TableRows> {
  if (afterRevision !== null && (await readRevision(orm)) === afterRevision)
    return { revision: afterRevision, ...NOTHING_CHANGED }
  return orm.transaction((tx) => readSnapshot(tx, afterRevision, now), {
    isolationLevel: 'repeatable read',
    accessMode: 'read only',
  })
}

const NOTHING_CHANGED = { platforms: [], removedPlatformIds: [], agreements: [], departed: [], policy: null } as const

async function readRevision(orm: Orm | Transaction): Promise<number> {
  const [row] = await orm.select({ revision: routingRevision.revision }).from(routingRevision)
  if (!row) throw new Error('Expected one row in routing_revision, got none: is the database migrated?')
  return row.revision
}

async function readSnapshot(tx: Transaction, afterRevision: number | null, now: number): Promise<TableRows> {
  const revision = await readRevision(tx)
  const isChanged = afterRevision === null ? undefined : gt(platforms.revision, afterRevision)
  const rows = await tx
    .select({
      id: platforms.id,
      name: platforms.name,
      status: platforms.status,
      statusCause: platforms.statusCause,
      version: platforms.version,
      isStrictAboutTokens: platforms.isStrictAboutTokens,
      isStrict: platforms.isStrict,
      isLeftOutOfGetAll: platforms.isLeftOutOfGetAll,
      sandbox: platforms.sandbox,
      tries: platforms.tries,
      tokenEncoding: platforms.tokenEncoding,
      sealedToken: platforms.sealedToken,
      endpoints: platforms.endpoints,
      endpointOverrides: platforms.endpointOverrides,
      delivery: platforms.delivery,
      conversion: platforms.conversion,
      revision: platforms.revision,
    })
    .from(platforms)
    .where(isChanged)
  const roles = await tx
    .select({
      platformId: partyRoles.platformId,
      key: parties.key,
      countryCode: parties.countryCode,
      partyId: parties.partyId,
      movedFrom: partyRoles.movedFrom,
      movedAt: partyRoles.movedAt,
      movedRevision: partyRoles.movedRevision,
      role: partyRoles.role,
      state: partyRoles.state,
      told: {
        status: partyRoles.status,
        since: partyRoles.lastUpdated,
        revision: partyRoles.revision,
        announcedAt: partyRoles.announcedAt,
        announcedRevision: partyRoles.announcedRevision,
      },
    })
    .from(platforms)
    .innerJoin(partyRoles, eq(partyRoles.platformId, platforms.id))
    .innerJoin(parties, eq(parties.key, partyRoles.partyKey))
    .where(isChanged)
    .orderBy(asc(parties.key), asc(partyRoles.platformId), asc(partyRoles.role))
  const tokens = await tx
    .select({
      platformId: credentialsTokens.platformId,
      digest: credentialsTokens.digest,
      kind: credentialsTokens.kind,
      expiresAt: credentialsTokens.expiresAt,
    })
    .from(platforms)
    .innerJoin(credentialsTokens, eq(credentialsTokens.platformId, platforms.id))
    .where(
      sql`${isChanged ?? sql`true`} and (${credentialsTokens.expiresAt} is null or ${credentialsTokens.expiresAt} > ${now})`,
    )
  const removed =
    afterRevision === null
      ? []
      : await tx.select().from(removedPlatforms).where(gt(removedPlatforms.revision, afterRevision))

  const partiesOf = hostedParties(roles)
  const tokensOf = Map.groupBy(tokens, (token) => token.platformId)
  return {
    revision,
    platforms: rows.map((row) => ({
      ...row,
      parties: partiesOf.get(row.id) ?? [],
      credentials: asCredentials(tokensOf.get(row.id) ?? []),
    })),
    removedPlatformIds: removed.map((platform) => platform.id),
    agreements: await readAgreements(tx, afterRevision),
    departed: await readDeparted(tx, afterRevision),
    policy: await readPolicy(tx),
  }
}

type RoleOfParty = Party &
  Pick<HostedRole, 'role' | 'told'> & {
    readonly platformId: string
    readonly key: PartyKey
    readonly state: HostedRole['status']
  } & Pick<typeof partyRoles.$inferSelect, 'movedFrom' | 'movedAt' | 'movedRevision'>

/** By platform. The rows of one party on one platform follow one another. */
function hostedParties(rows: readonly RoleOfParty[]): Map<string, HostedParty[]> {
  const byPlatform = new Map<string, HostedParty[]>()
  let last: (HostedParty & { readonly roles: HostedRole[] }) | undefined
  for (const { role, state, told, movedFrom, movedAt, movedRevision, ...party } of rows) {
    if (last?.key !== party.key || last.platformId !== party.platformId) {
      last = { ...party, roles: [] }
      const others = byPlatform.get(party.platformId)
      if (others) others.push(last)
      else byPlatform.set(party.platformId, [last])
    }
    const isMoved = movedFrom !== null && movedAt !== null && movedRevision !== null
    const moved = isMoved ? { fromPlatformId: movedFrom, at: movedAt, revision: movedRevision } : null
    last.roles.push({ role, status: state, told, moved })
  }
  return byPlatform
}

type Token = Pick<typeof credentialsTokens.$inferSelect, 'platformId' | 'digest' | 'kind' | 'expiresAt'>

function asCredentials(tokens: readonly Token[]): PlatformRow['credentials'] {
  const hasOlder = tokens.some((token) => token.kind === 'access' && token.expiresAt !== null)
  return tokens.map(({ digest, platformId, kind, expiresAt }) => {
    const mayBeNewest = kind === 'offered' || kind === 'rotating'
    return {
      digest,
      platformId,
      kind: mayBeNewest ? ('access' as const) : kind,
      expiresAt,
      replacesOlder: mayBeNewest || (kind === 'access' && expiresAt === null && hasOlder),
    }
  })
}
