import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { MOST_WEBHOOKS, newWebhookSecret, type WebhookChange } from '../../../hub/webhooks/webhook.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { byOf, ReasonSchema, reasonAlone, reasonProblems, reasonQuery } from '../reason.ts'
import {
  CreatedWebhookSchema,
  NewWebhookSchema,
  showWebhook,
  WebhookChangeSchema,
  WebhookParamsSchema,
  WebhookSchema,
} from './webhook-view.ts'

const tags = ['Webhooks']

const changeProblems = {
  400: 'Invalid input',
  409: 'Another has this name, or there is no room for more',
  413: 'Body over 1 MB',
  415: 'Not JSON',
  422: 'The hub may not call this address',
} as const

export const listWebhooks = createRoute({
  method: 'get',
  path: '/webhooks',
  operationId: 'listWebhooks',
  summary: `List the webhooks, by name; there are at most ${MOST_WEBHOOKS}`,
  tags,
  responses: { 200: jsonAnswer(z.array(WebhookSchema), 'All of them, without their secrets'), ...problems({}) },
})

export const addWebhook = createRoute({
  method: 'post',
  path: '/webhooks',
  operationId: 'addWebhook',
  summary: 'Have an address told of what happens',
  description: 'It is told of events that come from now on, by POST, signed as Standard Webhooks has it.',
  tags,
  request: { ...reasonQuery, body: jsonBody(NewWebhookSchema.extend({ reason: ReasonSchema })) },
  responses: {
    201: {
      ...jsonAnswer(CreatedWebhookSchema, 'The webhook with its secret, shown this once'),
      headers: z.object({ Location: z.string() }),
    },
    ...problems(changeProblems),
  },
})

export const getWebhook = createRoute({
  method: 'get',
  path: '/webhooks/{id}',
  operationId: 'getWebhook',
  summary: 'Show a webhook, without its secret',
  tags,
  request: { params: WebhookParamsSchema },
  responses: { 200: jsonAnswer(WebhookSchema, 'The webhook'), ...problems({ 404: 'Unknown webhook' }) },
})

export const changeWebhook = createRoute({
  method: 'patch',
  path: '/webhooks/{id}',
  operationId: 'changeWebhook',
  summary: 'Change what a webhook is told and where, or turn it off and on; what is left out stays',
  tags,
  request: {
    ...reasonQuery,
    params: WebhookParamsSchema,
    body: jsonBody(WebhookChangeSchema.extend({ reason: ReasonSchema })),
  },
  responses: {
    200: jsonAnswer(WebhookSchema, 'The webhook as it is now'),
    ...problems({ ...changeProblems, 404: 'Unknown webhook' }),
  },
})

export const removeWebhook = createRoute({
  method: 'delete',
  path: '/webhooks/{id}',
  operationId: 'removeWebhook',
  summary: 'Remove a webhook with all that it was still to be told',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: WebhookParamsSchema },
  responses: { 204: { description: 'Removed' }, ...problems({ ...reasonProblems, 404: 'Unknown webhook' }) },
})

export function addWebhookRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { webhooks, random, now } = ports

  app.openapi(listWebhooks, async (c) => c.json((await webhooks.list()).map(showWebhook), 200))

  app.openapi(addWebhook, async (c) => {
    const { name, url, kinds, platform_id, ...why } = c.req.valid('json')
    const verdict = webhooks.mayCall(url)
    if (!verdict.ok) return forbiddenUrl(c, verdict.why)
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const secret = newWebhookSecret(random)
    const id = random.id()
    const createdBy = c.get('caller').name
    const made = { id, name, url, kinds: [...new Set(kinds)], platformId: platform_id, createdAt: now(), createdBy }
    const result = await changes.webhooks.add({ ...made, sealedSecret: webhooks.seal(secret) })
    if (result === 'name-taken') return nameTaken(c)
    if (result === 'too-many') return tooMany(c)
    const untouched = {
      whyOff: null,
      failingSince: null,
      delivered: 0,
      givenUp: 0,
      waiting: 0,
      olderSecretEndsAt: null,
    }
    const shown = showWebhook({ ...made, ...untouched })
    return c.json({ ...shown, secret }, 201, { Location: `${c.req.path}/${id}` })
  })

  app.openapi(getWebhook, async (c) => {
    const webhook = await webhooks.find(c.req.valid('param').id)
    return webhook ? c.json(showWebhook(webhook), 200) : unknownWebhook(c)
  })

  app.openapi(changeWebhook, async (c) => {
    const { name, url, kinds, platform_id, on, ...why } = c.req.valid('json')
    const verdict = url === undefined ? null : webhooks.mayCall(url)
    if (verdict?.ok === false) return forbiddenUrl(c, verdict.why)
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const change: WebhookChange = {
      ...(name !== undefined && { name }),
      ...(url !== undefined && { url }),
      ...(kinds !== undefined && { kinds: [...new Set(kinds)] }),
      ...(platform_id !== undefined && { platformId: platform_id }),
      ...(on !== undefined && { isOn: on }),
    }
    const changed = await changes.webhooks.change(c.req.valid('param').id, change)
    if (changed === 'name-taken') return nameTaken(c)
    return changed ? c.json(showWebhook(changed), 200) : unknownWebhook(c)
  })

  app.openapi(removeWebhook, async (c) => {
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const isRemoved = await changes.webhooks.remove(c.req.valid('param').id)
    return isRemoved ? c.body(null, 204) : unknownWebhook(c)
  })
}

export function unknownWebhook(c: Context<AdminEnv>) {
  return problem(c, 404, 'unknown-webhook', 'No webhook has this id')
}

function nameTaken(c: Context<AdminEnv>) {
  return problem(c, 409, 'name-taken', 'Another has this name, in some letter case')
}

function tooMany(c: Context<AdminEnv>) {
  return problem(c, 409, 'too-many-webhooks', `There are ${MOST_WEBHOOKS}, and no more can be: remove some first`)
}

function forbiddenUrl(c: Context<AdminEnv>, why: string) {
  return problem(c, 422, 'forbidden-url', `The URL ${why}`)
}
