import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { DAY_MS } from '../../../hub/moments.ts'
import type { Newcomer } from '../../../hub/network/newcomers.ts'
import { showParty } from '../../../ocpi/party.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { firstAgreed, onboardingSteps, STEP_STATES, type Step } from '../../use-cases/onboarding-steps.ts'
import { CheckRunSchema } from '../checks/check-view.ts'
import { jsonAnswer } from '../media.ts'
import { NumberCursorSchema, nextHeader, pageOf } from '../paging.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { LimitSchema, StatusSchema, TimestampSchema } from '../schemas.ts'

const StepSchema = z
  .object({
    state: z.enum(STEP_STATES),
    at: TimestampSchema.nullable().openapi({ description: 'Since when; null: not done, or not known any more' }),
    why: z
      .string()
      .nullable()
      .openapi({ description: 'What is missing or failed', example: 'The hub does not know this token' }),
  })
  .openapi('OnboardingStep')

export const NewcomerSchema = z
  .object({
    platform_id: z.uuid(),
    platform_name: z.string(),
    status: StatusSchema,
    parties: z.array(z.string()).openapi({ description: 'Once each', example: ['NL-CPO'] }),
    steps: z.object({
      named: StepSchema.openapi({ description: 'It was added' }),
      invited: StepSchema.openapi({
        description: 'It has a registration token, or had one; `at` is that of the token that is open',
      }),
      handshake: StepSchema.openapi({ description: 'Credentials are exchanged; `why` is the title of the advice' }),
      check: StepSchema.openapi({
        description:
          'A connection check found no fault but those that are waived; not needed where nobody asks for one',
      }),
      agreements: StepSchema.openapi({ description: 'A rule lets one of its parties talk; not needed where all may' }),
      live: StepSchema.openapi({
        description: 'It is, or was, CONNECTED; `under-way`: it waits to be released, or for its check',
      }),
    }),
    handshake_id: z.uuid().nullable().openapi({ description: 'Of its newest attempt, see `/handshakes/{id}`' }),
    check: z
      .object({
        run: z.int().min(1),
        counts: CheckRunSchema.shape.counts,
        faults: z.int().min(0).openapi({ description: 'Probes that found faults which are not waived' }),
      })
      .nullable()
      .openapi({ description: 'Its newest connection check' }),
    days: z.int().min(0).openapi({ description: 'Whole days since it was added', example: 4 }),
    last_heard_at: TimestampSchema.nullable().openapi({
      description: 'Its last message, or the last call of its handshake; null: nothing yet',
    }),
    token_ends_at: TimestampSchema.nullable().openapi({ description: 'Null: no registration token is open' }),
    token_days_left: z.int().min(0).nullable().openapi({ description: 'Whole days', example: 26 }),
  })
  .openapi('Newcomer')

export const listNewcomers = createRoute({
  method: 'get',
  path: '/onboarding',
  operationId: 'listNewcomers',
  summary: 'List where each newcomer stands, the one added last first',
  description: 'Platforms that are PLANNED, and those that were CONNECTED for the first time within the last 7 days.',
  tags: ['Overview'],
  request: {
    query: z.strictObject({
      platform: z.uuid().optional().openapi({ description: 'Only this one, also when it was live long ago' }),
      limit: LimitSchema,
      cursor: NumberCursorSchema.optional(),
    }),
  },
  responses: {
    200: { ...jsonAnswer(z.array(NewcomerSchema), 'A page of newcomers'), headers: nextHeader },
    ...problems({ 400: 'Invalid query' }),
  },
})

/** Who is on the way into the network. */
export function addOnboardingRoute(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  app.openapi(listNewcomers, async (c) => {
    const { limit, cursor, platform } = c.req.valid('query')
    const now = ports.now()
    const found = await ports.newcomers({ now, limit: limit + 1, before: cursor ?? null, platformId: platform ?? null })
    const page = pageOf(c, found, limit, (last) => String(last.number))
    const table = ports.currentTable()
    const agreed = firstAgreed(table, now)
    return c.json(
      page.map((newcomer) => {
        const steps = onboardingSteps(newcomer, table, agreed, ports.connectionCheck, now)
        return {
          ...showNewcomer(newcomer, now),
          parties: [...new Set((table.platforms.get(newcomer.platformId)?.parties ?? []).map(showParty))],
          steps: {
            named: showStep(steps.named),
            invited: showStep(steps.invited),
            handshake: showStep(steps.handshake),
            check: showStep(steps.check),
            agreements: showStep(steps.agreements),
            live: showStep(steps.live),
          },
        }
      }),
      200,
    )
  })
}

function showNewcomer(
  { platformId, name, status, createdAt, lastSeenAt, token, attempt, check }: Newcomer,
  now: number,
) {
  const heard = Math.max(lastSeenAt ?? 0, attempt?.lastAt ?? 0)
  return {
    platform_id: platformId,
    platform_name: name,
    status,
    handshake_id: attempt?.id ?? null,
    check: check && { run: check.run, counts: { ...check.counts }, faults: check.faults },
    days: Math.max(0, Math.floor((now - createdAt) / DAY_MS)),
    last_heard_at: heard === 0 ? null : timestamp(heard),
    token_ends_at: token && timestamp(token.expiresAt),
    token_days_left: token && Math.floor((token.expiresAt - now) / DAY_MS),
  }
}

function showStep({ state, at, why }: Step): z.infer<typeof StepSchema> {
  return { state, at: at === null ? null : timestamp(at), why }
}
