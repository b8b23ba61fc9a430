import { DrizzleQueryError } from 'drizzle-orm'

type Port = Record<string, (...args: never[]) => Promise<unknown>>

/**
 * The same functions, each rejecting when it has not settled after `timeoutMs`: a server that froze, or a network that
 * swallows packets, must not hang whoever asks. What was asked may still happen later. Errors are the driver's own: Drizzle's
 * name the parameters of the query, among them sealed tokens and partners' URLs, and errors end up in logs.
 */
export function withDeadline<P extends Port>(port: P, timeoutMs: number): P {
  const bounded = Object.entries(port).map(([name, run]) => [
    name,
    (...args: never[]) => settleWithin(timeoutMs, run(...args)).catch(rethrowCause),
  ])
  return Object.fromEntries(bounded) as P
}

/** Settles as `promise` does, or rejects after `timeoutMs`. */
export async function settleWithin<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The database has not answered within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

function rethrowCause(error: unknown): never {
  throw error instanceof DrizzleQueryError && error.cause ? error.cause : error
}
