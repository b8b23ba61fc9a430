import type { Context } from 'hono'
import type { SessionOf } from '../../hub/administration/accounts.ts'
import type { Caller } from '../../hub/administration/author.ts'
import type { AdminPorts } from '../ports.ts'
import { type AdminEnv, plainProblem } from '../problem.ts'
import { callerOfSession } from './sessions.ts'

/** Long enough to go to a browser with it. */
const TICKET_SECONDS = 5 * 60

/** How a link signs somebody in: one use, by whoever has it, in the name of who made it. */
export type Ticket = { readonly ticket: string; readonly expiresAt: number }

/** Makes a ticket. It is kept beside sessions, and ends with the token or key that it was made with. */
export async function makeTicket(c: Context<AdminEnv>, ports: AdminPorts, of: SessionOf): Promise<Ticket> {
  const ticket = ports.random.token()
  const createdAt = ports.now()
  const expiresAt = createdAt + TICKET_SECONDS * 1000
  const digest = digestOf(ticket, ports)
  await ports.credentials.openSession({ digest, of, createdAt, expiresAt, address: ports.clientAddress(c) })
  return { ticket, expiresAt }
}

/** Who made a ticket, which is used up by this; or the answer that refuses it. */
export async function callerByTicket(
  c: Context<AdminEnv>,
  ports: AdminPorts,
  ticket: string,
): Promise<Caller | Response> {
  const address = ports.clientAddress(c)
  if (!(await ports.lockOuts.mayTry(address))) {
    return plainProblem(c, 429, 'Too many failed logins from this address', { 'Retry-After': '60' })
  }
  const digest = digestOf(ticket, ports)
  const kept = await ports.credentials.findSession(digest)
  const caller = kept && (await callerOfSession(kept, ports, address))
  // Of two who come with it at once one ends it.
  if (caller && (await ports.credentials.endSession(digest))) return caller
  await ports.lockOuts.failed(address)
  const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub"' }
  return plainProblem(c, 401, 'This ticket was used already, is over, or is none', challenge)
}

/** Under the hub's key, so that nothing one could put into the cookie of a session is looked up by the same digest. */
function digestOf(ticket: string, { digest, mac }: Pick<AdminPorts, 'digest' | 'mac'>): string {
  return digest(mac(`sign-in ticket ${ticket}`))
}
