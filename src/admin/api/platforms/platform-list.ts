import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { PlatformFigures } from '../../../hub/network/platform-figures.ts'
import type { PlatformSort } from '../../../hub/network/platform-page.ts'
import type { PlatformRecord } from '../../../hub/network/registry.ts'
import { keyOf, PARTY_ROLES } from '../../../ocpi/party.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { PartyTextSchema, partyOf } from '../agreements/agreement-view.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer } from '../media.ts'
import { nextHeader, pageOf } from '../paging.ts'
import { LimitSchema, PlatformSchema, plainText, StatusSchema } from '../schemas.ts'
import { showPlatform } from './platform-view.ts'

const NO_FIGURES: PlatformFigures = { waiting: null, exchanges: 0, failed: 0 }

const SORTS = ['created', 'name', 'status_since', 'last_seen'] as const satisfies readonly PlatformSort[]

const CountSchema = z.int().min(0)

const FiguresSchema = z
  .object({
    waiting: CountSchema.nullable().openapi({
      description: 'Pushes in its queue, as far as they are read from the log; null: it has none',
    }),
    exchanges_24h: CountSchema.openapi({ description: 'Of the last 24 hours, counted by whole hours' }),
    failed_24h: CountSchema.openapi({ description: 'Of those: no answer, HTTP 5xx or OCPI 4xxx' }),
  })
  .openapi('PlatformFigures', { example: { waiting: 0, exchanges_24h: 1200, failed_24h: 3 } })

/** A platform as the list shows it, with how it fares where that was asked for. */
export const ListedPlatformSchema = PlatformSchema.extend({ figures: FiguresSchema.optional() }).openapi(
  'ListedPlatform',
)

/** Behind which platform the next page begins: its id, and where not by creation the value that it is sorted by. */
const CursorSchema = z
  .string()
  .regex(/^[0-9a-fA-F-]{36}(\.[^\0-\x1f]{1,100})?$/, 'Expected a cursor from a Link header')

export const listPlatforms = createRoute({
  method: 'get',
  path: '/platforms',
  operationId: 'listPlatforms',
  summary: 'List platforms, those that fit all filters; without a sort in the order they were added',
  tags: ['Platforms'],
  request: {
    query: z.strictObject({
      q: plainText(100).optional().openapi({
        description: 'Part of the name or of a party, in any letter case, or the id',
        example: 'nl-ab',
      }),
      status: StatusSchema.optional(),
      party: PartyTextSchema.optional().openapi({ description: 'Only platforms that have this party' }),
      role: z
        .enum(PARTY_ROLES)
        .optional()
        .openapi({ description: 'Only platforms with this role, of that party if one is given' }),
      version: plainText(16)
        .optional()
        .openapi({ description: 'Only platforms that speak this OCPI version', example: '2.2.1' }),
      sort: z
        .enum([...SORTS, ...SORTS.map((sort) => `-${sort}` as const)])
        .default('created')
        .openapi({ description: 'With a minus the other way round. Who was never seen comes before all others' }),
      figures: z.enum(['true', 'false']).default('false').openapi({ description: 'Also how each fares' }),
      limit: LimitSchema,
      cursor: CursorSchema.optional(),
    }),
  },
  responses: {
    200: {
      ...jsonAnswer(z.array(ListedPlatformSchema), 'A page of platforms'),
      headers: nextHeader,
    },
    ...problems({ 400: 'Invalid query' }),
  },
})

/** Finding platforms. */
export function addPlatformListRoute(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  app.openapi(listPlatforms, async (c) => {
    const { limit, cursor = null, q, status, party, role, version, ...query } = c.req.valid('query')
    const isDescending = query.sort.startsWith('-')
    const sort = query.sort.replace('-', '') as PlatformSort
    const [afterId, afterValue] = cursor === null ? [null, undefined] : readCursor(cursor)
    if (cursor !== null && (sort === 'created') !== (afterValue === undefined)) {
      return invalidInput(c, [{ parameter: 'cursor', detail: 'Expected a cursor from a Link header of this order' }])
    }
    const records = await ports.registry.listPlatforms({
      limit: limit + 1,
      afterId,
      ...(afterValue !== undefined && { afterValue: sort === 'name' ? afterValue : Number(afterValue) || 0 }),
      search: {
        text: q ?? null,
        status: status ?? null,
        party: party ? keyOf(partyOf(party)) : null,
        role: role ?? null,
        version: version ?? null,
      },
      sort,
      isDescending,
    })
    const page = pageOf(c, records, limit, (last) => cursorOf(last, sort))
    if (query.figures === 'false')
      return c.json(
        page.map((record) => showPlatform(record, ports)),
        200,
      )
    const ids = page.map(({ id }) => id)
    const found = await ports.platformFigures(ids, ports.now())
    return c.json(
      page.map((record) => ({ ...showPlatform(record, ports), figures: showFigures(found.get(record.id)) })),
      200,
    )
  })
}

function showFigures({ waiting, exchanges, failed }: PlatformFigures = NO_FIGURES) {
  return { waiting, exchanges_24h: exchanges, failed_24h: failed }
}

function cursorOf({ id, name, statusSince, lastSeenAt }: PlatformRecord, sort: PlatformSort): string {
  switch (sort) {
    case 'created':
      return id
    case 'name':
      return `${id}.${name}`
    case 'status_since':
      return `${id}.${statusSince}`
    case 'last_seen':
      return `${id}.${lastSeenAt ?? 0}`
  }
}

function readCursor(cursor: string): [string, string | undefined] {
  return [cursor.slice(0, 36), cursor.length > 36 ? cursor.slice(37) : undefined]
}
