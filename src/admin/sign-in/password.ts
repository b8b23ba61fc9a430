import type { Context } from 'hono'
import { createGate, createRateLimit } from '../../hub/limits.ts'
import type { AdminPorts } from '../ports.ts'
import { type AdminEnv, plainProblem } from '../problem.ts'

/** Wrong passwords of one name from one address: ten at once, and one more a minute. Nobody else is shut out by them. */
const FAILURES_AT_ONCE = 10
const FAILURES_PER_SECOND = 1 / 60

/** Passwords looked into at the same time, per process: each takes a processor and 16 MB. */
const MOST_AT_ONCE = 2

/** Tells the id of the administrator whose name and password are given, or answers why not. */
export function createPasswordCheck(ports: AdminPorts) {
  const { credentials, passwords, logins, clientAddress, now } = ports
  const failures = createRateLimit(FAILURES_PER_SECOND, now, FAILURES_AT_ONCE)
  const gate = createGate(MOST_AT_ONCE)

  return async (c: Context<AdminEnv>, name: string, password: string): Promise<string | Response> => {
    const address = clientAddress(c)
    const account = `${address} ${name.toLowerCase()}`
    if (!failures.hasRoom(account) || !logins.hasRoom(address)) return wait(c, 60, 'Too many wrong passwords from here')
    if (!gate.enter('')) return wait(c, 1, 'Too many sign in at once')
    try {
      const found = await credentials.findPassword(name)
      const isRight = await passwords.matches(password, found && found.passwordDigest)
      if (found && isRight) return found.id
    } finally {
      gate.leave('')
    }
    logins.take(address)
    failures.take(account)
    const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub"' }
    return plainProblem(c, 401, 'No administrator has this name and password', challenge)
  }
}

function wait(c: Context<AdminEnv>, seconds: number, detail: string): Response {
  return plainProblem(c, 429, detail, { 'Retry-After': String(seconds) })
}
