import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { platformIn } from '../../../hub/network/seen-by.ts'
import type { ConversionFilter, OutcomeSums, RemarkSum } from '../../../hub/translate/conversion-counts.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { nextHeader, pageOf } from '../paging.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { LimitSchema, plainText, TimestampSchema } from '../schemas.ts'
import { FATES } from './fates.ts'

const tags = ['Conversions']

const counted = {
  platform_id: z.string().openapi({ description: 'Who got it, or did not; empty: there were too many to tell apart' }),
  platform_name: z.string().nullable().openapi({ description: 'As it is called now; null once it was deleted' }),
  from: z.string().openapi({ description: 'The OCPI version that it came in', example: '2.2.1' }),
  to: z.string().openapi({ description: 'The version that the platform speaks', example: '2.3.0' }),
  kind: z.string().openapi({ example: 'tariff' }),
}

const times = {
  first_at: TimestampSchema,
  last_at: TimestampSchema,
  sample: z.string().nullable().openapi({ description: 'The id of an object that it happened to', example: 'T1' }),
}

export const RemarkSchema = z
  .object({
    ...counted,
    fate: z.enum(FATES).openapi({
      description:
        '`lost`: there is no place for it; `invented`: the version demands it, and the source has none; `changed`: another value; `withheld`: to say it would be false, and what it belongs to was not sent; `unknown`: of no version, and sent as it is',
    }),
    pointer: z.string().openapi({
      description: 'Of a lost member in what came, else in what was sent; `*` for any index',
      example: '/elements/*/price_components/*/vat',
    }),
    reason: z.string(),
    count: z.int().openapi({ description: 'How often' }),
    ...times,
  })
  .openapi('ConversionRemark')

export const OutcomesSchema = z
  .object({
    ...counted,
    converted: z.int(),
    withheld: z.int().openapi({ description: 'To say them in the other version would be false' }),
    failed: z.int().openapi({ description: 'No JSON, or what should not be' }),
    ...times,
  })
  .openapi('ConversionOutcomes')

const FilterSchema = z.strictObject({
  source: z.uuid().optional().openapi({ description: 'Of what this platform sent' }),
  platform: z.uuid().optional().openapi({ description: 'Toward this platform' }),
  from: plainText(16).optional().openapi({ example: '2.2.1' }),
  to: plainText(16).optional().openapi({ example: '2.3.0' }),
  kind: plainText(40).optional().openapi({ example: 'tariff' }),
  limit: LimitSchema,
  cursor: z.coerce.number().int().min(1).max(10_000_000).optional(),
})

const description =
  'Sums of counts that each hub process writes every 10 seconds, of what happened last within 35 days, or as long as the message log where that is longer. Most frequent first.'

export const listConversions = createRoute({
  method: 'get',
  path: '/conversions',
  operationId: 'listConversions',
  summary: 'List what conversions between OCPI versions lose, invent, change or withhold',
  description,
  tags,
  request: { query: FilterSchema.extend({ fate: z.enum(FATES).optional() }) },
  responses: {
    200: { ...jsonAnswer(z.array(RemarkSchema), 'A page of remarks'), headers: nextHeader },
    ...problems({ 400: 'Invalid query' }),
  },
})

export const listConversionOutcomes = createRoute({
  method: 'get',
  path: '/conversions/outcomes',
  operationId: 'listConversionOutcomes',
  summary: 'List how many objects were converted, withheld or failed, by versions, kind and platform',
  description,
  tags,
  request: { query: FilterSchema },
  responses: {
    200: { ...jsonAnswer(z.array(OutcomesSchema), 'A page of sums'), headers: nextHeader },
    ...problems({ 400: 'Invalid query' }),
  },
})

/** What becomes of messages between platforms of unlike versions. */
export function addConversionRoutes(app: OpenAPIHono<AdminEnv>, { conversions, currentTable }: AdminPorts): void {
  const nameOf = (platformId: string) => platformIn(currentTable(), platformId)?.name ?? null

  app.openapi(listConversions, async (c) => {
    const { limit, cursor: offset = 0, fate = null, ...query } = c.req.valid('query')
    const found = await conversions.remarks({ ...filterOf(query), fate }, offset, limit + 1)
    const page = pageOf(c, found, limit, () => String(offset + limit))
    return c.json(
      page.map((remark) => showRemark(remark, nameOf(remark.platform))),
      200,
    )
  })

  app.openapi(listConversionOutcomes, async (c) => {
    const { limit, cursor: offset = 0, ...query } = c.req.valid('query')
    const found = await conversions.outcomes(filterOf(query), offset, limit + 1)
    const page = pageOf(c, found, limit, () => String(offset + limit))
    return c.json(
      page.map((sums) => showOutcomes(sums, nameOf(sums.platform))),
      200,
    )
  })
}

function filterOf(
  query: Partial<Record<'source' | 'platform' | 'from' | 'to' | 'kind', string | undefined>>,
): ConversionFilter {
  const { source = null, platform = null, from = null, to = null, kind = null } = query
  return { source, platform, from, to, kind }
}

function showRemark(remark: RemarkSum, platform_name: string | null): z.infer<typeof RemarkSchema> {
  const { fate, pointer, reason, n } = remark
  return { ...showCounted(remark, platform_name), fate, pointer, reason, count: n, ...showTimes(remark) }
}

function showOutcomes(sums: OutcomeSums, platform_name: string | null): z.infer<typeof OutcomesSchema> {
  const { converted, withheld, failed } = sums
  return { ...showCounted(sums, platform_name), converted, withheld, failed, ...showTimes(sums) }
}

type Counted = Pick<RemarkSum, 'platform' | 'from' | 'to' | 'kind' | 'firstAt' | 'lastAt' | 'sample'>

function showCounted({ platform, from, to, kind }: Counted, platform_name: string | null) {
  return { platform_id: platform, platform_name, from, to, kind }
}

function showTimes({ firstAt, lastAt, sample }: Counted) {
  return { first_at: timestamp(firstAt), last_at: timestamp(lastAt), sample }
}
