import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { showKey } from '../../../ocpi/party.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { RECEIPT_STATES, type Receipt, receiversOf } from '../../use-cases/receivers-of-broadcast.ts'
import { jsonAnswer } from '../media.ts'
import { linkToNext, nextHeader } from '../paging.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { LimitSchema, TimestampSchema } from '../schemas.ts'
import { AttemptSchema, showAttempt } from './attempt-view.ts'
import { MessageIdSchema, unknownMessage } from './messages.ts'

export const ReceiptSchema = z
  .object({
    platform_id: z.uuid(),
    platform_name: z.string(),
    to_party: z.string().nullable().openapi({
      description: 'Null: the platform gets a broadcast once, for all its parties',
      example: 'DE-EMS',
    }),
    state: z.enum(RECEIPT_STATES).openapi({
      description:
        "`failed`: the partner refused it for good; `missed`: given up by the hub; `withheld`: not sent, since it cannot be said in the platform's OCPI version; `delivered-or-replaced`: it is neither waiting nor among what was missed, and nothing is kept that tells whether it was delivered, or a newer push of the object went in its place, or it was missed and that was mended since",
    }),
    why: z.string().nullable().openapi({
      description:
        'Of `failed` and `missed` the cause as in the list of missed objects, of `withheld` and `not-entitled` the reason',
    }),
    at: TimestampSchema.nullable().openapi({ description: 'When it was delivered, missed or withheld' }),
    attempts: z.int().min(0).openapi({
      description:
        'Those in the message log: all that failed, and of those that succeeded as many a second as it stores',
    }),
    last_attempt: AttemptSchema.nullable(),
  })
  .openapi('Receipt', {
    example: {
      platform_id: '0e5d4b3c-6f0e-4a53-9f0e-0b1a2c3d4e5f',
      platform_name: 'Example eMSP',
      to_party: null,
      state: 'delivered',
      why: null,
      at: '2026-11-22T20:29:00.000Z',
      attempts: 1,
      last_attempt: null,
    },
  })

export const listReceivers = createRoute({
  method: 'get',
  path: '/messages/{id}/deliveries',
  operationId: 'listDeliveries',
  summary: 'List who has a broadcast: what became of it for each platform that it could be for by its roles',
  description:
    'Pages of platforms, by id. Who is entitled is told by roles, interfaces and rules as they are now; what did happen counts more. Platforms that were removed since are not listed.',
  tags: ['Messages'],
  request: {
    params: z.object({ id: MessageIdSchema }),
    query: z.strictObject({ limit: LimitSchema, cursor: z.uuid().optional() }),
  },
  responses: {
    200: { ...jsonAnswer(z.array(ReceiptSchema), 'A page of receivers'), headers: nextHeader },
    ...problems({
      400: 'Invalid query',
      404: 'Unknown message',
      409: 'It is no broadcast, or none that was accepted',
      410: 'Neither log holds all of it any more',
    }),
  },
})

/** What became of a broadcast. */
export function addDeliveryRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  app.openapi(listReceivers, async (c) => {
    const message = await ports.messages.one(c.req.valid('param').id)
    if (!message) return unknownMessage(c)
    const { limit, cursor = null } = c.req.valid('query')
    const found = await receiversOf(ports, message, { limit, afterId: cursor })
    if (found.kind === 'gone') return problem(c, 410, 'push-gone', found.detail)
    if (found.kind !== 'found') return problem(c, 409, 'not-a-broadcast', found.detail)
    if (found.nextAfter !== null) c.header('Link', linkToNext(c.req.url, found.nextAfter))
    return c.json(found.receipts.map(showReceipt), 200)
  })
}

function showReceipt({ platform, to, state, why, at, attempts, last }: Receipt): z.infer<typeof ReceiptSchema> {
  return {
    platform_id: platform.id,
    platform_name: platform.name,
    to_party: to && showKey(to),
    state,
    why,
    at: at === null ? null : timestamp(at),
    attempts,
    last_attempt: last && showAttempt(last),
  }
}
