import { z } from '@hono/zod-openapi'
import type { Admin, ApiKey } from '../../../hub/administration/accounts.ts'
import { ADMIN_ROLES } from '../../../hub/administration/author.ts'
import { LEAST_PASSWORD_LENGTH, MOST_PASSWORD_LENGTH } from '../../../hub/administration/passwords.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { plainText, TimestampSchema } from '../schemas.ts'

export const AccountParamsSchema = z.object({ id: z.uuid() })

export const AdminRoleSchema = z.enum(ADMIN_ROLES).openapi('AdminRole', {
  description: 'owner: everything; operator: all but people and keys; read-only: changes nothing',
})

/** A name that its owner can type and others can read. */
export const AccountNameSchema = plainText(100)

const MaySeeBodiesSchema = z.boolean().openapi({
  description: 'Whether a read-only one sees headers and bodies of messages; the other roles do anyway',
})

export const PasswordSchema = z.string().min(LEAST_PASSWORD_LENGTH).max(MOST_PASSWORD_LENGTH)

const EmailSchema = z.email().max(254)

export const AdminSchema = z
  .object({
    id: z.string(),
    name: z.string().openapi({ example: 'Ada' }),
    email: z.string().nullable().openapi({ example: 'ada@hub.example' }),
    role: AdminRoleSchema,
    may_see_bodies: MaySeeBodiesSchema,
    has_password: z.boolean(),
    from_provider: z.boolean().openapi({
      description: 'Whether they come from the identity provider, which says their role at each sign-in',
    }),
    created_at: TimestampSchema,
    last_used_at: TimestampSchema.nullable().openapi({
      description: 'When they were last here, to the minute; null before they signed in for the first time',
    }),
    disabled_at: TimestampSchema.nullable().openapi({ description: 'Null while they may sign in' }),
  })
  .openapi('Admin')

export const NewAdminSchema = z
  .strictObject({
    name: AccountNameSchema.openapi({ description: 'What they sign in with', example: 'Ada' }),
    email: EmailSchema.optional(),
    role: AdminRoleSchema,
    may_see_bodies: MaySeeBodiesSchema.default(false),
    password: PasswordSchema.optional().openapi({ description: 'Left out: they cannot sign in until one is set' }),
  })
  .openapi('NewAdmin')

export const AdminChangeSchema = z
  .strictObject({
    email: EmailSchema.nullable().optional(),
    role: AdminRoleSchema.optional(),
    may_see_bodies: MaySeeBodiesSchema.optional(),
    password: PasswordSchema.optional(),
    disabled: z.boolean().optional().openapi({ description: 'Whoever is disabled is kept, and cannot sign in' }),
  })
  .openapi('AdminChange')

export const KeySchema = z
  .object({
    id: z.string(),
    name: z.string().openapi({ example: 'nightly export' }),
    role: AdminRoleSchema,
    may_see_bodies: MaySeeBodiesSchema,
    prefix: z.string().openapi({ description: 'How the key begins', example: 'ohk_Fv3kQz' }),
    created_at: TimestampSchema,
    created_by: z.string().openapi({ description: 'Name of who made it' }),
    expires_at: TimestampSchema.nullable().openapi({ description: 'Null: never' }),
    last_used_at: TimestampSchema.nullable().openapi({ description: 'To the minute; null before its first use' }),
    disabled_at: TimestampSchema.nullable(),
  })
  .openapi('ApiKey')

export const CreatedKeySchema = KeySchema.extend({
  key: z.string().openapi({ description: 'Shown this once', example: 'ohk_…' }),
}).openapi('CreatedApiKey')

const ExpirySchema = z.iso.datetime({ offset: true }).nullable().openapi({ description: 'Null: never' })

export const NewKeySchema = z
  .strictObject({
    name: AccountNameSchema.openapi({ example: 'nightly export' }),
    role: AdminRoleSchema,
    may_see_bodies: MaySeeBodiesSchema.default(false),
    expires_at: ExpirySchema.default(null),
  })
  .openapi('NewApiKey')

export const KeyChangeSchema = z
  .strictObject({
    role: AdminRoleSchema.optional(),
    may_see_bodies: MaySeeBodiesSchema.optional(),
    expires_at: ExpirySchema.optional(),
    disabled: z.boolean().optional(),
  })
  .openapi('ApiKeyChange')

export function showAdmin(admin: Admin): z.infer<typeof AdminSchema> {
  const { id, name, email, role, maySeeBodies, hasPassword, isFromProvider, createdAt, lastUsedAt, disabledAt } = admin
  return {
    ...{ id, name, email, role },
    may_see_bodies: maySeeBodies,
    has_password: hasPassword,
    from_provider: isFromProvider,
    created_at: timestamp(createdAt),
    last_used_at: orNull(lastUsedAt),
    disabled_at: orNull(disabledAt),
  }
}

export function showKey(key: ApiKey): z.infer<typeof KeySchema> {
  const { id, name, role, maySeeBodies, prefix, createdAt, createdBy, expiresAt, lastUsedAt, disabledAt } = key
  return {
    ...{ id, name, role, prefix },
    may_see_bodies: maySeeBodies,
    created_at: timestamp(createdAt),
    created_by: createdBy,
    expires_at: orNull(expiresAt),
    last_used_at: orNull(lastUsedAt),
    disabled_at: orNull(disabledAt),
  }
}

const orNull = (moment: number | null) => (moment === null ? null : timestamp(moment))
