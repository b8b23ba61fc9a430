import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { partyKey } from '../../../ocpi/party.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { answerChanged, changeProblem } from '../outcomes.ts'
import { byOf, ReasonSchema, reasonQuery } from '../reason.ts'
import { MoveSchema, PartyNameSchema, PlatformSchema } from '../schemas.ts'

const moveParty = createRoute({
  method: 'post',
  path: '/parties/{country_code}/{party_id}/move',
  operationId: 'moveParty',
  summary: 'Move a party to another platform, with all its roles or in one of them',
  tags: ['Parties'],
  request: { ...reasonQuery, params: PartyNameSchema, body: jsonBody(MoveSchema.extend({ reason: ReasonSchema })) },
  responses: {
    200: jsonAnswer(PlatformSchema, 'The platform that hosts the party now'),
    ...problems({
      400: 'Invalid input, or no platform has this id',
      404: 'Unknown party',
      409: "The platform's status does not allow it",
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

/** Parties apart from the platforms that host them. */
export function addPartyRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  app.openapi(moveParty, async (c) => {
    const { country_code, party_id } = c.req.valid('param')
    const { platform_id, role, ...why } = c.req.valid('json')
    const key = partyKey(country_code, party_id)
    const hosts = ports.currentTable().parties.get(key) ?? []
    if (!hosts.some(({ roles }) => role === undefined || roles.some((hosted) => hosted.role === role))) {
      return problem(c, 404, 'unknown-party', `No platform hosts this party${role === undefined ? '' : ` as ${role}`}`)
    }
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const isSandbox = ports.currentTable().sandbox?.has(platform_id) === true
    const result = isSandbox
      ? ({ kind: 'unknown-platform' } as const)
      : await changes.registry.moveParty(key, role ?? null, platform_id)
    if (result.kind === 'unknown-platform') {
      return invalidInput(c, [{ pointer: '#/platform_id', detail: 'No platform has this id' }])
    }
    if (result.kind !== 'changed') return changeProblem(c, ports.currentTable, result)
    return answerChanged(c, ports, platform_id)
  })
}
