import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { createPullObject } from '../../use-cases/pull-object.ts'
import { resendMissed } from '../../use-cases/resend-missed.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { byOf, ReasonSchema, reasonQuery } from '../reason.ts'
import {
  MissedCursorSchema,
  MissedSchema,
  missedCursor,
  QueueParamsSchema,
  readMissedCursor,
  showMissed,
} from './queue-view.ts'
import { unknownQueue } from './queues.ts'

const ResendSchema = z
  .strictObject({
    reason: ReasonSchema,
    limit: z.int().min(1).max(50).default(20).openapi({ description: 'Most objects of this call' }),
    cursor: MissedCursorSchema.optional().openapi({ description: 'The `next` of the call before' }),
  })
  .openapi('Resend')

export const ResentSchema = z
  .object({
    objects: z.array(
      z
        .object({
          object: MissedSchema,
          outcome: z
            .enum(['queued', 'newer-push', 'not-entitled', 'not-offered', 'not-found', 'owner-failed', 'not-tried'])
            .openapi({
              description: '`queued`: it waits for the platform and is off the list; with any other it stays listed',
            }),
          detail: z.string().nullable(),
        })
        .openapi('ResentObject'),
    ),
    next: z
      .string()
      .nullable()
      .openapi({ description: 'The cursor for the rest of the list; null: that was all of it' }),
  })
  .openapi('Resent')

export const resend = createRoute({
  method: 'post',
  path: '/queues/{platform_id}/missed/resend',
  operationId: 'resendMissed',
  summary: 'Get objects that a platform missed from their owners, as they are now, and send them to it',
  description: 'The latest missed first. Each call to an owner and each delivery is a message of its own.',
  tags: ['Queues'],
  request: { ...reasonQuery, params: QueueParamsSchema, body: jsonBody(ResendSchema) },
  responses: {
    200: jsonAnswer(ResentSchema, 'What became of each'),
    ...problems({
      400: 'Invalid input',
      404: 'No such queue',
      409: 'The platform is not connected',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

/** Sending what was missed. */
export function addResendRoute(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { queues, currentTable, now, sendAgain } = ports
  const pull = createPullObject({ ...sendAgain, now })

  app.openapi(resend, async (c) => {
    const { platform_id } = c.req.valid('param')
    const { limit, cursor, ...why } = c.req.valid('json')
    const store = ports.as(byOf(c, why, c.req.valid('query'))).sendAgain
    const found = await queues.missed(platform_id, limit + 1, cursor === undefined ? null : readMissedCursor(cursor))
    if (!found) return unknownQueue(c)
    const status = currentTable().platforms.get(platform_id)?.status
    if (status !== 'CONNECTED') return problem(c, 409, 'wrong-status', `The platform is ${status ?? 'unknown'}`)
    const page = found.slice(0, limit)
    const last = page.at(-1)
    const resent = await resendMissed(
      { ...ports, ...sendAgain, store, newId: ports.random.id, pull },
      platform_id,
      page,
    )
    return c.json(
      {
        objects: resent.map(({ missed, outcome, detail }) => ({ object: showMissed(missed), outcome, detail })),
        next: last && found.length > limit ? missedCursor(last) : null,
      },
      200,
    )
  })
}
