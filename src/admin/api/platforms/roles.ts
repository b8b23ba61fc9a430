import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { SettledResult } from '../../../hub/network/registry.ts'
import { type Party, partyKey, type Role, showParty } from '../../../ocpi/party.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { answerChanged, changeProblem } from '../outcomes.ts'
import { nextHeader, pageOf } from '../paging.ts'
import { byOf, ReasonSchema, reasonQuery } from '../reason.ts'
import {
  FreeSchema,
  LimitSchema,
  PartyNameSchema,
  PendingRoleSchema,
  PlatformParamsSchema,
  PlatformSchema,
  RolesSchema,
} from '../schemas.ts'
import { timestamp } from './platform-view.ts'

const tags = ['Parties']

export const listPendingRoles = createRoute({
  method: 'get',
  path: '/pending-roles',
  operationId: 'listPendingRoles',
  summary: 'List roles that platforms brought and that wait to be confirmed, in the order in which they came',
  tags,
  request: { query: z.strictObject({ limit: LimitSchema, cursor: z.coerce.number().int().min(0).optional() }) },
  responses: {
    200: {
      ...jsonAnswer(z.array(PendingRoleSchema), 'A page of roles'),
      headers: nextHeader,
    },
    ...problems({ 400: 'Invalid query' }),
  },
})

const rolesWithReason = {
  ...reasonQuery,
  params: PlatformParamsSchema,
  body: jsonBody(RolesSchema.extend({ reason: ReasonSchema })),
}

export const confirmRoles = createRoute({
  method: 'post',
  path: '/platforms/{id}/pending-roles/confirm',
  operationId: 'confirmRoles',
  summary: 'Let roles count that a platform brought, all of those named or none',
  tags,
  request: rolesWithReason,
  responses: {
    200: jsonAnswer(PlatformSchema, 'The platform as it is now'),
    ...problems({
      400: 'Invalid input',
      404: 'Unknown platform, or a role that does not wait there',
      409: 'A role of a party is taken',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

export const refuseRoles = createRoute({
  method: 'post',
  path: '/platforms/{id}/pending-roles/refuse',
  operationId: 'refuseRoles',
  summary: 'Drop roles that wait; when the platform brings them again they wait again',
  tags,
  request: rolesWithReason,
  responses: {
    200: jsonAnswer(PlatformSchema, 'The platform as it is now'),
    ...problems({
      400: 'Invalid input',
      404: 'Unknown platform, or a role that does not wait there',
      409: "The platform's status does not allow it",
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

const freeParty = createRoute({
  method: 'post',
  path: '/parties/{country_code}/{party_id}/free',
  operationId: 'freeParty',
  summary:
    'Let any platform bring a party that another gave up, or that was deleted with its platform, before its time',
  tags,
  request: { ...reasonQuery, params: PartyNameSchema, body: jsonBody(FreeSchema.extend({ reason: ReasonSchema })) },
  responses: {
    204: { description: 'Free' },
    ...problems({
      400: 'Invalid input',
      404: 'Nobody gave up this party, or this role of it',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

/** Who may have which party: what platforms brought unannounced, and what they gave up. */
export function addRoleRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { registry } = ports

  app.openapi(listPendingRoles, async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const found = await registry.listPendingRoles({ limit: limit + 1, afterNumber: cursor ?? null })
    const page = pageOf(c, found, limit, (last) => String(last.number))
    return c.json(
      page.map(({ platformId, countryCode, partyId, role, why, since }) => ({
        platform_id: platformId,
        country_code: countryCode,
        party_id: partyId,
        role,
        why,
        since: timestamp(since),
      })),
      200,
    )
  })

  app.openapi(confirmRoles, async (c) => {
    const { id } = c.req.valid('param')
    const { roles, ...why } = c.req.valid('json')
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const result = await changes.registry.confirmRoles(id, asRoles(roles))
    return result.kind === 'changed' ? answerChanged(c, ports, id) : settleProblem(c, ports, result)
  })

  app.openapi(refuseRoles, async (c) => {
    const { id } = c.req.valid('param')
    const { roles, ...why } = c.req.valid('json')
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const result = await changes.registry.refuseRoles(id, asRoles(roles))
    return result.kind === 'changed' ? answerChanged(c, ports, id) : settleProblem(c, ports, result)
  })

  app.openapi(freeParty, async (c) => {
    const { country_code, party_id } = c.req.valid('param')
    const { role, ...why } = c.req.valid('json')
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const result = await changes.registry.freeParty(partyKey(country_code, party_id), role ?? null)
    if (result.kind === 'unknown-party')
      return problem(c, 404, 'unknown-party', `Nobody gave up this party${role === undefined ? '' : ` as ${role}`}`)
    return c.body(null, 204)
  })
}

/** Roles that are named, each once however often and in whatever letter case it is named. */
function asRoles(input: z.infer<typeof RolesSchema>['roles']): readonly (Party & { readonly role: Role })[] {
  const roles = new Map<string, Party & { readonly role: Role }>()
  for (const { country_code, party_id, role } of input)
    roles.set(`${partyKey(country_code, party_id)} ${role}`, { countryCode: country_code, partyId: party_id, role })
  return [...roles.values()]
}

function settleProblem(
  c: Context<AdminEnv>,
  { currentTable }: AdminPorts,
  result: Exclude<SettledResult, { kind: 'changed' }>,
) {
  return result.kind === 'not-pending'
    ? problem(
        c,
        404,
        'unknown-party',
        `${showParty(result.role)} as ${result.role.role} does not wait at this platform`,
      )
    : changeProblem(c, currentTable, result)
}
