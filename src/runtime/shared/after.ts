import type { After } from '../../hub/ports.ts'

/** Timers of the runtime. */
export const after: After = (delayMs, callback) => {
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}
