import type { MiddlewareHandler } from 'hono'
import type { AdminPorts } from './ports.ts'
import { type AdminEnv, plainProblem } from './problem.ts'

const RETRY_AFTER_SECONDS = 60

/**
 * Lets only administrators in: `Authorization: Bearer <token>` [RFC 6750]. An address that failed too often is refused
 * before its token is looked at, the right one included, since an answer would tell which one is right.
 */
export function authenticateAdmin(
  ports: Pick<AdminPorts, 'logins' | 'clientAddress' | 'isAdminToken' | 'freshenAdminToken'>,
): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const address = ports.clientAddress(c)
    if (!ports.logins.allowAttempt(address)) {
      return plainProblem(c, 429, 'Too many failed logins from this address', {
        'Retry-After': String(RETRY_AFTER_SECONDS),
      })
    }
    const token = /^Bearer +([\x21-\x7E]+) *$/i.exec(c.req.header('Authorization') ?? '')?.[1]
    if (token === undefined) {
      const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub"' }
      return plainProblem(c, 401, 'Expected Authorization: Bearer and the administrator token', challenge)
    }
    const isKnown = ports.isAdminToken(token) || (await isKnownAnew(ports, token))
    if (isKnown === 'not-looked-up') {
      return plainProblem(c, 503, 'The hub cannot look this token up now; try again later')
    }
    if (!isKnown) {
      ports.logins.noteFailure(address)
      const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub", error="invalid_token"' }
      return plainProblem(c, 401, 'This is not the administrator token', challenge)
    }
    return next()
  }
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
