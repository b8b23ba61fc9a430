import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { unknownPlatform } from '../outcomes.ts'
import { byOf, ReasonSchema, reasonQuery } from '../reason.ts'
import { PlatformParamsSchema } from '../schemas.ts'
import { unknownPartner } from './sandbox.ts'
import {
  AssignedSchema,
  SandboxPartnerSchema,
  showPartners,
  showTrial,
  TrialResultSchema,
  TrialSchema,
} from './sandbox-view.ts'

const tags = ['Sandbox']

export const listTried = createRoute({
  method: 'get',
  path: '/platforms/{id}/sandbox',
  operationId: 'listTriedSandboxPartners',
  summary: 'List the sandbox partners that a platform tries the hub with',
  tags,
  request: { params: PlatformParamsSchema },
  responses: {
    200: jsonAnswer(z.array(SandboxPartnerSchema), 'Those that it sees'),
    ...problems({ 404: 'Unknown platform' }),
  },
})

export const assignSandbox = createRoute({
  method: 'put',
  path: '/platforms/{id}/sandbox',
  operationId: 'assignSandboxPartners',
  summary: 'Have a platform try the hub with these sandbox partners, and with no others',
  description:
    'From now on it sees them, and may talk with them of everything, under either policy and before it is released. Nobody else does.',
  tags,
  request: {
    ...reasonQuery,
    params: PlatformParamsSchema,
    body: jsonBody(AssignedSchema.extend({ reason: ReasonSchema })),
  },
  responses: {
    200: jsonAnswer(z.array(SandboxPartnerSchema), 'Those that it sees now'),
    ...problems({
      400: 'Invalid input, or no sandbox partner has such an id',
      404: 'Unknown platform',
      409: 'It is a sandbox partner itself',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

export const trySandbox = createRoute({
  method: 'post',
  path: '/platforms/{id}/sandbox/try',
  operationId: 'trySandboxPartner',
  summary: 'Have a sandbox partner do something with a platform, through the hub, and tell what came of it',
  description: 'Each call that it makes is an exchange in the message log. What it asks for may come later, as others.',
  tags,
  request: { params: PlatformParamsSchema, body: jsonBody(TrialSchema) },
  responses: {
    200: jsonAnswer(TrialResultSchema, 'What came of it, well or not'),
    ...problems({
      400: 'Invalid input',
      404: 'Unknown platform, or it does not try the hub with this partner',
      409: 'The platform cannot be called, or has no party for it',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

/** Platforms that try the hub with sandbox partners. */
export function addTrialRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { currentTable } = ports
  const triedBy = (platformId: string) =>
    showPartners(currentTable()).filter(({ tried_by }) => tried_by.some((trier) => trier.platform_id === platformId))

  app.openapi(listTried, (c) => {
    const { id } = c.req.valid('param')
    return currentTable().platforms.has(id) ? c.json(triedBy(id), 200) : unknownPlatform(c)
  })

  app.openapi(assignSandbox, async (c) => {
    const { id } = c.req.valid('param')
    const input = c.req.valid('json')
    const changes = ports.as(byOf(c, input, c.req.valid('query')))
    const result = await changes.sandbox.assign(id, input.partners)
    if (result.kind === 'unknown-platform') return unknownPlatform(c)
    if (result.kind === 'unknown-partner') {
      const pointer = `#/partners/${input.partners.indexOf(result.id)}`
      return invalidInput(c, [{ pointer, detail: 'No sandbox partner has this id' }])
    }
    await ports.afterChange()
    return c.json(triedBy(id), 200)
  })

  app.openapi(trySandbox, async (c) => {
    const { what, partner } = c.req.valid('json')
    const result = await ports.sandbox.tryOut(c.req.valid('param').id, partner, what)
    switch (result.kind) {
      case 'tried':
        return c.json(showTrial(result), 200)
      case 'unknown-platform':
        return unknownPlatform(c)
      case 'unknown-partner':
        return unknownPartner(c)
      case 'not-ready':
        return problem(c, 409, 'wrong-status', result.detail)
    }
  })
}
