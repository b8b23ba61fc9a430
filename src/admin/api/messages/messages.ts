import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { MessageFilter } from '../../../hub/message/message-query.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { linkToNext } from '../paging.ts'
import { LimitSchema, plainText } from '../schemas.ts'
import { MessageDetailSchema, MessageSchema, type NameOf, showDetail, showMessage } from './message-view.ts'

const MESSAGE_ID = /^[A-Za-z0-9_-]{1,64}$/

const MomentSchema = z.iso.datetime({ offset: true })

/** Where the next page begins: behind the message of that time and id. */
const CursorSchema = z.string().regex(/^\d{1,15}\.[A-Za-z0-9_-]{1,64}$/, 'Expected a cursor from a Link header')

const MessageQuerySchema = z.strictObject({
  correlation_id: plainText(255).optional(),
  platform_id: z.uuid().optional().openapi({ description: 'The platform that called or was called' }),
  party: z
    .string()
    .regex(/^[A-Za-z]{2}[-*][!-)+-.0-~]{1,3}$/, 'Expected a party such as NL-ABC')
    .optional()
    .openapi({ description: 'The sending or the receiving party', example: 'NL-ABC' }),
  module: plainText(64).optional(),
  status: z.coerce
    .number()
    .int()
    .min(100)
    .max(4999)
    .optional()
    .openapi({ description: 'An HTTP status below 1000, an OCPI status from there' }),
  since: MomentSchema.optional().openapi({ description: 'Inclusive' }),
  until: MomentSchema.optional().openapi({ description: 'Exclusive' }),
  limit: LimitSchema,
  cursor: CursorSchema.optional(),
})

const tags = ['Messages']

const listMessages = createRoute({
  method: 'get',
  path: '/messages',
  operationId: 'listMessages',
  summary: 'Search the message log, newest first',
  description:
    'Of deliveries that succeeded the log has as many a second as MESSAGE_LOG_DELIVERIES_PER_SECOND says; `delivered` of a queue counts all.',
  tags,
  request: { query: MessageQuerySchema },
  responses: {
    200: {
      ...jsonAnswer(z.array(MessageSchema), 'A page of messages'),
      headers: z.object({ Link: z.string().optional().openapi({ description: 'rel="next" while there is more' }) }),
    },
    ...problems({ 400: 'Invalid query' }),
  },
})

const getMessage = createRoute({
  method: 'get',
  path: '/messages/{id}',
  operationId: 'getMessage',
  summary: 'Show a message with what was kept of its headers and bodies',
  tags,
  request: { params: z.object({ id: z.string().regex(MESSAGE_ID) }) },
  responses: { 200: jsonAnswer(MessageDetailSchema, 'The message'), ...problems({ 404: 'Unknown message' }) },
})

const getStory = createRoute({
  method: 'get',
  path: '/messages/{id}/story',
  operationId: 'getMessageStory',
  summary: 'List what belongs to a message, oldest first',
  description:
    'At most 200 messages of 24 hours before and after it: those of its correlation ID, the command to a result, and the session that comes of a command with its CDR',
  tags,
  request: { params: z.object({ id: z.string().regex(MESSAGE_ID) }) },
  responses: {
    200: jsonAnswer(z.array(MessageSchema), 'The message and what belongs to it'),
    ...problems({ 404: 'Unknown message' }),
  },
})

/** Reading the message log. */
export function addMessageRoutes(app: OpenAPIHono<AdminEnv>, { messages, currentTable }: AdminPorts): void {
  const nameOf: NameOf = (id) => (id === null ? null : (currentTable().platforms.get(id)?.name ?? null))

  app.openapi(listMessages, async (c) => {
    const { limit, cursor, ...query } = c.req.valid('query')
    const before = cursor === undefined ? null : readCursor(cursor)
    const found = await messages.find(filterOf(query), { limit: limit + 1, before })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    if (last && found.length > limit) c.header('Link', linkToNext(c.req.url, `${last.at}.${last.id}`))
    return c.json(
      page.map((message) => showMessage(message, nameOf)),
      200,
    )
  })

  app.openapi(getMessage, async (c) => {
    const message = await messages.one(c.req.valid('param').id)
    if (!message) return problem(c, 404, 'unknown-message', UNKNOWN)
    return c.json(showDetail(message, nameOf, c.get('caller').maySeeBodies), 200)
  })

  app.openapi(getStory, async (c) => {
    const story = await messages.story(c.req.valid('param').id)
    if (!story) return problem(c, 404, 'unknown-message', UNKNOWN)
    return c.json(
      story.map((message) => showMessage(message, nameOf)),
      200,
    )
  })
}

const UNKNOWN = 'The log holds no message with this id, or no longer'

function readCursor(cursor: string): { at: number; id: string } {
  const dot = cursor.indexOf('.')
  return { at: Number(cursor.slice(0, dot)), id: cursor.slice(dot + 1) }
}

function filterOf(query: Omit<z.infer<typeof MessageQuerySchema>, 'limit' | 'cursor'>): MessageFilter {
  const status = query.status ?? null
  return {
    correlationId: query.correlation_id ?? null,
    platformId: query.platform_id ?? null,
    party: query.party?.replace('*', '-') ?? null,
    module: query.module ?? null,
    httpStatus: status !== null && status < 1000 ? status : null,
    ocpiStatus: status !== null && status >= 1000 ? status : null,
    since: query.since === undefined ? null : Date.parse(query.since),
    until: query.until === undefined ? null : Date.parse(query.until),
  }
}
