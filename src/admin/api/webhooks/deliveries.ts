import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { MOST_DELIVERIES, newWebhookSecret, OLDER_SECRET_MS } from '../../../hub/webhooks/webhook.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { byOf, reasonAlone, reasonProblems } from '../reason.ts'
import { CreatedWebhookSchema, DeliverySchema, showDelivery, showWebhook, WebhookParamsSchema } from './webhook-view.ts'
import { unknownWebhook } from './webhooks.ts'

const tags = ['Webhooks']

export const listWebhookDeliveries = createRoute({
  method: 'get',
  path: '/webhooks/{id}/deliveries',
  operationId: 'listWebhookDeliveries',
  summary: `List what a webhook was told and is still to be told, the newest ${MOST_DELIVERIES} first`,
  tags,
  request: { params: WebhookParamsSchema },
  responses: {
    200: jsonAnswer(z.array(DeliverySchema), 'Each with its latest attempt'),
    ...problems({ 404: 'Unknown webhook' }),
  },
})

export const testWebhook = createRoute({
  method: 'post',
  path: '/webhooks/{id}/test',
  operationId: 'testWebhook',
  summary: 'Send a test to a webhook now, once, whether it is on or not',
  description: 'Answers when the receiver has, or after ten seconds. A test that fails is not repeated.',
  tags,
  request: { params: WebhookParamsSchema },
  responses: {
    200: jsonAnswer(DeliverySchema, 'What came of it'),
    ...problems({ 404: 'Unknown webhook' }),
  },
})

export const rotateWebhookSecret = createRoute({
  method: 'post',
  path: '/webhooks/{id}/rotate-secret',
  operationId: 'rotateWebhookSecret',
  summary: 'Give a webhook a new secret; for 24 hours the one before signs too',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: WebhookParamsSchema },
  responses: {
    200: jsonAnswer(CreatedWebhookSchema, 'The webhook with its new secret, shown this once'),
    ...problems({ ...reasonProblems, 404: 'Unknown webhook' }),
  },
})

/** What is done with a webhook that is there. */
export function addWebhookDeliveryRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { webhooks, random, now } = ports

  app.openapi(listWebhookDeliveries, async (c) => {
    const found = await webhooks.deliveries(c.req.valid('param').id)
    return found ? c.json(found.map(showDelivery), 200) : unknownWebhook(c)
  })

  app.openapi(testWebhook, async (c) => {
    const delivery = await webhooks.test(c.req.valid('param').id)
    return delivery ? c.json(showDelivery(delivery), 200) : unknownWebhook(c)
  })

  app.openapi(rotateWebhookSecret, async (c) => {
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const secret = newWebhookSecret(random)
    const endsAt = now() + OLDER_SECRET_MS
    const changed = await changes.webhooks.replaceSecret(c.req.valid('param').id, webhooks.seal(secret), endsAt)
    return changed ? c.json({ ...showWebhook(changed), secret }, 200) : unknownWebhook(c)
  })
}
