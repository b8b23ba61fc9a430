import { z } from '@hono/zod-openapi'
import { LINK_MS, MOST_LINK_MS, MOST_LINKS, type PartnerLink } from '../../../hub/administration/partner-links.ts'
import { DAY_MS } from '../../../hub/moments.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { MomentSchema, TimestampSchema } from '../schemas.ts'

export const PartnerLinkParamsSchema = z.object({ id: z.uuid(), link_id: z.uuid() })

export const NewPartnerLinkSchema = z
  .strictObject({
    expires_at: MomentSchema.optional().openapi({
      description: `When it opens nothing any more, at most ${MOST_LINK_MS / DAY_MS} days from now; left out: in ${LINK_MS / DAY_MS} days`,
    }),
  })
  .openapi('NewPartnerLink')

export const PartnerLinkSchema = z
  .object({
    id: z.uuid(),
    platform_id: z.uuid(),
    made_by: z.string().openapi({ description: 'Name of who made it' }),
    made_at: TimestampSchema,
    expires_at: TimestampSchema,
    revoked_at: TimestampSchema.nullable(),
    first_used_at: TimestampSchema.nullable().openapi({ description: 'When it first opened the page; null: never' }),
    last_used_at: TimestampSchema.nullable().openapi({ description: 'When somebody last looked, to the minute' }),
    sessions: z.int().openapi({ description: 'Browsers that it opens the page in now' }),
  })
  .openapi('PartnerLink')

export const CreatedPartnerLinkSchema = PartnerLinkSchema.extend({
  link: z.url().openapi({
    description: 'What to send the partner. Shown this once',
    example: 'https://hub.example/partner/enter/…',
  }),
}).openapi('CreatedPartnerLink')

export const TOO_MANY_LINKS = `The platform has ${MOST_LINKS} links that are open, and no more can be: revoke some first`

export function showPartnerLink(link: PartnerLink): z.infer<typeof PartnerLinkSchema> {
  const { id, platformId, madeBy, madeAt, expiresAt, revokedAt, firstUsedAt, lastUsedAt, sessions } = link
  return {
    id,
    platform_id: platformId,
    made_by: madeBy,
    made_at: timestamp(madeAt),
    expires_at: timestamp(expiresAt),
    revoked_at: orNull(revokedAt),
    first_used_at: orNull(firstUsedAt),
    last_used_at: orNull(lastUsedAt),
    sessions,
  }
}

const orNull = (moment: number | null) => (moment === null ? null : timestamp(moment))
