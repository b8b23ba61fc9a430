import type { Context, MiddlewareHandler } from 'hono'
import type { Caller } from '../../hub/administration/author.ts'
import type { AdminPorts } from '../ports.ts'
import type { AdminEnv } from '../problem.ts'
import { callerByBearer } from './bearer.ts'
import { callerInside } from './inside.ts'
import { isOpen } from './permissions.ts'
import { callerBySession } from './sessions.ts'

/**
 * Lets only administrators in: by `Authorization: Bearer` [RFC 6750] with the hub's own token or an API key, or by the cookie of a
 * session; the console vouches for whom it let in itself. What is good gets in whatever its address failed at before, since behind an ingress or a NAT others may have the same
 * address.
 */
export function authenticateAdmin(ports: AdminPorts): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    if (isOpen(c)) return next()
    const caller = callerInside(c) ?? (await findCaller(c, ports))
    if (caller instanceof Response) return caller
    c.set('caller', caller)
    return next()
  }
}

/** Whether who asked is let in now as well, and may do what they might: for an answer that goes on for long. */
export async function isLetInAsBefore(c: Context<AdminEnv>, ports: AdminPorts): Promise<boolean> {
  const before = c.get('caller')
  const now = await findCaller(c, ports)
  return !(now instanceof Response) && now.role === before.role && now.maySeeBodies === before.maySeeBodies
}

async function findCaller(c: Context<AdminEnv>, ports: AdminPorts): Promise<Caller | Response> {
  const found = c.req.header('Authorization') === undefined ? await callerBySession(c, ports) : null
  return found ?? callerByBearer(c, ports)
}
