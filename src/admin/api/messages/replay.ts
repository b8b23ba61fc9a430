import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { SearchTooLong } from '../../../hub/message/message-query.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { replay } from '../../use-cases/replay.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { unknownPlatform } from '../outcomes.ts'
import { byOf, ReasonSchema, reasonQuery } from '../reason.ts'
import { MessageIdSchema, unknownMessage } from './messages.ts'

const TOO_LONG = 'Whether a newer push came could not be told within 8 seconds: have the owner push the object again'

const ReplaySchema = z
  .strictObject({
    platform_id: z
      .uuid()
      .optional()
      .openapi({ description: 'To whom; left out: to whom the delivery was. A broadcast needs it' }),
    force: z.boolean().default(false).openapi({ description: 'Also what was delivered' }),
    reason: ReasonSchema,
    cdr: z.boolean().default(false).openapi({ description: 'Also a CDR, which the partner may take for another one' }),
  })
  .openapi('Replay')

export const ReplayedSchema = z
  .object({
    push: z.int().openapi({ description: 'Its number in the push log' }),
    platform_id: z.uuid(),
    correlation_id: z.string().openapi({ description: 'Under which its delivery will be in the message log' }),
    source: z.enum(['push-log', 'message-log']).openapi({ description: 'Where its body comes from' }),
  })
  .openapi('Replayed')

export const replayMessage = createRoute({
  method: 'post',
  path: '/messages/{id}/replay',
  operationId: 'replayMessage',
  summary: 'Send a broadcast, or a delivery of one that failed, to one platform again',
  description:
    "It goes through the platform's queue, behind what waits there of the object. Never an old state over a newer one, and never a command.",
  tags: ['Messages'],
  request: { ...reasonQuery, params: z.object({ id: MessageIdSchema }), body: jsonBody(ReplaySchema) },
  responses: {
    202: jsonAnswer(ReplayedSchema, 'It waits for the platform'),
    ...problems({
      400: 'Invalid input',
      404: 'Unknown message or platform',
      409: 'A newer push came since; or the platform is not to get it; or it is nothing that is sent again',
      410: 'Neither log holds all of it any more',
      413: 'Body over 1 MB',
      415: 'Not JSON',
      422: 'To look for a newer push takes too long',
    }),
  },
})

/** Sending again what did not arrive. */
export function addReplayRoute(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  app.openapi(replayMessage, async (c) => {
    const message = await ports.messages.one(c.req.valid('param').id)
    if (!message) return unknownMessage(c)
    const { platform_id = null, force, cdr, ...why } = c.req.valid('json')
    const store = ports.as(byOf(c, why, c.req.valid('query'))).sendAgain
    const options = { platformId: platform_id, isForced: force, withCdrs: cdr }
    const replayed = await replay({ ...ports, ...ports.sendAgain, store }, message, options).catch((error: unknown) => {
      if (error instanceof SearchTooLong) return { kind: 'too-long' } as const
      throw error
    })
    switch (replayed.kind) {
      case 'queued': {
        const { number: push, platformId, correlationId, source } = replayed
        return c.json({ push, platform_id: platformId, correlation_id: correlationId, source }, 202)
      }
      case 'platform-needed':
        return invalidInput(c, [
          { pointer: '#/platform_id', detail: 'Expected the platform that is to get the broadcast' },
        ])
      case 'unknown-platform':
        return unknownPlatform(c)
      case 'too-long':
        return problem(c, 422, 'search-too-long', TOO_LONG)
      case 'gone':
        return problem(c, 410, 'push-gone', replayed.detail)
      default:
        return problem(c, 409, replayed.kind, replayed.detail)
    }
  })
}
