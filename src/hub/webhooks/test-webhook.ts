import type { Now, Random } from '../ports.ts'
import type { Letter, TryLetter } from './attempt.ts'
import { testPayload } from './payload.ts'
import { TEST_KIND, type WebhookDelivery } from './webhook.ts'

/** Each function rejects when the store is away. */
export type WebhookTests = {
  /** Null: no such webhook. */
  readonly find: (webhookId: string) => Promise<Pick<Letter, 'url' | 'sealedSecrets'> | null>
  readonly note: (webhookId: string, delivery: WebhookDelivery, body: string) => Promise<void>
}

/** Tells a webhook that this is a test, once, whether it is on or not. Null: no such webhook. */
export type TestWebhook = (webhookId: string) => Promise<WebhookDelivery | null>

export function createTestWebhook(ports: {
  readonly tests: WebhookTests
  readonly tryLetter: TryLetter
  readonly now: Now
  readonly random: Random
  /** As in all payloads. */
  readonly hub: string
}): TestWebhook {
  const { tests, tryLetter, now, random, hub } = ports
  return async (webhookId) => {
    const to = await tests.find(webhookId)
    if (to === null) return null
    const [id, happenedAt] = [`msg_${random.id()}`, now()]
    const body = testPayload(hub, happenedAt)
    const { retryAfterMs: _, ...latest } = await tryLetter({ ...to, id, body })
    const state = latest.failure === null ? 'delivered' : 'refused'
    const about = { id, kind: TEST_KIND, eventNumber: null, happenedAt } as const
    const delivery: WebhookDelivery = { ...about, state, attempts: 1, nextAt: null, latest }
    await tests.note(webhookId, delivery, body)
    return delivery
  }
}
