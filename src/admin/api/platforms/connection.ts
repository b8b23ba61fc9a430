import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { answerChanged, changeProblem, checkProblem, handshakeProblem, unknownPlatform } from '../outcomes.ts'
import { byOf, ReasonSchema, reasonAlone, reasonProblems, reasonQuery } from '../reason.ts'
import { CheckSchema, ConnectSchema, PlatformParamsSchema, PlatformSchema } from '../schemas.ts'
import { showPlatform, timestamp } from './platform-view.ts'

const tags = ['Connection']
const request = { params: PlatformParamsSchema }
const withReason = { ...reasonAlone, request: { ...reasonAlone.request, ...request } }
const platformAnswer = jsonAnswer(PlatformSchema, 'The platform as it is now')

const handshakeProblems = {
  404: 'Unknown platform',
  409: "The platform's status does not allow it, a handshake is under way, or the partner announced a party that is taken",
  422: 'The hub may not call this address',
  502: 'The partner cannot be reached, refused, has no version or endpoint in common, or its answer was lost',
} as const

export const connect = createRoute({
  method: 'post',
  path: '/platforms/{id}/connect',
  operationId: 'connectPlatform',
  summary: 'Start the handshake from a versions URL and a registration token that the partner gave',
  tags,
  request: { ...reasonQuery, ...request, body: jsonBody(ConnectSchema.extend({ reason: ReasonSchema })) },
  responses: {
    200: platformAnswer,
    ...problems({ 400: 'Invalid input', 413: 'Body over 1 MB', 415: 'Not JSON', ...handshakeProblems }),
  },
})

export const rotate = createRoute({
  method: 'post',
  path: '/platforms/{id}/rotate',
  operationId: 'rotateCredentials',
  summary: "Exchange new tokens with the partner and read its endpoints again (the hub's PUT of credentials)",
  tags,
  ...withReason,
  responses: { 200: platformAnswer, ...problems({ ...reasonProblems, ...handshakeProblems }) },
})

export const disconnect = createRoute({
  method: 'post',
  path: '/platforms/{id}/disconnect',
  operationId: 'disconnectPlatform',
  summary: "Tell the partner and end the connection (the hub's DELETE of credentials); the platform stays, SUSPENDED",
  tags,
  ...withReason,
  responses: { 200: platformAnswer, ...problems({ ...reasonProblems, ...handshakeProblems }) },
})

export const suspend = createRoute({
  method: 'post',
  path: '/platforms/{id}/suspend',
  operationId: 'suspendPlatform',
  summary: 'Stop routing to and from a platform until it is resumed; its credentials stay',
  tags,
  ...withReason,
  responses: {
    200: platformAnswer,
    ...problems({ ...reasonProblems, 404: 'Unknown platform', 409: "The platform's status does not allow it" }),
  },
})

export const resume = createRoute({
  method: 'post',
  path: '/platforms/{id}/resume',
  operationId: 'resumePlatform',
  summary: 'Let a suspended platform back: CONNECTED with credentials, PLANNED without',
  tags,
  ...withReason,
  responses: { 200: platformAnswer, ...problems({ ...reasonProblems, 404: 'Unknown platform', 409: 'Not suspended' }) },
})

export const check = createRoute({
  method: 'post',
  path: '/platforms/{id}/check',
  operationId: 'checkPlatform',
  summary: 'Ask now whether the partner is alive',
  tags,
  request,
  responses: {
    200: jsonAnswer(CheckSchema, 'What the check found; a partner that does not answer is a finding too'),
    ...problems({ 404: 'Unknown platform', 409: 'Not connected' }),
  },
})

/** Handshakes the hub starts, suspension, and still-alive checks. */
export function addConnectionRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { registry, currentTable } = ports

  app.openapi(connect, async (c) => {
    const { id } = c.req.valid('param')
    const { versions_url, token, ...why } = c.req.valid('json')
    const { handshakes } = ports.as(byOf(c, why, c.req.valid('query')))
    const outcome = await handshakes.connect(id, { versionsUrl: versions_url, token })
    return outcome.kind === 'done' ? answerChanged(c, ports, id) : handshakeProblem(c, currentTable, outcome)
  })

  app.openapi(rotate, async (c) => {
    const { id } = c.req.valid('param')
    const { handshakes } = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const outcome = await handshakes.rotate(id)
    return outcome.kind === 'done' ? answerChanged(c, ports, id) : handshakeProblem(c, currentTable, outcome)
  })

  app.openapi(disconnect, async (c) => {
    const { id } = c.req.valid('param')
    const { handshakes } = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const outcome = await handshakes.end(id, 'disconnected by an administrator')
    return outcome.kind === 'done' ? answerChanged(c, ports, id) : handshakeProblem(c, currentTable, outcome)
  })

  app.openapi(suspend, async (c) => {
    const { id } = c.req.valid('param')
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    // From any status: a platform that is SUSPENDED because it left is held from now on too.
    const result = await changes.registry.setStatus(id, 'SUSPENDED', 'suspended by an administrator', [])
    return result.kind === 'changed' ? answerChanged(c, ports, id) : changeProblem(c, currentTable, result)
  })

  app.openapi(resume, async (c) => {
    const { id } = c.req.valid('param')
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const result = await changes.registry.setStatus(id, 'CONNECTED', 'resumed by an administrator', ['SUSPENDED'])
    return result.kind === 'changed' ? answerChanged(c, ports, id) : changeProblem(c, currentTable, result)
  })

  app.openapi(check, async (c) => {
    const { id } = c.req.valid('param')
    const outcome = await ports.check(id)
    if (outcome.kind !== 'alive' && outcome.kind !== 'silent') return checkProblem(c, currentTable, outcome)
    await ports.afterChange()
    const record = await registry.findPlatform(id)
    if (!record) return unknownPlatform(c)
    const finding = {
      is_alive: outcome.kind === 'alive',
      detail: outcome.kind === 'silent' ? outcome.detail : null,
      checked_at: timestamp(ports.now()),
    }
    return c.json({ ...finding, platform: showPlatform(record, ports) }, 200)
  })
}
