import { z } from '@hono/zod-openapi'

/** Members that objects of 2.1.1 have themselves, or that the hub adds under another setting. */
const TAKEN_MEMBERS = new Set(
  `id status country_code party_id last_updated currency kwh start_datetime end_datetime start_date_time stop_date_time auth_id
   auth_method location meter_id charging_periods total_cost tariffs total_energy total_time total_parking_time remark signed_data
   allowed info response_url token location_id evse_uid expiry_date reservation_id`.split(/\s+/),
)

function isZone(text: string): boolean {
  // Else `+02:00` would pass, which is no zone.
  if (!/^[A-Za-z]/.test(text)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).format(0) !== ''
  } catch {
    return false
  }
}

const extras = z.enum(['drop', 'keep'])
const tariffLoss = z.enum(['withhold', 'send'])
const ownerInUrl = z.enum(['owner', 'hub'])
const ids = z.enum(['as-sent', 'prefixed'])
const credit = z.enum(['remark', 'withhold'])
const counterparty = z
  .string()
  .regex(/^[A-Za-z]{2}-[!-)+-.0-~]{1,3}$/, 'Expected a party such as NL-ABC')
  .openapi({ example: 'NL-ABC' })
const timeZone = z
  .string()
  .max(64)
  .refine(isZone, 'Expected a time zone such as Europe/Amsterdam')
  .openapi({ example: 'Europe/Amsterdam' })
const vat = z
  .string()
  .regex(/^(?:100|\d{1,2}(?:\.\d{1,4})?)$/, 'Expected a percentage such as 21 or 5.5, as text')
  .openapi({ example: '21' })
const commandTimeout = z.int().min(1).max(600)
const referenceMember = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'Expected the name of a member such as authorization_id')
  .refine((name) => !TAKEN_MEMBERS.has(name), 'Expected another name: OCPI 2.1.1 has a member of this one')
  .openapi({ example: 'authorization_id' })

/** How messages of unlike OCPI versions are converted, as it is in force for a platform. */
export const ConversionSchema = z
  .object({
    extras: extras.openapi({
      description: 'Members and values that its version does not have are dropped, or sent all the same',
    }),
    tariff_loss: tariffLoss.openapi({
      description:
        'Tariffs by which another sum would come out are withheld, or sent without what its version cannot say',
    }),
    owner_members: z.boolean().openapi({
      description: 'Objects of 2.1.1, which name no owner, get country_code and party_id',
    }),
    owner_in_url: ownerInUrl.openapi({
      description: "Whose party stands in URLs of pushes to a platform of 2.1.1: the owner's or the hub's",
    }),
    ids: ids.nullable().openapi({
      description:
        'Ids toward a platform of 2.1.1: as the owner sent them, or with its party before them; null: prefixed toward eMSPs that have all parties by one connection. Holds from the handshake on',
    }),
    counterparty: counterparty.nullable().openapi({
      description:
        'The one party that a platform of 2.1.1 has to do with; null: all, by one connection. Holds from the handshake on',
    }),
    time_zone: timeZone.nullable().openapi({
      description: 'Of its Locations that name none (2.1.1); null: by their country where it has one zone, else UTC',
    }),
    vat: vat.nullable().openapi({ description: 'VAT in percent of prices that it sends in 2.1.1; null: not said' }),
    command_timeout: commandTimeout.openapi({
      description: 'Seconds in which commands to a CPO of 2.1.1 come to a result',
    }),
    credit: credit.openapi({ description: 'Credit CDRs toward 2.1.1: said in their remark, or withheld' }),
    reference_member: referenceMember.nullable().openapi({
      description: 'Under which name authorization_reference is carried in 2.1.1; null: not at all',
    }),
    signed_data: z.boolean().openapi({ description: 'CDRs of 2.1.1 have signed_data' }),
    tells_losses: z.boolean().openapi({ description: 'Answers to it say in status_message what was lost' }),
  })
  .openapi('Conversion')

/** What a platform has of its own; null goes back to the default. */
export const ConversionInputSchema = z
  .strictObject({
    preset: z.enum(['default', 'gireve']).optional().openapi({
      description: 'Values to begin from, before those that stand beside it. ids and counterparty stay as they are',
    }),
    extras: extras.nullable().optional(),
    tariff_loss: tariffLoss.nullable().optional(),
    owner_members: z.boolean().nullable().optional(),
    owner_in_url: ownerInUrl.nullable().optional(),
    ids: ids.nullable().optional(),
    counterparty: counterparty.nullable().optional(),
    time_zone: timeZone.nullable().optional(),
    vat: vat.nullable().optional(),
    command_timeout: commandTimeout.nullable().optional(),
    credit: credit.nullable().optional(),
    reference_member: referenceMember.nullable().optional(),
    signed_data: z.boolean().nullable().optional(),
    tells_losses: z.boolean().nullable().optional(),
  })
  .openapi('ConversionInput', { description: 'What is left out stays; null returns to the default' })
