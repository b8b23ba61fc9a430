import type { Context } from 'hono'
import type { Rights } from '../../hub/administration/accounts.ts'
import type { Caller } from '../../hub/administration/author.ts'
import { KEY_PREFIX } from '../../hub/administration/new-key.ts'
import type { AdminPorts } from '../ports.ts'
import { type AdminEnv, plainProblem } from '../problem.ts'

/** What is known of a caller by an account or a key. */
export function callerOf(rights: Rights, way: 'session' | 'key', address: string): Caller {
  const { id, name, role } = rights
  return { name, way, id, address, role, maySeeBodies: role !== 'read-only' || rights.maySeeBodies }
}

/** Who brings the hub's own token, or a session that was opened with it. */
export function ownerBy(way: 'session' | 'admin-token', address: string): Caller {
  return { name: 'owner', way, id: null, address, role: 'owner', maySeeBodies: true }
}

/** The token of `Authorization: Bearer <token>`. */
export function bearerToken(authorization = ''): string | undefined {
  return /^Bearer +([\x21-\x7E]+) *$/i.exec(authorization)?.[1]
}

/**
 * Who brings a token in `Authorization: Bearer`, or the answer that refuses it. An address that fails too often is told to wait; a good
 * token or key is let in all the same.
 */
export async function callerByBearer(c: Context<AdminEnv>, ports: AdminPorts): Promise<Caller | Response> {
  const token = bearerToken(c.req.header('Authorization'))
  if (token === undefined) {
    const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub"' }
    return plainProblem(c, 401, 'Expected Authorization: Bearer and a token or key, or a session', challenge)
  }
  const address = ports.clientAddress(c)
  if (ports.isAdminToken(token)) return ownerBy('admin-token', address)
  if (token.startsWith(KEY_PREFIX)) {
    const rights = await ports.credentials.findKeyRights(ports.digest(token))
    if (rights) return callerOf(rights, 'key', address)
  } else if (await ports.lockOuts.mayTry(address)) {
    const isKnown = await isKnownAnew(ports, token)
    if (isKnown === 'not-looked-up') {
      return plainProblem(c, 503, 'The hub cannot look this token up now; try again later')
    }
    if (isKnown) return ownerBy('admin-token', address)
  }
  const taken = await ports.lockOuts.failed(address)
  if (taken.kind === 'empty') {
    const wait = { 'Retry-After': String(taken.retryAfterSeconds) }
    return plainProblem(c, 429, 'Too many failed logins from this address', wait)
  }
  const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub", error="invalid_token"' }
  return plainProblem(c, 401, 'This is neither the administrator token nor a key that counts', challenge)
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
