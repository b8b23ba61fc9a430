type Port = Record<string, (...args: never[]) => Promise<unknown>>

/**
 * The same functions, each rejecting when it has not settled after `timeoutMs`: a server that froze, or a network that
 * swallows packets, must not hang whoever asks. What was asked may still happen later.
 */
export function withDeadline<P extends Port>(port: P, timeoutMs: number): P {
  const bounded = Object.entries(port).map(([name, run]) => [
    name,
    (...args: never[]) => settleWithin(timeoutMs, run(...args)),
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
