import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { unknownPlatform } from '../outcomes.ts'
import { byOf, ReasonSchema, reasonQuery } from '../reason.ts'
import { PlatformParamsSchema } from '../schemas.ts'
import { AskCheckSchema, CheckRunSchema, showRun } from './check-view.ts'

export const askCheck = createRoute({
  method: 'post',
  path: '/platforms/{id}/checks',
  operationId: 'askConnectionCheck',
  summary: "Check a partner's interfaces: some 50 probes, made one after the other within a few minutes",
  description: 'The answer comes at once; the events of the platform tell what is found.',
  tags: ['Connection checks'],
  request: {
    ...reasonQuery,
    params: PlatformParamsSchema,
    body: jsonBody(AskCheckSchema.extend({ reason: ReasonSchema })),
  },
  responses: {
    202: jsonAnswer(CheckRunSchema, 'The run, which waits or goes on'),
    ...problems({
      400: 'Invalid input',
      404: 'Unknown platform',
      409: 'One is under way, or there is no connection to check',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

export const listChecks = createRoute({
  method: 'get',
  path: '/platforms/{id}/checks',
  operationId: 'listConnectionChecks',
  summary: 'List the newest 20 connection checks of a platform, the newest first',
  tags: ['Connection checks'],
  request: { params: PlatformParamsSchema },
  responses: {
    200: jsonAnswer(z.array(CheckRunSchema), 'Runs; empty: it was never checked'),
    ...problems({ 400: 'Invalid input', 404: 'Unknown platform' }),
  },
})

/** Connection checks: asked for, and what there is of them. */
export function addCheckRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { checks, registry } = ports

  app.openapi(askCheck, async (c) => {
    const { id } = c.req.valid('param')
    const { consent, skip_wrong_token: skipsWrongToken, ...why } = c.req.valid('json')
    const asked = await ports.as(byOf(c, why, c.req.valid('query'))).checks.ask(id, { consent, skipsWrongToken })
    switch (asked.kind) {
      case 'unknown-platform':
        return unknownPlatform(c)
      case 'wrong-status': {
        const detail = `The platform is ${asked.status}, and there is no connection that could be checked`
        return problem(c, 409, 'wrong-status', detail)
      }
      case 'under-way': {
        const detail = `Check ${asked.number} of this platform has not ended yet`
        return problem(c, 409, 'check-under-way', detail, { check: asked.number })
      }
      case 'asked': {
        const run = (await checks.list(id)).find(({ number }) => number === asked.number)
        return run ? c.json(showRun(run), 202) : unknownPlatform(c)
      }
    }
  })

  app.openapi(listChecks, async (c) => {
    const { id } = c.req.valid('param')
    const found = await checks.list(id)
    if (found.length === 0 && (await registry.findPlatform(id)) === null) return unknownPlatform(c)
    return c.json(found.map(showRun), 200)
  })
}
