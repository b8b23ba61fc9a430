import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { answerChanged, changeProblem } from '../outcomes.ts'
import { byOf, reasonAlone, reasonProblems } from '../reason.ts'
import { PlatformParamsSchema, PlatformSchema } from '../schemas.ts'

export const release = createRoute({
  method: 'post',
  path: '/platforms/{id}/release',
  operationId: 'releasePlatform',
  summary: 'Let a platform that is held go live: at once, or with its handshake',
  tags: ['Platforms'],
  ...reasonAlone,
  request: { ...reasonAlone.request, params: PlatformParamsSchema },
  responses: {
    200: jsonAnswer(PlatformSchema, 'The platform, released now or before'),
    ...problems({ ...reasonProblems, 404: 'Unknown platform', 409: "The platform's status does not allow it" }),
  },
})

/** The end of the hold before going live. */
export function addReleaseRoute(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  app.openapi(release, async (c) => {
    const { id } = c.req.valid('param')
    const result = await ports.as(byOf(c, c.req.valid('json'), c.req.valid('query'))).registry.setHeld(id, false)
    return result.kind === 'changed' ? answerChanged(c, ports, id) : changeProblem(c, ports.currentTable, result)
  })
}
