import { z } from '@hono/zod-openapi'
import type { Platform, RoutingTable } from '../../../hub/network/routing-table.ts'
import { MISBEHAVIOURS, MOST_SANDBOX_PARTNERS, TRIALS, type TrialResult } from '../../../hub/network/sandbox.ts'
import { PartyNameSchema } from '../schemas.ts'

const SandboxRoleSchema = z.enum(['CPO', 'EMSP'])

const MisbehaviourSchema = z.enum(MISBEHAVIOURS).openapi({
  description:
    '`slow`: each answer takes 8 seconds; `429` and `5xx`: nothing is done; `malformed`: half of the JSON; `tiny-pages`: one object a page; `lost-answers`: done, and the answer never comes',
})

export const SandboxPartnerSchema = z
  .object({
    id: z.uuid(),
    name: z.string().openapi({ example: 'Sandbox CPO 1' }),
    role: SandboxRoleSchema,
    party: PartyNameSchema,
    misbehaviour: MisbehaviourSchema,
    tried_by: z
      .array(z.object({ platform_id: z.uuid(), platform_name: z.string() }))
      .openapi({ description: 'Platforms that see it; to all others it does not exist' }),
  })
  .openapi('SandboxPartner', {
    example: {
      id: '7d1f0f5e-2f5b-4b60-8a43-2f8d3c9f1a11',
      name: 'Sandbox CPO 1',
      role: 'CPO',
      party: { country_code: 'XS', party_id: 'SC1' },
      misbehaviour: 'none',
      tried_by: [{ platform_id: '0e5d4b3c-6f0e-4a53-9f0e-0b1a2c3d4e5f', platform_name: 'Example eMSP' }],
    },
  })

export const NewSandboxPartnerSchema = z.strictObject({ role: SandboxRoleSchema }).openapi('NewSandboxPartner')

export const SandboxChangeSchema = z.strictObject({ misbehaviour: MisbehaviourSchema }).openapi('SandboxChange')

export const AssignedSchema = z
  .strictObject({
    partners: z
      .array(z.uuid())
      .max(MOST_SANDBOX_PARTNERS)
      .openapi({ description: 'Ids of sandbox partners; none: it tries the hub with nobody any more' }),
  })
  .openapi('AssignedSandboxPartners')

export const TrialSchema = z
  .strictObject({
    what: z.enum(TRIALS).openapi({
      description:
        'What the partner does. A sandbox eMSP with a CPO: reads its `locations`, puts a `token`, sends START_SESSION, STOP_SESSION, reads CDRs. A sandbox CPO with an eMSP: puts a location, has a `token` authorised, puts a session that begins, that ends, posts the CDR',
    }),
    partner: z.uuid(),
  })
  .openapi('Trial')

export const TrialResultSchema = z
  .object({
    is_good: z.boolean(),
    detail: z.string().openapi({ description: 'What came of it, in words' }),
    exchanges: z.array(
      z
        .object({
          what: z.string().openapi({ example: 'GET locations' }),
          correlation_id: z.string().openapi({ description: 'By which `/messages` finds it, a moment later' }),
          http_status: z.int(),
          ocpi_status: z.int().nullable().openapi({ description: 'Null: the answer is no OCPI answer' }),
          is_good: z.boolean(),
          detail: z.string(),
        })
        .openapi('TrialExchange'),
    ),
  })
  .openapi('TrialResult')

/** All, by their parties. */
export function showPartners(table: RoutingTable): z.infer<typeof SandboxPartnerSchema>[] {
  const triers = [...table.platforms.values()].filter(({ tries }) => tries && tries.length > 0)
  return [...(table.sandbox?.values() ?? [])]
    .map((partner) => showPartner(partner, triers))
    .sort((a, b) => (a.party.party_id < b.party.party_id ? -1 : 1))
}

function showPartner(partner: Platform, triers: readonly Platform[]): z.infer<typeof SandboxPartnerSchema> {
  const { id, name, parties, sandbox } = partner
  const [party] = parties
  return {
    id,
    name,
    role: party?.roles.some(({ role }) => role === 'CPO') ? 'CPO' : 'EMSP',
    party: { country_code: party?.countryCode ?? '', party_id: party?.partyId ?? '' },
    misbehaviour: sandbox ?? 'none',
    tried_by: triers
      .filter(({ tries }) => tries?.includes(id))
      .map((trier) => ({ platform_id: trier.id, platform_name: trier.name })),
  }
}

export function showTrial({
  isGood,
  detail,
  steps,
}: Extract<TrialResult, { kind: 'tried' }>): z.infer<typeof TrialResultSchema> {
  return {
    is_good: isGood,
    detail,
    exchanges: steps.map((step) => ({
      what: step.what,
      correlation_id: step.correlationId,
      http_status: step.httpStatus,
      ocpi_status: step.ocpiStatus,
      is_good: step.isGood,
      detail: step.detail,
    })),
  }
}
