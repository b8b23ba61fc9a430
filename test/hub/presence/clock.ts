import type { After } from '../../../src/hub/ports.ts'

/** A clock that runs as told. */
export function createClock() {
  let time = 1_000_000_000
  const timers = new Set<{ at: number; readonly run: () => void }>()
  const after: After = (ms, run) => {
    const timer = { at: time + ms, run }
    timers.add(timer)
    return () => void timers.delete(timer)
  }
  /** Lets time pass with all that falls into it. @param settle waits for what follows a timer without another */
  const pass = async (ms: number, settle: () => Promise<unknown> = () => new Promise(setImmediate)): Promise<void> => {
    const end = time + ms
    for (;;) {
      const [next] = [...timers].filter(({ at }) => at <= end).sort((x, y) => x.at - y.at)
      if (!next) break
      timers.delete(next)
      time = Math.max(time, next.at)
      next.run()
      await settle()
    }
    time = end
  }
  /** Timers go on as if nothing had happened. */
  const putBack = (ms: number): void => {
    time -= ms
    for (const timer of timers) timer.at -= ms
  }
  return { now: () => time, after, pass, putBack }
}
