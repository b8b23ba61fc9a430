import { z } from '@hono/zod-openapi'
import { MOST_ROLES } from '../../hub/network/registry.ts'
import { isModuleIdentifier } from '../../ocpi/modules.ts'
import { isPartyName, PARTY_ROLES, ROLES } from '../../ocpi/party.ts'
import { ConversionInputSchema, ConversionSchema } from './platforms/conversion-schema.ts'

/** A moment as the API writes it, in UTC with milliseconds [RFC 3339]. */
export const TimestampSchema = z.iso.datetime().openapi({ example: '2026-11-22T20:29:00.000Z' })

/** A moment as the API reads it, between 1970 and the end of 9999: what every part of the hub can hold. */
export const MomentSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => !(Date.parse(text) < 0), 'Expected 1970 or later')

export const StatusSchema = z.enum(['CONNECTED', 'OFFLINE', 'PLANNED', 'SUSPENDED']).openapi('ConnectionStatus')

/** Text that people gave and that goes into the database: without control characters, which it cannot hold or show. */
export function plainText(most: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !/\p{Cc}/u.test(text), 'Expected text without control characters')
}

const CountryCodeSchema = z
  .string()
  .refine((text) => isPartyName(text, 'X'), 'Expected two letters')
  .openapi({ minLength: 2, maxLength: 2, example: 'NL' })

const PartyIdSchema = z
  .string()
  .refine((text) => isPartyName('NL', text), 'Expected one to three printable characters without * and /')
  .openapi({ minLength: 1, maxLength: 3, example: 'ABC' })

export const PartyNameSchema = z.strictObject({ country_code: CountryCodeSchema, party_id: PartyIdSchema })

const PartyInputSchema = PartyNameSchema.extend({ role: z.enum(PARTY_ROLES) }).openapi('PartyInput')

export const PartiesInputSchema = z.array(PartyInputSchema).max(1000)

/** Roles that wait at a platform, of which an administrator decides. */
export const RolesSchema = z.strictObject({ roles: z.array(PartyInputSchema).min(1).max(1000) }).openapi('Roles')

export const FreeSchema = z
  .strictObject({
    role: z.enum(PARTY_ROLES).optional().openapi({ description: 'Left out: all its roles that were given up' }),
  })
  .openapi('Free')

const WaitingRoleSchema = z.object({
  country_code: z.string(),
  party_id: z.string(),
  role: z.enum(ROLES),
  why: z.enum(['not-announced', 'named-by-rule', 'given-up-lately']).openapi({
    description:
      'It was not announced; a rule names the party, which nobody reserved; a platform that was deleted had the party until lately',
  }),
  since: TimestampSchema,
})

export const PendingRoleSchema = WaitingRoleSchema.extend({ platform_id: z.uuid() }).openapi('PendingRole')

const MostRolesSchema = z.int().min(1).max(MOST_ROLES)

const requestsPerSecond = z.int().min(1).max(100_000)
const concurrency = z.int().min(1).max(256)
const maxAgeSeconds = z.int().min(1).max(604_800)
const afterOffline = z.enum(['none', 'resync'])
const broadcastTo = z.enum(['platform', 'party'])

/** What a platform has of its own; null goes back to the hub's default. */
export const DeliveryInputSchema = z
  .strictObject({
    requests_per_second: requestsPerSecond.nullable().optional(),
    concurrency: concurrency.nullable().optional(),
    max_age_seconds: maxAgeSeconds.nullable().optional(),
    after_offline: afterOffline.nullable().optional(),
    broadcast_to: broadcastTo.nullable().optional(),
  })
  .openapi('DeliveryInput', { description: "What is left out or null follows the hub's defaults" })

const DeliverySchema = z
  .object({
    requests_per_second: requestsPerSecond,
    concurrency,
    max_age_seconds: maxAgeSeconds,
    after_offline: afterOffline,
    broadcast_to: broadcastTo.openapi({ description: 'A broadcast comes once, or once for each of its parties' }),
  })
  .openapi('Delivery', { description: "As it is in force, filled with the hub's defaults" })

const TokenEncodingSchema = z
  .enum(['base64', 'raw'])
  .openapi({ description: 'How the hub writes its token to this platform' })

const StrictSchema = z.boolean().openapi({
  description: 'Accept the token only as the specification writes it: `Token <base64>`, in OCPI 2.1.1 `Token <token>`',
})

const HeldSchema = z.boolean().openapi({
  description: 'Hold the partner to the specification where the hub else takes what can only mean one thing',
})

const InterfaceRoleSchema = z.enum(['SENDER', 'RECEIVER'])

