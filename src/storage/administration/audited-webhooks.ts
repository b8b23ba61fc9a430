import type { AuditAction, AuditFields, By } from '../../hub/administration/audit.ts'
import { changedFields } from '../../hub/administration/changed-fields.ts'
import type { Webhook, WebhookChanges } from '../../hub/webhooks/webhook.ts'
import type { Orm, Transacts } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { addWebhook, changeWebhook, findWebhook, removeWebhook, replaceSecret } from '../webhooks/webhooks.ts'
import { audited } from './audited.ts'

const DEADLINE_MS = 8_000

/** The webhooks as somebody changes them: whatever is changed stands in the audit trail under their name. */
export function createAuditedWebhooks(orm: Orm, by: By): WebhookChanges {
  const on = (action: AuditAction, id: string) => onWebhook(orm, by, action, id)
  const changes: WebhookChanges = {
    add: (added) => addWebhook(on('webhook.add', added.id), added),
    change: (id, change) => changeWebhook(on('webhook.change', id), id, change),
    remove: (id) => on('webhook.remove', id).transaction((tx) => removeWebhook(tx, id)),
    replaceSecret: (id, sealedSecret, olderEndsAt) =>
      on('webhook.rotate-secret', id).transaction((tx) => replaceSecret(tx, id, sealedSecret, olderEndsAt)),
  }
  return withDeadline(changes, DEADLINE_MS)
}

function onWebhook(orm: Orm, by: By, action: AuditAction, id: string): Transacts {
  return audited<Webhook | null>(orm, {
    look: (tx) => findWebhook(tx, id),
    entries(was, is) {
      const changed = changedFields(was && fieldsOf(was), is && fieldsOf(is))
      // Where it leads to holds a secret with many services, so the trail says no more than that it changed.
      const also = was && is && was.url !== is.url ? { url_changed: true } : {}
      const after = changed.after && { ...changed.after, ...also }
      if (Object.keys({ ...changed.before, ...after }).length === 0) return []
      const on = { kind: 'webhook', id, name: (is ?? was)?.name ?? null } as const
      return [{ at: Date.now(), by, action, on, platformId: null, before: changed.before, after }]
    },
  })
}

function fieldsOf({ name, url, kinds, platformId, whyOff, olderSecretEndsAt }: Webhook): AuditFields {
  return {
    name,
    to: new URL(url).origin,
    kinds,
    platform_id: platformId,
    on: whyOff === null,
    older_secret_ends_at: olderSecretEndsAt === null ? null : new Date(olderSecretEndsAt).toISOString(),
  }
}
