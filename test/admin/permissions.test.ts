import { expect, it } from 'vitest'
import { LEAST_ROLES } from '../../src/admin/sign-in/permissions.ts'
import { ADMIN_ROLES, type AdminRole } from '../../src/hub/administration/author.ts'
import { createAdminHarness, routesOf } from './admin-harness.ts'

/** Keys of a hub that has one of each role. */
function createHub() {
  return createAdminHarness({
    digest: (token) => token,
    credentials: {
      ...createAdminHarness().ports.credentials,
      findKeyRights: async (digest) => {
        const role = ADMIN_ROLES.find((one) => digest === `ohk_${one}`)
        return role ? { id: role, name: role, role, maySeeBodies: false } : null
      },
    },
  })
}

const routes = routesOf(createAdminHarness().app).map(({ method, path }) => `${method.toUpperCase()} ${path}`)

/** Who may use what, said another way than the table says it. */
function expectedOf(route: string): AdminRole | 'open' {
  if (
    ['GET /openapi.json', 'POST /session', 'POST /session/tickets/use'].includes(route) ||
    route.startsWith('GET /session/provider')
  )
    return 'open'
  if (/^\w+ \/(admins|keys|lock-outs|session\/ways|webhooks)(\/|$)/.test(route)) return 'owner'
  return route.startsWith('GET ') ||
    ['DELETE /session', 'PUT /session/password', 'POST /session/tickets'].includes(route)
    ? 'read-only'
    : 'operator'
}

it('every route says who may use it, and nothing else does', () => {
  expect(routes.length).toBeGreaterThan(30)
  expect(Object.keys(LEAST_ROLES).sort()).toEqual([...routes].sort())
  expect(LEAST_ROLES).toEqual(Object.fromEntries(routes.map((route) => [route, expectedOf(route)])))
})

it.each(ADMIN_ROLES)('a key of the role %s gets to its routes and to no other', async (role) => {
  const hub = createHub()
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ')
    const least = expectedOf(route)
    const isAllowed = least === 'open' || ADMIN_ROLES.indexOf(role) <= ADMIN_ROLES.indexOf(least)
    const headers = { Authorization: `Bearer ohk_${role}` }
    const url = `/admin/api${path.replaceAll(/\{\w+\}/g, 'x')}`
    const { status } = await hub.app.request(url, { method, headers })
    expect(status === 403, `${role}: ${route} answered ${status}`).toBe(!isAllowed)
    expect(status, route).not.toBe(401)
  }
})

it('HEAD tells no more than its GET', async () => {
  const hub = createHub()
  const head = (role: string) =>
    hub.app.request('/admin/api/keys', { method: 'HEAD', headers: { Authorization: `Bearer ohk_${role}` } })
  expect((await head('operator')).status).toBe(403)
  expect((await head('owner')).status).toBe(200)
})

it('an address that nothing has is no more to an operator than to an owner', async () => {
  expect((await createHub().call('GET', '/admins/x/y/z', { token: 'ohk_operator' })).status).toBe(404)
  expect((await createHub().call('PUT', '/platforms', { token: 'ohk_operator' })).status).toBe(405)
})
