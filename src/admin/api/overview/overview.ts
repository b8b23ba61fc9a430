import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { CONCERN_KINDS, type Concern, TONES } from '../../../hub/administration/concerns.ts'
import type { RoutingTable } from '../../../hub/network/routing-table.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { whyConcerned } from '../../use-cases/why-concerned.ts'
import { jsonAnswer } from '../media.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { TimestampSchema } from '../schemas.ts'

const MOST_CONCERNS = 100

export const ConcernSchema = z
  .object({
    kind: z.enum(CONCERN_KINDS).openapi({
      description:
        '`queue-paused`: by an administrator, or since the partner refuses what it gets; `queue-lags`: its oldest push waits for more than 5 minutes; `handshake-failed`: the newest attempt of the last 30 days failed or was given up; `objects-missed`: within the last 7 days; `check-failed`: the latest connection check found faults that are not waived; `token-ends`: within 7 days; `certificate-ends`: within 30 days, of one that lasts for less than four months within a quarter of its time',
    }),
    tone: z.enum(TONES).openapi({
      description:
        '`bad`: something does not work; `warn`: something wants a look; `info`: something is to come or was ordered',
    }),
    why: z.string().openapi({ description: 'In words', example: 'OFFLINE: failed a still-alive check: timeout' }),
    platform_id: z.uuid(),
    platform_name: z.string().openapi({ example: 'Example CPO' }),
    since: TimestampSchema,
  })
  .openapi('Concern', {
    example: {
      kind: 'platform-offline',
      tone: 'bad',
      why: 'OFFLINE: failed a still-alive check: timeout',
      platform_id: '0e5d4b3c-6f0e-4a53-9f0e-0b1a2c3d4e5f',
      platform_name: 'Example CPO',
      since: '2026-11-22T20:29:00.000Z',
    },
  })

const CountSchema = z.int().min(0)

export const OverviewSchema = z
  .object({
    platforms: z.object({
      total: CountSchema,
      connected: CountSchema,
      offline: CountSchema,
      planned: CountSchema,
      suspended: CountSchema,
    }),
    versions: z
      .array(z.object({ version: z.string(), platforms: CountSchema }))
      .openapi({ description: 'How many platforms speak which OCPI version, the newest first' }),
    newcomers: CountSchema.openapi({ description: 'Rows of `/onboarding`' }),
    queues: z.object({
      total: CountSchema,
      paused: CountSchema.openapi({
        description:
          'By an administrator, or since the partner refuses what it gets; platforms that are away do not count',
      }),
      lagging: CountSchema.openapi({
        description: 'Of the others those whose oldest push waits for more than 5 minutes',
      }),
      waiting: CountSchema.openapi({
        description: 'Pushes that wait in all of them, as far as they are read from the log',
      }),
    }),
    pending_roles: CountSchema.openapi({ description: 'Roles that wait for an administrator' }),
  })
  .openapi('Overview', {
    example: {
      platforms: { total: 12, connected: 9, offline: 1, planned: 2, suspended: 0 },
      versions: [
        { version: '2.3.0', platforms: 2 },
        { version: '2.2.1', platforms: 8 },
      ],
      newcomers: 3,
      queues: { total: 10, paused: 0, lagging: 1, waiting: 240 },
      pending_roles: 0,
    },
  })

export const listConcerns = createRoute({
  method: 'get',
  path: '/attention',
  operationId: 'listConcerns',
  summary: 'List what needs an administrator, the worst first',
  description:
    'Of what is equally bad the latest first; at most 100. Each goes off the list by itself once it is mended.',
  tags: ['Overview'],
  request: {
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(MOST_CONCERNS).default(MOST_CONCERNS) }),
  },
  responses: {
    200: jsonAnswer(z.array(ConcernSchema), 'What needs a look; empty: all is well'),
    ...problems({ 400: 'Invalid query' }),
  },
})

export const getOverview = createRoute({
  method: 'get',
  path: '/overview',
  operationId: 'getOverview',
  summary: 'Count platforms by status, newcomers, and queues that do not go on',
  tags: ['Overview'],
  responses: { 200: jsonAnswer(OverviewSchema, 'Counts of this moment'), ...problems({}) },
})

/** The first look at the network: is all well, and what needs me? */
export function addOverviewRoutes(app: OpenAPIHono<AdminEnv>, { concerns, now, currentTable }: AdminPorts): void {
  app.openapi(listConcerns, async (c) => {
    const at = now()
    const found = await concerns.concerns(at, c.req.valid('query').limit)
    return c.json(
      found.map((concern) => showConcern(concern, at)),
      200,
    )
  })

  app.openapi(getOverview, async (c) => {
    const { platforms, newcomers, queues, pendingRoles } = await concerns.overview(now())
    const versions = versionsIn(currentTable())
    return c.json({ platforms, versions, newcomers, queues, pending_roles: pendingRoles }, 200)
  })
}

function versionsIn({ platforms }: RoutingTable): { version: string; platforms: number }[] {
  const counts = new Map<string, number>()
  for (const { version } of platforms.values())
    if (version !== null) counts.set(version, (counts.get(version) ?? 0) + 1)
  const newestFirst = [...counts].toSorted(([a], [b]) => b.localeCompare(a, 'en', { numeric: true }))
  return newestFirst.map(([version, n]) => ({ version, platforms: n }))
}

function showConcern(concern: Concern, now: number): z.infer<typeof ConcernSchema> {
  const { kind, tone, platformId, platformName, since } = concern
  const why = whyConcerned(concern, now)
  return { kind, tone, why, platform_id: platformId, platform_name: platformName, since: timestamp(since) }
}
