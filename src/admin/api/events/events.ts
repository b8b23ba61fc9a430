import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, plainProblem, problems } from '../../problem.ts'
import { isLetInAsBefore } from '../../sign-in/authentication.ts'
import { nextHeader, pageOf } from '../paging.ts'
import { LimitSchema } from '../schemas.ts'
import { EventNumberSchema, EventSchema, KindsSchema, showEvent } from './event-view.ts'
import { createStreams, MOST_OF_CALLER, MOST_STREAMS } from './streams.ts'

const listEvents = createRoute({
  method: 'get',
  path: '/events',
  operationId: 'listEvents',
  summary: 'List what happened, newest first, or follow it as it happens',
  description:
    'With `Accept: text/event-stream` the answer goes on: what happens from now on, or after the event of `Last-Event-ID` or `after`. It ends after ten minutes, as clients expect, which come back by themselves and miss nothing.',
  tags: ['Events'],
  request: {
    query: z.strictObject({
      platform: z.uuid().optional().openapi({ description: 'About this platform, which may be removed' }),
      kinds: KindsSchema.optional(),
      limit: LimitSchema,
      cursor: EventNumberSchema.optional().openapi({ description: 'From a Link header' }),
      after: EventNumberSchema.optional().openapi({
        description: 'Of a stream: begin after this event, as `Last-Event-ID` says it where headers can be set',
      }),
    }),
    headers: z.object({
      'last-event-id': EventNumberSchema.optional().openapi({ description: 'The last event that a stream told of' }),
    }),
  },
  responses: {
    200: {
      description: 'A page of events, or a stream of them',
      headers: nextHeader,
      content: {
        'application/json': { schema: z.array(EventSchema) },
        'text/event-stream': {
          schema: z.string().openapi({
            description: 'Server-sent events: `id` is the number of the event, `event` its kind, `data` an Event',
            example: 'id: 4711\nevent: queue.paused\ndata: {"id":4711,"kind":"queue.paused"}\n\n',
          }),
        },
      },
    },
    ...problems({ 400: 'Invalid query' }),
    429: {
      ...problems({})[429],
      description: `You follow ${MOST_OF_CALLER} streams of this process already; or too many failed logins from this address`,
    },
    503: {
      ...problems({})[503],
      description: `The database is away, or this process serves ${MOST_STREAMS} streams already`,
      headers: z.object({ 'Retry-After': z.string().optional() }),
    },
  },
})

/** What happened: read in pages, and followed. */
export function addEventRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { events } = ports
  const streams = createStreams(ports)

  app.openapi(listEvents, async (c) => {
    const { platform, kinds, limit, cursor, after: begin } = c.req.valid('query')
    const filter = { platformId: platform ?? null, kinds: kinds ?? null }
    if (c.req.header('Accept')?.includes('text/event-stream')) {
      const from = c.req.valid('header')['last-event-id'] ?? begin ?? null
      // Proxies that gather answers before they pass them on are asked not to.
      const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }
      // Nobody would read the stream.
      if (c.req.method === 'HEAD') return new Response(null, { headers }) as never
      const { id, name } = c.get('caller')
      const wish = { filter, begin: from, caller: id ?? name, mayListen: () => isLetInAsBefore(c, ports) }
      const body = await streams.open(wish)
      if (body === 'too-many') {
        const detail = `You follow ${MOST_OF_CALLER} streams of events here already: close one of them`
        return plainProblem(c, 429, detail, { 'Retry-After': '10' })
      }
      if (body === 'full') {
        return plainProblem(c, 503, 'Too many streams of events are open here', { 'Retry-After': '10' })
      }
      return new Response(body, { headers }) as never
    }
    const found = await events.before(cursor ?? null, filter, limit + 1)
    const page = pageOf(c, found, limit, (last) => String(last.number))
    return c.json(page.map(showEvent), 200)
  })
}
