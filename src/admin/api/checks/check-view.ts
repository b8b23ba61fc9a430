import { z } from '@hono/zod-openapi'
import { type Finding, type Outcome, PROBES, type ProbeName, probeOf } from '../../../hub/check/check.ts'
import type { Change } from '../../../hub/check/compare.ts'
import { type CheckRun, RUN_STATES, type Waiver } from '../../../hub/check/runs/check-runs.ts'
import { showKey } from '../../../ocpi/party.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { plainText, TimestampSchema } from '../schemas.ts'

const OUTCOMES = ['pass', 'warn', 'fail', 'skipped'] as const satisfies readonly Outcome[]

const NAMES = PROBES.map(({ name }) => name)

export const ProbeNameSchema = z.enum(NAMES as [ProbeName, ...ProbeName[]])

const OutcomeSchema = z.enum(OUTCOMES).openapi({
  description: '`skipped`: it could not be made, or there was nothing to judge',
})

const CountSchema = z.int().min(0)

const RUN = {
  platform: z.uuid(),
  run: z.int().min(1).openapi({ description: 'Of the runs of this platform, from 1', example: 3 }),
  state: z.enum(RUN_STATES).openapi({
    description: '`broken-off`: it could not be gone on with; without `ended_at` it is begun anew by itself',
  }),
  why: z.string().nullable().openapi({ description: 'Of one that is broken off' }),
  asked_by: z.string().openapi({
    description:
      'Who asked for it: `admin` with a name behind a colon, `handshake` (a connection that was just made), `schedule` or `partner`',
    example: 'admin:ada',
  }),
  asked_at: TimestampSchema,
  started_at: TimestampSchema.nullable(),
  ended_at: TimestampSchema.nullable(),
  consent: z.boolean().openapi({ description: 'Objects and a command of the check itself were sent' }),
  skip_wrong_token: z.boolean(),
  correlation_id: z.string().nullable().openapi({ description: 'Of all its calls: search the messages by it' }),
  counts: z
    .object({ pass: CountSchema, warn: CountSchema, fail: CountSchema, skipped: CountSchema })
    .openapi({ description: 'Probes, each counted once by the worst that it found' }),
}

export const CheckRunSchema = z.object(RUN).openapi('CheckRun')

const FoundSchema = z
  .object({
    name: ProbeNameSchema,
    number: z.string().openapi({ description: 'As reports number it', example: '24' }),
    title: z.string().openapi({ example: 'limit=1 is kept' }),
    party: z.string().nullable().openapi({
      description: 'Whose list it is; null: it is about the whole platform',
      example: 'NL-CPO',
    }),
    module: z.string().nullable().openapi({ example: 'locations' }),
    outcome: OutcomeSchema,
    detail: z.string(),
    advice: z.string().nullable().openapi({ description: 'What the partner is to do about it' }),
    chapter: z.string().nullable().openapi({ description: 'Of the OCPI specification' }),
    waived: z.boolean().openapi({ description: 'It is let pass by now' }),
    messages: z.array(z.string()).openapi({
      description: 'The evidence: request IDs, by which the messages are searched',
    }),
  })
  .openapi('CheckFinding')

const ChangeSchema = z
  .object({
    name: ProbeNameSchema,
    party: z.string().nullable(),
    module: z.string().nullable(),
    was: OutcomeSchema,
    is: OutcomeSchema,
  })
  .openapi('CheckChange')

export const WaiverSchema = z
  .object({
    name: ProbeNameSchema,
    reason: z.string().openapi({ example: 'known, mended with their release of March' }),
    by: z.string().openapi({ example: 'ada' }),
    at: TimestampSchema,
  })
  .openapi('CheckWaiver')

export const CheckReportSchema = z
  .object({
    ...RUN,
    platform_name: z.string(),
    at: TimestampSchema.openapi({ description: 'When it began, or was asked for' }),
    probes: z
      .array(FoundSchema)
      .openapi({ description: 'In the order of their numbers; of a check that runs, so far' }),
    compared_with: z
      .object({ run: z.int(), at: TimestampSchema, better: z.array(ChangeSchema), worse: z.array(ChangeSchema) })
      .nullable()
      .openapi({ description: 'What differs from the newest run before it that came to its end; null: there is none' }),
    waivers: z.array(WaiverSchema).openapi({ description: 'Faults that are let pass by now' }),
  })
  .openapi('CheckReport')

export const AskCheckSchema = z
  .strictObject({
    consent: z.boolean().default(false).openapi({
      description: 'The partner agrees to objects and a command of the check itself',
    }),
    skip_wrong_token: z.boolean().default(false).openapi({
      description: 'Make no call without the right token: some partners lock out who tries',
    }),
  })
  .openapi('AskCheck')

/** Without it nobody would know later why the fault was let pass. */
export const WaiveSchema = z
  .strictObject({ reason: plainText(500).openapi({ example: 'known, mended with their release of March' }) })
  .openapi('WaiveFault')

export function showRun(run: CheckRun): z.infer<typeof CheckRunSchema> {
  const { platformId: platform, number, state, why, askedBy, askedAt, startedAt, endedAt } = run
  return {
    ...{ platform, run: number, state, why },
    asked_by: askedBy,
    asked_at: timestamp(askedAt),
    started_at: startedAt === null ? null : timestamp(startedAt),
    ended_at: endedAt === null ? null : timestamp(endedAt),
    consent: run.consent,
    skip_wrong_token: run.skipsWrongToken,
    correlation_id: run.correlationId,
    counts: { ...run.counts },
  }
}

export function showFinding(finding: Finding, waived: ReadonlySet<ProbeName>): z.infer<typeof FoundSchema> {
  const { probe, party, module, outcome, detail, advice, chapter, messageIds } = finding
  const { number, title } = probeOf(probe)
  return {
    ...{ name: probe, number, title, party: party && showKey(party), module, outcome, detail, advice, chapter },
    waived: outcome === 'fail' && waived.has(probe),
    messages: [...messageIds],
  }
}

export function showChange({ probe, party, module, was, is }: Change): z.infer<typeof ChangeSchema> {
  return { name: probe, party: party && showKey(party), module, was, is }
}

export function showWaiver({ probe, reason, by, at }: Waiver): z.infer<typeof WaiverSchema> {
  return { name: probe, reason, by, at: timestamp(at) }
}
