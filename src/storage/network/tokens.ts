import { and, between, desc, eq, gt, inArray, isNotNull, lte, or, type SQL, sql } from 'drizzle-orm'
import type { TokenEnd } from '../../hub/administration/token-trace.ts'
import type { ChangeResult, Marks } from '../../hub/network/registry.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { change, kept, type Outcome, undone } from './change.ts'
import { CHANGED, touch, UNKNOWN_PLATFORM } from './platforms.ts'
import { credentialsTokens, retiredTokens } from './schema.ts'

/** Puts a registration token in the place of the one before. */
export function putRegistration(
  orm: Transacts,
  platformId: string,
  token: Marks & { readonly digest: string; readonly expiresAt: number },
  now: number,
): Promise<ChangeResult> {
  return change<ChangeResult>(orm, async (tx, revision) => {
    if (!(await touch(tx, platformId, revision, {}))) return undone(UNKNOWN_PLATFORM)
    await dropExpired(tx, platformId, now)
    await retireTokens(
      tx,
      and(eq(credentialsTokens.platformId, platformId), eq(credentialsTokens.kind, 'registration')),
      'replaced',
      now,
    )
    await tx.insert(credentialsTokens).values({ ...token, platformId, kind: 'registration', createdAt: now })
    return kept(CHANGED)
  })
}

/** Kinds of tokens that belong to a handshake of the hub's that is under way. */
const UNDER_WAY = ['provisional', 'rotating'] as const

/**
 * Adds a token for the length of a handshake that the hub started. Does nothing for a platform that is gone. False while
 * another such token, made later than `otherSince`, says that a handshake is under way, in whatever process. One made as far ahead of now
 * is of before the clock was put back.
 */
export function addHandshakeToken(
  orm: Orm,
  platformId: string,
  token: {
    readonly digest: string
    readonly kind: (typeof UNDER_WAY)[number]
    readonly expiresAt: number
    readonly prefix?: string | null
  },
  { otherSince, now }: { readonly otherSince: number; readonly now: number },
  onTokensEnded: () => void,
): Promise<boolean> {
  return change<boolean>(orm, async (tx, revision) => {
    if (!(await touch(tx, platformId, revision, {}))) return undone(true)
    await dropExpired(tx, platformId, now)
    const ofPlatform = and(eq(credentialsTokens.platformId, platformId), inArray(credentialsTokens.kind, UNDER_WAY))
    const [other] = await tx
      .select({ digest: credentialsTokens.digest })
      .from(credentialsTokens)
      .where(and(ofPlatform, between(credentialsTokens.createdAt, otherSince + 1, 2 * now - otherSince)))
      .limit(1)
    if (other) return undone(false)
    await tx.insert(credentialsTokens).values({ ...token, platformId, createdAt: now })
    if ((await dropOldest(tx, platformId, ['offered', 'rotating'], now)) > 0) onTokensEnded()
    return kept(true)
  })
}

export async function dropHandshakeToken(orm: Orm, digest: string): Promise<void> {
  await change(orm, async (tx, revision) => {
    const [gone] = await tx.delete(credentialsTokens).where(isUnderWay(digest)).returning()
    if (!gone) return undone(null)
    await touch(tx, gone.platformId, revision, {})
    return kept(null)
  })
}

function isUnderWay(digest: string) {
  return and(eq(credentialsTokens.digest, digest), inArray(credentialsTokens.kind, UNDER_WAY))
}

/** The handshake of this token is over, and nobody knows whether the partner took it. */
export async function offerToken(orm: Orm, digest: string): Promise<void> {
  await change(orm, async (tx, revision) => {
    const [offered] = await tx.update(credentialsTokens).set({ kind: 'offered' }).where(isUnderWay(digest)).returning()
    if (!offered) return undone(null)
    await touch(tx, offered.platformId, revision, {})
    return kept(null)
  })
}

/** The partner uses this token: those it replaces end at `olderExpireAt`. Does nothing for a token that was replaced itself. */
export async function noteTokenUsed(orm: Orm, digest: string, olderExpireAt: number, now: number): Promise<void> {
  await change(orm, async (tx, revision) => {
    const [used] = await tx.select().from(credentialsTokens).where(eq(credentialsTokens.digest, digest))
    if (used?.kind === 'offered' || used?.kind === 'rotating') {
      await retireAccessTokens(tx, used.platformId, olderExpireAt, now)
      await tx
        .update(credentialsTokens)
        .set({ kind: 'access', expiresAt: null })
        .where(eq(credentialsTokens.digest, digest))
      await touch(tx, used.platformId, revision, {})
      return kept(null)
    }
    if (used?.kind !== 'access' || used.expiresAt !== null) return undone(null)
    return cutOlderTokens(tx, revision, used.platformId, olderExpireAt, now)
  })
}

