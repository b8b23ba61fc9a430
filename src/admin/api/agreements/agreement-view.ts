import { z } from '@hono/zod-openapi'
import { type Agreement, isInForce } from '../../../hub/network/policy.ts'
import { isConfigurationModule, isFunctionalModule, isModuleIdentifier } from '../../../ocpi/modules.ts'
import type { Party } from '../../../ocpi/party.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { ReasonSchema } from '../reason.ts'
import { MomentSchema, PartyNameSchema, TimestampSchema } from '../schemas.ts'

const EffectSchema = z.enum(['allow', 'deny'])

/** A rule about what is never routed, or is spelt in another way, would do nothing and look as if it did. */
export const ModuleSchema = z
  .string()
  .refine(isRoutedModule, 'Expected a module that is routed, spelt as in version details, such as locations')
  .openapi({ example: 'locations' })

function isRoutedModule(text: string): boolean {
  const lower = text.toLowerCase()
  const isMisspelt = text !== lower && isFunctionalModule(lower)
  return isModuleIdentifier(text) && !isMisspelt && !isConfigurationModule(lower)
}

export const NewAgreementSchema = z
  .strictObject({
    a: PartyNameSchema,
    b: PartyNameSchema,
    effect: EffectSchema,
    modules: z
      .array(ModuleSchema)
      .min(1)
      .max(100)
      .nullable()
      .optional()
      .openapi({ description: 'Left out or null: all modules' }),
    valid_from: MomentSchema.nullable().optional().openapi({ description: 'Inclusive; left out: at once' }),
    valid_until: MomentSchema.nullable().optional().openapi({ description: 'Exclusive; left out: until it is ended' }),
  })
  .openapi('NewAgreement')

export const AgreementSchema = z
  .object({
    id: z.uuid(),
    a: PartyNameSchema,
    b: PartyNameSchema,
    effect: EffectSchema,
    modules: z.array(z.string()).nullable(),
    valid_from: TimestampSchema.nullable(),
    valid_until: TimestampSchema.nullable(),
    created_at: TimestampSchema,
    ended_at: TimestampSchema.nullable().openapi({ description: 'When an administrator ended it' }),
    is_in_force: z.boolean(),
  })
  .openapi('Agreement')

export const AgreementParamsSchema = z.object({ id: z.uuid() })

export const PartyTextSchema = z
  .string()
  .regex(/^[A-Za-z]{2}[-*][!-)+-.0-~]{1,3}$/, 'Expected a party such as NL-ABC')
  .openapi({ example: 'NL-ABC' })

/** Whether an import only tells what it would do. */
export const ImportQuerySchema = z.strictObject({
  reason: ReasonSchema,
  dry_run: z.enum(['true', 'false']).default('false').openapi({ description: 'Only tell what the file would do' }),
})

export const ImportedSchema = z
  .object({
    added: z.int(),
    left_out: z.int().openapi({ description: 'Rows with an id that was known' }),
    refused: z
      .int()
      .optional()
      .openapi({ description: 'Of a dry run: lines with a fault. With any the file is refused' }),
    lines: z
      .array(
        z.object({
          line: z.int().openapi({ example: 2 }),
          outcome: z.enum(['added', 'left-out', 'refused']),
          detail: z.string().nullable().openapi({ description: 'What is wrong with a refused one' }),
        }),
      )
      .optional()
      .openapi({ description: 'Of a dry run: the lines of the file in their order' }),
  })
  .openapi('ImportedAgreements')

export function showAgreement(rule: Agreement, now: number): z.infer<typeof AgreementSchema> {
  const { id, a, b, effect, modules, validFrom, validUntil, createdAt, endedAt } = rule
  return {
    id,
    a: { country_code: a.countryCode, party_id: a.partyId },
    b: { country_code: b.countryCode, party_id: b.partyId },
    effect,
    modules: modules && [...modules],
    valid_from: validFrom === null ? null : timestamp(validFrom),
    valid_until: validUntil === null ? null : timestamp(validUntil),
    created_at: timestamp(createdAt),
    ended_at: endedAt === null ? null : timestamp(endedAt),
    is_in_force: isInForce(rule, now),
  }
}

/** `NL-ABC` as `PartyTextSchema` lets it through. */
export function partyOf(text: string): Party {
  return { countryCode: text.slice(0, 2), partyId: text.slice(3) }
}
