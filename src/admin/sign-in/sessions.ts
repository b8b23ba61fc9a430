import type { Context } from 'hono'
import type { Session, SessionOf } from '../../hub/administration/accounts.ts'
import type { Caller } from '../../hub/administration/author.ts'
import type { AdminPorts } from '../ports.ts'
import { type AdminEnv, plainProblem } from '../problem.ts'
import { callerOf, ownerBy } from './bearer.ts'
import { isOfOwnSite } from './same-site.ts'
import { createSessionCookie } from './session-cookie.ts'

/** A working day, after which one signs in anew. */
export const SESSION_SECONDS = 12 * 60 * 60

/** Of who comes from the identity provider, which is asked for their role at each sign-in: what it takes away holds within that time. */
export const PROVIDED_SESSION_SECONDS = 60 * 60

/** Who brings the cookie of a session, the answer that refuses it, or null without one. */
export async function callerBySession(c: Context<AdminEnv>, ports: AdminPorts): Promise<Caller | Response | null> {
  const token = createSessionCookie(ports).read(c)
  if (token === undefined) return null
  const session = await ports.credentials.findSession(ports.digest(token))
  if (session === null) return signInAnew(c)
  if (!isOfOwnSite(c, ports.publicUrl)) return otherSite(c)
  const caller = await callerOfSession(session, ports, ports.clientAddress(c))
  if (caller === null) return signInAnew(c)
  c.set('sessionEndsAt', session.expiresAt)
  return caller
}

/** Whose a session is; null where it was opened with an administrator token that counts no more. */
export async function callerOfSession({ of }: Session, ports: AdminPorts, address: string): Promise<Caller | null> {
  if (of.kind === 'account') return callerOf(of.rights, 'session', address)
  if (of.mark !== ports.adminTokenMark()) {
    await ports.freshenAdminToken()
    if (of.mark !== ports.adminTokenMark()) return null
  }
  return ownerBy('session', address)
}

/** Not a failed login: whose session ended has done nothing wrong, and 256 bits are not guessed. */
function signInAnew(c: Context<AdminEnv>): Response {
  return plainProblem(c, 401, 'This session is over: sign in again', { 'WWW-Authenticate': 'Bearer realm="ocpi-hub"' })
}

/** What another site sends in the name of who is signed in. */
export function otherSite(c: Context<AdminEnv>): Response {
  return plainProblem(c, 403, 'With a session, changes are taken from the pages of the hub only')
}

/**
 * Opens a session and gives it to the browser. Its token is made here and now, whatever the browser brought, and the session that it
 * had ends: nobody can give another a session to sign in to.
 */
export async function openSession(
  c: Context<AdminEnv>,
  ports: AdminPorts,
  of: SessionOf,
  seconds = SESSION_SECONDS,
): Promise<number> {
  const { credentials, digest, now } = ports
  const cookie = createSessionCookie(ports)
  const token = ports.random.token()
  const createdAt = now()
  const expiresAt = createdAt + seconds * 1000
  await credentials.openSession({ digest: digest(token), of, createdAt, expiresAt, address: ports.clientAddress(c) })
  await endSession(c, ports)
  cookie.set(c, token, seconds)
  return expiresAt
}

/** Ends the session that the browser brings, if any. */
export async function endSession(c: Context<AdminEnv>, ports: AdminPorts): Promise<void> {
  const token = createSessionCookie(ports).read(c)
  if (token !== undefined) await ports.credentials.endSession(ports.digest(token))
}
