import { z } from '@hono/zod-openapi'
import { EVENT_KINDS, type StoredEvent } from '../../../hub/administration/events.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { TimestampSchema } from '../schemas.ts'

/** Something that happened, in a page and in the `data` of a server-sent event. */
export const EventSchema = z
  .object({
    id: z.int().openapi({ description: 'Later events have higher ones' }),
    at: TimestampSchema,
    kind: z.enum(EVENT_KINDS),
    platform_id: z
      .uuid()
      .nullable()
      .openapi({ description: 'Null: it is about no platform, or about none that is known' }),
    correlation_id: z
      .string()
      .nullable()
      .openapi({ description: 'Of the exchange that shows it: search the messages by it' }),
    data: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'By kind, as the guide for administrators describes it; texts are cut' }),
  })
  .openapi('Event', {
    example: {
      id: 4711,
      at: '2026-11-22T20:29:00.000Z',
      kind: 'platform.status',
      platform_id: '0b0c6a5e-6d3d-4d5c-9d37-6f2f4b6f8a11',
      correlation_id: null,
      data: { from: 'CONNECTED', to: 'OFFLINE', cause: 'failed a still-alive check: timeout', by: 'still-alive' },
    },
  })

export function showEvent({
  number,
  at,
  kind,
  platformId,
  correlationId,
  data,
}: StoredEvent): z.infer<typeof EventSchema> {
  return { id: number, at: timestamp(at), kind, platform_id: platformId, correlation_id: correlationId, data }
}

/** `platform.status,alarm`: kinds with commas between. */
export const KindsSchema = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(EVENT_KINDS)))
  .openapi({ type: 'string', description: `With commas between: ${EVENT_KINDS.join(', ')}`, example: 'alarm' })

export const EventNumberSchema = z
  .string()
  .regex(/^\d{1,15}$/, 'Expected the number of an event')
  .transform(Number)
  .openapi({ type: 'integer' })
