import { z } from '@hono/zod-openapi'
import type { Agreement } from '../../../hub/network/policy.ts'
import type { PartyKey } from '../../../ocpi/party.ts'
import type { ModuleDecision, RouteTo } from '../../use-cases/explain-pair.ts'
import type { MatrixPlace } from '../../use-cases/pair-matrix.ts'
import { MomentSchema, PartyNameSchema, StatusSchema, TimestampSchema } from '../schemas.ts'
import { AgreementSchema, ModuleSchema, PartyTextSchema, showAgreement } from './agreement-view.ts'

const PolicySchema = z.enum(['open', 'agreements'])

/** Not the named schema: in OpenAPI a reference that may also be null contradicts itself. */
const DecidingRuleSchema = z
  .object(AgreementSchema.shape)
  .nullable()
  .openapi({ description: 'The rule that decides; null: the policy' })

const RouteSchema = z
  .object({
    to: PartyNameSchema,
    interface_role: z.enum(['SENDER', 'RECEIVER']),
    platform_id: z.uuid().nullable().openapi({ description: 'Null: no platform hosts the party, or several do' }),
    platform_name: z.string().nullable(),
    status: z.enum(StatusSchema.options).nullable(),
    announced: z.boolean().openapi({ description: 'The platform announces this interface of the module' }),
    missing: z.string().nullable().openapi({
      description: 'What keeps requests from it, agreements apart; null: nothing',
      example: 'NL-ABC is OFFLINE',
    }),
  })
  .openapi('Route', { description: 'The way to one interface of one of the two parties, as it is now' })

export const DecisionQuerySchema = z.strictObject({
  a: PartyTextSchema,
  b: PartyTextSchema,
  module: ModuleSchema.optional().openapi({ description: 'Left out: all modules' }),
  at: MomentSchema.optional().openapi({ description: 'Left out: now' }),
})

export const DecisionSchema = z
  .object({
    allowed: z.boolean().openapi({ description: 'Without a module: of any module at all' }),
    reason: z.string(),
    rule: DecidingRuleSchema,
    policy: PolicySchema,
    at: TimestampSchema,
    modules: z
      .array(
        z
          .object({
            module: z.string().openapi({ example: 'locations' }),
            allowed: z.boolean(),
            reason: z.string(),
            rule: DecidingRuleSchema,
            routes: z.array(RouteSchema),
          })
          .openapi('ModuleDecision'),
      )
      .openapi({
        description: 'The one asked for, or all of the specification with those that rules or the platforms name',
      }),
    rules: z.array(AgreementSchema).openapi({
      description:
        'Of the pair and in force at the moment, the latest first: the first that speaks of a module decides',
    }),
  })
  .openapi('Decision')

const NamesSchema = z
  .string()
  .regex(
    /^[A-Za-z]{2}([-*][!-)+-.0-~]{1,3})?(,[A-Za-z]{2}([-*][!-)+-.0-~]{1,3})?){0,199}$/,
    'Expected parties or countries such as NL-ABC,DE',
  )
  .optional()

export const MatrixQuerySchema = z.strictObject({
  cpo: NamesSchema.openapi({
    description: 'Only these CPOs: parties or countries, with commas between',
    example: 'NL-ABC,DE',
  }),
  emsp: NamesSchema.openapi({ description: 'Only these of the other side: eMSPs, NSPs, NAPs, SCSPs and others' }),
  module: ModuleSchema.optional().openapi({ description: 'Left out: all modules' }),
  at: MomentSchema.optional().openapi({ description: 'Left out: now' }),
  limit: z.coerce.number().int().min(1).max(200).default(200).openapi({ description: 'Most rows, and most columns' }),
  cursor: z
    .string()
    .regex(/^([A-Z]{2}\*[!-~]{1,3})? ([A-Z]{2}\*[!-~]{1,3})?$/, 'Expected a cursor from a Link header')
    .optional(),
})

export const MatrixSchema = z
  .object({
    at: TimestampSchema,
    policy: PolicySchema,
    cpos: z.array(PartyNameSchema).openapi({ description: 'The rows' }),
    emsps: z.array(PartyNameSchema).openapi({ description: 'The columns' }),
    cells: z.array(z.array(z.enum(['all', 'some', 'none']))).openapi({
      description:
        'A list for each CPO, in it for each eMSP of which modules they may talk; of `some` the decision tells which',
      example: [['all', 'none']],
    }),
  })
  .openapi('AgreementMatrix')

export function matrixCursor({ cpo, emsp }: MatrixPlace): string {
  return `${cpo ?? ''} ${emsp ?? ''}`
}

/** Of what the schema lets through. */
export function readMatrixCursor(cursor: string | undefined): MatrixPlace {
  const [cpo, emsp] = (cursor ?? ' ').split(' ')
  return { cpo: (cpo || null) as PartyKey | null, emsp: (emsp || null) as PartyKey | null }
}

export function showModuleDecision({ module, isAllowed, reason, rule, routes }: ModuleDecision, now: number) {
  return { module, allowed: isAllowed, reason, rule: showRule(rule, now), routes: routes.map(showRoute) }
}

/** What is true of a pair as a whole: where one module was asked about, of that. */
export function showVerdict(modules: readonly ModuleDecision[], now: number) {
  const [only] = modules
  if (only && modules.length === 1)
    return { allowed: only.isAllowed, reason: only.reason, rule: showRule(only.rule, now) }
  const allowed = modules.filter(({ isAllowed }) => isAllowed)
  const names = allowed.length < modules.length ? `: ${allowed.map(({ module }) => module).join(', ')}` : ''
  const reason =
    allowed.length === 0
      ? 'They may talk of no module'
      : `They may talk of ${allowed.length} of ${modules.length} modules${names}`
  return { allowed: allowed.length > 0, reason, rule: null }
}

function showRule(rule: Agreement | null, now: number) {
  return rule && showAgreement(rule, now)
}

function showRoute({ party, interfaceRole, platform, isAnnounced, missing }: RouteTo): z.infer<typeof RouteSchema> {
  return {
    to: { country_code: party.countryCode, party_id: party.partyId },
    interface_role: interfaceRole,
    platform_id: platform?.id ?? null,
    platform_name: platform?.name ?? null,
    status: platform?.status ?? null,
    announced: isAnnounced,
    missing,
  }
}