/** Cuts the life of the access tokens that a newer one replaced; a moment past ends them. */
export async function endOlderTokens(
  orm: Transacts,
  platformId: string,
  expiresAt: number,
  now: number,
): Promise<void> {
  await change(orm, (tx, revision) => cutOlderTokens(tx, revision, platformId, expiresAt, now))
}

async function cutOlderTokens(
  tx: Transaction,
  revision: number,
  platformId: string,
  expiresAt: number,
  now: number,
): Promise<Outcome<null>> {
  const gone = await dropExpired(tx, platformId, now)
  const cut = await tx
    .update(credentialsTokens)
    .set({ expiresAt })
    .where(
      and(
        eq(credentialsTokens.platformId, platformId),
        eq(credentialsTokens.kind, 'access'),
        isNotNull(credentialsTokens.expiresAt),
        gt(credentialsTokens.expiresAt, expiresAt),
      ),
    )
    .returning({ digest: credentialsTokens.digest })
  if (gone === 0 && cut.length === 0) return undone(null)
  await dropExpired(tx, platformId, now)
  await touch(tx, platformId, revision, {})
  return kept(null)
}

/** What becomes of the access tokens there are, offered ones included, when a new one is about to come. */
export async function retireAccessTokens(
  tx: Transaction,
  platformId: string,
  expireAt: number | 'now',
  now: number,
): Promise<void> {
  const isAccess = inArray(credentialsTokens.kind, ['access', 'offered', 'rotating'])
  const ofPlatform = and(eq(credentialsTokens.platformId, platformId), isAccess)
  if (expireAt === 'now') await retireTokens(tx, ofPlatform, 'replaced', now)
  else
    await tx
      .update(credentialsTokens)
      .set({ kind: 'access', expiresAt: sql`least(${credentialsTokens.expiresAt}, ${expireAt}::bigint)` })
      .where(ofPlatform)
}

/** Deletes the platform's tokens that open nothing any more and tells how many. */
export async function dropExpired(tx: Transaction, platformId: string, now: number): Promise<number> {
  const isOver = and(eq(credentialsTokens.platformId, platformId), lte(credentialsTokens.expiresAt, now))
  return retireTokens(tx, isOver, 'expired', now)
}

/** How long the digest of a token that came to its end is kept, and of how many a platform. */
const RETIRED_MS = 30 * 24 * 3_600_000
const MOST_RETIRED = 50

/**
 * Ends tokens of one platform and keeps their digests for who calls with one later. An access token that had an end was replaced.
 * Returns how many they were.
 */
export async function retireTokens(
  tx: Transaction,
  which: SQL | undefined,
  end: TokenEnd,
  now: number,
): Promise<number> {
  const gone = await tx.delete(credentialsTokens).where(which).returning()
  const [first] = gone
  if (!first) return 0
  const { platformId } = first
  await tx.insert(retiredTokens).values(
    gone.map(({ digest, kind, expiresAt }) => ({
      digest,
      platformId,
      end: end === 'expired' && kind !== 'registration' ? ('replaced' as const) : end,
      endedAt: Math.min(expiresAt ?? now, now),
    })),
  )
  await tx.delete(retiredTokens).where(
    or(
      lte(retiredTokens.endedAt, now - RETIRED_MS),
      and(
        eq(retiredTokens.platformId, platformId),
        sql`${retiredTokens.number} <= (
          select number from ${retiredTokens} where platform_id = ${platformId}
          order by number desc offset ${MOST_RETIRED} limit 1)`,
      ),
    ),
  )
  return gone.length
}

/**
 * Replaced tokens of one platform that still open the hub, each because the answer with the next may have got lost, and as many that were
 * offered to it and not used. Every request looks its token up among all there are, in every process.
 */
const MOST_OLDER_TOKENS = 8

/**
 * Ends the oldest of a platform's tokens of these kinds that have an end, beyond those that it may have, but never the one that it uses now.
 * Returns how many ended.
 */
export async function dropOldest(
  tx: Transaction,
  platformId: string,
  kinds: readonly ('access' | 'offered' | 'rotating')[],
  now: number,
  usedDigest?: string,
): Promise<number> {
  const older = await tx
    .select({ digest: credentialsTokens.digest })
    .from(credentialsTokens)
    .where(
      and(
        eq(credentialsTokens.platformId, platformId),
        inArray(credentialsTokens.kind, kinds),
        isNotNull(credentialsTokens.expiresAt),
      ),
    )
    .orderBy(desc(credentialsTokens.createdAt))
  const beyond = older.map(({ digest }) => digest).filter((digest) => digest !== usedDigest)
  const gone = beyond.slice(MOST_OLDER_TOKENS)
  if (gone.length > 0) await retireTokens(tx, inArray(credentialsTokens.digest, gone), 'replaced', now)
  return gone.length
}
