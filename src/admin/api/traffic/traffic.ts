import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { OUTCOMES } from '../../../hub/message/outcome.ts'
import {
  HOUR_MS,
  MINUTE_MS,
  quantileOf,
  TRAFFIC_BY,
  type TrafficPoint,
  withSums,
} from '../../../hub/message/traffic.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer } from '../media.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { MomentSchema, plainText, TimestampSchema } from '../schemas.ts'

const STEPS_MS = { minute: MINUTE_MS, quarter: 15 * MINUTE_MS, hour: HOUR_MS, day: 24 * HOUR_MS } as const
/** Of one answer: a day by minutes, two months by hours. */
const MOST_STEPS = 1_500
const MOST_ROWS = 50_000
/** Where none is named. */
const PERIOD_MS = 24 * HOUR_MS

const TrafficQuerySchema = z.strictObject({
  since: MomentSchema.optional().openapi({
    description: 'Taken back to the beginning of its step. @default 24 hours before `until`',
  }),
  until: MomentSchema.optional().openapi({ description: 'Exclusive; now when absent' }),
  step: z
    .enum(['minute', 'quarter', 'hour', 'day'])
    .default('hour')
    .openapi({ description: 'Minutes, quarters of hours, hours or days of UTC; of one platform hours or days' }),
  by: z
    .enum([...TRAFFIC_BY, 'outcome-and-step'])
    .default('module')
    .openapi({
      description:
        'What is told apart in each step: modules and outcomes, outcomes alone, or nothing; `outcome-and-step`: outcomes, and after them all of them together',
    }),
  platform: z.uuid().optional().openapi({ description: 'Exchanges that this platform called, or was called, with' }),
  module: plainText(64).optional().openapi({ example: 'sessions' }),
})

export const TrafficSchema = z
  .object({
    at: TimestampSchema.openapi({ description: 'Beginning of the step; one without exchanges is left out' }),
    module: z.string().nullable().openapi({
      example: 'sessions',
      description: '`unknown`: of no module that the hub knows; null: of all of them',
    }),
    outcome: z.enum(OUTCOMES).nullable().openapi({
      description:
        '`refused`: somebody would not (HTTP 4xx, OCPI 2xxx and 3xxx); `failed`: somebody could not (no answer, HTTP 5xx, OCPI 4xxx); `ok`: all others; null: of all outcomes',
    }),
    n: z.int().openapi({ description: 'Exchanges, those that the message log does not store included', example: 1200 }),
    ms: z.number().openapi({ description: 'What they took in the mean, receiver included', example: 48.2 }),
    p50: z.number().nullable().openapi({ description: 'Median, estimated from a histogram; null of one platform' }),
    p95: z
      .number()
      .nullable()
      .openapi({ description: 'What 95 of 100 did not exceed, estimated; null of one platform' }),
    bytes: z.int().nullable().openapi({ description: 'Of requests and answers; null of one platform' }),
  })
  .openapi('Traffic')

export const readTraffic = createRoute({
  method: 'get',
  path: '/traffic',
  operationId: 'readTraffic',
  summary: 'Show how much traffic there was, how much of it failed, and how long it took',
  description:
    'Sums of counts that each hub process writes every 10 seconds: the last step grows for so long. Kept for 35 days, or as long as the message log where that is longer.',
  tags: ['Traffic'],
  request: { query: TrafficQuerySchema },
  responses: {
    200: jsonAnswer(z.array(TrafficSchema), 'Sums by step, and by what is told apart in it, oldest first'),
    ...problems({ 400: 'Invalid query', 422: 'Too much for one answer' }),
  },
})

/** Traffic over time. */
export function addTrafficRoutes(app: OpenAPIHono<AdminEnv>, { traffic, now }: AdminPorts): void {
  app.openapi(readTraffic, async (c) => {
    const { step: name, by, platform = null, module = null, ...period } = c.req.valid('query')
    if (platform !== null && (name === 'minute' || name === 'quarter'))
      return invalidInput(c, [{ parameter: 'step', detail: 'Expected hour or day: of one platform hours are counted' }])
    const step = STEPS_MS[name]
    const until = period.until === undefined ? now() : Date.parse(period.until)
    const from = period.since === undefined ? until - PERIOD_MS : Date.parse(period.since)
    const since = from - (from % step)
    if (until - since > MOST_STEPS * step)
      return invalidInput(c, [
        { parameter: 'step', detail: `Expected at most ${MOST_STEPS} steps: a shorter period or a longer step` },
      ])
    const isSummed = by === 'outcome-and-step'
    const points = await traffic({ since, until, step, platform, module, by: isSummed ? 'outcome' : by }, MOST_ROWS + 1)
    if (points.length > MOST_ROWS)
      return problem(c, 422, 'too-much', `There are more than ${MOST_ROWS} sums: ask for a longer step or one module`)
    return c.json((isSummed ? withSums(points) : points).map(showPoint), 200)
  })
}

function showPoint({ at, module, outcome, n, ms, bytes, took }: TrafficPoint): z.infer<typeof TrafficSchema> {
  return {
    at: timestamp(at),
    module,
    outcome,
    n,
    ms: rounded(ms / n),
    p50: took && rounded(quantileOf(took, 0.5) ?? 0),
    p95: took && rounded(quantileOf(took, 0.95) ?? 0),
    bytes,
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
