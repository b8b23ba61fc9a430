import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { ADVICE_KEYS } from '../../../hub/administration/handshake-advice.ts'
import type { StoredRefusedCall } from '../../../hub/administration/refused-calls.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { NumberCursorSchema, nextHeader, pageOf } from '../paging.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { LimitSchema, MomentSchema, plainText, TimestampSchema } from '../schemas.ts'
import { AdviceSchema, showAdvice } from './handshake-view.ts'

export const RefusedCallSchema = z
  .object({
    at: TimestampSchema,
    address: z.string().openapi({ description: 'Of the client', example: '203.0.113.7' }),
    method: z.string(),
    path: z.string().openapi({ description: 'Cut, without its query', example: '/ocpi/versions' }),
    user_agent: z.string().nullable(),
    http_status: z.int(),
    ocpi_status: z.int(),
    platform_id: z.uuid().nullable().openapi({ description: 'Whose token it was; null: nobody knows' }),
    fingerprint: z.string().nullable().openapi({
      description:
        'Of the token as it was sent, to compare with `registration.fingerprint` of a platform; null: there was none',
      example: '3fa09c1e',
    }),
    why: AdviceSchema,
  })
  .openapi('RefusedCall')

export const listRefusedCalls = createRoute({
  method: 'get',
  path: '/refused-calls',
  operationId: 'listRefusedCalls',
  summary: 'List calls of partners, or of strangers, that the hub refused, newest first: why their first call fails',
  description:
    'The newest 10,000, at most five a minute of an address. A call that the hub knows the platform of, and refuses for what it asks, is a message.',
  tags: ['Handshakes'],
  request: {
    query: z.strictObject({
      platform: z.uuid().optional().openapi({ description: 'Whose token it was' }),
      address: plainText(64).optional(),
      why: z
        .enum(ADVICE_KEYS as [string, ...string[]])
        .optional()
        .openapi({ description: 'Key of the advice' }),
      fingerprint: z
        .string()
        .regex(/^[0-9a-f]{8}$/, 'Expected eight hexadecimal digits')
        .optional(),
      since: MomentSchema.optional().openapi({ description: 'Inclusive' }),
      until: MomentSchema.optional().openapi({ description: 'Exclusive' }),
      limit: LimitSchema,
      cursor: NumberCursorSchema.optional(),
    }),
  },
  responses: {
    200: { ...jsonAnswer(z.array(RefusedCallSchema), 'A page of refused calls'), headers: nextHeader },
    ...problems({ 400: 'Invalid query' }),
  },
})

/** Calls that came to nobody's account. */
export function addRefusedCallRoutes(app: OpenAPIHono<AdminEnv>, { refusedCalls }: AdminPorts): void {
  app.openapi(listRefusedCalls, async (c) => {
    const { limit, cursor, platform, address, why, fingerprint, since, until } = c.req.valid('query')
    const filter = {
      platformId: platform ?? null,
      address: address ?? null,
      why: ADVICE_KEYS.find((key) => key === why) ?? null,
      fingerprint: fingerprint ?? null,
      since: since === undefined ? null : Date.parse(since),
      until: until === undefined ? null : Date.parse(until),
    }
    const found = await refusedCalls.find(filter, limit + 1, cursor ?? null)
    const page = pageOf(c, found, limit, (last) => String(last.number))
    return c.json(page.map(showRefusedCall), 200)
  })
}

function showRefusedCall(call: StoredRefusedCall): z.infer<typeof RefusedCallSchema> {
  return {
    at: timestamp(call.at),
    address: call.address,
    method: call.method,
    path: call.path,
    user_agent: call.userAgent,
    http_status: call.httpStatus,
    ocpi_status: call.ocpiStatus,
    platform_id: call.platformId,
    fingerprint: call.fingerprint,
    why: showAdvice(call.why),
  }
}
