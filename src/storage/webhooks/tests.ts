import { eq } from 'drizzle-orm'
import type { WebhookTests } from '../../hub/webhooks/test-webhook.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { forgetOldest, latestOf } from './outbox.ts'
import { webhookDeliveries, webhooks } from './schema.ts'
import { secretsOf } from './secrets.ts'

const DEADLINE_MS = 8_000

/** What it takes to try a webhook, and to keep what came of it. */
export function createWebhookTests(orm: Orm): WebhookTests {
  const tests: WebhookTests = {
    async find(id) {
      const [row] = await orm.select().from(webhooks).where(eq(webhooks.id, id))
      return row ? { url: row.url, sealedSecrets: secretsOf(row, Date.now()) } : null
    },
    note: (webhookId, { id, kind, happenedAt, state, latest }, body) =>
      orm.transaction(async (tx) => {
        // Removed meanwhile, it has nowhere to stand.
        const [known] = await tx
          .select({ id: webhooks.id })
          .from(webhooks)
          .where(eq(webhooks.id, webhookId))
          .for('share')
        if (!known) return
        const row = { id, webhookId, kind, lane: '', happenedAt, body, state, attempts: 1 }
        await tx.insert(webhookDeliveries).values({ ...row, ...(latest && latestOf(latest)) })
        await forgetOldest(tx, webhookId)
      }),
  }
  return withDeadline(tests, DEADLINE_MS)
}
