import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { byOf, reasonAlone, reasonProblems } from '../reason.ts'
import { TimestampSchema } from '../schemas.ts'
import { AccountParamsSchema } from './account-view.ts'

const tags = ['People and keys']

export const LockOutSchema = z
  .object({
    id: z.string(),
    address: z.string().openapi({ example: '192.0.2.7' }),
    name: z.string().nullable().openapi({
      description:
        'In lower case, as it was typed: whether anybody has it does not matter. Null: the address, with whatever it brings',
      example: 'ada',
    }),
    since: TimestampSchema,
    next_try_at: TimestampSchema.openapi({ description: 'When one more try is looked into' }),
    ends_at: TimestampSchema.openapi({ description: 'When nothing is left of it, should no further try fail' }),
  })
  .openapi('LockOut')

export const listLockOuts = createRoute({
  method: 'get',
  path: '/lock-outs',
  operationId: 'listLockOuts',
  summary: 'List who failed to sign in too often and has to wait, the latest first',
  description:
    'A name from an address after ten wrong passwords; an address after as many failed logins as `FAILED_LOGINS_PER_MINUTE` says. ' +
    'Good tokens and keys and open sessions pass all the same. At most 1,000.',
  tags,
  responses: { 200: jsonAnswer(z.array(LockOutSchema), 'Those who wait now'), ...problems({}) },
})

export const liftLockOut = createRoute({
  method: 'delete',
  path: '/lock-outs/{id}',
  operationId: 'liftLockOut',
  summary: 'Lift a lock-out: whoever waits may try again at once',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: AccountParamsSchema },
  responses: {
    204: { description: 'Lifted' },
    ...problems({ ...reasonProblems, 404: 'Unknown, or over by itself' }),
  },
})

/** Who is shut out for a time, since they failed to sign in too often. */
export function addLockOutRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { lockOuts, now } = ports

  app.openapi(listLockOuts, async (c) => {
    const found = await lockOuts.list()
    return c.json(
      found.map(({ id, address, name, since, nextTryAt, endsAt }) => ({
        ...{ id, address, name },
        since: timestamp(since),
        next_try_at: timestamp(nextTryAt),
        ends_at: timestamp(endsAt),
      })),
      200,
    )
  })

  app.openapi(liftLockOut, async (c) => {
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const isLifted = await changes.lockOuts.lift(c.req.valid('param').id, now())
    if (!isLifted) return problem(c, 404, 'unknown-lock-out', 'No lock-out that lasts has this id')
    await lockOuts.hear()
    return c.body(null, 204)
  })
}
