import { DrizzleQueryError } from 'drizzle-orm'
import postgres from 'postgres'
import { StoreUnavailable } from '../hub/store-unavailable.ts'
import { settleWithin } from './settle-within.ts'

type Port = Record<string, (...args: never[]) => Promise<unknown>>

/**
 * The same functions, each rejecting when it has not settled after `timeoutMs`: a server that froze, or a network that
 * swallows packets, must not hang whoever asks. What was asked may still happen later. Errors are the driver's own: Drizzle's
 * name the parameters of the query, among them sealed tokens and partners' URLs, and errors end up in logs. A database that
 * is away rejects with StoreUnavailable.
 */
export function withDeadline<P extends Port>(port: P, timeoutMs: number): P {
  const bounded = Object.entries(port).map(([name, run]) => [
    name,
    (...args: never[]) => settleWithin(timeoutMs, run(...args)).catch(rethrow),
  ])
  return Object.fromEntries(bounded) as P
}

function rethrow(error: unknown): never {
  const own = error instanceof DrizzleQueryError && error.cause ? error.cause : error
  throw isAway(own) ? new StoreUnavailable(`The database is away: ${own.message}`, { cause: own }) : own
}

/** Connection exceptions, insufficient resources, operator intervention [PostgreSQL: Error Codes]; a standby after a switch. */
const AWAY_STATES = /^(08|53|57)|^25006$/
/** Codes of the driver and of the system. */
const AWAY_CODES = /^(CONNECT|E[A-Z]{3})/

function isAway(error: unknown): error is Error {
  if (error instanceof postgres.PostgresError) return AWAY_STATES.test(error.code)
  return error instanceof Error && 'code' in error && AWAY_CODES.test(String(error.code))
}
