import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { MOST_SANDBOX_PARTNERS } from '../../../hub/network/sandbox.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { byOf, ReasonSchema, reasonAlone, reasonProblems, reasonQuery } from '../reason.ts'
import { NewSandboxPartnerSchema, SandboxChangeSchema, SandboxPartnerSchema, showPartners } from './sandbox-view.ts'

const tags = ['Sandbox']

const ParamsSchema = z.object({ id: z.uuid() })

export const listSandbox = createRoute({
  method: 'get',
  path: '/sandbox',
  operationId: 'listSandboxPartners',
  summary: `List the sandbox partners, by party; there are at most ${MOST_SANDBOX_PARTNERS}`,
  tags,
  responses: { 200: jsonAnswer(z.array(SandboxPartnerSchema), 'All of them'), ...problems({}) },
})

export const attachSandbox = createRoute({
  method: 'post',
  path: '/sandbox',
  operationId: 'attachSandboxPartner',
  summary: 'Attach a simulated partner to the hub, which calls it within its process',
  description: 'Nobody sees it before a platform is told to try the hub with it.',
  tags,
  request: { ...reasonQuery, body: jsonBody(NewSandboxPartnerSchema.extend({ reason: ReasonSchema })) },
  responses: {
    201: {
      ...jsonAnswer(SandboxPartnerSchema, 'The partner, connected'),
      headers: z.object({ Location: z.string() }),
    },
    ...problems({
      400: 'Invalid input',
      409: `There are ${MOST_SANDBOX_PARTNERS} already`,
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

export const changeSandbox = createRoute({
  method: 'patch',
  path: '/sandbox/{id}',
  operationId: 'changeSandboxPartner',
  summary: 'Have a sandbox partner misbehave, or behave again',
  tags,
  request: {
    ...reasonQuery,
    params: ParamsSchema,
    body: jsonBody(SandboxChangeSchema.extend({ reason: ReasonSchema })),
  },
  responses: {
    200: jsonAnswer(SandboxPartnerSchema, 'The partner as it is now'),
    ...problems({ 400: 'Invalid input', 404: 'No such partner', 413: 'Body over 1 MB', 415: 'Not JSON' }),
  },
})

export const removeSandbox = createRoute({
  method: 'delete',
  path: '/sandbox/{id}',
  operationId: 'removeSandboxPartner',
  summary: 'Take a sandbox partner away, with all that it remembers',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: ParamsSchema },
  responses: { 204: { description: 'Gone' }, ...problems({ ...reasonProblems, 404: 'No such partner' }) },
})

/** Simulated partners that are attached to the hub. */
export function addSandboxRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { currentTable, random, digest, sandbox } = ports
  const find = (id: string) => showPartners(currentTable()).find((partner) => partner.id === id)

  app.openapi(listSandbox, (c) => c.json(showPartners(currentTable()), 200))

  app.openapi(attachSandbox, async (c) => {
    const input = c.req.valid('json')
    const id = random.id()
    const token = random.token()
    const result = await ports.as(byOf(c, input, c.req.valid('query'))).sandbox.attach({
      id,
      role: input.role,
      sealedToken: sandbox.seal(token),
      accessDigest: digest(token),
    })
    if (result.kind === 'too-many')
      return problem(c, 409, 'too-many-sandbox-partners', `There are at most ${result.most}`)
    await ports.afterChange()
    const partner = find(id)
    if (!partner) throw new Error('Expected the new sandbox partner to be found')
    return c.json(partner, 201, { Location: `${c.req.path}/${id}` })
  })

  app.openapi(changeSandbox, async (c) => {
    const { id } = c.req.valid('param')
    const input = c.req.valid('json')
    const changes = ports.as(byOf(c, input, c.req.valid('query')))
    const result = await changes.sandbox.setMisbehaviour(id, input.misbehaviour)
    if (result.kind === 'unknown') return unknownPartner(c)
    await ports.afterChange()
    const partner = find(id)
    return partner ? c.json(partner, 200) : unknownPartner(c)
  })

  app.openapi(removeSandbox, async (c) => {
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const result = await changes.sandbox.remove(c.req.valid('param').id)
    if (result.kind === 'unknown') return unknownPartner(c)
    await ports.afterChange()
    return c.body(null, 204)
  })
}

export function unknownPartner(c: Context<AdminEnv>) {
  return problem(c, 404, 'unknown-sandbox-partner', 'No sandbox partner has this id')
}

/** Sandbox partners stand among the platforms for who looks; nothing that is done to platforms is done to them. */
export function keepsSandbox({ currentTable }: AdminPorts): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (isRead || !currentTable().sandbox?.has(c.req.param('id') ?? '')) return next()
    return problem(c, 409, 'is-sandbox-partner', 'This is a sandbox partner: it is changed at /sandbox')
  }
}
