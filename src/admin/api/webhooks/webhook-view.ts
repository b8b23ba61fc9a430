import { z } from '@hono/zod-openapi'
import {
  DEFAULT_KINDS,
  DELIVERY_STATES,
  MOST_URL_LENGTH,
  TEST_KIND,
  WEBHOOK_KINDS,
  type Webhook,
  type WebhookDelivery,
} from '../../../hub/webhooks/webhook.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { plainText, TimestampSchema } from '../schemas.ts'

export const WebhookParamsSchema = z.object({ id: z.uuid() })

const NameSchema = plainText(100).openapi({ description: 'To tell it by', example: 'on call' })

const UrlSchema = z
  .url({ protocol: /^https?$/ })
  .max(MOST_URL_LENGTH)
  .openapi({ description: 'Where the events are sent to', example: 'https://alerts.example/ocpi-hub' })

const KindsSchema = z.array(z.enum(WEBHOOK_KINDS)).min(1).max(WEBHOOK_KINDS.length).openapi({
  description: 'Of what it is told: kinds of events, and `handshake.failed` for handshakes that did not come about',
})

const PlatformSchema = z.uuid().nullable().openapi({ description: 'Told of this platform alone; null: of all' })

export const NewWebhookSchema = z
  .strictObject({
    name: NameSchema,
    url: UrlSchema,
    kinds: KindsSchema.default([...DEFAULT_KINDS]),
    platform_id: PlatformSchema.default(null),
  })
  .openapi('NewWebhook')

export const WebhookChangeSchema = z
  .strictObject({
    name: NameSchema.optional(),
    url: UrlSchema.optional(),
    kinds: KindsSchema.optional(),
    platform_id: PlatformSchema.optional(),
    on: z.boolean().optional().openapi({ description: 'Turned on, it is told of what happens from then on' }),
  })
  .openapi('WebhookChange')

export const WebhookSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    url: z.string(),
    kinds: z.array(z.enum(WEBHOOK_KINDS)),
    platform_id: z.uuid().nullable(),
    on: z.boolean(),
    off_because: z.enum(['administrator', 'failing', 'gone']).nullable().openapi({
      description: 'An administrator turned it off; it failed for 5 days; it answered 410. Null while it is on',
    }),
    failing_since: TimestampSchema.nullable().openapi({
      description: 'Every attempt since then failed; null when the latest did not',
    }),
    waiting: z.int().openapi({ description: 'Deliveries that are still to be made' }),
    delivered: z.int(),
    given_up: z.int().openapi({ description: 'Deliveries that were not taken within 24 hours' }),
    older_secret_ends_at: TimestampSchema.nullable().openapi({
      description: 'Until then the secret before signs beside the newest one',
    }),
    created_at: TimestampSchema,
    created_by: z.string().openapi({ description: 'Name of who made it' }),
  })
  .openapi('Webhook')

const SecretSchema = z.string().openapi({
  description: 'Signs what is sent (Standard Webhooks). Shown this once',
  example: 'whsec_…',
})

export const CreatedWebhookSchema = WebhookSchema.extend({ secret: SecretSchema }).openapi('CreatedWebhook')

export const DeliverySchema = z
  .object({
    id: z.string().openapi({ description: 'The header `webhook-id`, the same in every attempt', example: 'msg_…' }),
    kind: z.enum([TEST_KIND, ...WEBHOOK_KINDS]),
    event_id: z.int().nullable().openapi({ description: 'Null of a test' }),
    at: TimestampSchema.openapi({ description: 'When it happened' }),
    state: z.enum(DELIVERY_STATES).openapi({
      description: 'It waits for its next attempt, was taken, was given up after 24 hours, or was a test that failed',
    }),
    attempts: z.int(),
    next_attempt_at: TimestampSchema.nullable(),
    last_attempt: z
      .object({
        at: TimestampSchema,
        ms: z.int(),
        http_status: z.int().nullable().openapi({ description: 'Null: no answer came' }),
        failure: z.string().nullable().openapi({ description: 'Why it does not count as taken' }),
        answer: z.string().openapi({ description: 'How the answer begins' }),
      })
      .nullable()
      .openapi({ description: 'Null before the first' }),
  })
  .openapi('WebhookDelivery')

export function showWebhook(webhook: Webhook): z.infer<typeof WebhookSchema> {
  const { id, name, url, kinds, platformId, whyOff, failingSince, waiting, delivered, givenUp } = webhook
  return {
    ...{ id, name, url, waiting, delivered },
    kinds: [...kinds],
    platform_id: platformId,
    on: whyOff === null,
    off_because: whyOff,
    failing_since: orNull(failingSince),
    given_up: givenUp,
    older_secret_ends_at: orNull(webhook.olderSecretEndsAt),
    created_at: timestamp(webhook.createdAt),
    created_by: webhook.createdBy,
  }
}

export function showDelivery(delivery: WebhookDelivery): z.infer<typeof DeliverySchema> {
  const { id, kind, eventNumber, happenedAt, state, attempts, nextAt, latest } = delivery
  return {
    ...{ id, kind, state, attempts },
    event_id: eventNumber,
    at: timestamp(happenedAt),
    next_attempt_at: orNull(nextAt),
    last_attempt: latest && {
      at: timestamp(latest.at),
      ms: latest.ms,
      http_status: latest.status,
      failure: latest.failure,
      answer: latest.answer,
    },
  }
}

const orNull = (moment: number | null) => (moment === null ? null : timestamp(moment))
