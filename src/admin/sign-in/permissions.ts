import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { ADMIN_ROLES, type AdminRole } from '../../hub/administration/author.ts'
import { type AdminEnv, plainProblem } from '../problem.ts'

const BASE = '/admin/api'

/**
 * Who may use which route: the least role, or `open` to whoever comes. The one place that says so; a route that is missing here
 * is the owners' alone, and a test fails. What a `read-only` one may not see within an answer, that answer leaves out.
 */
export const LEAST_ROLES: Readonly<Record<string, AdminRole | 'open'>> = {
  'GET /openapi.json': 'open',

  'POST /session': 'open',
  'GET /session': 'read-only',
  'DELETE /session': 'read-only',
  'PUT /session/password': 'read-only',
  'POST /session/tickets': 'read-only',
  'POST /session/tickets/use': 'open',
  'GET /session/provider': 'open',
  'GET /session/provider/callback': 'open',

  'GET /session/ways': 'owner',

  'GET /admins': 'owner',
  'POST /admins': 'owner',
  'GET /admins/{id}': 'owner',
  'PATCH /admins/{id}': 'owner',
  'DELETE /admins/{id}': 'owner',
  'GET /keys': 'owner',
  'POST /keys': 'owner',
  'GET /keys/{id}': 'owner',
  'PATCH /keys/{id}': 'owner',
  'DELETE /keys/{id}': 'owner',
  'GET /lock-outs': 'owner',
  'DELETE /lock-outs/{id}': 'owner',

  'GET /webhooks': 'owner',
  'POST /webhooks': 'owner',
  'GET /webhooks/{id}': 'owner',
  'PATCH /webhooks/{id}': 'owner',
  'DELETE /webhooks/{id}': 'owner',
  'GET /webhooks/{id}/deliveries': 'owner',
  'POST /webhooks/{id}/test': 'owner',
  'POST /webhooks/{id}/rotate-secret': 'owner',

  'GET /attention': 'read-only',
  'GET /overview': 'read-only',
  'GET /onboarding': 'read-only',

  'GET /agreements': 'read-only',
  'POST /agreements': 'operator',
  'GET /agreements/decision': 'read-only',
  'GET /agreements/matrix': 'read-only',
  'GET /agreements/export': 'read-only',
  'POST /agreements/import': 'operator',
  'GET /agreements/{id}': 'read-only',
  'DELETE /agreements/{id}': 'operator',
  'GET /audit': 'read-only',
  'GET /traffic': 'read-only',
  'GET /conversions': 'read-only',
  'GET /conversions/outcomes': 'read-only',
  'GET /events': 'read-only',
  'GET /platforms/{id}/partner-links': 'read-only',
  'POST /platforms/{id}/partner-links': 'operator',
  'DELETE /platforms/{id}/partner-links/{link_id}': 'operator',
  'GET /platforms/{id}/history': 'read-only',
  'GET /platforms/{id}/client-info': 'read-only',
  'GET /platforms/{id}/sandbox': 'read-only',
  'PUT /platforms/{id}/sandbox': 'operator',
  'POST /platforms/{id}/sandbox/try': 'operator',
  'GET /sandbox': 'read-only',
  'POST /sandbox': 'operator',
  'PATCH /sandbox/{id}': 'operator',
  'DELETE /sandbox/{id}': 'operator',
  'GET /refused-calls': 'read-only',
  'GET /handshakes': 'read-only',
  'GET /handshakes/{id}': 'read-only',
  'GET /messages': 'read-only',
  'GET /messages/{id}': 'read-only',
  'GET /messages/{id}/story': 'read-only',
  'GET /messages/{id}/deliveries': 'read-only',
  'POST /messages/{id}/replay': 'operator',
  'POST /platforms/{id}/connect': 'operator',
  'POST /platforms/{id}/rotate': 'operator',
  'POST /platforms/{id}/disconnect': 'operator',
  'POST /platforms/{id}/suspend': 'operator',
  'POST /platforms/{id}/resume': 'operator',
  'POST /platforms/{id}/release': 'operator',
  'POST /platforms/{id}/check': 'operator',
  'POST /platforms/{id}/checks': 'operator',
  'GET /platforms/{id}/checks': 'read-only',
  'GET /platforms/{id}/checks/waivers': 'read-only',
  'PUT /platforms/{id}/checks/waivers/{probe}': 'operator',
  'DELETE /platforms/{id}/checks/waivers/{probe}': 'operator',
  'GET /platforms/{id}/checks/{number}': 'read-only',
  'GET /platforms/{id}/checks/{number}/mail': 'read-only',
  'POST /parties/{country_code}/{party_id}/move': 'operator',
  'POST /platforms': 'operator',
  'GET /platforms': 'read-only',
  'GET /platforms/{id}': 'read-only',
  'PATCH /platforms/{id}': 'operator',
  'DELETE /platforms/{id}': 'operator',
  'POST /platforms/{id}/registration': 'operator',
  'POST /platforms/{id}/older-tokens/end': 'operator',
  'GET /pending-roles': 'read-only',
  'POST /platforms/{id}/pending-roles/confirm': 'operator',
  'POST /platforms/{id}/pending-roles/refuse': 'operator',
  'POST /parties/{country_code}/{party_id}/free': 'operator',
  'GET /queues': 'read-only',
  'GET /queues/{platform_id}': 'read-only',
  'GET /queues/{platform_id}/missed': 'read-only',
  'POST /queues/{platform_id}/missed/resend': 'operator',
  'POST /queues/{platform_id}/pause': 'operator',
  'POST /queues/{platform_id}/resume': 'operator',
  'POST /queues/{platform_id}/skip': 'operator',
}

/** Whether a role reaches as far as the one that is asked for. */
export function reaches(role: AdminRole, least: AdminRole): boolean {
  return ADMIN_ROLES.indexOf(role) <= ADMIN_ROLES.indexOf(least)
}

/** Whether the route that a request goes to needs nobody to be known. An address that no route has is not open. */
export function isOpen(c: Context): boolean {
  const route = routeOf(c)
  return route !== null && LEAST_ROLES[route] === 'open'
}

/** Stops whose role does not reach to the route. */
export const authorizeAdmin: MiddlewareHandler<AdminEnv> = async (c, next) => {
  const route = routeOf(c)
  if (route === null) return next()
  const least = LEAST_ROLES[route] ?? 'owner'
  if (least === 'open' || reaches(c.get('caller').role, least)) return next()
  return plainProblem(c, 403, `This is for the role ${least}, and you are ${c.get('caller').role}`)
}

/** `GET /platforms/{id}`: of the routes that fit, the one that answers. A HEAD goes the way of its GET. */
function routeOf(c: Context): string | null {
  const route = matchedRoutes(c).find(({ method }) => method !== 'ALL')
  return route ? `${route.method} ${route.path.slice(BASE.length).replaceAll(/:(\w+)/g, '{$1}')}` : null
}
