import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type AdminChange, MOST_ACCOUNTS } from '../../../hub/administration/accounts.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { byOf, ReasonSchema, reasonAlone, reasonProblems, reasonQuery } from '../reason.ts'
import { AccountParamsSchema, AdminChangeSchema, AdminSchema, NewAdminSchema, showAdmin } from './account-view.ts'

const tags = ['People and keys']

export const listAdmins = createRoute({
  method: 'get',
  path: '/admins',
  operationId: 'listAdmins',
  summary: `List the administrators, by name; there are at most ${MOST_ACCOUNTS}`,
  tags,
  responses: { 200: jsonAnswer(z.array(AdminSchema), 'All of them'), ...problems({}) },
})

export const addAdmin = createRoute({
  method: 'post',
  path: '/admins',
  operationId: 'addAdmin',
  summary: 'Add an administrator',
  tags,
  request: { ...reasonQuery, body: jsonBody(NewAdminSchema.extend({ reason: ReasonSchema })) },
  responses: {
    201: { ...jsonAnswer(AdminSchema, 'The administrator'), headers: z.object({ Location: z.string() }) },
    ...problems({
      400: 'Invalid input',
      409: 'Another has this name, or there is no room for more',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

export const getAdmin = createRoute({
  method: 'get',
  path: '/admins/{id}',
  operationId: 'getAdmin',
  summary: 'Show an administrator',
  tags,
  request: { params: AccountParamsSchema },
  responses: { 200: jsonAnswer(AdminSchema, 'The administrator'), ...problems({ 404: 'Unknown administrator' }) },
})

export const changeAdmin = createRoute({
  method: 'patch',
  path: '/admins/{id}',
  operationId: 'changeAdmin',
  summary: 'Change what an administrator may do, their address or their password; what is left out stays',
  description: 'Another role, password or sight of bodies, and being disabled or let in again, end their sessions.',
  tags,
  request: {
    ...reasonQuery,
    params: AccountParamsSchema,
    body: jsonBody(AdminChangeSchema.extend({ reason: ReasonSchema })),
  },
  responses: {
    200: jsonAnswer(AdminSchema, 'The administrator as they are now'),
    ...problems({ 400: 'Invalid input', 404: 'Unknown administrator', 413: 'Body over 1 MB', 415: 'Not JSON' }),
  },
})

export const removeAdmin = createRoute({
  method: 'delete',
  path: '/admins/{id}',
  operationId: 'removeAdmin',
  summary: 'Remove an administrator and end their sessions; keys that they made stay',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: AccountParamsSchema },
  responses: { 204: { description: 'Removed' }, ...problems({ ...reasonProblems, 404: 'Unknown administrator' }) },
})

/** The people who administer the hub. */
export function addAdminRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { accounts, passwords, random, now } = ports

  app.openapi(listAdmins, async (c) => c.json((await accounts.listAdmins()).map(showAdmin), 200))

  app.openapi(addAdmin, async (c) => {
    const { name, email = null, role, may_see_bodies, password, ...why } = c.req.valid('json')
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const passwordDigest = password === undefined ? null : await passwords.digest(password)
    const id = random.id()
    const createdAt = now()
    const added = { id, name, email, role, maySeeBodies: may_see_bodies, createdAt }
    const result = await changes.accounts.addAdmin({ ...added, passwordDigest })
    if (result !== 'added') return notAdded(c, result)
    const hasPassword = passwordDigest !== null
    const shown = showAdmin({ ...added, hasPassword, isFromProvider: false, lastUsedAt: null, disabledAt: null })
    return c.json(shown, 201, { Location: `${c.req.path}/${id}` })
  })

  app.openapi(getAdmin, async (c) => {
    const admin = await accounts.findAdmin(c.req.valid('param').id)
    return admin ? c.json(showAdmin(admin), 200) : unknownAdmin(c)
  })

  app.openapi(changeAdmin, async (c) => {
    const { email, role, may_see_bodies, password, disabled, ...why } = c.req.valid('json')
    const change: AdminChange = {
      ...(email !== undefined && { email }),
      ...(role !== undefined && { role }),
      ...(may_see_bodies !== undefined && { maySeeBodies: may_see_bodies }),
      ...(password !== undefined && { passwordDigest: await passwords.digest(password) }),
      ...(disabled !== undefined && { disabledAt: disabled ? now() : null }),
    }
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const changed = await changes.accounts.changeAdmin(c.req.valid('param').id, change)
    return changed ? c.json(showAdmin(changed), 200) : unknownAdmin(c)
  })

  app.openapi(removeAdmin, async (c) => {
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const isRemoved = await changes.accounts.removeAdmin(c.req.valid('param').id)
    return isRemoved ? c.body(null, 204) : unknownAdmin(c)
  })
}

function unknownAdmin(c: Context<AdminEnv>) {
  return problem(c, 404, 'unknown-admin', 'No administrator has this id')
}

/** Why an account could not be added. */
export function notAdded(c: Context<AdminEnv>, why: 'name-taken' | 'too-many') {
  return why === 'name-taken'
    ? problem(c, 409, 'name-taken', 'Another has this name, in some letter case')
    : problem(c, 409, 'too-many-accounts', `There are ${MOST_ACCOUNTS}, and no more can be: remove some first`)
}
