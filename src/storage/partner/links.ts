import { and, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import {
  LISTED_AFTER_MS,
  MOST_LINKS,
  type NewPartnerLink,
  type PartnerLink,
  type PartnerLinkViews,
} from '../../hub/administration/partner-links.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { platforms } from '../network/schema.ts'
import { partnerLinks, partnerSessions } from './schema.ts'

const DEADLINE_MS = 8_000

/** The links as administrators see them. */
export function createPartnerLinkViews(orm: Orm): PartnerLinkViews {
  const views: PartnerLinkViews = {
    async list(platformId, now) {
      if ((await orm.$count(platforms, eq(platforms.id, platformId))) === 0) return null
      return select(orm, now)
        .where(and(eq(partnerLinks.platformId, platformId), gt(endOf(), now - LISTED_AFTER_MS)))
        .orderBy(desc(partnerLinks.madeAt))
    },
  }
  return withDeadline(views, DEADLINE_MS)
}

function select(orm: Orm | Transaction, now: number) {
  const sessions = sql<number>`(
    select count(*)::int from ${partnerSessions} each
    where each.link_id = partner_links.id and each.expires_at > ${now}
  )`
  const { id, platformId, madeBy, madeAt, expiresAt, revokedAt, firstUsedAt, lastUsedAt } = partnerLinks
  return orm
    .select({ id, platformId, madeBy, madeAt, expiresAt, revokedAt, firstUsedAt, lastUsedAt, sessions })
    .from(partnerLinks)
    .$dynamic()
}

/** When it was over, or will be. */
function endOf() {
  return sql`least(${partnerLinks.expiresAt}, coalesce(${partnerLinks.revokedAt}, ${partnerLinks.expiresAt}))`
}

/** A link that opens its page at a moment. */
export const isLive = (now: number) => and(isNull(partnerLinks.revokedAt), gt(partnerLinks.expiresAt, now))

export async function findLink(orm: Orm | Transaction, id: string, now: number): Promise<PartnerLink | null> {
  const [link] = await select(orm, now).where(eq(partnerLinks.id, id))
  return link ?? null
}

/** Under the lock of the audit trail, so that no two make the last one that there is room for. */
export async function addLink(
  tx: Transaction,
  link: NewPartnerLink,
): Promise<'added' | 'too-many' | 'unknown-platform'> {
  const { platformId, madeAt } = link
  if ((await tx.$count(platforms, eq(platforms.id, platformId))) === 0) return 'unknown-platform'
  const live = await tx.$count(partnerLinks, and(eq(partnerLinks.platformId, platformId), isLive(madeAt)))
  if (live >= MOST_LINKS) return 'too-many'
  await tx.insert(partnerLinks).values(link)
  return 'added'
}

export async function revokeLink(tx: Transaction, platformId: string, id: string, now: number): Promise<boolean> {
  const revoked = await tx
    .update(partnerLinks)
    .set({ revokedAt: now })
    .where(and(eq(partnerLinks.id, id), eq(partnerLinks.platformId, platformId), isLive(now)))
    .returning({ id: partnerLinks.id })
  await tx.delete(partnerSessions).where(eq(partnerSessions.linkId, id))
  return revoked.length > 0
}

/** Forgets sessions that are over, and links that are listed no longer. */
export async function deletePartnerLinksEndedBefore(orm: Orm, moment: number): Promise<void> {
  const listed = moment - LISTED_AFTER_MS
  await orm.delete(partnerSessions).where(lt(partnerSessions.expiresAt, moment))
  await orm.delete(partnerLinks).where(or(lt(partnerLinks.expiresAt, listed), lt(partnerLinks.revokedAt, listed)))
}
