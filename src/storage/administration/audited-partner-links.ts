import type { AuditAction, By } from '../../hub/administration/audit.ts'
import type { PartnerLink, PartnerLinkChanges } from '../../hub/administration/partner-links.ts'
import type { Orm, Transacts } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { addLink, findLink, revokeLink } from '../partner/links.ts'
import { audited } from './audited.ts'

const DEADLINE_MS = 8_000

/** The links as somebody makes and revokes them: whatever is changed stands in the audit trail under their name. */
export function createAuditedPartnerLinks(orm: Orm, by: By): PartnerLinkChanges {
  const changes: PartnerLinkChanges = {
    add: (link) => onLink(orm, by, 'partner-link.add', link.id, link.madeAt).transaction((tx) => addLink(tx, link)),
    revoke: (platformId, id, now) =>
      onLink(orm, by, 'partner-link.revoke', id, now).transaction((tx) => revokeLink(tx, platformId, id, now)),
  }
  return withDeadline(changes, DEADLINE_MS)
}

function onLink(orm: Orm, by: By, action: AuditAction, id: string, at: number): Transacts {
  return audited<PartnerLink | null>(orm, {
    look: (tx) => findLink(tx, id, at),
    entries(was, is) {
      if (is === null || (was !== null && was.revokedAt === is.revokedAt)) return []
      const on = { kind: 'partner-link', id, name: null } as const
      const ends = (link: PartnerLink) => ({ expires_at: iso(link.expiresAt) })
      const before = was && { ...ends(was), revoked_at: null }
      const after = was === null ? ends(is) : { ...ends(is), revoked_at: is.revokedAt && iso(is.revokedAt) }
      return [{ at, by, action, on, platformId: is.platformId, before, after }]
    },
  })
}

const iso = (moment: number) => new Date(moment).toISOString()
