import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { marksOf } from '../../../hub/administration/fingerprint.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { answerChanged, changeProblem, unknownPlatform } from '../outcomes.ts'
import { byOf, reasonAlone, reasonProblems } from '../reason.ts'
import { PlatformParamsSchema, PlatformSchema, RegistrationSchema } from '../schemas.ts'
import { timestamp, versionsUrlOf } from './platform-view.ts'

const REGISTRATION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000

const tags = ['Registration']

export const createRegistration = createRoute({
  method: 'post',
  path: '/platforms/{id}/registration',
  operationId: 'createRegistration',
  summary: 'Make a new registration token; it replaces the one before',
  description: 'For a platform that is registered already, its next POST of credentials replaces the connection.',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: PlatformParamsSchema },
  responses: {
    201: jsonAnswer(RegistrationSchema, 'The token, shown this once. It lasts 30 days.'),
    ...problems({ ...reasonProblems, 404: 'Unknown platform', 409: "The platform's status does not allow it" }),
  },
})

export const endOlderTokens = createRoute({
  method: 'post',
  path: '/platforms/{id}/older-tokens/end',
  operationId: 'endOlderTokens',
  summary: 'End the replaced tokens of the partner now; its newest token stays',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: PlatformParamsSchema },
  responses: {
    200: jsonAnswer(PlatformSchema, 'The platform as it is now'),
    ...problems({ ...reasonProblems, 404: 'Unknown platform' }),
  },
})

/** A registration token and when it dies (milliseconds since the epoch); only the digest may be stored. */
export function newRegistration({ random, digest, mac, now }: Pick<AdminPorts, 'random' | 'digest' | 'mac' | 'now'>) {
  const token = random.token()
  return {
    token,
    digest: digest(token),
    marks: marksOf(token, { digest, mac }),
    expiresAt: now() + REGISTRATION_LIFETIME_MS,
  }
}

/** The tokens that platforms open the hub with. */
export function addRegistrationRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { registry, now } = ports

  app.openapi(createRegistration, async (c) => {
    const { token, digest, expiresAt, marks } = newRegistration(ports)
    const { fingerprint } = marks
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const result = await changes.registry.putRegistration(c.req.valid('param').id, digest, expiresAt, marks)
    if (result.kind !== 'changed') return changeProblem(c, ports.currentTable, result)
    await ports.afterChange()
    const versions_url = versionsUrlOf(ports.publicUrl)
    return c.json({ token, fingerprint, versions_url, expires_at: timestamp(expiresAt) }, 201)
  })

  app.openapi(endOlderTokens, async (c) => {
    const { id } = c.req.valid('param')
    if (!(await registry.findPlatform(id))) return unknownPlatform(c)
    await ports.as(byOf(c, c.req.valid('json'), c.req.valid('query'))).registry.endOlderTokens(id, now())
    return answerChanged(c, ports, id)
  })
}
