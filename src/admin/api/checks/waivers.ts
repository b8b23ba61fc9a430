import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { unknownPlatform } from '../outcomes.ts'
import { byOf, reasonQuery } from '../reason.ts'
import { PlatformParamsSchema } from '../schemas.ts'
import { ProbeNameSchema, showWaiver, WaiverSchema, WaiveSchema } from './check-view.ts'

const tags = ['Connection checks']
const WaiverParamsSchema = PlatformParamsSchema.extend({ probe: ProbeNameSchema })
const waiversAnswer = jsonAnswer(z.array(WaiverSchema), 'All that are let pass of this platform now')

export const listWaivers = createRoute({
  method: 'get',
  path: '/platforms/{id}/checks/waivers',
  operationId: 'listWaivers',
  summary: 'List the faults of a platform that are let pass',
  tags,
  request: { params: PlatformParamsSchema },
  responses: { 200: waiversAnswer, ...problems({ 400: 'Invalid input', 404: 'Unknown platform' }) },
})

export const waiveFault = createRoute({
  method: 'put',
  path: '/platforms/{id}/checks/waivers/{probe}',
  operationId: 'waiveFault',
  summary: 'Let a fault that the connection check finds pass, with a reason',
  description: 'A platform that waits for its check, and that no other fault keeps, goes live at once.',
  tags,
  request: { params: WaiverParamsSchema, body: jsonBody(WaiveSchema) },
  responses: {
    200: waiversAnswer,
    ...problems({ 400: 'Invalid input', 404: 'Unknown platform', 413: 'Body over 1 MB', 415: 'Not JSON' }),
  },
})

export const unwaiveFault = createRoute({
  method: 'delete',
  path: '/platforms/{id}/checks/waivers/{probe}',
  operationId: 'unwaiveFault',
  summary: 'Let a fault pass no longer; a platform that is live stays so',
  tags,
  request: { ...reasonQuery, params: WaiverParamsSchema },
  responses: { 200: waiversAnswer, ...problems({ 400: 'Invalid input', 404: 'Unknown platform' }) },
})

/** Faults that single partners are known for. */
export function addWaiverRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { checks, registry, afterChange } = ports
  const shown = async (id: string) => (await checks.waivers(id)).map(showWaiver)

  app.openapi(listWaivers, async (c) => {
    const { id } = c.req.valid('param')
    return (await registry.findPlatform(id)) === null ? unknownPlatform(c) : c.json(await shown(id), 200)
  })

  app.openapi(waiveFault, async (c) => {
    const { id, probe } = c.req.valid('param')
    const result = await ports.as(byOf(c, c.req.valid('json'))).checks.waive(id, probe)
    if (result.kind !== 'changed') return unknownPlatform(c)
    await afterChange()
    return c.json(await shown(id), 200)
  })

  app.openapi(unwaiveFault, async (c) => {
    const { id, probe } = c.req.valid('param')
    const result = await ports.as(byOf(c, c.req.valid('query'))).checks.unwaive(id, probe)
    return result.kind === 'changed' ? c.json(await shown(id), 200) : unknownPlatform(c)
  })
}
