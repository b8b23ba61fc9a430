import type { MiddlewareHandler } from 'hono'
import type { AdminPorts } from '../ports.ts'
import { type AdminEnv, plainProblem } from '../problem.ts'

/**
 * Lets only administrators in: `Authorization: Bearer <token>` [RFC 6750]. The right token gets in whatever its address failed at
 * before, since behind an ingress or a NAT others may have the same address; an address that fails too often is told to wait.
 */
export function authenticateAdmin(
  ports: Pick<AdminPorts, 'logins' | 'clientAddress' | 'isAdminToken' | 'freshenAdminToken'>,
): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const token = bearerToken(c.req.header('Authorization'))
    if (token === undefined) {
      const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub"' }
      return plainProblem(c, 401, 'Expected Authorization: Bearer and the administrator token', challenge)
    }
    const address = ports.clientAddress(c)
    const letIn = () => {
      c.set('caller', { name: 'owner', way: 'admin-token', id: null, address, role: 'owner', maySeeBodies: true })
      return next()
    }
    if (ports.isAdminToken(token)) return letIn()
    const isKnown = ports.logins.hasRoom(address) && (await isKnownAnew(ports, token))
    if (isKnown === 'not-looked-up') {
      return plainProblem(c, 503, 'The hub cannot look this token up now; try again later')
    }
    if (isKnown) return letIn()
    const taken = ports.logins.take(address)
    if (taken.kind === 'empty') {
      const wait = { 'Retry-After': String(taken.retryAfterSeconds) }
      return plainProblem(c, 429, 'Too many failed logins from this address', wait)
    }
    const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub", error="invalid_token"' }
    return plainProblem(c, 401, 'This is not the administrator token', challenge)
  }
}

/** The token of `Authorization: Bearer <token>`. */
export function bearerToken(authorization = ''): string | undefined {
  return /^Bearer +([\x21-\x7E]+) *$/i.exec(authorization)?.[1]
}

/** Another process may have made another token a moment ago. */
async function isKnownAnew(
  { isAdminToken, freshenAdminToken }: Pick<AdminPorts, 'isAdminToken' | 'freshenAdminToken'>,
  token: string,
): Promise<boolean | 'not-looked-up'> {
  try {
    await freshenAdminToken()
  } catch {
    return 'not-looked-up'
  }
  return isAdminToken(token)
}
