import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { type StatusSpan, statusHistory } from '../../use-cases/status-history.ts'
import { EventNumberSchema } from '../events/event-view.ts'
import { jsonAnswer } from '../media.ts'
import { unknownPlatform } from '../outcomes.ts'
import { nextHeader, pageOf } from '../paging.ts'
import { LimitSchema, PlatformParamsSchema, StatusSchema, TimestampSchema } from '../schemas.ts'
import { timestamp } from './platform-view.ts'

/** Not a reference that may also be null, which in OpenAPI contradicts itself. */
const MaybeStatusSchema = z.enum(StatusSchema.options).nullable()

export const StatusSpanSchema = z
  .object({
    at: TimestampSchema,
    until: TimestampSchema.nullable().openapi({ description: 'Null: it lasts' }),
    duration_seconds: z
      .number()
      .nullable()
      .openapi({ description: 'How long it lasted, or lasts by now; null for the removal' }),
    from: MaybeStatusSchema.openapi({ description: 'The status before; null: the platform was added' }),
    to: MaybeStatusSchema.openapi({
      description:
        'The status from then on; null: the platform was removed. The same as before where only the cause changed',
    }),
    cause: z.string(),
    by: z.string().openapi({
      description:
        'Who brought it about: `admin` with a name behind a colon, `partner`, `still-alive` (a check of the hub), `traffic` (a message of the partner) or `check` (it passed its connection check)',
    }),
    correlation_id: z.string().nullable().openapi({ description: 'Of the exchange that brought it about' }),
  })
  .openapi('StatusSpan', {
    example: {
      at: '2026-11-22T20:29:00.000Z',
      until: '2026-11-22T20:34:00.000Z',
      duration_seconds: 300,
      from: 'CONNECTED',
      to: 'OFFLINE',
      cause: 'failed a still-alive check: timeout',
      by: 'still-alive',
      correlation_id: null,
    },
  })

export const listHistory = createRoute({
  method: 'get',
  path: '/platforms/{id}/history',
  operationId: 'listStatusHistory',
  summary: "List a platform's statuses, newest first, with who or what brought each about",
  description: 'Of the last 90 days, and also of a platform that was removed.',
  tags: ['Platforms'],
  request: {
    params: PlatformParamsSchema,
    query: z.strictObject({ limit: LimitSchema, cursor: EventNumberSchema.optional() }),
  },
  responses: {
    200: {
      ...jsonAnswer(z.array(StatusSpanSchema), 'A page of statuses'),
      headers: nextHeader,
    },
    ...problems({ 400: 'Invalid query', 404: 'Unknown platform' }),
  },
})

/** What became of a platform over time. */
export function addHistoryRoutes(app: OpenAPIHono<AdminEnv>, { events, registry, now }: AdminPorts): void {
  app.openapi(listHistory, async (c) => {
    const { id } = c.req.valid('param')
    const { limit, cursor } = c.req.valid('query')
    const found = await statusHistory(events, id, cursor ?? null, limit + 1)
    if (found.length === 0 && (await registry.findPlatform(id)) === null) return unknownPlatform(c)
    const page = pageOf(c, found, limit, (last) => String(last.number))
    return c.json(
      page.map((span) => showSpan(span, now())),
      200,
    )
  })
}

function showSpan(span: StatusSpan, now: number): z.infer<typeof StatusSpanSchema> {
  const { at, until, from, to, cause, by, correlationId } = span
  return {
    at: timestamp(at),
    until: until === null ? null : timestamp(until),
    duration_seconds: to === null ? null : Math.max(0, ((until ?? now) - at) / 1000),
    from,
    to,
    cause,
    by,
    correlation_id: correlationId,
  }
}