export const EndpointOverrideSchema = z
  .strictObject({
    identifier: z
      .string()
      .refine(
        (text) => isModuleIdentifier(text) && text !== 'versions',
        'Expected a module identifier such as locations',
      ),
    role: InterfaceRoleSchema,
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .refine((text) => !/[?#]/.test(text), 'Expected no query and no fragment')
      .nullable()
      .openapi({ description: 'In the place of what the partner announces; null hides the endpoint' }),
  })
  .openapi('EndpointOverride')

const LeftOutSchema = z.boolean().openapi({
  description: 'Keep its lists out of GET All, which says so in its status_message',
})

const HoldSchema = z.boolean().openapi({
  description: 'Its handshake leaves it PLANNED until it is released',
})

export const NewPlatformSchema = z
  .strictObject({
    name: plainText(100),
    parties: PartiesInputSchema.default([]).openapi({
      description: 'Announced to others as PLANNED and reserved for this platform',
    }),
    delivery: DeliveryInputSchema.optional(),
    token_encoding: TokenEncodingSchema.default('base64'),
    strict_authorization: StrictSchema.default(false),
    hold: HoldSchema.optional(),
  })
  .openapi('NewPlatform')

export const PlatformChangeSchema = z
  .strictObject({
    name: plainText(100).optional(),
    parties: PartiesInputSchema.optional().openapi({
      description: 'Announced beside the connected ones; those no longer listed that never connected are let go',
    }),
    delivery: DeliveryInputSchema.optional().openapi({
      description: 'What is left out stays; null returns to the default',
    }),
    token_encoding: TokenEncodingSchema.optional(),
    strict_authorization: StrictSchema.optional(),
    endpoint_overrides: z.array(EndpointOverrideSchema).max(100).optional().openapi({
      description:
        "All that is mended in the partner's endpoints, in the place of what was before; kept over handshakes",
    }),
    hold: HoldSchema.optional(),
    conversion: ConversionInputSchema.optional(),
    strict: HeldSchema.optional(),
    left_out_of_get_all: LeftOutSchema.optional(),
    most_roles: MostRolesSchema.nullable()
      .optional()
      .openapi({ description: "Most roles that the platform may have; null: as the hub's setting has it" }),
  })
  .openapi('PlatformChange')

/** Not a named schema: in OpenAPI a reference that may also be null contradicts itself. */
const PendingRegistrationSchema = z.object({
  versions_url: z.url(),
  expires_at: TimestampSchema,
  fingerprint: z.string().nullable().openapi({
    description: 'Of the token, to compare with that of a refused call; null of one made before they were kept',
    example: '3fa09c1e',
  }),
})

/** The token that opens the handshake [credentials: Registration]. Shown in this answer and never again. */
export const RegistrationSchema = PendingRegistrationSchema.extend({ token: z.string() }).openapi('Registration')

export const PlatformSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    status: StatusSchema,
    status_cause: z.string(),
    status_since: TimestampSchema,
    version: z.string().nullable().openapi({ description: 'Agreed in the handshake', example: '2.2.1' }),
    versions_url: z.string().nullable().openapi({ description: "The partner's versions endpoint" }),
    parties: z.array(
      z
        .object({
          country_code: z.string(),
          party_id: z.string(),
          role: z.enum(ROLES),
          status: StatusSchema,
          last_updated: TimestampSchema,
        })
        .openapi('HostedParty'),
    ),
    pending_roles: z.array(WaitingRoleSchema.openapi('WaitingRole')).openapi({
      description: 'Brought by the platform, and part of nothing until they are confirmed',
    }),
    most_roles: MostRolesSchema.openapi({ description: 'Most roles that it may have' }),
    endpoints: z.array(
      z
        .object({
          identifier: z.string(),
          role: InterfaceRoleSchema,
          url: z.string().nullable().openapi({ description: 'Null: hidden by an administrator' }),
          override: z
            .object({ announced_url: z.string().nullable().openapi({ description: 'Null: not announced' }) })
            .optional()
            .openapi({ description: "Where an administrator mended it: what the partner's version details say" }),
        })
        .openapi('Endpoint'),
    ),
    delivery: DeliverySchema,
    conversion: ConversionSchema,
    token_encoding: TokenEncodingSchema,
    strict_authorization: StrictSchema,
    strict: HeldSchema,
    left_out_of_get_all: LeftOutSchema,
    hold: HoldSchema,
    awaits_check: z.boolean().openapi({
      description: 'It stays PLANNED until a connection check finds no fault but those that are waived',
    }),
    is_sandbox: z.boolean().openapi({ description: 'It is a sandbox partner, simulated by the hub' }),
    sandbox_partners: z.array(z.uuid()).openapi({ description: 'Sandbox partners that it tries the hub with' }),
    registration: PendingRegistrationSchema.nullable().openapi({
      description: 'Open for a handshake, without its token',
    }),
    has_credentials: z.boolean().openapi({
      description: 'The two have exchanged tokens, and neither ended the connection since',
    }),
    has_older_token: z.boolean().openapi({ description: 'A replaced token of the partner still opens the hub' }),
    last_seen_at: TimestampSchema.nullable(),
    certificate_ends_at: TimestampSchema.nullable().openapi({
      description:
        'When the TLS certificate ends that the partner shows at its hosts, of several the first; null while the hub read none, as on Workers',
    }),
    created_at: TimestampSchema,
  })
  .openapi('Platform')

export const CreatedPlatformSchema = PlatformSchema.extend({ registration: RegistrationSchema }).openapi(
  'CreatedPlatform',
)

export const PlatformParamsSchema = z.object({ id: z.uuid() })

export const ConnectSchema = z
  .strictObject({
    versions_url: z.url({ protocol: /^https?$/ }).max(2048),
    token: z
      .string()
      .regex(/^[\x21-\x7E]{1,255}$/, 'Expected 1 to 255 printable characters')
      .openapi({ description: 'The registration token the partner gave, not encoded' }),
  })
  .openapi('Connect')

export const CheckSchema = z
  .object({
    is_alive: z.boolean(),
    detail: z.string().nullable().openapi({ description: 'What went wrong' }),
    checked_at: TimestampSchema,
    platform: PlatformSchema,
  })
  .openapi('Check')

export const MoveSchema = z
  .strictObject({
    platform_id: z.uuid(),
    role: z.enum(PARTY_ROLES).optional().openapi({ description: 'Left out: all its roles, wherever they are' }),
  })
  .openapi('Move')

/** Rows per answer. */
export const LimitSchema = z.coerce.number().int().min(1).max(1000).default(100)
