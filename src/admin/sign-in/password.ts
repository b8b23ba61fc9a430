import type { Context } from 'hono'
import { createGate } from '../../hub/limits.ts'
import type { AdminPorts } from '../ports.ts'
import { type AdminEnv, plainProblem } from '../problem.ts'

/** Passwords looked into at the same time, per process: each takes a processor and 16 MB. */
const MOST_AT_ONCE = 2

/** Tells the id of the administrator whose name and password are given, or answers why not. */
export type PasswordCheck = (c: Context<AdminEnv>, name: string, password: string) => Promise<string | Response>

export function createPasswordCheck(ports: AdminPorts): PasswordCheck {
  const { credentials, passwords, lockOuts, clientAddress } = ports
  const gate = createGate(MOST_AT_ONCE)

  return async (c, name, password) => {
    const address = clientAddress(c)
    if (!(await lockOuts.mayTry(address, name))) return wait(c, 60, 'Too many wrong passwords from here')
    if (!gate.enter('')) return wait(c, 1, 'Too many sign in at once')
    try {
      const found = await credentials.findPassword(name)
      const isRight = await passwords.matches(password, found && found.passwordDigest)
      if (found && isRight) return found.id
    } finally {
      gate.leave('')
    }
    await lockOuts.failed(address, name)
    const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub"' }
    return plainProblem(c, 401, 'No administrator has this name and password', challenge)
  }
}

function wait(c: Context<AdminEnv>, seconds: number, detail: string): Response {
  return plainProblem(c, 429, detail, { 'Retry-After': String(seconds) })
}
