import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type ApiKeyChange, MOST_ACCOUNTS } from '../../../hub/administration/accounts.ts'
import { newKey } from '../../../hub/administration/new-key.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { byOf, ReasonSchema, reasonAlone, reasonProblems, reasonQuery } from '../reason.ts'
import {
  AccountParamsSchema,
  CreatedKeySchema,
  KeyChangeSchema,
  KeySchema,
  NewKeySchema,
  showKey,
} from './account-view.ts'
import { notAdded } from './admins.ts'

const tags = ['People and keys']

export const listKeys = createRoute({
  method: 'get',
  path: '/keys',
  operationId: 'listKeys',
  summary: `List the API keys, by name, over or not; there are at most ${MOST_ACCOUNTS}`,
  tags,
  responses: { 200: jsonAnswer(z.array(KeySchema), 'All of them, without the keys themselves'), ...problems({}) },
})

export const addKey = createRoute({
  method: 'post',
  path: '/keys',
  operationId: 'addKey',
  summary: 'Make an API key, which goes where the administrator token goes',
  tags,
  request: { ...reasonQuery, body: jsonBody(NewKeySchema.extend({ reason: ReasonSchema })) },
  responses: {
    201: { ...jsonAnswer(CreatedKeySchema, 'The key, shown this once'), headers: z.object({ Location: z.string() }) },
    ...problems({
      400: 'Invalid input',
      409: 'Another has this name, or there is no room for more',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

export const getKey = createRoute({
  method: 'get',
  path: '/keys/{id}',
  operationId: 'getKey',
  summary: 'Show an API key, without the key itself',
  tags,
  request: { params: AccountParamsSchema },
  responses: { 200: jsonAnswer(KeySchema, 'The key'), ...problems({ 404: 'Unknown key' }) },
})

export const changeKey = createRoute({
  method: 'patch',
  path: '/keys/{id}',
  operationId: 'changeKey',
  summary: 'Change what a key may do and for how long; what is left out stays',
  description: 'The next request with the key finds it changed; sessions that were opened with it end.',
  tags,
  request: {
    ...reasonQuery,
    params: AccountParamsSchema,
    body: jsonBody(KeyChangeSchema.extend({ reason: ReasonSchema })),
  },
  responses: {
    200: jsonAnswer(KeySchema, 'The key as it is now'),
    ...problems({ 400: 'Invalid input', 404: 'Unknown key', 413: 'Body over 1 MB', 415: 'Not JSON' }),
  },
})

export const removeKey = createRoute({
  method: 'delete',
  path: '/keys/{id}',
  operationId: 'removeKey',
  summary: 'Remove a key: it opens nothing any more',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: AccountParamsSchema },
  responses: { 204: { description: 'Removed' }, ...problems({ ...reasonProblems, 404: 'Unknown key' }) },
})

/** A key that ends in the past opens nothing, so nobody means it: what is to stop is disabled or removed. */
const OVER = { pointer: '#/expires_at', detail: 'Expected a moment in the future' } as const

/** The keys of programs that call this API. */
export function addKeyRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { accounts, now } = ports

  app.openapi(listKeys, async (c) => c.json((await accounts.listKeys()).map(showKey), 200))

  app.openapi(addKey, async (c) => {
    const { name, role, may_see_bodies, expires_at, ...why } = c.req.valid('json')
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const expiresAt = expires_at === null ? null : Date.parse(expires_at)
    if (expiresAt !== null && expiresAt <= now()) return invalidInput(c, [OVER])
    const asked = { name, role, maySeeBodies: may_see_bodies, expiresAt, createdBy: c.get('caller').name }
    const { key, ...made } = newKey(ports, asked)
    const result = await changes.accounts.addKey(made)
    if (result !== 'added') return notAdded(c, result)
    const shown = showKey({ ...made, lastUsedAt: null, disabledAt: null })
    return c.json({ ...shown, key }, 201, { Location: `${c.req.path}/${made.id}` })
  })

  app.openapi(getKey, async (c) => {
    const key = await accounts.findKey(c.req.valid('param').id)
    return key ? c.json(showKey(key), 200) : unknownKey(c)
  })

  app.openapi(changeKey, async (c) => {
    const { role, may_see_bodies, expires_at, disabled, ...why } = c.req.valid('json')
    const changes = ports.as(byOf(c, why, c.req.valid('query')))
    const id = c.req.valid('param').id
    const expiresAt = typeof expires_at === 'string' ? Date.parse(expires_at) : expires_at
    if (typeof expiresAt === 'number' && expiresAt <= now() && (await accounts.findKey(id))?.expiresAt !== expiresAt)
      return invalidInput(c, [OVER])
    const change: ApiKeyChange = {
      ...(role !== undefined && { role }),
      ...(may_see_bodies !== undefined && { maySeeBodies: may_see_bodies }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(disabled !== undefined && { disabledAt: disabled ? now() : null }),
    }
    const changed = await changes.accounts.changeKey(id, change)
    return changed ? c.json(showKey(changed), 200) : unknownKey(c)
  })

  app.openapi(removeKey, async (c) => {
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const isRemoved = await changes.accounts.removeKey(c.req.valid('param').id)
    return isRemoved ? c.body(null, 204) : unknownKey(c)
  })
}

function unknownKey(c: Context<AdminEnv>) {
  return problem(c, 404, 'unknown-key', 'No key has this id')
}
