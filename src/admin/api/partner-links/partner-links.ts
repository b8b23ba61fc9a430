import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { LINK_MS, MOST_LINK_MS } from '../../../hub/administration/partner-links.ts'
import { DAY_MS } from '../../../hub/moments.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { unknownPlatform } from '../outcomes.ts'
import { byOf, ReasonSchema, reasonAlone, reasonProblems, reasonQuery } from '../reason.ts'
import { PlatformParamsSchema } from '../schemas.ts'
import {
  CreatedPartnerLinkSchema,
  NewPartnerLinkSchema,
  PartnerLinkParamsSchema,
  PartnerLinkSchema,
  showPartnerLink,
  TOO_MANY_LINKS,
} from './partner-link-view.ts'

const tags = ['Partner links']

export const listPartnerLinks = createRoute({
  method: 'get',
  path: '/platforms/{id}/partner-links',
  operationId: 'listPartnerLinks',
  summary: "List the links that open the platform's own page, the newest first; those that are over for 30 days",
  tags,
  request: { params: PlatformParamsSchema },
  responses: {
    200: jsonAnswer(z.array(PartnerLinkSchema), 'The links, without their secrets'),
    ...problems({ 404: 'Unknown platform' }),
  },
})

export const addPartnerLink = createRoute({
  method: 'post',
  path: '/platforms/{id}/partner-links',
  operationId: 'addPartnerLink',
  summary: 'Make a link that shows the platform to its own people: status, messages, what it missed',
  description:
    'Whoever has the link sees what the hub knows of this platform and nothing of others, until it ends or is revoked. It changes nothing.',
  tags,
  request: {
    ...reasonQuery,
    params: PlatformParamsSchema,
    body: jsonBody(NewPartnerLinkSchema.extend({ reason: ReasonSchema })),
  },
  responses: {
    201: jsonAnswer(CreatedPartnerLinkSchema, 'The link, shown this once'),
    ...problems({
      400: 'Invalid input',
      404: 'Unknown platform',
      409: 'There is no room for more',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

export const revokePartnerLink = createRoute({
  method: 'delete',
  path: '/platforms/{id}/partner-links/{link_id}',
  operationId: 'revokePartnerLink',
  summary: 'Revoke a link: it opens nothing any more, and browsers that it let in are shut out at once',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: PartnerLinkParamsSchema },
  responses: {
    204: { description: 'Revoked' },
    ...problems({ ...reasonProblems, 404: 'The platform has no such link, or it is over' }),
  },
})

const OUT_OF_RANGE = {
  pointer: '#/expires_at',
  detail: `Expected a moment in the future, at most ${MOST_LINK_MS / DAY_MS} days from now`,
} as const

/** Links by which partners see what the hub knows of them. */
export function addPartnerLinkRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { partnerLinks, random, digest, now } = ports
  // Whatever path partners' messages have in front of theirs: pages are at the root, as the console is.
  const { origin } = new URL(ports.publicUrl)

  app.openapi(listPartnerLinks, async (c) => {
    const links = await partnerLinks.list(c.req.valid('param').id, now())
    return links ? c.json(links.map(showPartnerLink), 200) : unknownPlatform(c)
  })

  app.openapi(addPartnerLink, async (c) => {
    const { expires_at, ...why } = c.req.valid('json')
    const madeAt = now()
    const expiresAt = expires_at === undefined ? madeAt + LINK_MS : Date.parse(expires_at)
    if (expiresAt <= madeAt || expiresAt > madeAt + MOST_LINK_MS) return invalidInput(c, [OUT_OF_RANGE])
    const secret = random.token()
    const madeBy = c.get('caller').name
    const made = { id: random.id(), platformId: c.req.valid('param').id, madeBy, madeAt, expiresAt }
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const result = await changes.partnerLinks.add({ ...made, secretDigest: digest(secret) })
    if (result === 'unknown-platform') return unknownPlatform(c)
    if (result === 'too-many') return problem(c, 409, 'too-many-links', TOO_MANY_LINKS)
    const shown = showPartnerLink({ ...made, revokedAt: null, firstUsedAt: null, lastUsedAt: null, sessions: 0 })
    return c.json({ ...shown, link: `${origin}/partner/enter/${secret}` }, 201)
  })

  app.openapi(revokePartnerLink, async (c) => {
    const { id, link_id } = c.req.valid('param')
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const isRevoked = await changes.partnerLinks.revoke(id, link_id, now())
    return isRevoked ? c.body(null, 204) : unknownLink(c)
  })
}

function unknownLink(c: Context<AdminEnv>) {
  return problem(c, 404, 'unknown-link', 'The platform has no such link, or it is over')
}
