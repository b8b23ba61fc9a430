import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { MessageSummary } from '../../../hub/message/message-query.ts'
import { showKey } from '../../../ocpi/party.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { type Waiting, whatWaits } from '../../use-cases/what-waits.ts'
import { jsonAnswer } from '../media.ts'
import { AttemptSchema, showAttempt } from '../messages/attempt-view.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { TimestampSchema } from '../schemas.ts'
import { QueueParamsSchema, QueueSchema, showQueue } from './queue-view.ts'
import { unknownQueue } from './queues.ts'

const WaitingSchema = z
  .object({
    module: z.string(),
    method: z.string(),
    path: z.string().openapi({ example: '/NL/ABC/LOC1' }),
    to_party: z.string().nullable().openapi({
      description: 'Null: the platform gets a broadcast once, for all its parties',
      example: 'DE-EMS',
    }),
    accepted_at: TimestampSchema,
    attempts: z.int().min(0).openapi({ description: 'Attempts that failed, of the latest 500 failures' }),
    last_attempt: AttemptSchema.nullable(),
    correlation_id: z.string(),
  })
  .openapi('WaitingPush')

const ErrorSchema = AttemptSchema.extend({
  module: z.string(),
  method: z.string(),
  path: z.string(),
}).openapi('DeliveryError')

export const QueueDetailSchema = QueueSchema.extend({
  waits: z.array(WaitingSchema).openapi({
    description:
      'The oldest pushes of each module that were not settled when the queue was last saved, at most 50; of those of one object a newer one may take the place of the older ones',
  }),
  missed_by_module: z
    .array(z.object({ module: z.string(), objects: z.int().min(1), last_at: TimestampSchema }))
    .openapi({ description: 'How many objects of each module are listed as missed, and when the last one was missed' }),
  last_errors: z.array(ErrorSchema).openapi({ description: 'Of the last 24 hours, the latest first, at most 10' }),
}).openapi('QueueDetail')

export const getQueue = createRoute({
  method: 'get',
  path: '/queues/{platform_id}',
  operationId: 'getQueue',
  summary: 'Show what waits for a platform, and what failed lately',
  tags: ['Queues'],
  request: { params: QueueParamsSchema },
  responses: { 200: jsonAnswer(QueueDetailSchema, 'The queue'), ...problems({ 404: 'No such queue' }) },
})

/** One queue, looked into. */
export function addQueueDetailRoute(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { queues, traces, currentTable } = ports
  app.openapi(getQueue, async (c) => {
    const { platform_id } = c.req.valid('param')
    const now = ports.now()
    const table = currentTable()
    const [queue, found, byModule] = await Promise.all([
      queues.find(platform_id, now),
      whatWaits(traces, table, platform_id, now),
      queues.missedByModule(platform_id),
    ])
    if (!queue || !found) return unknownQueue(c)
    const waits = found.waiting.map(showWaiting)
    const missed = byModule.map(({ module, objects, lastAt }) => ({ module, objects, last_at: timestamp(lastAt) }))
    const more = { waits, missed_by_module: missed, last_errors: found.errors.map(showError) }
    return c.json({ ...showQueue(queue, table), ...more }, 200)
  })
}

function showWaiting({ push, attempts, last }: Waiting): z.infer<typeof WaitingSchema> {
  const { module, method, path, to, at, correlationId } = push
  return {
    module,
    method,
    path,
    to_party: to === undefined ? null : showKey(to),
    accepted_at: timestamp(at),
    attempts,
    last_attempt: last && showAttempt(last),
    correlation_id: correlationId,
  }
}

function showError(message: MessageSummary): z.infer<typeof ErrorSchema> {
  const { module, method, path } = message
  return { ...showAttempt(message), module, method, path }
}
