import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { NumberCursorSchema, nextHeader, pageOf } from '../paging.ts'
import { LimitSchema } from '../schemas.ts'
import { HandshakeSchema, showHandshake } from './handshake-view.ts'

const tags = ['Handshakes']

export const listHandshakes = createRoute({
  method: 'get',
  path: '/handshakes',
  operationId: 'listHandshakes',
  summary: 'List attempts to register or to connect, newest first, with their calls and what helps',
  description:
    'An attempt is all calls of a platform, or of an address, that are no more than ten minutes apart, up to its success. Each connect or rotation that an administrator asks for is one of its own.',
  tags,
  request: {
    query: z.strictObject({
      platform: z.uuid().optional(),
      limit: LimitSchema,
      cursor: NumberCursorSchema.optional(),
    }),
  },
  responses: {
    200: { ...jsonAnswer(z.array(HandshakeSchema), 'A page of attempts'), headers: nextHeader },
    ...problems({ 400: 'Invalid query' }),
  },
})

const getHandshake = createRoute({
  method: 'get',
  path: '/handshakes/{id}',
  operationId: 'getHandshake',
  summary: 'Show how a handshake went',
  tags,
  request: { params: z.object({ id: z.uuid() }) },
  responses: { 200: jsonAnswer(HandshakeSchema, 'The attempt'), ...problems({ 404: 'Unknown handshake' }) },
})

/** How handshakes went, in both directions. */
export function addHandshakeRoutes(app: OpenAPIHono<AdminEnv>, { attempts, now }: AdminPorts): void {
  app.openapi(listHandshakes, async (c) => {
    const { limit, cursor, platform } = c.req.valid('query')
    const found = await attempts.find({ platformId: platform ?? null }, limit + 1, cursor ?? null)
    const page = pageOf(c, found, limit, (last) => String(last.number))
    return c.json(
      page.map((attempt) => showHandshake(attempt, now())),
      200,
    )
  })

  app.openapi(getHandshake, async (c) => {
    const attempt = await attempts.one(c.req.valid('param').id)
    if (!attempt) return problem(c, 404, 'unknown-handshake', 'No handshake has this id, or it is forgotten')
    return c.json(showHandshake(attempt, now()), 200)
  })
}
