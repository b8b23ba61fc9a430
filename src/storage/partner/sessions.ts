import { and, desc, eq, gt, notInArray } from 'drizzle-orm'
import {
  MOST_PARTNER_SESSIONS,
  PARTNER_SESSION_MS,
  type PartnerSession,
  type PartnerSessions,
} from '../../hub/administration/partner-links.ts'
import { hasPassed } from '../../hub/moments.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { isLive } from './links.ts'
import { partnerLinks, partnerSessions } from './schema.ts'

const DEADLINE_MS = 8_000

/** How exactly the last use of a link is known. */
const USE_NOTED_EVERY_MS = 60_000

/** The browsers that links let in, in the database. */
export function createPartnerSessions(orm: Orm): PartnerSessions {
  const sessions: PartnerSessions = {
    isGood: async (secretDigest, now) =>
      (await orm.$count(partnerLinks, and(eq(partnerLinks.secretDigest, secretDigest), isLive(now)))) > 0,
    open: (secretDigest, digest, now) => openSession(orm, secretDigest, digest, now),
    find: (digest, now) => findSession(orm, digest, now),
    async end(digest) {
      await orm.delete(partnerSessions).where(eq(partnerSessions.digest, digest))
    },
  }
  return withDeadline(sessions, DEADLINE_MS)
}

/** The link's row is held meanwhile, so that a link that is revoked has no session left. */
function openSession(orm: Orm, secretDigest: string, digest: string, now: number): Promise<PartnerSession | null> {
  return orm.transaction(async (tx) => {
    const [link] = await tx
      .select()
      .from(partnerLinks)
      .where(and(eq(partnerLinks.secretDigest, secretDigest), isLive(now)))
      .for('update')
    if (!link) return null
    const { id: linkId, platformId } = link
    const expiresAt = Math.min(now + PARTNER_SESSION_MS, link.expiresAt)
    await tx.insert(partnerSessions).values({ digest, linkId, createdAt: now, expiresAt })
    const newest = tx
      .select({ digest: partnerSessions.digest })
      .from(partnerSessions)
      .where(eq(partnerSessions.linkId, linkId))
      .orderBy(desc(partnerSessions.createdAt), desc(partnerSessions.digest))
      .limit(MOST_PARTNER_SESSIONS)
    await tx
      .delete(partnerSessions)
      .where(and(eq(partnerSessions.linkId, linkId), notInArray(partnerSessions.digest, newest)))
    await tx
      .update(partnerLinks)
      .set({ firstUsedAt: link.firstUsedAt ?? now, lastUsedAt: now })
      .where(eq(partnerLinks.id, linkId))
    return { platformId, linkId, expiresAt }
  })
}

async function findSession(orm: Orm, digest: string, now: number): Promise<PartnerSession | null> {
  const { id, platformId, lastUsedAt } = partnerLinks
  const [found] = await orm
    .select({ linkId: id, platformId, lastUsedAt, expiresAt: partnerSessions.expiresAt })
    .from(partnerSessions)
    .innerJoin(partnerLinks, eq(partnerLinks.id, partnerSessions.linkId))
    .where(and(eq(partnerSessions.digest, digest), gt(partnerSessions.expiresAt, now), isLive(now)))
  if (!found) return null
  if (found.lastUsedAt === null || hasPassed(USE_NOTED_EVERY_MS, found.lastUsedAt, now))
    await orm.update(partnerLinks).set({ lastUsedAt: now }).where(eq(partnerLinks.id, found.linkId))
  return { platformId: found.platformId, linkId: found.linkId, expiresAt: found.expiresAt }
}
