import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { MessageFilter } from '../../../hub/message/message-query.ts'
import { OUTCOMES } from '../../../hub/message/outcome.ts'
import { DAY_MS } from '../../../hub/moments.ts'
import { platformIn } from '../../../hub/network/seen-by.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { pageOf } from '../paging.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { LimitSchema, MomentSchema, plainText } from '../schemas.ts'
import { KINDS, MessageDetailSchema, MessageSchema, type NameOf, showDetail, showMessage } from './message-view.ts'

export const MessageIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

/** What is searched where no period is named. */
const PERIOD_MS = DAY_MS

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
  kind: z.enum(KINDS).optional(),
  outcome: z.enum(OUTCOMES).optional().openapi({
    description:
      '`refused`: somebody would not (HTTP 4xx, OCPI 2xxx and 3xxx); `failed`: somebody could not (no answer, HTTP 5xx, OCPI 4xxx); `ok`: all others',
  }),
  request_id: plainText(255).optional().openapi({ description: 'Of the request as it came, or as the hub sent it on' }),
  object: plainText(255)
    .optional()
    .openapi({ description: 'ID of a location, session, CDR, tariff or token, as it is written', example: 'LOC1' }),
  client: plainText(64).optional().openapi({ description: 'Address of a caller that the hub answered by itself' }),
  status: z.coerce
    .number()
    .int()
    .min(100)
    .max(4999)
    .optional()
    .openapi({ description: 'An HTTP status below 1000, an OCPI status from there' }),
  since: MomentSchema.optional().openapi({
    description:
      'Inclusive. When absent 24 hours before `until`, or before now; with `correlation_id` or `request_id` the beginning of the log',
  }),
  until: MomentSchema.optional().openapi({ description: 'Exclusive' }),
  limit: LimitSchema,
  cursor: CursorSchema.optional(),
})

const tags = ['Messages']

export const listMessages = createRoute({
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
      headers: z.object({
        Link: z.string().optional().openapi({ description: 'rel="next" while there is more' }),
        'X-Search-Since': z.string().openapi({ description: 'How far back was searched' }),
        'X-Log-Since': z
          .string()
          .optional()
          .openapi({ description: 'How far back the log goes; absent when it is empty' }),
      }),
    },
    ...problems({ 400: 'Invalid query', 422: 'The search takes too long' }),
  },
})

export const getMessage = createRoute({
  method: 'get',
  path: '/messages/{id}',
  operationId: 'getMessage',
  summary: 'Show a message with what was kept of its headers and bodies',
  tags,
  request: { params: z.object({ id: MessageIdSchema }) },
  responses: { 200: jsonAnswer(MessageDetailSchema, 'The message'), ...problems({ 404: 'Unknown message' }) },
})

export const getStory = createRoute({
  method: 'get',
  path: '/messages/{id}/story',
  operationId: 'getMessageStory',
  summary: 'List what belongs to a message, oldest first',
  description:
    'At most 200 messages of 24 hours before and after it: those of its correlation ID, the command to a result, and the session that comes of a command with its CDR',
  tags,
  request: { params: z.object({ id: MessageIdSchema }) },
  responses: {
    200: jsonAnswer(z.array(MessageSchema), 'The message and what belongs to it'),
    ...problems({ 404: 'Unknown message', 422: 'The search takes too long' }),
  },
})

/** Reading the message log. */
export function addMessageRoutes(app: OpenAPIHono<AdminEnv>, { messages, currentTable, now }: AdminPorts): void {
  const nameOf: NameOf = (id) => (id === null ? null : (platformIn(currentTable(), id)?.name ?? null))

  app.openapi(listMessages, async (c) => {
    const { limit, cursor, ...query } = c.req.valid('query')
    const before = cursor === undefined ? null : readCursor(cursor)
    const filter = filterOf(query, now())
    const [found, logSince] = await Promise.all([messages.find(filter, { limit: limit + 1, before }), messages.start()])
    const page = pageOf(c, found, limit, (last) => `${last.at}.${last.id}`)
    c.header('X-Search-Since', timestamp(Math.max(filter.since ?? 0, logSince ?? 0)))
    if (logSince !== null) c.header('X-Log-Since', timestamp(logSince))
    return c.json(
      page.map((message) => showMessage(message, nameOf, c.get('caller').maySeeBodies)),
      200,
    )
  })

  app.openapi(getMessage, async (c) => {
    const message = await messages.one(c.req.valid('param').id)
    if (!message) return unknownMessage(c)
    return c.json(showDetail(message, nameOf, c.get('caller').maySeeBodies), 200)
  })

  app.openapi(getStory, async (c) => {
    const story = await messages.story(c.req.valid('param').id)
    if (!story) return unknownMessage(c)
    return c.json(
      story.map((message) => showMessage(message, nameOf, c.get('caller').maySeeBodies)),
      200,
    )
  })
}

function readCursor(cursor: string): { at: number; id: string } {
  const dot = cursor.indexOf('.')
  return { at: Number(cursor.slice(0, dot)), id: cursor.slice(dot + 1) }
}

/** An ID is looked up in all of the log, at little cost; everything else in a day of it, unless more is asked for. */
function filterOf(query: Omit<z.infer<typeof MessageQuerySchema>, 'limit' | 'cursor'>, now: number): MessageFilter {
  const status = query.status ?? null
  const until = query.until === undefined ? null : Date.parse(query.until)
  const isById = query.correlation_id !== undefined || query.request_id !== undefined
  const dayBefore = isById ? null : (until ?? now) - PERIOD_MS
  return {
    correlationId: query.correlation_id ?? null,
    platformId: query.platform_id ?? null,
    party: query.party?.replace('*', '-') ?? null,
    module: query.module ?? null,
    kind: query.kind ?? null,
    outcome: query.outcome ?? null,
    requestId: query.request_id ?? null,
    objectKey: query.object ?? null,
    client: query.client ?? null,
    httpStatus: status !== null && status < 1000 ? status : null,
    ocpiStatus: status !== null && status >= 1000 ? status : null,
    since: query.since === undefined ? dayBefore : Date.parse(query.since),
    until,
  }
}

export function unknownMessage(c: Context<AdminEnv>) {
  return problem(c, 404, 'unknown-message', 'The log holds no message with this id, or no longer')
}
