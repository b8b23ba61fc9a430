import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { nextHeader, pageOf } from '../paging.ts'
import { byOf, reasonAlone, reasonProblems } from '../reason.ts'
import { LimitSchema } from '../schemas.ts'
import {
  MissedCursorSchema,
  MissedSchema,
  missedCursor,
  QueueParamsSchema,
  QueueSchema,
  QueuesQuerySchema,
  queueCursor,
  readMissedCursor,
  readQueueCursor,
  showMissed,
  showQueue,
} from './queue-view.ts'

const tags = ['Queues']

export const listQueues = createRoute({
  method: 'get',
  path: '/queues',
  operationId: 'listQueues',
  summary: 'List the queues of all platforms that have connected, whichever process drains them',
  tags,
  request: { query: QueuesQuerySchema },
  responses: {
    200: { ...jsonAnswer(z.array(QueueSchema), 'A page of queues'), headers: nextHeader },
    ...problems({ 400: 'Invalid query' }),
  },
})

export const listMissed = createRoute({
  method: 'get',
  path: '/queues/{platform_id}/missed',
  operationId: 'listMissed',
  summary: 'List objects whose pushes a platform will not get, the latest missed first',
  tags,
  request: {
    params: QueueParamsSchema,
    query: z.strictObject({ limit: LimitSchema, cursor: MissedCursorSchema.optional() }),
  },
  responses: {
    200: { ...jsonAnswer(z.array(MissedSchema), 'A page of objects, each once'), headers: nextHeader },
    ...problems({ 400: 'Invalid query', 404: 'No such queue' }),
  },
})

export const pauseQueue = steering('pause', 'Send nothing more to a platform until its queue is resumed')
export const resumeQueue = steering('resume', 'Go on with a queue that was paused')
export const skipQueue = steering('skip', 'Drop everything accepted so far and list it as missed')

function steering<V extends string>(verb: V, summary: string) {
  return createRoute({
    method: 'post',
    path: `/queues/{platform_id}/${verb}`,
    operationId: `${verb}Queue`,
    summary,
    tags,
    ...reasonAlone,
    request: { ...reasonAlone.request, params: QueueParamsSchema },
    responses: {
      200: jsonAnswer(QueueSchema, 'The queue. What follows from the order shows within a second.'),
      ...problems({ ...reasonProblems, 404: 'No such queue' }),
    },
  })
}

/** Watching and steering what waits for each platform. */
export function addQueueRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { queues, currentTable, now } = ports

  app.openapi(listQueues, async (c) => {
    const { limit, cursor, sort, state = null } = c.req.valid('query')
    const after = cursor === undefined ? null : readQueueCursor(cursor)
    const found = await queues.list({ limit: limit + 1, after, sort, state }, now())
    const page = pageOf(c, found, limit, queueCursor)
    return c.json(
      page.map((queue) => showQueue(queue, currentTable())),
      200,
    )
  })

  app.openapi(listMissed, async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const after = cursor === undefined ? null : readMissedCursor(cursor)
    const found = await queues.missed(c.req.valid('param').platform_id, limit + 1, after)
    if (!found) return unknownQueue(c)
    const page = pageOf(c, found, limit, (last) => missedCursor(last))
    return c.json(page.map(showMissed), 200)
  })

  app.openapi(pauseQueue, async (c) => {
    const { platform_id } = c.req.valid('param')
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    return (await changes.queues.setPaused(platform_id, true)) ? answerQueue(c, platform_id) : unknownQueue(c)
  })
  app.openapi(resumeQueue, async (c) => {
    const { platform_id } = c.req.valid('param')
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    return (await changes.queues.setPaused(platform_id, false)) ? answerQueue(c, platform_id) : unknownQueue(c)
  })
  app.openapi(skipQueue, async (c) => {
    const { platform_id } = c.req.valid('param')
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    return (await changes.queues.skip(platform_id)) ? answerQueue(c, platform_id) : unknownQueue(c)
  })

  async function answerQueue(c: Context<AdminEnv>, platformId: string) {
    const queue = await queues.find(platformId, now())
    return queue ? c.json(showQueue(queue, currentTable()), 200) : unknownQueue(c)
  }
}

export function unknownQueue(c: Context<AdminEnv>) {
  return problem(c, 404, 'unknown-queue', 'No platform of this id has a queue: it gets one when it connects')
}
