import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { asSeenBy, platformIn } from '../../../hub/network/seen-by.ts'
import { clientInfoPage } from '../../../hub/presence/client-info.ts'
import { clientInfo } from '../../../ocpi/client-info.ts'
import { ROLES } from '../../../ocpi/party.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { unknownPlatform } from '../outcomes.ts'
import { linkToNext, nextHeader } from '../paging.ts'
import { LimitSchema, PlatformParamsSchema, StatusSchema } from '../schemas.ts'

export const ClientInfoSchema = z
  .object({
    country_code: z.string().openapi({ example: 'DE' }),
    party_id: z.string().openapi({ example: 'EMS' }),
    role: z.enum(ROLES),
    status: StatusSchema.openapi({ description: 'PLANNED also where no rule lets the two talk' }),
    last_updated: z.string().openapi({ example: '2026-11-22T20:29:00Z' }),
  })
  .openapi('ClientInfo')

export const listClientInfo = createRoute({
  method: 'get',
  path: '/platforms/{id}/client-info',
  operationId: 'listClientInfo',
  summary: 'List what a platform sees of the others, as HubClientInfo tells it when the platform asks now',
  description: 'A platform that is not connected is shown what it would see.',
  tags: ['Platforms'],
  request: {
    params: PlatformParamsSchema,
    query: z.strictObject({
      limit: LimitSchema,
      cursor: z.coerce.number().int().min(1).max(10_000_000).optional(),
    }),
  },
  responses: {
    200: {
      ...jsonAnswer(z.array(ClientInfoSchema), 'A page of roles of parties, by party'),
      headers: nextHeader.extend({ 'X-Total-Count': z.string().openapi({ description: 'Of all pages' }) }),
    },
    ...problems({ 400: 'Invalid query', 404: 'Unknown platform' }),
  },
})

/** What a platform sees of others. */
export function addClientInfoRoute(app: OpenAPIHono<AdminEnv>, { currentTable, now }: AdminPorts): void {
  app.openapi(listClientInfo, async (c) => {
    const viewer = platformIn(currentTable(), c.req.valid('param').id)
    if (!viewer) return unknownPlatform(c)
    const table = asSeenBy(currentTable(), viewer)
    const { limit, cursor: offset = 0 } = c.req.valid('query')
    const { items, total } = clientInfoPage(
      table,
      viewer,
      { kind: 'page' as const, offset, limit, dateFrom: null, dateTo: null },
      now(),
    )
    c.header('X-Total-Count', String(total))
    if (offset + items.length < total && items.length > 0)
      c.header('Link', linkToNext(c.req.url, String(offset + items.length)))
    return c.json(
      items.map(({ party, role, status, lastUpdated }) => clientInfo(party, role, status, lastUpdated)),
      200,
    )
  })
}
