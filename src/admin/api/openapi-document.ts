import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminEnv } from '../problem.ts'
import { jsonAnswer } from './media.ts'

export const getDocument = createRoute({
  method: 'get',
  path: '/openapi.json',
  operationId: 'getOpenApiDocument',
  summary: 'This document; needs no token',
  tags: ['Description'],
  security: [],
  responses: { 200: jsonAnswer(z.looseObject({ openapi: z.string() }), 'OpenAPI 3.1') },
})

/** The description of the API, made from the schemas that check its input. */
export function addDocumentRoute(app: OpenAPIHono<AdminEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'administrator', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, or the administrator token: ADMIN_TOKEN, or the one the hub showed at its first start',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-ocpi-hub-session',
    description: 'Of a browser that signed in; ocpi-hub-session where PUBLIC_URL is plain http',
  })
  let document: ReturnType<typeof app.getOpenAPI31Document> | undefined

  app.openapi(getDocument, (c) => {
    document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: "OCPI hub: administrators' API", version: '1' },
      servers: [{ url: '/' }],
      security: [{ administrator: [] }, { session: [] }],
    })
    return c.json(document as unknown as { openapi: string }, 200)
  })
}
