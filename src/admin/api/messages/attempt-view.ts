import { z } from '@hono/zod-openapi'
import type { LoggedAttempt } from '../../../hub/push/drain/delivery-traces.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { TimestampSchema } from '../schemas.ts'

/** Not a named schema: in OpenAPI a reference that may also be null contradicts itself. */
export const AttemptSchema = z.object({
  message_id: z.string().openapi({ description: 'See `/messages/{id}`' }),
  at: TimestampSchema,
  http_status: z.int().openapi({ description: '0: no answer' }),
  ocpi_status: z.int().nullable(),
  failure: z.string().nullable().openapi({ description: 'Null: it was delivered' }),
  detail: z.string().nullable().openapi({ description: 'What exactly failed, or what the partner said' }),
})

export function showAttempt(attempt: LoggedAttempt): z.infer<typeof AttemptSchema> {
  const { id, at, httpStatus, ocpiStatus, failure, detail } = attempt
  return {
    message_id: id,
    at: timestamp(at),
    http_status: httpStatus,
    ocpi_status: ocpiStatus,
    failure,
    detail,
  }
}
